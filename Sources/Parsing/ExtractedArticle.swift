public import Foundation

/// What the parse stage takes out of one document: the article as a reader would copy it out by hand.
public struct ExtractedArticle: Sendable, Codable, Equatable {
    /// The headline, or `nil` when the document has none that can be told from its text.
    public var title: String?
    /// People or agencies that wrote the piece, in the order of the byline; never roles, dates or places.
    public var authors: [String] = []
    /// When the piece was published, as far as the document says.
    public var published: ArticleDate?
    /// When the piece was last changed, as far as the document says.
    public var modified: ArticleDate?
    /// The outlet's own name for itself.
    public var siteName: String?
    /// The language as a BCP 47 primary subtag in lower case, such as `en`.
    public var language: String?
    /// The address that the document names as its own, absolute.
    public var canonicalURL: String?
    /// The address of the page's AMP version, absolute.
    public var ampURL: String?
    /// Whether readers must pay for the whole text, as far as the page says.
    public var isPaywalled: Bool?
    /// The main picture's address, absolute.
    public var leadImage: String?
    /// The section of the outlet that the piece stands in.
    public var section: String?
    /// The outlet's own keywords.
    public var tags: [String] = []
    /// Whom the text names as its origin where it is a reprint, such as `www.example.org` or `Reuters`.
    public var originalSource: String?
    /// The place and day that open a wire report, such as `BAKU, Azerbaijan, November 28`.
    public var dateline: String?
    /// The body's blocks in order; ``body`` is their plain text.
    public var blocks: [ArticleBlock] = []
    /// Why this is not an article, or `nil` when it is one.
    public var notArticleReason: NotArticleReason?
    /// Which signal gave which field: field name to a short source such as `json-ld` or `text`. What several sources were
    /// asked for stands in ``candidates``.
    public var evidence: [String: String] = [:]
    /// What each source says of each field, and what was chosen.
    public var candidates = MetadataCandidates()

    /// Makes an empty article.
    public init() {}

    /// Where each field comes from, by name: ``evidence`` and what ``candidates`` say.
    public var fieldEvidence: [String: FieldEvidence] {
        var result = evidence.mapValues { FieldEvidence(source: $0) }
        for field in MetadataField.allCases {
            if let found = candidates.evidence(for: field) { result[field.rawValue] = found }
        }
        return result
    }

    /// The body as plain text: paragraphs separated by an empty line, captions left out.
    public var body: String {
        blocks.lazy.filter { $0.kind != .caption }.map(\.text).joined(separator: "\n\n")
    }
}

/// One block of an article's body.
public struct ArticleBlock: Sendable, Codable, Equatable {
    /// What a block is.
    public enum Kind: String, Sendable, Codable {
        case paragraph, heading, listItem = "list-item", quote, table, preformatted, caption
        /// A post of a social network that stands in the text.
        case embed
    }

    /// What the block is.
    public var kind: Kind
    /// The block's text, white space collapsed.
    public var text: String
    /// A heading's level, 1 to 6.
    public var level: Int?
    /// Links inside the block.
    public var links: [ArticleLink]?

    /// Makes a block.
    public init(kind: Kind, text: String, level: Int? = nil, links: [ArticleLink]? = nil) {
        self.kind = kind
        self.text = text
        self.level = level
        self.links = links
    }
}

/// A link inside a block of text.
public struct ArticleLink: Sendable, Codable, Equatable {
    /// The words that carry the link.
    public var text: String
    /// The absolute target.
    public var target: String

    /// Makes a link.
    public init(text: String, target: String) {
        self.text = text
        self.target = target
    }
}

/// A date with how much of it is known.
public struct ArticleDate: Sendable, Codable, Equatable {
    /// How fine the date is.
    public enum Precision: String, Sendable, Codable {
        case day, minute, second
    }

    /// The instant; for ``Precision/day`` the start of the day in UTC.
    public var instant: Date
    /// How fine the date is.
    public var precision: Precision
    /// The offset from UTC in seconds that the document gave, or `nil` when it gave none.
    public var offsetSeconds: Int?

    /// Makes a date.
    public init(instant: Date, precision: Precision, offsetSeconds: Int? = nil) {
        self.instant = instant
        self.precision = precision
        self.offsetSeconds = offsetSeconds
    }
}

/// Why a document is not an article.
public enum NotArticleReason: String, Sendable, Codable, CaseIterable {
    /// A front, section or tag page: mostly links to other pages.
    case listing
    /// A search form or its results.
    case search
    /// A login, consent or paywall page without the text.
    case login
    /// An error page that was served as if it were a document.
    case errorPage = "error-page"
    /// Too little text for an article.
    case tooShort = "too-short"
    /// No text at all.
    case empty
    /// Nobody knows: reading it took longer than a document may take.
    case tooCostly = "too-costly"
}

extension ExtractedArticle {
    /// What is said of a document that takes too long.
    static var tooCostly: ExtractedArticle {
        var article = ExtractedArticle()
        article.notArticleReason = .tooCostly
        return article
    }
}
