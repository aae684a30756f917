public import Foundation

/// A sitemap, or an index of sitemaps.
public struct Sitemap: Sendable, Codable, Equatable {
    /// What kind of document it was.
    public enum Kind: String, Sendable, Codable {
        case urlset
        /// An index: its entries are sitemaps.
        case index
        case rss
        case atom
        case text
    }

    /// What kind of document it was.
    public var kind: Kind
    /// The entries in document order.
    public var urls: [SitemapURL] = []
    /// Whether entries were left out because of a limit, or the document broke off.
    public var isTruncated = false
    /// Entries that were left out because their address is none of the web.
    public var skipped = 0

    /// Makes an empty sitemap.
    public init(kind: Kind) {
        self.kind = kind
    }
}

/// One entry of a sitemap.
public struct SitemapURL: Sendable, Codable, Equatable {
    /// The address as written, absolute: `http` or `https`.
    public var location: String
    /// When the page, or the sitemap, last changed.
    public var lastModified: Date?
    /// How often the page is stated to change, in lower case, such as `daily`.
    public var changeFrequency: String?
    /// The stated priority, 0 to 1.
    public var priority: Double?
    /// What a news sitemap says about the article.
    public var news: SitemapNews?

    /// Makes an entry.
    public init(location: String) {
        self.location = location
    }
}

/// The news extension's part of an entry.
public struct SitemapNews: Sendable, Codable, Equatable {
    /// The article's title.
    public var title: String?
    /// When the article was published.
    public var published: Date?
    /// The name of the outlet.
    public var publication: String?
    /// The article's language as stated.
    public var language: String?
    /// The stated keywords.
    public var keywords: [String] = []

    /// Makes an empty description.
    public init() {}
}

/// Why a document is not read as a sitemap.
public struct SitemapError: Error, Sendable, CustomStringConvertible {
    /// The kind of a failure; new kinds may be added.
    public struct Code: Sendable, Hashable {
        /// A short name from a fixed set, fit for a metric label.
        public let name: String

        /// No bytes, or nothing but white space.
        public static let empty = Code(name: "empty")
        /// Neither a sitemap, nor a feed, nor a list of addresses.
        public static let notASitemap = Code(name: "not_a_sitemap")
        /// Larger than the limit after decompression.
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
    public var description: String { "sitemap \(code.name): \(message)" }
}
