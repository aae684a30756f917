import Foundation
import Logging
import Model
import Pipeline
import Postgres
import Testing

@testable import Indexing

/// A database of its own with the project's migrations, dropped afterwards.
private struct IndexTestDatabase {
    static let url = ProcessInfo.processInfo.environment["WIREROOM_TEST_DATABASE_URL"] ?? ""
    static let reason: Comment = "WIREROOM_TEST_DATABASE_URL is not set: start a server with scripts/services"
    private static let logger = Logger(label: "index.tests") { _ in SwiftLogNoOpLogHandler() }

    let pool: PostgresPool

    static func with(_ body: (IndexTestDatabase) async throws -> Void) async throws {
        let name = "index_test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        let server = PostgresPool(try PostgresConfiguration(url: url), maximumConnections: 1, logger: logger)
        try await server.withConnection { try await $0.script("CREATE DATABASE \(name)") }
        var address = try #require(URLComponents(string: url))
        address.path = "/" + name
        let pool = PostgresPool(
            try PostgresConfiguration(url: try #require(address.string)), maximumConnections: 3, logger: logger)
        var failure: (any Error)?
        do {
            let database = IndexTestDatabase(pool: pool)
            try await database.migrate()
            try await body(database)
        } catch {
            failure = error
        }
        await pool.close()
        try await server.withConnection { try await $0.script("DROP DATABASE \(name) WITH (FORCE)") }
        await server.close()
        if let failure { throw failure }
    }

    private func migrate() async throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Migrations")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".sql") }
            .sorted()
        try await pool.withConnection { connection in
            try await connection.script(
                "CREATE SCHEMA IF NOT EXISTS wireroom; CREATE TABLE IF NOT EXISTS wireroom.schema_migration (version integer)"
            )
            for file in files {
                try await connection.script(try String(contentsOf: folder.appending(path: file), encoding: .utf8))
            }
        }
    }

    /// Stores an article as the parse stage would.
    ///
    /// - Parameters:
    ///   - hours: when it was published, from an arbitrary time on; `nil` where the text does not say.
    ///   - kind: `document` for an import, `article` for a fetched page.
    ///   - seen: when Wireroom got it, if later than published.
    func add(
        _ title: String, _ body: String, language: String? = "en", hours: Double? = 0, kind: String = "document",
        seen: Double? = nil
    ) async throws -> Int64 {
        let identity = Array(UUID().uuidString.utf8.prefix(16))
        let published = hours.map { Date(timeIntervalSince1970: 1_780_000_000 + $0 * 3600) }
        let got = Date(timeIntervalSince1970: 1_780_000_000 + (seen ?? hours ?? 0) * 3600)
        return try await pool.withTransaction { transaction in
            let url = try await transaction.query(
                "INSERT INTO wireroom.url (identity, url, kind) VALUES ($1, $2, $3) RETURNING url_id",
                [
                    .bytes(identity), .text("http://outlet.test/\(String(decoding: identity, as: UTF8.self))"),
                    .text(kind),
                ])
            let urlID: Int64 = try #require(url.first).decode("url_id")
            let article = try await transaction.query(
                """
                INSERT INTO wireroom.article (url_id, capture_id, captured_at, url, title, published_at, language, body, blocks,
                    word_count, parser_version, first_seen_at)
                VALUES ($1, 1, $2, 'http://outlet.test/', $3, $6, $4, $5, '[]', 1, 1, $2) RETURNING article_id
                """,
                [.int(urlID), .date(got), .text(title), .optional(language), .text(body), .optional(published)])
            return try #require(article.first).decode("article_id")
        }
    }

    /// Runs articles through the stage as one batch.
    func index(_ ids: [Int64], revision: Int = 1) async throws -> [StageOutcome] {
        let stage = IndexStage()
        let messages = ids.map {
            StageMessage(envelope: Envelope(IndexArticle(articleID: $0, revision: revision), urlID: nil))
        }
        var outcomes: [StageOutcome] = []
        var ready: [ProcessedMessage<IndexArticle, PreparedArticle>] = []
        for (message, step) in zip(messages, try await stage.load(messages, from: pool)) {
            guard case .next(let loaded) = step else {
                if case .end(let outcome) = step { outcomes.append(outcome) }
                continue
            }
            if case .next(let value) = try await stage.process(loaded, message: message) {
                ready.append(ProcessedMessage(message: message, value: value))
            }
        }
        let batch = ready
        guard !batch.isEmpty else { return outcomes }
        return outcomes + (try await pool.withTransaction { try await stage.persist(batch, in: $0) }).map(\.outcome)
    }

    func number(_ sql: String) async throws -> Int {
        try #require(try await pool.query(sql).first).decode(0)
    }

    /// Everything that the stage writes, as one text.
    func contents() async throws -> String {
        var result = ""
        for table in [
            "article_search", "reprint_signature", "reprint_band", "reprint_group", "reprint_article", "story",
            "story_article",
            "story_term", "term_frequency", "change",
        ] {
            let rows = try await pool.query(
                "SELECT coalesce(string_agg(t::text, '|' ORDER BY t::text), '') FROM wireroom.\(table) AS t")
            result += table + ": " + (try #require(rows.first).decode(0, as: String.self)) + "\n"
        }
        return result
    }
}

@Suite(.serialized, .enabled(if: !IndexTestDatabase.url.isEmpty, IndexTestDatabase.reason), .timeLimit(.minutes(1)))
struct IndexStageTests {
    @Test func writesSearchReprintsAndStories() async throws {
        try await IndexTestDatabase.with { database in
            let dam = try await database.add("Crack in the Karsund dam", SampleTexts.dam)
            let copy = try await database.add("Crack in dam", "KARSUND (Agency) — " + SampleTexts.dam, hours: 1)
            let other = try await database.add("Second night in the gymnasium", SampleTexts.damByAnother, hours: 20)
            let german = try await database.add("Riss im Damm", SampleTexts.damInGerman, language: "de", hours: 21)
            let chess = try await database.add("Champion at 82", SampleTexts.chess, hours: 22)
            #expect(try await database.index([dam, copy]) == [.done, .done])
            #expect(try await database.index([other, german, chess]) == [.done, .done, .done])
            #expect(try await database.number("SELECT count(*) FROM news.stories") == 2)
            let mates =
                "SELECT count(*) FROM news.story_articles WHERE story_id = (SELECT story_id FROM news.story_articles WHERE article_id = \(dam))"
            #expect(try await database.number(mates) == 4)
            #expect(
                try await database.number("SELECT count(*) FROM news.reprints WHERE original_article_id = \(dam)") == 2)
            #expect(
                try await database.number(
                    "SELECT count(*) FROM news.reprints WHERE kind = 'near' AND article_id = \(copy)") == 1)
            #expect(
                try await database.number("SELECT article_count::bigint FROM wireroom.story ORDER BY story_id LIMIT 1")
                    == 4)
            #expect(try await database.number("SELECT article_id FROM news.search('chess champions')") == Int(chess))
            #expect(try await database.number("SELECT article_id FROM news.search('Häuser', 'de')") == Int(german))
            #expect(try await database.number("SELECT count(*) FROM wireroom.change WHERE kind = 'article'") == 5)
        }
    }

    /// A plan that is kept from when the tables were small goes through all their rows for each of thousands of values.
    @Test func plansTheStatementsOfABatchForItsValues() async throws {
        try await IndexTestDatabase.with { database in
            func mode(_ connection: PostgresConnection) async throws -> String {
                try #require(try await connection.query("SELECT current_setting('plan_cache_mode')").first).decode(0)
            }
            try await database.pool.withConnection { connection in
                try await connection.script("BEGIN")
                try await IndexStore().lock(in: connection)
                #expect(try await mode(connection) == "force_custom_plan")
                try await connection.script("COMMIT")
                #expect(try await mode(connection) == "auto")
            }
        }
    }

    /// What a story is found by has to be complete whatever was written when.
    @Test func aStoryIsListedUnderTheHeaviestWordsThatItHasOrHad() async throws {
        try await IndexTestDatabase.with { database in
            func listed() async throws -> Set<String> {
                Set(
                    try await database.pool.query("SELECT term FROM wireroom.story_term").map {
                        try $0.decode(0, as: String.self)
                    })
            }
            var expected: Set<String> = []
            let texts = [SampleTexts.dam, SampleTexts.damByAnother, "By our staff. " + SampleTexts.dam]
            for (place, text) in texts.enumerated() {
                let before = try await database.pool.query("SELECT features::text FROM wireroom.story").first
                let id = try await database.add("Crack in the Karsund dam", text, hours: Double(place))
                #expect(try await database.index([id]) == [.done])
                let row = try #require(
                    try await database.pool.query("SELECT features::text, article_count FROM wireroom.story").first)
                let features: String = try row.decode(0)
                let story = StoryProfile(
                    parts: try StoredForms.parts(features), articleCount: 1, firstTime: nil, lastTime: nil)
                expected.formUnion(StoredForms.listedWords(story).map(StoredForms.term))
                #expect(try await listed() == expected)
                #expect(try row.decode(1, as: Int.self) == place + 1)
                // The third text is a reprint, which brings no words.
                if let before { #expect(try (features == before.decode(0)) == (place == 2)) }
            }
        }
    }

    @Test func whatFindsAnArticleOrAStoryGoesWithIt() async throws {
        try await IndexTestDatabase.with { database in
            let dam = try await database.add("Crack in the Karsund dam", SampleTexts.dam)
            let chess = try await database.add("Champion at 82", SampleTexts.chess)
            #expect(try await database.index([dam, chess]) == [.done, .done])
            let bands = "SELECT count(*) FROM wireroom.reprint_band WHERE article_id"
            let terms = "SELECT count(*) FROM wireroom.story_term WHERE story_id"
            let story = try await database.number(
                "SELECT story_id FROM wireroom.story_article WHERE article_id = \(dam)")
            #expect(try await database.number("\(bands) = \(dam)") > 0)
            #expect(try await database.number("\(terms) = \(story)") > 0)
            _ = try await database.pool.query("DELETE FROM wireroom.article WHERE article_id = $1", [.int(dam)])
            _ = try await database.pool.query("DELETE FROM wireroom.story WHERE story_id = $1", [.int(Int64(story))])
            #expect(try await database.number("\(bands) = \(dam)") == 0)
            #expect(try await database.number("\(terms) = \(story)") == 0)
            #expect(try await database.number("\(bands) = \(chess)") > 0)
            #expect(try await database.number("\(terms) <> \(story)") > 0)
        }
    }

    @Test func documentsWithoutADateJoinAStoryOfAnyTime() async throws {
        try await IndexTestDatabase.with { database in
            let old = 24.0 * -500
            let undated = try await database.add("Undated", SampleTexts.dam, hours: nil)
            _ = try await database.index([undated])
            let unknown =
                "SELECT count(*) FROM wireroom.story WHERE first_published_at IS NULL AND last_published_at IS NULL"
            #expect(try await database.number(unknown) == 1)
            #expect(
                try await database.number("SELECT count(*) FROM news.stories WHERE last_published_at IS NOT NULL") == 1)
            let dated = try await database.add("Dated", SampleTexts.damByAnother, hours: old, seen: 0)
            _ = try await database.index([dated])
            #expect(try await database.number(unknown) == 0)
            let copy = try await database.add("Undated too", SampleTexts.damByAnother + " More.", hours: nil)
            let fetched = try await database.add("Fetched", SampleTexts.damInGerman, hours: nil, kind: "article")
            _ = try await database.index([copy])
            _ = try await database.index([fetched])
            let mates = "SELECT count(*) FROM news.story_articles AS m JOIN news.story_articles AS o USING (story_id)"
            #expect(try await database.number("\(mates) WHERE m.article_id = \(undated)") == 3)
            #expect(try await database.number("\(mates) WHERE m.article_id = \(fetched)") == 1)
            #expect(try await database.number("SELECT count(*) FROM news.reprints WHERE article_id = \(copy)") == 1)
        }
    }

    /// Two statements on one affair, a year apart, and two reports without a date on the first: one of them links the
    /// other to the dated one. Whatever comes first, the same articles end in one story.
    @Test(arguments: [
        [0, 1, 2, 3], [3, 2, 1, 0], [2, 1, 0, 3], [1, 2, 3, 0], [1, 3, 2, 0], [2, 3, 0, 1], [0, 3, 1, 2], [3, 0, 2, 1],
    ])
    func theOrderOfArrivalDoesNotDecide(_ order: [Int]) async throws {
        try await IndexTestDatabase.with { database in
            let texts: [(body: String, hours: Double?)] = [
                (SampleTexts.ferry, 24.0 * -400), (SampleTexts.ferryBridge, nil), (SampleTexts.ferryAside, nil),
                (SampleTexts.ferryLater, 0),
            ]
            var ids: [Int: Int64] = [:]
            for place in order {
                let id = try await database.add("", texts[place].body, hours: texts[place].hours, seen: 0)
                ids[place] = id
                #expect(try await database.index([id]) == [.done])
            }
            let stories = try await database.pool.query(
                "SELECT article_id, story_id FROM news.story_articles ORDER BY article_id")
            var story: [Int64: Int64] = [:]
            for row in stories { story[try row.decode(0)] = try row.decode(1) }
            let found = (0..<4).compactMap { ids[$0].flatMap { story[$0] } }
            try #require(found.count == 4)
            #expect(found[0] == found[1] && found[1] == found[2] && found[3] != found[0], "\(order): \(found)")
            #expect(try await database.number("SELECT count(*) FROM wireroom.story") == 2)
            #expect(try await database.number("SELECT sum(article_count)::bigint FROM wireroom.story") == 4)
            #expect(
                try await database.number("SELECT article_count FROM wireroom.term_frequency WHERE term = ''") == 2)
            #expect(
                try await database.number("SELECT count(*) FROM wireroom.term_frequency WHERE article_count < 0") == 0)
            #expect(try await database.number("SELECT sum(undated_count)::bigint FROM wireroom.story") == 2)
        }
    }

    @Test func theEarliestPublishedCopyBecomesTheOriginal() async throws {
        try await IndexTestDatabase.with { database in
            let late = try await database.add("", SampleTexts.dam, hours: 8)
            let undated = try await database.add("", SampleTexts.dam, hours: nil)
            _ = try await database.index([late])
            _ = try await database.index([undated])
            let original = "SELECT DISTINCT original_article_id FROM news.reprints"
            #expect(try await database.number(original) == Int(late))
            let second = try await database.add("", "By our staff. " + SampleTexts.dam, hours: 4, seen: 8)
            let first = try await database.add("Crack in the dam", SampleTexts.dam, hours: 2, seen: 8)
            let last = try await database.add("", SampleTexts.dam, hours: 9)
            _ = try await database.index([last, second, first])
            #expect(try await database.number(original) == Int(first))
            #expect(
                try await database.number("SELECT article_id FROM news.reprints WHERE kind = 'original'") == Int(first))
            #expect(
                try await database.number(
                    "SELECT compared_with_article_id FROM news.reprints WHERE article_id = \(late)") == Int(first))
            #expect(try await database.number("SELECT count(*) FROM news.reprints") == 5)
            #expect(
                try await database.number("SELECT count(*) FROM news.stories WHERE title = 'Crack in the dam'") == 1)
        }
    }

    @Test func redeliveryChangesNothing() async throws {
        try await IndexTestDatabase.with { database in
            let ids = [
                try await database.add("Crack", SampleTexts.dam),
                try await database.add("Crack", SampleTexts.dam, hours: 1),
            ]
            #expect(try await database.index(ids + [ids[0]]) == [.done, .done, .done])
            let before = try await database.contents()
            #expect(try await database.index(ids) == [.done, .done])
            #expect(try await database.contents() == before)
        }
    }

    @Test func aSecondWorkerWithTheSameBatchChangesNothing() async throws {
        try await IndexTestDatabase.with { database in
            let ids = [
                try await database.add("Crack", SampleTexts.dam), try await database.add("Chess", SampleTexts.chess),
            ]
            async let first = database.index(ids)
            async let second = database.index(ids)
            #expect(try await first == [.done, .done])
            #expect(try await second == [.done, .done])
            #expect(try await database.number("SELECT count(*) FROM wireroom.change WHERE kind = 'article'") == 2)
            #expect(try await database.number("SELECT sum(article_count)::bigint FROM wireroom.story") == 2)
        }
    }

    @Test func aRevisionKeepsItsStoryAndIsSearchedAnew() async throws {
        try await IndexTestDatabase.with { database in
            let id = try await database.add("Crack", SampleTexts.dam)
            _ = try await database.index([id])
            _ = try await database.pool.query(
                "UPDATE wireroom.article SET revision = 2, body = body || ' The zebra was evacuated, too.' WHERE article_id = $1",
                [.int(id)])
            #expect(try await database.index([id], revision: 1) == [.drop(.superseded)])
            #expect(try await database.index([id], revision: 3) == [.retry(.notYetVisible)])
            #expect(try await database.index([id], revision: 2) == [.done])
            #expect(try await database.number("SELECT count(*) FROM wireroom.story") == 1)
            #expect(try await database.number("SELECT count(*) FROM wireroom.story_article") == 1)
            #expect(try await database.number("SELECT article_id FROM news.search('zebras')") == Int(id))
        }
    }

    @Test func hostileArticlesAreWritten() async throws {
        try await IndexTestDatabase.with { database in
            let bodies = [
                "", "word", String(repeating: "x", count: 3_000_000), SampleTexts.noise(words: 60_000, seed: 1),
                String(repeating: "橋", count: 400_000), "' ; DROP TABLE wireroom.story; --",
            ]
            var ids: [Int64] = []
            for body in bodies { ids.append(try await database.add("", body, language: nil)) }
            #expect(try await database.index(ids) == ids.map { _ in .done })
            #expect(try await database.number("SELECT count(*) FROM wireroom.article_search") == bodies.count)
        }
    }

    @Test func aMissingArticleIsDropped() async throws {
        try await IndexTestDatabase.with { database in
            let outcomes = try await database.index([4711])
            #expect(outcomes == [.drop(.removed)])
        }
    }
}
