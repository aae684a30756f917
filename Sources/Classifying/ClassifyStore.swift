import Foundation
import Postgres

/// The classify stage's SQL.
enum ClassifyStore {
    /// Reads articles by their numbers.
    static func articles(_ ids: [Int64], from database: PostgresPool) async throws -> [Int64: LoadedArticle] {
        let rows = try await database.query(
            """
            SELECT article_id, revision, title, body, language, url, published_at
            FROM wireroom.article WHERE article_id = ANY ($1::bigint[])
            """, [.intArray(ids)])
        var articles: [Int64: LoadedArticle] = [:]
        for row in rows {
            articles[try row.decode("article_id", as: Int64.self)] = LoadedArticle(
                revision: try row.decode("revision", as: Int.self), title: try row.decode("title", as: String?.self),
                body: try row.decode("body", as: String.self), language: try row.decode("language", as: String?.self),
                url: try row.decode("url", as: String.self), publishedAt: try row.decode("published_at", as: Date?.self)
            )
        }
        return articles
    }

    /// Locks the rows of articles, always in the same order, and says which revision each is at.
    static func lockRevisions(_ ids: [Int64], in transaction: PostgresConnection) async throws -> [Int64: Int] {
        let rows = try await transaction.query(
            "SELECT article_id, revision FROM wireroom.article WHERE article_id = ANY ($1::bigint[]) ORDER BY article_id FOR UPDATE",
            [.intArray(ids)])
        var revisions: [Int64: Int] = [:]
        for row in rows {
            revisions[try row.decode("article_id", as: Int64.self)] = try row.decode("revision", as: Int.self)
        }
        return revisions
    }

    /// Writes the annotations of articles in place of what was there, in one round trip.
    static func replace(_ annotations: [Int64: ArticleAnnotations], in transaction: PostgresConnection) async throws {
        guard !annotations.isEmpty else { return }
        let items = annotations.sorted { $0.key < $1.key }
        let ids = PostgresValue.intArray(items.map(\.key))
        var statements = ["topic", "place", "actor", "quote", "event"].map {
            PostgresStatement("DELETE FROM wireroom.article_\($0) WHERE article_id = ANY ($1::bigint[])", [ids])
        }
        statements += [topics(items), places(items), actors(items), quotes(items), events(items)]
        statements.append(
            PostgresStatement(
                """
                UPDATE wireroom.article AS a
                SET classified_revision = a.revision, classifier_version = $2, classified_at = now(), language = coalesce(a.language, n.language)
                FROM unnest($1::bigint[], $3::text[]) AS n (article_id, language)
                WHERE a.article_id = n.article_id
                """, [ids, .int(Int64(ArticleClassifier.version)), .textArray(items.map(\.value.language))]))
        _ = try await transaction.pipeline(statements)
    }

    private typealias Items = [(key: Int64, value: ArticleAnnotations)]

    /// Each annotation of a kind with its article and its number there.
    private static func rows<Row>(
        _ items: Items, _ list: KeyPath<ArticleAnnotations, [Row]>
    ) -> [(
        id: Int64, ordinal: Int64, value: Row
    )] {
        items.flatMap { item in
            item.value[keyPath: list].enumerated().map { (id: item.key, ordinal: Int64($0.offset), value: $0.element) }
        }
    }

    /// An array of whole numbers as PostgreSQL writes one.
    private static func array(_ numbers: [Int]) -> String {
        "{" + numbers.map(String.init).joined(separator: ",") + "}"
    }

    private static func topics(_ items: Items) -> PostgresStatement {
        let rows = rows(items, \.topics)
        return PostgresStatement(
            """
            INSERT INTO wireroom.article_topic (article_id, code, name, score)
            SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::double precision[])
            """,
            [
                .intArray(rows.map(\.id)), .textArray(rows.map(\.value.code)), .textArray(rows.map(\.value.name)),
                .doubleArray(rows.map(\.value.score)),
            ])
    }

    private static func places(_ items: Items) -> PostgresStatement {
        let rows = rows(items, \.places)
        return PostgresStatement(
            """
            INSERT INTO wireroom.article_place (article_id, ordinal, name, kind, country_code, geonames_id, latitude, longitude, role, score,
                span_starts, span_ends)
            SELECT article_id, ordinal, name, kind, country_code, geonames_id, latitude, longitude, role, score,
                starts::integer[], ends::integer[]
            FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::double precision[],
                $8::double precision[], $9::text[], $10::double precision[], $11::text[], $12::text[])
                AS n (article_id, ordinal, name, kind, country_code, geonames_id, latitude, longitude, role, score, starts, ends)
            """,
            [
                .intArray(rows.map(\.id)), .intArray(rows.map(\.ordinal)), .textArray(rows.map(\.value.name)),
                .textArray(rows.map(\.value.kind.rawValue)), .textArray(rows.map(\.value.countryCode)),
                .intArray(rows.map { $0.value.geonamesID.map(Int64.init) }), .doubleArray(rows.map(\.value.latitude)),
                .doubleArray(rows.map(\.value.longitude)), .textArray(rows.map(\.value.role.rawValue)),
                .doubleArray(rows.map(\.value.score)),
                .textArray(rows.map { array($0.value.mentions.map(\.span.start)) }),
                .textArray(rows.map { array($0.value.mentions.map(\.span.end)) }),
            ])
    }

    private static func actors(_ items: Items) -> PostgresStatement {
        let rows = rows(items, \.actors)
        return PostgresStatement(
            """
            INSERT INTO wireroom.article_actor (article_id, ordinal, name, kind, salience, span_starts, span_ends)
            SELECT article_id, ordinal, name, kind, salience, starts::integer[], ends::integer[]
            FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::double precision[], $6::text[], $7::text[])
                AS n (article_id, ordinal, name, kind, salience, starts, ends)
            """,
            [
                .intArray(rows.map(\.id)), .intArray(rows.map(\.ordinal)), .textArray(rows.map(\.value.name)),
                .textArray(rows.map(\.value.kind.rawValue)), .doubleArray(rows.map(\.value.salience)),
                .textArray(rows.map { array($0.value.mentions.map(\.start)) }),
                .textArray(rows.map { array($0.value.mentions.map(\.end)) }),
            ])
    }

    private static func quotes(_ items: Items) -> PostgresStatement {
        let rows = rows(items, \.quotes)
        return PostgresStatement(
            """
            INSERT INTO wireroom.article_quote (article_id, ordinal, quote, speaker, cue, span_start, span_end, speaker_start, speaker_end)
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
                $9::bigint[])
            """,
            [
                .intArray(rows.map(\.id)), .intArray(rows.map(\.ordinal)), .textArray(rows.map(\.value.text)),
                .textArray(rows.map(\.value.speaker)), .textArray(rows.map(\.value.cue)),
                .intArray(rows.map { Int64($0.value.span.start) }), .intArray(rows.map { Int64($0.value.span.end) }),
                .intArray(rows.map { $0.value.speakerSpan.map { Int64($0.start) } }),
                .intArray(rows.map { $0.value.speakerSpan.map { Int64($0.end) } }),
            ])
    }

    private static func events(_ items: Items) -> PostgresStatement {
        let rows = rows(items, \.events)
        return PostgresStatement(
            """
            INSERT INTO wireroom.article_event (article_id, ordinal, code, name, actor, target, trigger, span_start, span_end, score)
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
                $9::bigint[], $10::double precision[])
            """,
            [
                .intArray(rows.map(\.id)), .intArray(rows.map(\.ordinal)), .textArray(rows.map(\.value.code)),
                .textArray(rows.map(\.value.name)), .textArray(rows.map(\.value.actor)),
                .textArray(rows.map(\.value.target)),
                .textArray(rows.map(\.value.trigger)), .intArray(rows.map { Int64($0.value.span.start) }),
                .intArray(rows.map { Int64($0.value.span.end) }), .doubleArray(rows.map(\.value.score)),
            ])
    }
}
