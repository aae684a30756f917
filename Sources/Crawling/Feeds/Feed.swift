public import Foundation

/// A feed and its entries, whatever format they came in.
public struct Feed: Sendable, Codable, Equatable {
    /// The family of formats.
    public enum Format: String, Sendable, Codable {
        /// RSS 0.91 to 2.0.
        case rss
        /// RSS 0.90 and 1.0, which are RDF.
        case rdf
        case atom
        case json
    }

    /// The family of formats.
    public var format: Format
    /// The version as the document states it, such as `2.0`; empty when it states none.
    public var version = ""
    /// The title as plain text.
    public var title = ""
    /// The page that the feed belongs to, absolute where a base is known.
    public var link: String?
    /// What the feed calls itself for good (Atom).
    public var id: String?
    /// The subtitle or description, as HTML or plain text.
    public var summary: String?
    /// The language as the feed states it, such as `en-US`.
    public var language: String?
    /// The notice of rights.
    public var rights: String?
    /// The program that made the feed.
    public var generator: String?
    /// The feed's picture.
    public var image: String?
    /// Who is responsible for the feed.
    public var authors: [FeedAuthor] = []
    /// The feed's categories.
    public var categories: [String] = []
    /// When the feed was published.
    public var published: Date?
    /// When the feed last changed.
    public var updated: Date?
    /// How often the publisher says that the feed changes, in seconds: the smaller of `ttl` and `sy:updatePeriod`.
    public var updateInterval: Int?
    /// WebSub hubs that announce changes.
    public var hubs: [String] = []
    /// The feed's own address.
    public var selfLink: String?
    /// The next page of the feed (RFC 5005 or JSON Feed).
    public var nextLink: String?
    /// The entries in document order.
    public var entries: [FeedEntry] = []
    /// The encoding that the bytes were read in.
    public var encoding = "utf-8"
    /// How many errors of form were repaired.
    public var repairs = 0
    /// Whether the document broke off; entries that were complete are there.
    public var isTruncated = false

    /// Makes an empty feed.
    public init(format: Format) {
        self.format = format
    }
}

/// A person or agency that a feed names.
public struct FeedAuthor: Sendable, Codable, Hashable {
    /// The name, if any.
    public var name: String?
    /// The address for mail, if any.
    public var email: String?
    /// The author's page, if any.
    public var url: String?

    /// Makes an author.
    public init(name: String? = nil, email: String? = nil, url: String? = nil) {
        self.name = name
        self.email = email
        self.url = url
    }
}

/// A file that an entry points to.
public struct FeedEnclosure: Sendable, Codable, Hashable {
    /// The file's address.
    public var url: String
    /// The media type as stated.
    public var type: String?
    /// The size in bytes as stated.
    public var length: Int?

    /// Makes an enclosure.
    public init(url: String, type: String? = nil, length: Int? = nil) {
        self.url = url
        self.type = type
        self.length = length
    }
}

/// One entry of a feed.
public struct FeedEntry: Sendable, Codable, Equatable {
    /// What the entry is called for good: `guid`, `id` or `rdf:about`.
    public var id: String?
    /// Whether ``id`` is stated to be the entry's address.
    public var isPermaLink = false
    /// The entry's page, absolute where a base is known.
    public var link: String?
    /// The page behind a feed service's redirect (`feedburner:origLink`).
    public var originalLink: String?
    /// The title as plain text: no tags, no references, white space collapsed.
    public var title = ""
    /// Who wrote the entry.
    public var authors: [FeedAuthor] = []
    /// When the entry was published; the update where only that is known.
    public var published: Date?
    /// When the entry last changed.
    public var updated: Date?
    /// Categories, tags and keywords.
    public var categories: [String] = []
    /// The summary, as HTML or plain text.
    public var summary: String?
    /// The full text, as HTML or plain text.
    public var content: String?
    /// Files that belong to the entry.
    public var enclosures: [FeedEnclosure] = []
    /// The entry's language where it states one.
    public var language: String?
    /// The name of the feed that the entry was taken from.
    public var sourceTitle: String?
    /// The address of the feed that the entry was taken from.
    public var sourceLink: String?
    /// The page of comments.
    public var comments: String?

    /// Makes an empty entry.
    public init() {}

    /// The address to fetch: ``originalLink``, else ``link``.
    public var target: String? { originalLink ?? link }
}

/// Why a document is not read as a feed.
public struct FeedError: Error, Sendable, CustomStringConvertible {
    /// The kind of a failure; new kinds may be added.
    public struct Code: Sendable, Hashable {
        /// A short name from a fixed set, fit for a metric label.
        public let name: String

        /// No bytes, or nothing but white space.
        public static let empty = Code(name: "empty")
        /// A web page.
        public static let html = Code(name: "html")
        /// Neither RSS nor Atom nor JSON Feed.
        public static let notAFeed = Code(name: "not_a_feed")
        /// Larger than the limit, compressed or not.
        public static let tooLarge = Code(name: "too_large")
        /// Compressed data that cannot be read.
        public static let damaged = Code(name: "damaged")
        /// Entities made of entities: an attack.
        public static let hostile = Code(name: "hostile")
    }

    /// The kind of failure.
    public let code: Code
    /// What happened.
    public let message: String
    /// Where it was raised, as file and line.
    public let location: String

    init(_ code: Code, _ message: String, file: String = #fileID, line: Int = #line) {
        self.code = code
        self.message = message
        location = "\(file):\(line)"
    }

    /// Whether the same bytes could succeed later: never.
    public var isRetriable: Bool { false }
    /// A short name from a fixed set, fit for a metric label.
    public var shortDescription: String { code.name }
    /// The message with its kind.
    public var description: String { "feed \(code.name): \(message)" }
}
