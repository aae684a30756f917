public import Foundation
public import Postgres

/// A hit of a search.
public struct SearchHit: Sendable, Codable, Equatable {
    /// The article's number.
    public var articleID: Int64
    /// How well it fits.
    public var rank: Double
    /// Its title.
    public var title: String?
    /// Its outlet.
    public var outlet: String?
    /// Its URL.
    public var url: String
    /// Its language.
    public var language: String?
    /// When it was published.
    public var publishedAt: Date?
    /// The story that it belongs to.
    public var storyID: Int64?
    /// A passage with the words.
    public var snippet: String?

    enum CodingKeys: String, CodingKey {
        case rank, title, outlet, url, language, snippet
        case articleID = "article_id"
        case publishedAt = "published_at"
        case storyID = "story_id"
    }
}

/// Filters of a search.
public struct SearchFilter: Sendable, Equatable {
    /// Only articles in this language.
    public var language: String?
    /// Only articles published at this time or later.
    public var since: Date?
    /// Only articles published before this time.
    public var until: Date?
    /// Only articles of this source.
    public var sourceID: Int64?
    /// Hits at most.
    public var limit = 20

    /// Makes a filter that takes everything.
    public init(
        language: String? = nil, since: Date? = nil, until: Date? = nil, sourceID: Int64? = nil, limit: Int = 20
    ) {
        self.language = language
        self.since = since
        self.until = until
        self.sourceID = sourceID
        self.limit = limit
    }
}

/// A story with its articles.
public struct StoryView: Sendable, Codable, Equatable {
    /// An article of the story.
    public struct Member: Sendable, Codable, Equatable {
        /// Its number.
        public var articleID: Int64
        /// Its title.
        public var title: String?
        /// Its outlet.
        public var outlet: String?
        /// Its URL.
        public var url: String
        /// Its language.
        public var language: String?
        /// When it was published.
        public var publishedAt: Date?
        /// original, exact, near or partial, where it is one of several prints of a text.
        public var reprint: String?
        /// The group of prints.
        public var reprintID: Int64?

        enum CodingKeys: String, CodingKey {
            case title, outlet, url, language, reprint
            case articleID = "article_id"
            case publishedAt = "published_at"
            case reprintID = "reprint_id"
        }
    }

    /// The story's number.
    public var storyID: Int64
    /// Its title.
    public var title: String?
    /// When its first article was published; when no date is known, when it was first seen.
    public var firstPublishedAt: Date
    /// When its newest article was published; when no date is known, when it was first seen.
    public var lastPublishedAt: Date
    /// How many articles it has.
    public var articleCount: Int
    /// By how many outlets.
    public var outletCount: Int
    /// Its articles, oldest first; empty in lists.
    public var articles: [Member]

    enum CodingKeys: String, CodingKey {
        case title, articles
        case storyID = "story_id"
        case firstPublishedAt = "first_published_at"
        case lastPublishedAt = "last_published_at"
        case articleCount = "article_count"
        case outletCount = "outlet_count"
    }
}

/// Reads what downstream systems read: the views in schema `news`.
public struct NewsReader: Sendable {
    private let database: PostgresPool

    /// Makes a reader.
    public init(database: PostgresPool) {
        self.database = database
    }

    /// Searches.
    public func search(_ words: String, _ filter: SearchFilter) async throws -> [SearchHit] {
        try await database.query(
            "SELECT * FROM news.search($1, $2, $3::timestamptz, $4::timestamptz, $5::bigint, $6::int)",
            [
                .text(words), .optional(filter.language), .optional(filter.since), .optional(filter.until),
                .optional(filter.sourceID),
                .int(Int64(filter.limit)),
            ]
        ).map { row in
            SearchHit(
                articleID: try row.decode("article_id"), rank: try row.decode("rank"), title: try row.decode("title"),
                outlet: try row.decode("outlet"), url: try row.decode("url"), language: try row.decode("language"),
                publishedAt: try row.decode("published_at"), storyID: try row.decode("story_id"),
                snippet: try row.decode("snippet"))
        }
    }

    /// An article with all its annotations, as the JSON that the database makes of its views.
    ///
    /// - Returns: `nil` when there is no such article.
    public func article(_ articleID: Int64) async throws -> String? {
        try await database.query(
            """
            SELECT (to_jsonb(a) || jsonb_build_object(
                'topics', coalesce((SELECT jsonb_agg(to_jsonb(t) - 'article_id' ORDER BY t.score DESC)
                                    FROM news.article_topics AS t WHERE t.article_id = a.article_id), '[]'),
                'places', coalesce((SELECT jsonb_agg(to_jsonb(p) - 'article_id' ORDER BY p.ordinal)
                                    FROM news.article_places AS p WHERE p.article_id = a.article_id), '[]'),
                'actors', coalesce((SELECT jsonb_agg(to_jsonb(p) - 'article_id' ORDER BY p.ordinal)
                                    FROM news.article_actors AS p WHERE p.article_id = a.article_id), '[]'),
                'quotes', coalesce((SELECT jsonb_agg(to_jsonb(q) - 'article_id' ORDER BY q.ordinal)
                                    FROM news.quotes AS q WHERE q.article_id = a.article_id), '[]'),
                'events', coalesce((SELECT jsonb_agg(to_jsonb(e) - 'article_id' ORDER BY e.ordinal)
                                    FROM news.events AS e WHERE e.article_id = a.article_id), '[]'),
                'reprints', coalesce((SELECT jsonb_agg(to_jsonb(r) ORDER BY r.article_id)
                                      FROM news.reprints AS r WHERE r.reprint_id = a.reprint_id), '[]')))::text AS article
            FROM news.articles AS a WHERE a.article_id = $1
            """, [.int(articleID)]
        ).first?.decode("article", as: String.self)
    }

    /// A story with its articles, or `nil` when there is no such story.
    public func story(_ storyID: Int64) async throws -> StoryView? {
        guard
            let row = try await database.query("SELECT * FROM news.stories WHERE story_id = $1", [.int(storyID)]).first
        else {
            return nil
        }
        var story = try Self.story(row)
        story.articles = try await database.query(
            """
            SELECT a.article_id, a.title, a.outlet, a.url, a.language, a.published_at, r.kind, a.reprint_id FROM news.articles AS a
            LEFT JOIN news.reprints AS r ON r.article_id = a.article_id
            WHERE a.story_id = $1 ORDER BY a.published_at NULLS LAST, a.article_id
            """, [.int(storyID)]
        ).map { row in
            StoryView.Member(
                articleID: try row.decode("article_id"), title: try row.decode("title"),
                outlet: try row.decode("outlet"),
                url: try row.decode("url"), language: try row.decode("language"),
                publishedAt: try row.decode("published_at"),
                reprint: try row.decode("kind"), reprintID: try row.decode("reprint_id"))
        }
        return story
    }

    /// Stories, those with the most outlets first.
    public func stories(limit: Int) async throws -> [StoryView] {
        try await database.query(
            "SELECT * FROM news.stories ORDER BY outlet_count DESC, article_count DESC, last_published_at DESC NULLS LAST LIMIT $1",
            [.int(Int64(limit))]
        ).map(Self.story)
    }

    private static func story(_ row: PostgresRow) throws -> StoryView {
        StoryView(
            storyID: try row.decode("story_id"), title: try row.decode("title"),
            firstPublishedAt: try row.decode("first_published_at"),
            lastPublishedAt: try row.decode("last_published_at"),
            articleCount: try row.decode("article_count"), outletCount: try row.decode("outlet_count"), articles: [])
    }
}
