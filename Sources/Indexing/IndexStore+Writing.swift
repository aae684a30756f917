internal import Foundation
internal import Postgres

extension IndexStore {
    /// What writing a batch's groups came to.
    struct Outcome: Sendable {
        /// The story of each article.
        var stories: [Int64: Int64] = [:]
        var changedStories: Set<Int64> = []
    }

    /// Makes articles searchable in the configuration of their language.
    func writeSearch(_ articles: [PreparedArticle], in transaction: PostgresConnection) async throws {
        _ = try await transaction.query(
            """
            INSERT INTO wireroom.article_search (article_id, revision, language, configuration, published_at, document)
            SELECT q.article_id, q.revision, q.language, c.configuration, q.published_at,
                   setweight(to_tsvector(c.configuration, q.title), 'A') || setweight(to_tsvector(c.configuration, q.lead), 'B')
                   || to_tsvector(c.configuration, q.rest)
            FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[])
                 AS q (article_id, revision, language, published_at, title, lead, rest, subtag)
            JOIN LATERAL (
                SELECT configuration FROM wireroom.search_configuration WHERE language IN (q.subtag, '')
                ORDER BY language DESC LIMIT 1
            ) AS c ON true
            ON CONFLICT (article_id) DO UPDATE SET revision = excluded.revision, language = excluded.language,
                configuration = excluded.configuration, published_at = excluded.published_at, document = excluded.document
            """,
            [
                .intArray(articles.map(\.article.articleID)), .intArray(articles.map { Int64($0.article.revision) }),
                .textArray(articles.map(\.article.language)), .dateArray(articles.map(\.article.publishedAt)),
                .textArray(articles.map(\.search.title)), .textArray(articles.map(\.search.lead)),
                .textArray(articles.map(\.search.rest)), .textArray(articles.map(\.features.language)),
            ])
    }

    /// Writes the fingerprints by which later reprints find these articles.
    func writeSignatures(_ articles: [PreparedArticle], in transaction: PostgresConnection) async throws {
        let texts = articles.filter { !$0.features.signature.isEmpty }
        let bands = texts.flatMap { text in text.features.signature.keys.map { (text.article.articleID, $0) } }
        _ = try await transaction.pipeline([
            PostgresStatement(
                "DELETE FROM wireroom.reprint_band WHERE article_id = ANY($1::bigint[])",
                [.intArray(articles.map(\.article.articleID))]),
            PostgresStatement(
                """
                INSERT INTO wireroom.reprint_signature (article_id, revision, signature, seen_at)
                SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::timestamptz[])
                ON CONFLICT (article_id) DO UPDATE SET revision = excluded.revision, signature = excluded.signature
                """,
                [
                    .intArray(texts.map(\.article.articleID)), .intArray(texts.map { Int64($0.article.revision) }),
                    .bytesArray(texts.map { StoredForms.bytes($0.features.signature) }),
                    .dateArray(texts.map(\.article.time)),
                ]),
            PostgresStatement(
                """
                INSERT INTO wireroom.reprint_band (band, article_id) SELECT * FROM unnest($1::bigint[], $2::bigint[])
                """, [.intArray(bands.map(\.1)), .intArray(bands.map(\.0))]),
        ])
    }

    /// Writes stories, memberships and groups of reprints.
    func write(_ batch: GroupingBatch, in transaction: PostgresConnection) async throws -> Outcome {
        guard !batch.placements.isEmpty else { return Outcome() }
        let keys = try await insertStories(batch, in: transaction)
        try await clearLooseStories(batch, in: transaction)
        func real(_ story: Int64) -> Int64 { keys[story] ?? story }
        try await updateStories(batch, keys: keys, in: transaction)
        let members = batch.placements.map {
            ($0.article.article.articleID, real($0.decision.story), Double($0.decision.storyScore))
        }
        _ = try await transaction.query(
            """
            INSERT INTO wireroom.story_article (article_id, story_id, score)
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::double precision[])
            ON CONFLICT (article_id) DO UPDATE SET story_id = excluded.story_id, score = excluded.score
            """, [.intArray(members.map(\.0)), .intArray(members.map(\.1)), .doubleArray(members.map(\.2))])
        let moved = batch.placements.compactMap { placement -> (article: Int64, revision: Int64, story: Int64)? in
            let story = real(placement.decision.story)
            guard let previous = placement.previousStory, previous != story else { return nil }
            return (placement.article.article.articleID, Int64(placement.article.article.revision), story)
        }
        try await endLooseStories(batch, moved: moved, in: transaction)
        try await writeCounts(batch, in: transaction)
        try await writeReprints(batch, in: transaction)
        return Outcome(
            stories: Dictionary(members.map { ($0.0, $0.1) }, uniquingKeysWith: { first, _ in first }),
            changedStories: Set(batch.changed.keys.map(real)))
    }

    /// Inserts the new stories.
    ///
    /// - Returns: their keys by the negative ones of the batch.
    private func insertStories(
        _ batch: GroupingBatch, in transaction: PostgresConnection
    ) async throws -> [Int64: Int64] {
        let new = batch.changed.keys.filter { $0 < 0 }.sorted(by: >)
        let statements = new.map { key in
            PostgresStatement(
                """
                INSERT INTO wireroom.story (title, first_published_at, last_published_at)
                VALUES ($1, to_timestamp($2), to_timestamp($2)) RETURNING story_id
                """, [.optional(batch.titles[key]), .optional(batch.changed[key]?.firstTime)])
        }
        var keys: [Int64: Int64] = [:]
        for (key, result) in zip(new, try await transaction.pipeline(statements)) {
            if let row = result.first { keys[key] = try row.decode("story_id") }
        }
        return keys
    }

    /// Writes what stories have become: their words only where those are others than before. A story that has a title
    /// keeps it.
    private func updateStories(
        _ batch: GroupingBatch, keys: [Int64: Int64], in transaction: PostgresConnection
    ) async throws {
        let stories = batch.changed.map { (key: $0, profile: $1, number: keys[$0] ?? $0) }
            .sorted { $0.number < $1.number }
        let retold = stories.filter { batch.retold.contains($0.key) }
        let terms = retold.flatMap { story in
            StoredForms.listedWords(story.profile).subtracting(batch.listed[story.key] ?? []).sorted()
                .map { (StoredForms.term($0), story.number) }
        }
        let features = try stories.map { story in
            batch.retold.contains(story.key) ? try StoredForms.features(story.profile) : nil
        }
        _ = try await transaction.pipeline([
            PostgresStatement(
                """
                UPDATE wireroom.story AS s SET features = coalesce(q.features, s.features), article_count = q.articles,
                    undated_count = q.undated, updated_at = now(),
                    title = coalesce(s.title, q.title),
                    first_published_at = to_timestamp(q.first), last_published_at = to_timestamp(q.last)
                FROM unnest($1::bigint[], $2::jsonb[], $3::bigint[], $4::double precision[], $5::double precision[],
                            $6::text[], $7::bigint[]) AS q (story_id, features, articles, first, last, title, undated)
                WHERE s.story_id = q.story_id
                """,
                [
                    .intArray(stories.map(\.number)), .jsonArray(features),
                    .intArray(stories.map { Int64($0.profile.articleCount) }),
                    .doubleArray(stories.map(\.profile.firstTime)),
                    .doubleArray(stories.map(\.profile.lastTime)),
                    .textArray(stories.map { batch.titles[$0.key] }),
                    .intArray(stories.map { Int64($0.profile.undatedCount) }),
                ]),
            PostgresStatement(
                """
                INSERT INTO wireroom.story_term (term, story_id, weight)
                SELECT term, story_id, 1 FROM unnest($1::text[], $2::bigint[]) AS q (term, story_id) ON CONFLICT DO NOTHING
                """, [.textArray(terms.map(\.0)), .intArray(terms.map(\.1))]),
        ])
    }

    /// Counts the words that the batch brought to its stories.
    private func writeCounts(_ batch: GroupingBatch, in transaction: PostgresConnection) async throws {
        var counts: [String: Int64] = [:]
        counts[StoredForms.storyCountTerm] = Int64(batch.placements.count { $0.decision.opensStory })
        for placement in batch.placements {
            for hash in placement.decision.newTerms { counts[StoredForms.term(hash), default: 0] += 1 }
        }
        for (hash, count) in batch.looseCounts { counts[StoredForms.term(hash), default: 0] -= count }
        counts[StoredForms.storyCountTerm, default: 0] -= Int64(batch.loose.count)
        let fewer = counts.filter { $0.value < 0 }.sorted { $0.key < $1.key }
        let rows = counts.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        if !fewer.isEmpty {
            _ = try await transaction.query(
                """
                UPDATE wireroom.term_frequency AS f SET article_count = greatest(0, f.article_count + q.change)
                FROM unnest($1::text[], $2::bigint[]) AS q (term, change) WHERE f.term = q.term
                """, [.textArray(fewer.map(\.key)), .intArray(fewer.map(\.value))])
        }
        _ = try await transaction.query(
            """
            INSERT INTO wireroom.term_frequency AS f (term, article_count) SELECT * FROM unnest($1::text[], $2::bigint[])
            ON CONFLICT (term) DO UPDATE SET article_count = f.article_count + excluded.article_count
            """, [.textArray(rows.map(\.key)), .intArray(rows.map(\.value))])
        try await halveCounts(in: transaction)
    }

    /// Halves all counts once many stories are counted, so that the weights follow the news and the table stays small.
    private func halveCounts(in transaction: PostgresConnection) async throws {
        let halved = try await transaction.query(
            """
            UPDATE wireroom.term_frequency SET article_count = article_count / 2
            WHERE (SELECT article_count FROM wireroom.term_frequency WHERE term = $1) >= $2
            """, [.text(StoredForms.storyCountTerm), .int(Int64(TermStatistics.storedHorizon))])
        guard halved.affectedRows > 0 else { return }
        _ = try await transaction.query("DELETE FROM wireroom.term_frequency WHERE article_count = 0")
    }

    private func writeReprints(_ batch: GroupingBatch, in transaction: PostgresConnection) async throws {
        let copies = batch.placements.filter { $0.decision.reprintOf != nil && $0.previousStory == nil }
        guard !copies.isEmpty else { return }
        var groups = batch.reprintGroups
        let missing = Set(copies.map(\.decision.original)).subtracting(groups.keys).sorted()
        let made = try await transaction.pipeline(
            missing.map {
                PostgresStatement(
                    "INSERT INTO wireroom.reprint_group (original_article_id) VALUES ($1) RETURNING reprint_id",
                    [.int($0)])
            })
        for (original, result) in zip(missing, made) {
            if let row = result.first { groups[original] = try row.decode("reprint_id") }
        }
        var rows: [(article: Int64, original: Int64, kind: String, similarity: Double, other: Int64?)] = []
        rows += missing.map { ($0, $0, "original", 1, nil) }
        for copy in copies {
            guard let (other, relation) = copy.decision.reprintOf else { continue }
            rows.append(
                (
                    copy.article.article.articleID, copy.decision.original, relation.kind.rawValue, relation.similarity,
                    other
                ))
        }
        _ = try await transaction.query(
            """
            INSERT INTO wireroom.reprint_article (article_id, reprint_id, kind, similarity, compared_with)
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::double precision[], $5::bigint[])
            ON CONFLICT DO NOTHING
            """,
            [
                .intArray(rows.map(\.article)), .intArray(rows.map { groups[$0.original] }),
                .textArray(rows.map(\.kind)),
                .doubleArray(rows.map(\.similarity)), .intArray(rows.map(\.other)),
            ])
        try await replaceOriginals(copies, groups: groups, in: transaction)
    }

    /// Makes an article the original of its group that was published before the one which passed for it.
    private func replaceOriginals(
        _ copies: [GroupingBatch.Placement], groups: [Int64: Int64], in transaction: PostgresConnection
    ) async throws {
        var replaced: Set<Int64> = []
        // Placements come in the order of their times: the first that precedes an original is the earliest.
        for copy in copies {
            guard let relation = copy.decision.precedes, let group = groups[copy.decision.original],
                replaced.insert(group).inserted
            else { continue }
            let (old, new) = (copy.decision.original, copy.article.article.articleID)
            _ = try await transaction.pipeline([
                PostgresStatement(
                    "UPDATE wireroom.reprint_group SET original_article_id = $2 WHERE reprint_id = $1",
                    [.int(group), .int(new)]),
                PostgresStatement(
                    """
                    UPDATE wireroom.reprint_article SET kind = 'original', similarity = 1, compared_with = NULL
                    WHERE article_id = $1
                    """, [.int(new)]),
                PostgresStatement(
                    """
                    UPDATE wireroom.reprint_article SET kind = $2, similarity = $3, compared_with = $4
                    WHERE article_id = $1
                    """, [.int(old), .text(relation.kind.rawValue), .double(relation.similarity), .int(new)]),
            ])
        }
    }

    /// Marks articles as indexed and tells the change feed.
    func finish(
        _ articles: [PreparedArticle], stories: [Int64: Int64], changedStories: Set<Int64>,
        in transaction: PostgresConnection
    ) async throws {
        let ids = articles.map(\.article.articleID)
        let revisions = articles.map { Int64($0.article.revision) }
        _ = try await transaction.pipeline([
            PostgresStatement(
                """
                UPDATE wireroom.article AS a SET indexed_revision = q.revision, indexed_at = now()
                FROM unnest($1::bigint[], $2::bigint[]) AS q (article_id, revision) WHERE a.article_id = q.article_id
                """, [.intArray(ids), .intArray(revisions)]),
            PostgresStatement(
                """
                INSERT INTO wireroom.change (kind, article_id, story_id, revision)
                SELECT 'article', * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
                UNION ALL SELECT 'story', NULL, s, NULL FROM unnest($4::bigint[]) AS s
                """,
                [
                    .intArray(ids), .intArray(ids.map { stories[$0] }), .intArray(revisions),
                    .intArray(changedStories.sorted()),
                ]),
        ])
    }
}
