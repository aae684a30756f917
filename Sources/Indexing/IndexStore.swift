internal import Foundation
internal import Postgres

/// The index stage's reading of the database. Its writing is in the extension.
struct IndexStore: Sendable {
    /// What the database knows of an article at the time of writing.
    struct State: Sendable {
        var revision: Int
        var indexedRevision: Int?
        var storyID: Int64?
    }

    /// A text that an article of the batch may be a reprint of.
    struct Text: Sendable {
        var articleID: Int64
        var entry: ReprintIndex.Entry
        var reprintID: Int64?
        var storyID: Int64?
    }

    /// Names the advisory lock under which articles are grouped.
    private static let lockKey: Int64 = 0x5749_5245_494E_4458

    /// Articles with the revision that is indexed already, by their id.
    func articles(
        _ ids: [Int64], in connection: PostgresConnection
    ) async throws -> [Int64: (article: IndexableArticle, indexedRevision: Int?)] {
        let rows = try await connection.query(
            """
            SELECT a.article_id, a.revision, coalesce(a.title, '') AS title, a.body, a.language, a.published_at,
                   a.first_seen_at, a.indexed_revision, u.kind = 'document' AS is_document, u.lane, u.discovered_at,
                   a.captured_at
            FROM wireroom.article AS a JOIN wireroom.url AS u USING (url_id) WHERE a.article_id = ANY($1::bigint[])
            """, [.intArray(ids)])
        var articles: [Int64: (article: IndexableArticle, indexedRevision: Int?)] = [:]
        for row in rows {
            let article = try Self.article(row)
            articles[article.articleID] = (article, try row.decode("indexed_revision"))
        }
        return articles
    }

    static func article(_ row: PostgresRow) throws -> IndexableArticle {
        IndexableArticle(
            articleID: try row.decode("article_id"), revision: try row.decode("revision"),
            title: try row.decode("title"), body: try row.decode("body"), language: try row.decode("language"),
            publishedAt: try row.decode("published_at"), firstSeenAt: try row.decode("first_seen_at"),
            isDocument: try row.decode("is_document"), lane: try row.decode("lane"),
            discoveredAt: try row.decode("discovered_at"), capturedAt: try row.decode("captured_at"))
    }

    /// Waits until no other worker is grouping; held until the transaction ends.
    ///
    /// Until then every statement is planned for its values. A plan that is kept for any values expects ten of them, and tables
    /// of the size that they had when it was made: on a young database it went through all words for each of thousands.
    func lock(in transaction: PostgresConnection) async throws {
        _ = try await transaction.query(
            """
            SELECT set_config('plan_cache_mode', 'force_custom_plan', true), pg_advisory_xact_lock($1)::text
            """, [.int(Self.lockKey)])
    }

    /// Locks the articles' rows and reads where they stand.
    func states(_ ids: [Int64], in transaction: PostgresConnection) async throws -> [Int64: State] {
        let rows = try await transaction.query(
            """
            SELECT a.article_id, a.revision, a.indexed_revision, m.story_id
            FROM wireroom.article AS a LEFT JOIN wireroom.story_article AS m USING (article_id)
            WHERE a.article_id = ANY($1::bigint[]) ORDER BY a.article_id FOR NO KEY UPDATE OF a
            """, [.intArray(ids)])
        var states: [Int64: State] = [:]
        for row in rows {
            states[try row.decode("article_id")] = State(
                revision: try row.decode("revision"), indexedRevision: try row.decode("indexed_revision"),
                storyID: try row.decode("story_id"))
        }
        return states
    }

    /// How common the articles' words are.
    func statistics(for articles: [PreparedArticle], in transaction: PostgresConnection) async throws -> TermStatistics
    {
        let hashes = Set(articles.flatMap { $0.features.story.terms.map(\.hash) })
        let names = [StoredForms.storyCountTerm] + hashes.map(StoredForms.term)
        let rows = try await transaction.query(
            "SELECT term, article_count FROM wireroom.term_frequency WHERE term = ANY($1::text[])", [.textArray(names)])
        var counts: [UInt64: Int64] = [:]
        var stories: Int64 = 0
        for row in rows {
            let term: String = try row.decode("term")
            let count: Int64 = try row.decode("article_count")
            if term == StoredForms.storyCountTerm {
                stories = count
            } else if let hash = StoredForms.hash(term) {
                counts[hash] = count
            }
        }
        var statistics = TermStatistics(storyCount: Double(stories), horizon: .infinity)
        for (hash, count) in counts { statistics.set(hash, count: Double(count)) }
        return statistics
    }

    /// The texts that share passages with the articles.
    func texts(
        for articles: [PreparedArticle], window: TimeWindow?, in transaction: PostgresConnection
    ) async throws -> [Text] {
        let keys = Set(articles.flatMap(\.features.signature.keys))
        guard !keys.isEmpty else { return [] }
        let rows = try await transaction.query(
            """
            WITH hit AS MATERIALIZED (
                SELECT article_id, count(*) OVER (PARTITION BY band) AS texts
                FROM wireroom.reprint_band WHERE band = ANY($1::bigint[])
            ), candidate AS (
                SELECT article_id, count(*) AS shared FROM hit WHERE texts <= $2
                GROUP BY article_id HAVING count(*) >= $3 ORDER BY shared DESC, article_id LIMIT 2000
            )
            SELECT a.article_id, coalesce(a.title, '') AS title, a.body, a.published_at, s.seen_at, r.reprint_id,
                   g.original_article_id, m.story_id
            FROM candidate AS c
            JOIN wireroom.reprint_signature AS s USING (article_id)
            JOIN wireroom.article AS a USING (article_id)
            LEFT JOIN wireroom.reprint_article AS r USING (article_id)
            LEFT JOIN wireroom.reprint_group AS g ON g.reprint_id = r.reprint_id
            LEFT JOIN wireroom.story_article AS m ON m.article_id = a.article_id
            WHERE ($4::timestamptz IS NULL OR s.seen_at IS NULL OR s.seen_at BETWEEN $4 AND $5::timestamptz)
                  AND a.article_id <> ALL($6::bigint[])
            ORDER BY a.article_id
            """,
            [
                .intArray(Array(keys)), .int(Int64(ReprintIndex.longestPosting)),
                .int(Int64(ReprintIndex.minimumShared)),
                .optional(window?.since), .optional(window?.until), .intArray(articles.map(\.article.articleID)),
            ])
        return try rows.map { row in
            let id: Int64 = try row.decode("article_id")
            let title: String = try row.decode("title")
            let body: String = try row.decode("body")
            let seen: Date? = try row.decode("seen_at")
            let published: Date? = try row.decode("published_at")
            let original: Int64? = try row.decode("original_article_id")
            let signature = ReprintSignature(
                FoldedText(body), title: FoldedText(title, limit: ArticleFeatures.longestTitle))
            return Text(
                articleID: id,
                entry: ReprintIndex.Entry(
                    signature: signature, original: original ?? id, time: seen?.timeIntervalSince1970,
                    published: published?.timeIntervalSince1970),
                reprintID: try row.decode("reprint_id"), storyID: try row.decode("story_id"))
        }
    }

    /// The stories that share the most weight with the articles and were in the news at their time, and some that are
    /// wanted anyway. A story or an article whose time is unknown fits every time; so may what becomes of a small story
    /// with such articles, see ``LooseStories``.
    ///
    /// - Parameters:
    ///   - vectors: an article each.
    ///   - windows: when a story of the article was in the news; `nil` at any time.
    func stories(
        for vectors: [StoryVector], windows: [TimeWindow?], and wanted: Set<Int64>,
        in transaction: PostgresConnection
    ) async throws -> [Int64: StoryProfile] {
        var ordinals: [Int64] = []
        var terms: [String] = []
        var weights: [Double] = []
        var since: [Date?] = []
        var until: [Date?] = []
        for (ordinal, (vector, window)) in zip(vectors, windows).enumerated() {
            for component in vector.components.prefix(StoryIndex.listedWords) {
                ordinals.append(Int64(ordinal))
                terms.append(StoredForms.term(component.hash))
                weights.append(Double(component.weight))
                since.append(window?.since)
                until.append(window?.until)
            }
        }
        let rows = try await transaction.query(
            """
            WITH ranked AS (
                SELECT t.story_id, row_number() OVER (PARTITION BY q.ordinal ORDER BY sum(q.weight) DESC, t.story_id) AS place
                FROM unnest($1::bigint[], $2::text[], $3::double precision[], $4::timestamptz[], $5::timestamptz[])
                     AS q (ordinal, term, weight, since, until)
                JOIN wireroom.story_term AS t ON t.term = q.term
                JOIN wireroom.story AS s ON s.story_id = t.story_id
                WHERE q.since IS NULL OR s.last_published_at IS NULL OR (s.undated_count > 0 AND s.article_count <= $7)
                      OR (s.last_published_at >= q.since AND s.first_published_at <= q.until)
                GROUP BY q.ordinal, t.story_id
            )
            SELECT story_id, features::text AS features, article_count, undated_count, first_published_at, last_published_at
            FROM wireroom.story
            WHERE story_id IN (SELECT story_id FROM ranked WHERE place <= 30) OR story_id = ANY($6::bigint[])
            """,
            [
                .intArray(ordinals), .textArray(terms), .doubleArray(weights), .dateArray(since), .dateArray(until),
                .intArray(Array(wanted)), .int(Int64(LooseStories.maximumArticles)),
            ])
        var profiles: [Int64: StoryProfile] = [:]
        for row in rows {
            let first: Date? = try row.decode("first_published_at")
            let last: Date? = try row.decode("last_published_at")
            profiles[try row.decode("story_id")] = StoryProfile(
                parts: try StoredForms.parts(try row.decode("features")), articleCount: try row.decode("article_count"),
                firstTime: first?.timeIntervalSince1970, lastTime: last?.timeIntervalSince1970,
                undatedCount: try row.decode("undated_count"))
        }
        return profiles
    }
}
