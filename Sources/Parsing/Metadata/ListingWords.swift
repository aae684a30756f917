public import Foundation

/// What the feed or sitemap that named a page says of it: one more source for its metadata.
public struct ListingWords: Sendable, Decodable, Equatable {
    /// The title.
    public var title: String?
    /// The date of publication; sitemaps and some feeds give that of the last change.
    public var published: Date?
    /// The authors.
    public var authors: [String]?
    /// The categories.
    public var categories: [String]?

    /// Makes the words of a listing.
    public init(title: String? = nil, published: Date? = nil, authors: [String]? = nil, categories: [String]? = nil) {
        self.title = title
        self.published = published
        self.authors = authors
        self.categories = categories
    }

    /// Reads what the crawl stage keeps with a URL, or `nil` when it keeps nothing, or something else.
    public init?(json: String?) {
        guard let json else { return nil }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        // Evidence of another form is only less evidence.
        guard let words = try? decoder.decode(Self.self, from: Data(json.utf8)) else { return nil }
        self = words
    }

    /// Fills what is missing in an article out of a document that has no sources to weigh against each other.
    func complete(_ article: inout ExtractedArticle) {
        if article.title == nil, let title {
            article.title = title
            article.evidence["title"] = MetadataSource.listing.rawValue
        }
        if article.published == nil, let published {
            article.published = ArticleDate(instant: published, precision: .second, offsetSeconds: nil)
            article.evidence["published"] = MetadataSource.listing.rawValue
        }
        if article.authors.isEmpty, let authors, !authors.isEmpty {
            article.authors = authors.flatMap { BylineCleaner.authors(from: $0) }
            article.evidence["authors"] = MetadataSource.listing.rawValue
        }
        if article.tags.isEmpty, let categories { article.tags = categories }
    }
}
