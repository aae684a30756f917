internal import Foundation
internal import Model
internal import Pipeline
internal import Postgres

/// The parse stage's SQL.
struct ParseStore: Sendable {
    /// An article's row after it was written.
    struct Saved: Sendable {
        var articleID: Int64
        var revision: Int
    }

    /// Writes articles: a new one, a new revision where the text changed, or nothing where it is the same.
    ///
    /// An older capture never replaces a newer one's text. What this version made of a capture stays as it is when the message
    /// comes again: by then the site's memory knows more, and a redelivery must not make a revision. A replay is meant to.
    ///
    /// - Returns: for each article, in their order, its row, or `nil` when a newer capture was there first.
    func save(
        _ articles: [(pointer: ParseCapture, parsed: ParsedArticle, isReplay: Bool)],
        in transaction: PostgresConnection
    ) async throws -> [Saved?] {
        var saved = [Saved?](repeating: nil, count: articles.count)
        let written = try await written(articles.filter { !$0.isReplay }.map(\.pointer), in: transaction)
        for index in articles.indices where !articles[index].isReplay {
            saved[index] = written[articles[index].pointer.captureID]
        }
        // In the order of the URLs, so that two workers that write the same ones wait for each other and never deadlock.
        let order = articles.indices.filter { saved[$0] == nil }
            .sorted { articles[$0].parsed.urlID < articles[$1].parsed.urlID }
        let statements = order.map { Self.upsert(articles[$0].pointer, articles[$0].parsed) }
        let results = try await transaction.pipeline(statements)
        for (index, result) in zip(order, results) {
            guard let row = result.first else { continue }
            saved[index] = Saved(articleID: try row.decode("article_id"), revision: try row.decode("revision"))
        }
        try await recordRevisions(saved.compactMap { $0?.articleID }, in: transaction)
        return saved
    }

    /// The articles that this version has made of captures, by the capture's number.
    private func written(
        _ captures: [ParseCapture], in transaction: PostgresConnection
    ) async throws -> [Int64: Saved] {
        guard !captures.isEmpty else { return [:] }
        let rows = try await transaction.query(
            """
            SELECT a.capture_id, a.article_id, a.revision
            FROM wireroom.article AS a JOIN wireroom.capture AS c ON c.url_id = a.url_id AND c.capture_id = a.capture_id
            WHERE c.capture_id = ANY ($1::bigint[]) AND c.captured_at BETWEEN $2::timestamptz AND $3::timestamptz
              AND a.parser_version = $4::int
            """,
            [
                .intArray(captures.map(\.captureID)), .date(captures.map(\.capturedAt).min()! - 0.01),
                .date(captures.map(\.capturedAt).max()! + 0.01), .int(Int64(ParseStage.version)),
            ])
        var found: [Int64: Saved] = [:]
        for row in rows {
            found[try row.decode("capture_id")] = Saved(
                articleID: try row.decode("article_id"), revision: try row.decode("revision"))
        }
        return found
    }

    private static func upsert(_ pointer: ParseCapture, _ parsed: ParsedArticle) -> PostgresStatement {
        let article = parsed.article
        func text(_ value: String?) -> PostgresValue {
            value.map {
                .text($0.utf8.contains(0) ? String($0.unicodeScalars.filter { $0.value != 0 }.map(Character.init)) : $0)
            } ?? .null
        }
        func texts(_ values: [String]) -> PostgresValue { .textArray(values.map { $0.filter { $0 != "\0" } }) }
        let blocks = StoredArticleJSON.text(of: article.blocks)
        let evidence = StoredArticleJSON.text(of: article.fieldEvidence)
        return PostgresStatement(
            """
            INSERT INTO wireroom.article AS a
                (url_id, source_id, capture_id, captured_at, url, canonical_url, title, authors, published_at, published_precision,
                 published_offset_seconds, modified_at, language, site_name, section, tags, lead_image, original_source, dateline,
                 body, blocks, word_count, evidence, parser_version, modified_precision, modified_offset_seconds, amp_url, is_paywalled)
            VALUES ($1, (SELECT source_id FROM wireroom.url WHERE url_id = $1), $2, $3::timestamptz, $4, $5, $6, $7, $8::timestamptz,
                $9, $10::int, $11::timestamptz, $12, $13, $14, $15, $16, $17, $18, $19, $20::jsonb, $21::int, $22::jsonb, $23::int,
                $24, $25::int, $26, $27::boolean)
            ON CONFLICT (url_id) DO UPDATE SET
                revision = a.revision + CASE WHEN (a.title, a.body, a.authors, a.published_at)
                    IS DISTINCT FROM (excluded.title, excluded.body, excluded.authors, excluded.published_at) THEN 1 ELSE 0 END,
                capture_id = excluded.capture_id, captured_at = excluded.captured_at, url = excluded.url,
                canonical_url = excluded.canonical_url, title = excluded.title, authors = excluded.authors,
                published_at = excluded.published_at, published_precision = excluded.published_precision,
                published_offset_seconds = excluded.published_offset_seconds, modified_at = excluded.modified_at,
                language = excluded.language, site_name = excluded.site_name, section = excluded.section, tags = excluded.tags,
                lead_image = excluded.lead_image, original_source = excluded.original_source, dateline = excluded.dateline,
                body = excluded.body, blocks = excluded.blocks, word_count = excluded.word_count, evidence = excluded.evidence,
                parser_version = excluded.parser_version, modified_precision = excluded.modified_precision,
                modified_offset_seconds = excluded.modified_offset_seconds, amp_url = excluded.amp_url,
                is_paywalled = excluded.is_paywalled, parsed_at = now()
            WHERE excluded.capture_id >= a.capture_id
            RETURNING a.article_id, a.revision
            """,
            [
                .int(parsed.urlID), .int(pointer.captureID), .date(pointer.capturedAt), text(parsed.url),
                text(article.canonicalURL),
                text(article.title), texts(article.authors), .optional(article.published?.instant),
                text(article.published?.precision.rawValue),
                .optional(article.published?.offsetSeconds.map(Int64.init)),
                .optional(article.modified?.instant), text(article.language), text(article.siteName),
                text(article.section),
                texts(article.tags), text(article.leadImage), text(article.originalSource), text(article.dateline),
                text(parsed.body), .json(blocks), .int(Int64(parsed.wordCount)),
                .json(evidence),
                .int(Int64(ParseStage.version)), text(article.modified?.precision.rawValue),
                .optional(article.modified?.offsetSeconds.map(Int64.init)), text(article.ampURL),
                .optional(article.isPaywalled),
            ])
    }

    private func recordRevisions(_ articles: [Int64], in transaction: PostgresConnection) async throws {
        _ = try await transaction.query(
            """
            INSERT INTO wireroom.article_revision
                (article_id, revision, capture_id, captured_at, title, authors, published_at, modified_at, body, parser_version)
            SELECT article_id, revision, capture_id, captured_at, title, authors, published_at, modified_at, body, parser_version
            FROM wireroom.article WHERE article_id = ANY($1::bigint[])
            ON CONFLICT (article_id, revision) DO NOTHING
            """, [.intArray(articles)])
    }
}
