internal import Foundation
internal import Model
internal import Parsing
internal import Pipeline

/// What this program's extraction would change of a stored page.
public struct ExtractionComparison: Sendable, Codable, Equatable {
    /// What would become of the page.
    public enum Outcome: String, Sendable, Codable, CaseIterable {
        /// The same as is stored.
        case same
        /// Some field or the text would be another.
        case changed
        /// There is no article, and there would be one.
        case gained
        /// There is an article, and there would be none.
        case lost
    }

    /// A field that would change.
    public struct Change: Sendable, Codable, Equatable {
        /// The field's name.
        public var field: String
        /// What is stored.
        public var stored: String?
        /// What would be.
        public var new: String?
    }

    /// How the text would change, by lines.
    public struct BodyChange: Sendable, Codable, Equatable {
        /// Words of the stored text.
        public var storedWords: Int
        /// Words of the new text.
        public var newWords: Int
        /// How many lines would go.
        public var removedLines: Int
        /// How many lines would come.
        public var addedLines: Int
        /// The first lines that would go.
        public var removed: [String]
        /// The first lines that would come.
        public var added: [String]

        enum CodingKeys: String, CodingKey {
            case storedWords = "stored_words"
            case newWords = "new_words"
            case removedLines = "removed_lines"
            case addedLines = "added_lines"
            case removed, added
        }
    }

    /// The page.
    public var url: String
    /// The stored article.
    public var articleID: Int64?
    /// The version of the extraction that made it.
    public var storedVersion: Int?
    /// What would become of the page.
    public var outcome: Outcome
    /// Why it would be no article.
    public var reason: String?
    /// The fields that would change.
    public var changes: [Change]
    /// How the text would change.
    public var body: BodyChange?

    enum CodingKeys: String, CodingKey {
        case url, outcome, reason, changes, body
        case articleID = "article_id"
        case storedVersion = "stored_version"
    }

    /// Extracts a stored page and compares.
    public init(_ page: StoredPage) {
        url = page.url
        articleID = page.article?.articleID
        storedVersion = page.article?.parserVersion
        changes = []
        var parsed: ParsedArticle?
        switch ParseStage.parse(page.loaded) {
        case .next(let value): parsed = value
        case .end(let result): reason = Self.words(result)
        }
        guard let stored = page.article else {
            outcome = parsed == nil ? .same : .gained
            return
        }
        if let new = parsed {
            changes = Self.changes(stored.fields, Self.fields(new.article))
            body = Self.bodyChange(stored.body, new.body)
            outcome = changes.isEmpty && body == nil ? .same : .changed
        } else {
            outcome = .lost
        }
    }

    private static func words(_ outcome: StageOutcome) -> String? {
        switch outcome {
        case .drop(let reason, _): reason.rawValue
        case .quarantine(let reason, _): reason.rawValue
        case .retry(let reason, _): reason.rawValue
        case .done, .snooze: nil
        }
    }

    private static func fields(_ article: ExtractedArticle) -> [String: String] {
        var fields: [String: String] = [:]
        fields["title"] = article.title
        fields["language"] = article.language
        fields["site_name"] = article.siteName
        fields["section"] = article.section
        fields["canonical_url"] = article.canonicalURL
        fields["lead_image"] = article.leadImage
        fields["original_source"] = article.originalSource
        if !article.authors.isEmpty { fields["authors"] = article.authors.joined(separator: "; ") }
        if !article.tags.isEmpty { fields["tags"] = article.tags.joined(separator: "; ") }
        fields["published_at"] = article.published?.instant.formatted(.iso8601)
        fields["modified_at"] = article.modified?.instant.formatted(.iso8601)
        return fields
    }

    private static func changes(_ stored: [String: String], _ new: [String: String]) -> [Change] {
        Set(stored.keys).union(new.keys).sorted().compactMap { name in
            let old = stored[name]
            // PostgreSQL keeps no NUL.
            let fresh = new[name].map { $0.filter { $0 != "\0" } }
            return old == fresh ? nil : Change(field: name, stored: old, new: fresh)
        }
    }

    static func bodyChange(_ stored: String, _ new: String) -> BodyChange? {
        let new = new.utf8.contains(0) ? String(new.filter { $0 != "\0" }) : new
        guard stored != new else { return nil }
        let oldLines = stored.split(whereSeparator: \.isNewline).map(String.init)
        let newLines = new.split(whereSeparator: \.isNewline).map(String.init)
        let removed = missing(oldLines, in: newLines)
        let added = missing(newLines, in: oldLines)
        return BodyChange(
            storedWords: words(stored), newWords: words(new), removedLines: removed.count, addedLines: added.count,
            removed: Array(removed.prefix(3)), added: Array(added.prefix(3)))
    }

    private static func words(_ text: String) -> Int { text.split(whereSeparator: \.isWhitespace).count }

    /// The lines that the others lack, each as often as it is missing.
    private static func missing(_ lines: [String], in others: [String]) -> [String] {
        var counts: [String: Int] = [:]
        for line in others { counts[line, default: 0] += 1 }
        return lines.filter { line in
            guard let count = counts[line], count > 0 else { return true }
            counts[line] = count - 1
            return false
        }
    }
}

/// What this program's extraction would change of a sample of pages.
public struct ExtractionComparisonSummary: Sendable, Codable, Equatable {
    /// How many pages were looked at.
    public var pages = 0
    /// How many pages had which outcome.
    public var outcomes: [String: Int] = [:]
    /// In how many articles each field would change; `body` is the text.
    public var fields: [String: Int] = [:]
    /// How many lines of text would go.
    public var removedLines = 0
    /// How many lines of text would come.
    public var addedLines = 0
    /// How many pages come out differently although this program's version made them.
    public var changedWithinVersion = 0
    /// The version of this program's extraction.
    public var version = ParseStage.version

    enum CodingKeys: String, CodingKey {
        case pages, outcomes, fields, version
        case removedLines = "removed_lines"
        case addedLines = "added_lines"
        case changedWithinVersion = "changed_within_version"
    }

    /// Makes an empty summary.
    public init() {}

    /// Takes in one page.
    public mutating func add(_ page: ExtractionComparison) {
        pages += 1
        outcomes[page.outcome.rawValue, default: 0] += 1
        for change in page.changes { fields[change.field, default: 0] += 1 }
        if let body = page.body {
            fields["body", default: 0] += 1
            removedLines += body.removedLines
            addedLines += body.addedLines
        }
        if page.outcome != .same, page.storedVersion == version { changedWithinVersion += 1 }
    }
}
