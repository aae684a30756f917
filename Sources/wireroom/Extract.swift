import ArgumentParser
import Foundation
import Parsing

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

    func execute() throws {
        guard !files.isEmpty else {
            let core = ExtractCommandCore()
            return lines.stream { core.respond(to: $0) }
        }
        try forEachDocument(files) { path, bytes in
            if json, path != "-" {
                let answer = ExtractCommandCore().respond(to: try record(path))
                try Console.write(answer)
                return !LineOptions.isFailure(answer)
            }
            let article = DocumentExtractor.extract(
                bytes: bytes, url: url, contentType: contentType, charset: charset, fetchedAt: Date())
            if json { try Console.json(article) } else { try show(article, path) }
            return true
        }
    }

    private func record(_ path: String) throws -> [UInt8] {
        let fields = ["id": path, "path": path, "url": url, "content_type": contentType, "charset": charset].compactMapValues { $0 }
        return [UInt8](try JSONEncoder().encode(fields))
    }

    private func show(_ article: ExtractedArticle, _ path: String) throws {
        if files.count > 1 { try Console.line("=== \(TerminalText.plain(path))") }
        if let reason = article.notArticleReason { Console.note("\(path) is not an article: \(reason.rawValue)") }
        try ArticleText(article).write()
        if files.count > 1 { try Console.line() }
    }
}
