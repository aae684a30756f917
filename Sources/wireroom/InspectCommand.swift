import ArgumentParser
import Captures
import Foundation
import Operator
import Parsing

/// `wireroom inspect`
struct InspectCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows how a page was read: what each field was chosen among, and what became of each block of text.",
        discussion: """
            A FILE is read as it is. For a URL, or an article's number, the newest stored capture is read, with what is known \
            of its site and the rules of its source; nothing is fetched.

            EXAMPLES
              wireroom inspect https://www.example.org/2026/03/a-story.html
              wireroom inspect page.html.gz --url https://www.example.org/a-story --html inspection.html
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: ArgumentHelp("A URL, an article's number, or a file (- for standard input).", valueName: "page"))
    var target: String

    @Option(
        help: ArgumentHelp("Write an HTML page with the blocks coloured by what became of them.", valueName: "file"))
    var html: String?

    @Option(help: "With a file: the document's address.")
    var url: String?

    @Option(help: "With a file: its media type, such as text/html; charset=utf-8.")
    var contentType: String?

    @Option(help: "With a file: its encoding, such as windows-1252.")
    var charset: String?

    func execute(_ session: OperatorSession) async throws {
        let loaded = try await loaded(session)
        var context = loaded.context
        context.wantsInspection = true
        let capture = loaded.capture
        let extraction = DocumentExtractor.extraction(
            bytes: capture.body, url: capture.finalURL.isEmpty ? nil : capture.finalURL,
            contentType: capture.contentType, charset: capture.charset, fetchedAt: capture.fetchedAt, context: context)
        guard let inspection = extraction.inspection else {
            if let reason = extraction.article.notArticleReason, reason == .tooCostly {
                throw CommandFailure(.failed, "reading the page takes longer than one may take")
            }
            throw CommandFailure(.failed, "a plain text has no blocks to show; see `wireroom extract`")
        }
        if let html {
            do {
                try Data(InspectionPage(address: target, inspection: inspection).html.utf8).write(
                    to: URL(fileURLWithPath: html))
            } catch {
                throw CommandFailure(.failed, "cannot write \(html): \(error.localizedDescription)")
            }
        }
        if options.json { return try Console.json(inspection) }
        if html == nil { try show(inspection) }
    }

    /// The page: a file, or the newest capture.
    private func loaded(_ session: OperatorSession) async throws -> LoadedCapture {
        let isFile = target == "-" || (!target.contains("://") && FileManager.default.fileExists(atPath: target))
        guard isFile else {
            let page = try await session.withDatabase { try await StoredPages(database: $0).page(target) }
            guard let page else {
                throw CommandFailure(.failed, "there is no file and no stored capture of \(TerminalText.plain(target))")
            }
            return page.loaded
        }
        let capture = Capture(
            urlID: 0, requestedURL: url ?? "", finalURL: url ?? "", origin: .import, fetchedAt: Date(),
            body: try LineOptions.document(target), contentType: contentType, charset: charset)
        return LoadedCapture(capture: capture, context: ExtractionContext())
    }

    private func show(_ inspection: PageInspection) throws {
        try Console.line(inspection.notArticle.map { "no article: \($0)" } ?? "an article")
        try Console.line(
            "text from \(inspection.bodySource)"
                + (inspection.container.map { ", in \(TerminalText.plain($0))" } ?? ""))
        try Console.line()
        for field in inspection.fields where field.value != nil || !field.candidates.isEmpty {
            let source = field.source.map { "  (\($0))" } ?? ""
            try Console.line("\(field.name): \(TerminalText.plain(field.value ?? "–"))\(source)")
            for candidate in field.candidates {
                let mark = candidate.isChosen ? "*" : " "
                try Console.line(
                    """
                      \(mark) \(TerminalText.shortened(candidate.value, to: 80))  \(TerminalText.plain(candidate.source)), \
                    \(candidate.weight.formatted()) of \(candidate.votes.formatted()) votes
                    """)
            }
        }
        try Console.line()
        var table = TextTable("BLOCK", "DECISION", "KIND", "SCORE", "CHARS", "LINKS", "WHY", "TEXT")
        for block in inspection.blocks {
            table.add(
                "\(block.index)", block.decision.rawValue, block.kind.rawValue, block.score.formatted(),
                "\(block.characters)", "\(Int((block.linkDensity * 100).rounded())) %",
                TerminalText.shortened(block.reason, to: 40), TerminalText.shortened(block.text, to: 60))
        }
        try table.write()
    }
}
