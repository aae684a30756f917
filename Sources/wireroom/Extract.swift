import ArgumentParser
import Foundation
import Operations
import Operator
import Parsing
import Synchronization

/// `wireroom extract`
struct Extract: OneShotCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes the article out of HTML pages and texts.",
        discussion: """
            Without FILE it answers JSON lines on standard input, each {"id", "path", "url"?, "charset"?, "content_type"?}, with \
            {"id", "title", "authors", "date", "body", "language", "site", "canonical_url", "lead_image"?, "not_article"?, "ms", \
            "cpu_ms"}, in their order. A bad record is answered with {"id", "error"}, and the rest goes on. Files may be gzipped.

            EXAMPLES
              wireroom extract page.html
              wireroom extract page.html.gz --url https://www.example.org/a-story --json
              curl -s https://www.example.org/a-story | wireroom extract -
              wireroom extract < records.jsonl > articles.jsonl
            """)

    @OptionGroup var lines: LineOptions

    @Argument(help: ArgumentHelp("Documents; - for standard input.", valueName: "file"))
    var files: [String] = []

    @Option(help: "With FILE: the document's address.")
    var url: String?

    @Option(help: "With FILE: its media type, such as text/html; charset=utf-8.")
    var contentType: String?

    @Option(help: "With FILE: its encoding, such as windows-1252.")
    var charset: String?

    @Flag(help: "With FILE: write one JSON object a line instead of text for people.")
    var json = false

    @Flag(
        help: """
            Without FILE: read everything twice, learn what repeats on the pages of each site, and use it. Each page is \
            judged by the others.
            """)
    var siteMemory = false

    func validate() throws {
        if siteMemory, !files.isEmpty { throw ValidationError("--site-memory goes with JSON lines, not with a FILE") }
    }

    func execute() throws {
        guard !files.isEmpty else {
            if siteMemory { return try answerWithMemory() }
            let core = ExtractCommandCore()
            return try lines.stream { core.respond(to: $0) }
        }
        try forEachDocument(files) { path, bytes in
            if json { return try answer(bytes, id: path) }
            let article = DocumentExtractor.extract(
                bytes: bytes, url: url, contentType: contentType, charset: charset, fetchedAt: Date())
            try show(article, path)
            return true
        }
    }

    /// Learns from all records first: they go through a file, since the input cannot be read twice.
    private func answerWithMemory() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("wireroom-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }  // a file that is gone already is no trouble
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let copy = FileHandle(forUpdatingAtPath: path)
        else { throw CommandFailure(.software, "cannot write \(path)") }
        while let chunk = try FileHandle.standardInput.read(upToCount: 1 << 20), !chunk.isEmpty {
            try copy.write(contentsOf: chunk)
        }
        try copy.seek(toOffset: 0)
        let learner = Mutex(SiteMemoryLearner())
        let reader = ExtractCommandCore()
        let mapper = OrderedLineMapper(
            threads: lines.jobs ?? ProcessInfo.processInfo.activeProcessorCount, output: .nullDevice,
            transform: { reader.lesson(from: $0) },
            finish: { lesson in
                if let lesson {
                    learner.withLock { $0.add(lesson.imprint, site: lesson.site, url: lesson.url) }
                }
                return []
            })
        mapper.run(input: copy)
        try copy.seek(toOffset: 0)
        let core = ExtractCommandCore(memory: learner.withLock { $0 })
        try lines.stream(from: copy) { core.respond(to: $0) }
    }

    /// Answers as for a record. A record names a file: a document that stands in none as it is, is put into one.
    private func answer(_ bytes: [UInt8], id: String) throws -> Bool {
        if id != "-", id.hasSuffix(".gz") || FileManager.default.contents(atPath: id)?.count == bytes.count {
            return try answer(id: id, path: id)
        }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("wireroom-\(UUID().uuidString)")
        do {
            try Data(bytes).write(to: file)
        } catch {
            throw CommandFailure(.software, "cannot write \(file.path): \(error.localizedDescription)")
        }
        defer { try? FileManager.default.removeItem(at: file) }  // a file that is gone already is no trouble
        return try answer(id: id, path: file.path)
    }

    private func answer(id: String, path: String) throws -> Bool {
        let fields: [String: String?] = [
            "id": id, "path": path, "url": url, "content_type": contentType, "charset": charset,
        ]
        let answer = ExtractCommandCore().respond(to: [UInt8](try JSONEncoder().encode(fields.compactMapValues { $0 })))
        try Console.jsonLine(answer)
        return !LineOptions.isFailure(answer)
    }

    private func show(_ article: ExtractedArticle, _ path: String) throws {
        if files.count > 1 { try Console.line("=== \(TerminalText.plain(path))") }
        if let reason = article.notArticleReason { Console.note("\(path) is not an article: \(reason.rawValue)") }
        try ArticleText(article).write()
        if files.count > 1 { try Console.line() }
    }
}
