internal import Captures
internal import Foundation
public import Parsing

/// What a rule does to one stored page.
public struct RulePreview: Sendable, Codable, Equatable {
    /// The page.
    public var url: String
    /// How many elements the selector takes.
    public var matches: Int
    /// The texts of the first of them.
    public var texts: [String]
    /// The fields that would change.
    public var changes: [ExtractionComparison.Change]
    /// How the text would change.
    public var body: ExtractionComparison.BodyChange?

    /// Whether the rule would change anything.
    public var isTouched: Bool { !changes.isEmpty || body != nil }

    /// Extracts a page with and without a rule, beside the rules that its source has.
    public init(_ rule: ExtractionRule, on page: StoredPage) {
        let capture = page.loaded.capture
        let texts = rule.selector.texts(
            inPage: capture.body, contentType: capture.contentType, charset: capture.charset)
        url = page.url
        matches = texts.count
        self.texts = Array(texts.prefix(3))
        changes = []
        guard matches > 0 else { return }
        var context = page.loaded.context
        context.rules.removeAll { $0.ruleID == rule.ruleID }
        func extract(_ context: ExtractionContext) -> ExtractedArticle {
            DocumentExtractor.extraction(
                bytes: capture.body, url: capture.finalURL, contentType: capture.contentType, charset: capture.charset,
                fetchedAt: capture.fetchedAt, context: context
            ).article
        }
        let without = extract(context)
        context.rules.append(rule)
        let with = extract(context)
        body = ExtractionComparison.bodyChange(without.body, with.body)
        for (field, old, new) in [
            ("title", without.title, with.title),
            ("authors", without.authors.joined(separator: "; "), with.authors.joined(separator: "; ")),
        ] where old != new {
            changes.append(ExtractionComparison.Change(field: field, stored: old, new: new))
        }
    }
}
