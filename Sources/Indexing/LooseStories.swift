internal import Foundation
internal import Postgres

/// Small stories whose articles are grouped anew with a batch.
///
/// An article of unknown time fits stories of any time. Where it stands would therefore depend on what happened to come
/// before it: it may have opened a story before the one that it belongs to was there, or joined the wrong one of two that
/// only their times keep apart. So a small story with such articles is not closed: when an article comes that it fits
/// by its words, its articles are decided about once more, those with a time first.
struct LooseStories: Sendable {
    /// An article of such a story.
    struct Member: Sendable {
        var article: PreparedArticle
        var story: Int64
    }

    var members: [Member] = []

    /// Stories with more articles are settled.
    static let maximumArticles = 12
    /// So many articles are decided about anew for one batch.
    static let maximumMembers = 72

    var stories: Set<Int64> { Set(members.map(\.story)) }

    /// How many of the stories each word was counted for.
    var counts: [UInt64: Int64] {
        var seen: Set<StoryWord> = []
        var counts: [UInt64: Int64] = [:]
        for member in members {
            let language = member.article.features.language
            for term in member.article.features.story.terms
            where seen.insert(StoryWord(story: member.story, language: language, hash: term.hash)).inserted {
                counts[term.hash, default: 0] += 1
            }
        }
        return counts
    }

    private struct StoryWord: Hashable {
        var story: Int64
        var language: String
        var hash: UInt64
    }
}

extension PreparedArticle {
    /// Computes what grouping and searching need of an article.
    init(_ article: IndexableArticle) {
        self.init(
            article: article,
            features: ArticleFeatures(
                title: article.title, body: article.body, language: article.language,
                time: article.time?.timeIntervalSince1970, published: article.publishedAt?.timeIntervalSince1970),
            search: SearchText(title: article.title, body: article.body))
    }
}

extension IndexStore {
    /// The articles of those of the stories that are small, have an article of unknown time and no reprints.
    func looseStories(among stories: Set<Int64>, in transaction: PostgresConnection) async throws -> LooseStories {
        guard !stories.isEmpty else { return LooseStories() }
        let rows = try await transaction.query(
            """
            WITH loose AS (
                SELECT m.story_id, sum(count(*)) OVER (ORDER BY m.story_id) AS articles
                FROM wireroom.story_article AS m
                JOIN wireroom.article AS a USING (article_id)
                JOIN wireroom.url AS u USING (url_id)
                LEFT JOIN wireroom.reprint_article AS r ON r.article_id = a.article_id
                WHERE m.story_id = ANY($1::bigint[])
                GROUP BY m.story_id
                HAVING count(*) <= $2 AND bool_or(a.published_at IS NULL AND u.kind = 'document')
                       AND count(r.article_id) = 0
            )
            SELECT l.story_id, a.article_id, a.revision, coalesce(a.title, '') AS title, a.body, a.language, a.published_at,
                   a.first_seen_at, a.indexed_revision, u.kind = 'document' AS is_document, u.lane, u.discovered_at, a.captured_at
            FROM loose AS l
            JOIN wireroom.story_article AS m USING (story_id)
            JOIN wireroom.article AS a ON a.article_id = m.article_id
            JOIN wireroom.url AS u ON u.url_id = a.url_id
            WHERE l.articles <= $3 ORDER BY a.article_id
            """,
            [
                .intArray(stories.sorted()), .int(Int64(LooseStories.maximumArticles)),
                .int(Int64(LooseStories.maximumMembers)),
            ])
        return LooseStories(
            members: try rows.map { row in
                LooseStories.Member(
                    article: PreparedArticle(try Self.article(row)), story: try row.decode("story_id"))
            })
    }

    /// Ends the stories that were taken apart, and tells of the articles that moved. What was put together anew under an
    /// old number starts from nothing.
    func clearLooseStories(_ batch: GroupingBatch, in transaction: PostgresConnection) async throws {
        guard !batch.loose.isEmpty else { return }
        let kept = batch.loose.filter { batch.changed[$0] != nil }.sorted()
        _ = try await transaction.pipeline([
            PostgresStatement(
                "UPDATE wireroom.story SET title = NULL WHERE story_id = ANY($1::bigint[])", [.intArray(kept)]),
            PostgresStatement(
                "DELETE FROM wireroom.story_term WHERE story_id = ANY($1::bigint[])",
                [.intArray(batch.loose.sorted())]),
        ])
    }

    /// Removes the stories that have no articles any more and tells the change feed what moved.
    func endLooseStories(
        _ batch: GroupingBatch, moved: [(article: Int64, revision: Int64, story: Int64)],
        in transaction: PostgresConnection
    ) async throws {
        let ended = batch.loose.filter { batch.changed[$0] == nil }.sorted()
        guard !ended.isEmpty || !moved.isEmpty else { return }
        _ = try await transaction.pipeline([
            PostgresStatement("DELETE FROM wireroom.story WHERE story_id = ANY($1::bigint[])", [.intArray(ended)]),
            PostgresStatement(
                """
                INSERT INTO wireroom.change (kind, article_id, story_id, revision)
                SELECT 'article', * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
                UNION ALL SELECT 'story', NULL, s, NULL FROM unnest($4::bigint[]) AS s
                """,
                [
                    .intArray(moved.map(\.article)), .intArray(moved.map(\.story)), .intArray(moved.map(\.revision)),
                    .intArray(ended),
                ]),
        ])
    }
}
