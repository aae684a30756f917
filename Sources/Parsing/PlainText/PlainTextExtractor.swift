public import Foundation

/// Takes the article out of raw page text that still has menus, share bars, advertisements, author boxes and comments in it.
///
/// Each line is weighed by its form and by phrases of page furniture (``LineScorer``); a small hidden Markov model decides
/// which lines are the article's (``LineLabeller``); the lines above the text give headline, byline and date, those below it
/// source and author's box. Time and memory are linear in the text's length.
public enum PlainTextExtractor {
    /// Extracts the article.
    ///
    /// - Parameters:
    ///   - text: The document, with any line ends; looked at up to 16 Mi scalars.
    ///   - url: Where it comes from; its top-level domain helps with dates such as `03/04/2025`.
    ///   - fetchedAt: When it was fetched, for relative dates and dates without a year.
    /// - Returns: The article; ``ExtractedArticle/notArticleReason`` says when it is none. The language is left open.
    public static func extract(_ text: String, url: String? = nil, fetchedAt: Date? = nil) -> ExtractedArticle {
        do {
            return try extract(text, url: url, fetchedAt: fetchedAt, budget: WorkBudget(.seconds(86400)))
        } catch {
            return .tooCostly
        }
    }

    /// Extracts the article.
    ///
    /// - Throws: ``WorkBudget/Spent`` when the text takes too long.
    static func extract(
        _ text: String, url: String?, fetchedAt: Date?, budget: WorkBudget
    ) throws(WorkBudget.Spent) -> ExtractedArticle {
        let lines = LineSplitter.lines(of: text)
        try budget.check()
        var reader = try DocumentReader(lines: lines, url: url, fetchedAt: fetchedAt, budget: budget)
        return try reader.read()
    }
}
