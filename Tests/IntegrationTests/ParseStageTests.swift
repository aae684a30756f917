import Captures
import Foundation
import Model
import Parsing
import Pipeline
import Postgres
import TestSupport
import Testing

/// The parse stage over a database: what it remembers of a site, and the operators' rules.
@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(2)))
struct ParseStageTests {
    private static let appeal =
        "The Quay Gazette lives on its readers, and every one of them keeps the lights on in our small newsroom."
    private let stage = ParseStage(captures: PostgresCaptureStore())

    private func page(_ topic: String) -> [UInt8] {
        let text = (1...6).map {
            "<p>Report \($0) on the \(topic) says that nobody had expected it, and that the \(topic) will stay.</p>"
        }.joined()
        return Array(
            """
            <html><head><title>All about the \(topic)</title></head><body><div class="story"><h1>All about the \(topic)</h1>
            \(text)<p>\(Self.appeal)</p><p>In the end the \(topic) was carried home, as the harbour master told us.</p>
            </div></body></html>
            """.utf8)
    }

    private func addSource(_ database: PostgresPool) async throws -> Int64 {
        let row = try await database.query(
            "INSERT INTO wireroom.source (name, homepage) VALUES ('Quay', 'https://quay.example/') RETURNING source_id"
        ).first
        return try #require(row).decode("source_id")
    }

    private func addURL(_ name: String, source: Int64, _ database: PostgresPool) async throws -> Int64 {
        let row = try await database.query(
            """
            INSERT INTO wireroom.url (identity, url, source_id, kind) VALUES (decode(md5($1), 'hex'), $1, $2, 'article')
            ON CONFLICT (identity) DO UPDATE SET url = excluded.url RETURNING url_id
            """, [.text("https://www.quay.example/\(name)"), .int(source)]
        ).first
        return try #require(row).decode("url_id")
    }

    /// Stores a page and gives the message that leads to it.
    private func store(
        _ topic: String, at name: String, source: Int64, _ database: PostgresPool
    ) async throws -> StageMessage<ParseCapture> {
        let urlID = try await addURL(name, source: source, database)
        let capture = Capture(
            urlID: urlID, requestedURL: "https://www.quay.example/\(name)",
            finalURL: "https://www.quay.example/\(name)", origin: .fetch,
            fetchedAt: Date(timeIntervalSince1970: 1_780_000_000), body: page(topic), contentType: "text/html")
        let prepared = try PostgresCaptureStore.prepare(capture)
        let pointer = try await database.withTransaction {
            try await PostgresCaptureStore().store([prepared], in: $0)
        }[0]
        return StageMessage(
            envelope: Envelope(
                ParseCapture(
                    captureID: pointer.captureID, capturedAtMilliseconds: pointer.capturedAtMilliseconds),
                urlID: urlID))
    }

    /// Takes messages through the stage as its loop does.
    private func parse(
        _ messages: [StageMessage<ParseCapture>], _ database: PostgresPool
    ) async throws -> [StageResult] {
        var batch: [ProcessedMessage<ParseCapture, ParsedArticle>] = []
        for (message, step) in zip(messages, try await stage.load(messages, from: database)) {
            guard case .next(let loaded) = step else { continue }
            guard case .next(let value) = try await stage.process(loaded, message: message) else { continue }
            batch.append(ProcessedMessage(message: message, value: value))
        }
        #expect(batch.count == messages.count)
        return try await database.withTransaction { [batch] in try await stage.persist(batch, in: $0) }
    }

    private func body(_ name: String, _ database: PostgresPool) async throws -> String {
        let row = try await database.query(
            "SELECT body FROM wireroom.article WHERE url = $1", [.text("https://www.quay.example/\(name)")]
        ).first
        return try #require(row).decode("body")
    }

    @Test func learnsWhatRepeatsOnASite() async throws {
        try await TestServices.withLine { line in
            let database = line.database
            let source = try await addSource(database)
            for topic in ["ferry", "lighthouse", "anchor"] {
                _ = try await parse([try await store(topic, at: topic, source: source, database)], database)
            }
            #expect(try await body("ferry", database).contains(Self.appeal))
            #expect(try await !body("anchor", database).contains(Self.appeal))
            #expect(try await body("anchor", database).contains("Report 6 on the anchor"))
            // The first page was parsed when nothing was known: a replay makes it good, and again gives the same.
            for _ in 1...2 {
                _ = try await parse([try await store("ferry", at: "ferry", source: source, database)], database)
                #expect(try await !body("ferry", database).contains(Self.appeal))
                #expect(try await body("ferry", database).contains("Report 6 on the ferry"))
            }
            #expect(try await line.number("SELECT count(*) FROM wireroom.site_page") == 3)
        }
    }

    @Test func countsRedeliveriesRevisitsAndReprintsOnce() async throws {
        try await TestServices.withLine { line in
            let database = line.database
            let source = try await addSource(database)
            let message = try await store("ferry", at: "ferry", source: source, database)
            for _ in 1...3 { _ = try await parse([message], database) }
            for name in ["ferry-print", "ferry-amp", "ferry"] {
                _ = try await parse([try await store("ferry", at: name, source: source, database)], database)
            }
            for name in ["ferry", "ferry-print", "ferry-amp"] {
                #expect(try await body(name, database).contains(Self.appeal))
            }
        }
    }

    @Test func forgetsTheOldestPagesOfASite() async throws {
        try await TestServices.withLine { line in
            let database = line.database
            let source = try await addSource(database)
            for number in 1...60 {
                let id = try await addURL("old-\(number)", source: source, database)
                _ = try await database.query(
                    """
                    INSERT INTO wireroom.site_page (url_id, site, content_key, fingerprints, seen_at)
                    VALUES ($1, 'quay.example', $1, '{1,2}', now() - make_interval(days => $2::int))
                    """, [.int(id), .int(Int64(number + 40))])
            }
            _ = try await parse([try await store("ferry", at: "ferry", source: source, database)], database)
            #expect(try await line.number("SELECT count(*) FROM wireroom.site_page") == 48)
            #expect(
                try await line.number(
                    "SELECT count(*) FROM wireroom.site_page WHERE seen_at < now() - interval '90 days'")
                    == 0)
            #expect(
                try await line.number(
                    "SELECT count(*) FROM wireroom.site_page AS p JOIN wireroom.url USING (url_id) WHERE url LIKE '%ferry'"
                )
                    == 1)
        }
    }

    @Test func carriesOutTheRulesOfASourceWithinTheirDates() async throws {
        try await TestServices.withLine { line in
            let database = line.database
            let source = try await addSource(database)
            let rules = ExtractionRuleStore()
            let fetched = Date(timeIntervalSince1970: 1_780_000_000)
            let drop = try #require(
                try await rules.add(
                    .drop, try ElementSelector(".story > p"), sourceID: source, validFrom: nil, validUntil: fetched,
                    note: nil, to: database))
            let title = try #require(
                try await rules.add(
                    .title, try ElementSelector("p"), sourceID: source, validFrom: fetched, validUntil: nil,
                    note: "a test", to: database))
            let unknown = try await rules.add(
                .drop, try ElementSelector("p"), sourceID: source + 1, validFrom: nil, validUntil: nil, note: nil,
                to: database)
            #expect(unknown == nil)
            _ = try await parse([try await store("ferry", at: "ferry", source: source, database)], database)
            #expect(try await body("ferry", database).contains("Report 6 on the ferry"))
            let row = try await database.query(
                "SELECT title, evidence->'rules'->>'source' AS rules FROM wireroom.article"
            ).first
            #expect(try row?.decode("title", as: String.self).hasPrefix("Report 1 on the ferry") == true)
            #expect(try row?.decode("rules", as: String.self) == "\(title)")
            #expect(try await rules.entries(sourceID: source, in: database).map(\.rule.ruleID) == [drop, title])
            #expect(try await rules.remove(drop, from: database))
            #expect(try await !rules.remove(drop, from: database))
        }
    }
}
