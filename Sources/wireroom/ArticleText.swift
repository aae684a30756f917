import Foundation
import Operator
import Parsing

/// An extracted article as people read it.
struct ArticleText {
    private let article: ExtractedArticle

    init(_ article: ExtractedArticle) {
        self.article = article
    }

    /// Writes title, byline and text.
    ///
    /// - Parameter paragraphs: how many paragraphs at most; `nil` for all.
    func write(indent: String = "", paragraphs limit: Int? = nil) throws {
        try Console.line(indent + TerminalText.plain(article.title ?? "(no title)"))
        let byline = [
            article.authors.isEmpty ? nil : "by " + article.authors.joined(separator: ", "),
            article.published.map {
                $0.precision == .day ? String(TerminalText.time($0.instant).prefix(10)) : TerminalText.time($0.instant)
            },
            article.siteName, article.language, article.originalSource.map { "source: \($0)" }, article.dateline,
        ].compactMap { $0 }
        if !byline.isEmpty { try Console.line(indent + TerminalText.plain(byline.joined(separator: " · "))) }
        let paragraphs = article.blocks.filter { $0.kind != .caption }.map(\.text)
        for paragraph in paragraphs.prefix(limit ?? paragraphs.count) {
            try Console.line()
            for line in TerminalText.paragraphs(paragraph).split(separator: "\n") { try Console.line(indent + line) }
        }
        if let limit, paragraphs.count > limit {
            try Console.line()
            try Console.line(indent + "… and \(TerminalText.count(paragraphs.count - limit, "paragraph")) more")
        }
    }
}
