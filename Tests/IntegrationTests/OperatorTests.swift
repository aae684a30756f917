import Captures
import Crawling
import Foundation
import Model
import Operator
import Pipeline
import Postgres
import TestSupport
import Testing

/// What operators see and order: hosts, sources, feeds, archives.
@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(3)), .serialized)
struct OperatorTests {
    private func decoded(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func ordersForHostsAreGivenShownAndTakenBack() async throws {
        try await TestServices.withLine { line in
            let fixture = LineFixture(line: line)
            func host(_ arguments: String...) throws -> [String: Any] {
                let (code, text) = try fixture.wireroom(["host"] + arguments + ["--json"])
                try #require(code == 0, "\(text)")
                return try decoded(text)
            }
            // A host that is not known yet, named by a URL.
            let set = try host(
                "set", "https://WWW.Courier.example/news", "--delay-ms", "30000", "--daily-budget", "500", "--group",
                "press",
                "--note", "asked by mail")
            #expect(set["name"] as? String == "www.courier.example" && set["operator_delay_ms"] as? Int == 30_000)
            #expect(set["daily_budget"] as? Int == 500 && set["delay_group"] as? String == "press")
            #expect(set["note"] as? String == "asked by mail" && set["state"] as? String == "free")
            #expect(try fixture.wireroom(["pause", "host", "https://www.Courier.example/news"]).code == 0)
            #expect(try host("show", "www.courier.example")["state"] as? String == "paused")
            let back = try host("set", "www.courier.example", "--delay-ms", "default", "--group", "default")
            #expect(
                back["operator_delay_ms"] == nil && back["delay_group"] == nil && back["daily_budget"] as? Int == 500)
            #expect(try fixture.wireroom(["resume", "host", "www.courier.example"]).code == 0)
            #expect(try host("show", "www.courier.example")["state"] as? String == "free")
            #expect(try fixture.wireroom(["resume", "host", "other.example"]).code == 1)
            let blocked = try host("block", "www.courier.example", "--hours", "12")
            #expect(blocked["state"] as? String == "blocked" && blocked["blocked_reason"] as? String == "operator")
            #expect(blocked["held_since"] != nil && (blocked["held_by"] as? String)?.contains("-wireroom-") == true)
            #expect(try fixture.wireroom(["host", "list"]).text.contains("www.courier.example"))
            let free = try host("unblock", "www.courier.example")
            #expect(free["state"] as? String == "free" && free["held_since"] == nil && free["held_by"] == nil)
            #expect(try fixture.wireroom(["host", "list"]).text.contains("no such hosts"))
            #expect(try fixture.wireroom(["host", "show", "other.example"]).code == 1)
        }
    }

    /// As after the loss of a queue: what was in it never gets an outcome of its own.
    @Test func aReplayClosesTheBooksOnWhatItTakesThePlaceOf() async throws {
        try await TestServices.withLine { line in
            let fixture = LineFixture(line: line)
            let documents = TestServices.project + "/docker/demo/documents"
            try #require(try fixture.wireroom(["import", documents]).code == 0)
            let count = "SELECT count(*) FROM wireroom.open_message WHERE stage = 'parse'"
            let lost = try await line.number(count)
            try #require(lost > 0)
            try #require(try fixture.wireroom(["replay", "--stage", "parse", "--yes"]).code == 0)
            #expect(try await line.number(count) == lost)
            func counted(_ outcome: String) async throws -> Int {
                try await line.number(
                    "SELECT coalesce(sum(number), 0)::bigint FROM wireroom.funnel_delta WHERE outcome = '\(outcome)'")
            }
            #expect(try await counted("in") == 2 * lost)
            #expect(try await counted("drop") == lost)
        }
    }

    /// Lines of the ledger that are wanted of five.
    struct TailCase: Sendable, CustomTestStringConvertible {
        var arguments: [String]
        var expected: [String]
        var testDescription: String { arguments.joined(separator: " ") }
    }

    @Test(arguments: [
        TailCase(arguments: [], expected: ["m1", "m2", "m3", "m4", "m5"]),
        TailCase(arguments: ["--lines", "2"], expected: ["m4", "m5"]),
        TailCase(arguments: ["--lines", "0"], expected: []),
        TailCase(arguments: ["--stage", "parse"], expected: ["m1", "m2", "m3"]),
        TailCase(arguments: ["--outcome", "done"], expected: ["m1", "m4"]),
        TailCase(arguments: ["--source", "2"], expected: ["m3", "m4"]),
        TailCase(arguments: ["--source", "2", "--stage", "parse", "--outcome", "retry"], expected: ["m3"]),
        // The last line that fits, not the last line if it fits.
        TailCase(arguments: ["--stage", "parse", "--lines", "1"], expected: ["m3"]),
        TailCase(arguments: ["--source", "9"], expected: []),
    ])
    func tailShowsWhatIsAskedFor(tail: TailCase) async throws {
        try await TestServices.withLine { line in
            try await Self.fillLedger(line)
            let (code, text) = try LineFixture(line: line).wireroom(["tail", "--once", "--json"] + tail.arguments)
            try #require(code == 0, "\(text)")
            let shown = try text.split(separator: "\n").map { try decoded(String($0))["message_id"] as? String }
            #expect(shown == tail.expected)
        }
    }

    @Test func tailFollowsWithItsFilters() async throws {
        try await TestServices.withLine { line in
            try await Self.fillLedger(line)
            let follower = try TestProcess(
                "wireroom", ["tail", "--source", "2", "--lines", "1"], environment: LineFixture(line: line).environment)
            defer { follower.kill() }
            try await follower.wait(for: "https://s2.example/4")
            for (id, url) in [("m6", 1), ("m7", 3)] {
                _ = try await line.database.query(
                    """
                    INSERT INTO wireroom.stage_event (stage, message_id, round, url_id, outcome, reason, detail, attempt, worker, version)
                    VALUES ('index', $1, 0, $2, 'quarantine', 'bad-data', $3, 2, 'w', '1')
                    """, [.text(id), .int(Int64(url)), .text("\u{1B}[2Jwhat \(id) says")])
            }
            try await follower.wait(for: "what m7 says")
            let text = follower.text
            #expect(text.contains("quarantine") && text.contains("attempt 2") && text.contains("bad-data"))
            #expect(!text.contains("m6") && !text.contains("\u{1B}"))
        }
    }

    /// m1 to m5: three of parse, two of index; m3 and m4 about the second source.
    private static func fillLedger(_ line: TestServices.Line) async throws {
        _ = try await line.database.query(
            """
            WITH s AS (
                INSERT INTO wireroom.source (name, homepage) SELECT 'S' || n, 'https://s' || n || '.example/' FROM generate_series(1, 2) AS n
                RETURNING source_id
            ), u AS (
                INSERT INTO wireroom.url (identity, url, source_id, kind)
                SELECT substring(sha256(n::text::bytea) FOR 16), 'https://s' || CASE WHEN n IN (3, 4) THEN 2 ELSE 1 END || '.example/' || n,
                       CASE WHEN n IN (3, 4) THEN 2 ELSE 1 END, 'article'
                FROM generate_series(1, 5) AS n, (SELECT count(*) FROM s) AS made ORDER BY n RETURNING url_id
            )
            INSERT INTO wireroom.stage_event (stage, message_id, round, url_id, outcome, reason, attempt, worker, version)
            SELECT CASE WHEN n <= 3 THEN 'parse' ELSE 'index' END, 'm' || n, 0, n,
                   (ARRAY['done', 'drop', 'retry', 'done', 'drop'])[n], (ARRAY[NULL, 'empty', 'timeout', NULL, 'removed'])[n], 1, 'w', '1'
            FROM generate_series(1, 5) AS n, (SELECT count(*) FROM u) AS made ORDER BY n
            """)
    }

    @Test func retriesFromQuarantineNoFasterThanAsked() async throws {
        try await TestServices.withLine { line in
            let fixture = LineFixture(line: line)
            _ = try await line.database.query(
                """
                INSERT INTO wireroom.quarantine (stage, message_id, round, reason, attempts, message)
                SELECT 'index', 'm' || n, 0, CASE WHEN n <= 5 THEN 'attempts-exhausted' ELSE 'bad-data' END, 5,
                       jsonb_build_object('id', 'm' || n)
                FROM generate_series(1, 7) AS n
                """)
            #expect(try fixture.wireroom(["quarantine", "retry", "--all", "--rate", "0"]).code == 64)
            let command = ["quarantine", "retry", "--reason", "attempts-exhausted", "--rate", "2"]
            #expect(try fixture.wireroom(command + ["--dry-run"]).code == 0)
            #expect(try await line.number("SELECT count(*) FROM wireroom.quarantine WHERE state <> 'held'") == 0)
            let (code, text) = try fixture.wireroom(command)
            try #require(code == 0, "\(text)")
            // Oldest first, in portions that are a second apart.
            let portions = try await line.database.query(
                """
                SELECT string_agg(message_id, ' ' ORDER BY message_id) AS ids,
                       coalesce(resolved_at - lag(resolved_at) OVER (ORDER BY resolved_at) >= interval '1 second', true) AS is_apart
                FROM wireroom.quarantine WHERE state = 'retried' GROUP BY resolved_at ORDER BY resolved_at
                """)
            #expect(try portions.map { try $0.decode("ids", as: String.self) } == ["m1 m2", "m3 m4", "m5"])
            #expect(try portions.allSatisfy { try $0.decode("is_apart", as: Bool.self) })
            #expect(try await line.number("SELECT count(*) FROM wireroom.quarantine WHERE state = 'held'") == 2)
            #expect(try await line.messages(in: line.topology.stageQueue(.index)) == 5)
        }
    }

    @Test func aSourceIsShownWithItsFeedsItsArticlesAndItsRate() async throws {
        try await TestServices.withLine { line in
            let fixture = LineFixture(line: line)
            let list = FileManager.default.temporaryDirectory.appending(path: "sources-\(UUID().uuidString).jsonl")
            // The temporary folder is cleared sometime anyway.
            defer { try? FileManager.default.removeItem(at: list) }
            try """
            {"homepage": "https://courier.example/", "name": "The Courier", "feeds": ["https://courier.example/a.xml", "https://courier.example/b.xml"]}
            {"homepage": "https://ledger.example/", "name": "Ledger"}
            """.write(to: list, atomically: true, encoding: .utf8)
            let (code, text) = try fixture.wireroom(["source", "import", list.path, "--json"])
            #expect(code == 0)
            let added = try decoded(text)
            #expect(added["sources"] as? Int == 2 && added["watched"] as? Int == 3 && added["new"] as? Int == 3)
            _ = try await line.database.query(
                """
                INSERT INTO wireroom.url (identity, url, source_id, host_id, kind, state, reason, last_capture_id)
                SELECT substring(sha256(n::text::bytea) FOR 16), 'https://courier.example/' || n, 1, 1, 'article',
                       CASE WHEN n < 5 THEN 'indexed' ELSE 'dropped' END, CASE WHEN n >= 5 THEN 'not-found' END, n
                FROM generate_series(1, 6) AS n
                """)
            _ = try await line.database.query(
                """
                UPDATE wireroom.url SET due_at = now(), last_digest = CASE WHEN url LIKE '%/1' THEN '\\x01'::bytea END
                WHERE url ~ '/[12]$'
                """)
            _ = try await line.database.query(
                """
                UPDATE wireroom.url SET hubs = '{https://hub.example/}', refusals = '{"too-old": 3, "out-of-scope": 1}'
                WHERE url LIKE '%.xml'
                """)
            _ = try await line.database.query(
                "UPDATE wireroom.url SET attempts = 2, last_error = 'HTTP 500', last_status = 500 WHERE url LIKE '%/b.xml'"
            )
            let shown = try decoded(try fixture.wireroom(["source", "show", "1", "--json"]).text)
            let articles = try #require(shown["articles"] as? [String: Int])
            #expect(articles["discovered"] == 6 && articles["fetched"] == 6 && articles["indexed"] == 4)
            #expect(shown["refused"] as? [String: Int] == ["not-found": 2])
            #expect(articles["waiting"] == 1 && articles["revisiting"] == 1)
            let listings = try #require(shown["listings"] as? [[String: Any]])
            #expect(listings.map { $0["state"] as? String } == ["new", "failing"])
            #expect(listings.first?["hubs"] as? [String] == ["https://hub.example/"])
            #expect(listings.first?["refusals"] as? [String: Int] == ["too-old": 3, "out-of-scope": 1])
            #expect(try fixture.wireroom(["source", "show", "1"]).text.contains("6 too-old, 2 out-of-scope"))
            #expect((shown["health"] as? [String: Any])?["found_today"] as? Int == 6)
            #expect(try fixture.wireroom(["source", "show", "1"]).text.contains("2 not-found"))
            let failing = try fixture.wireroom(["feed", "list", "--failing", "--json"]).text
            #expect(failing.contains("b.xml") && !failing.contains("a.xml"))
            #expect(try fixture.wireroom(["feed", "list"]).text.contains("https://ledger.example/"))
            #expect(try fixture.wireroom(["source", "set", "1", "--accept-any-certificate", "expired"]).code == 0)
            #expect(
                try await line.number("SELECT count(*) FROM wireroom.source WHERE tls_exception = 'expired'") == 1)
            #expect(try fixture.wireroom(["source", "show", "1"]).text.contains("not checked: expired"))
            #expect(try fixture.wireroom(["source", "show", "9"]).code == 1)
        }
    }

    /// New articles of each day, the last 24 hours first.
    struct Rate: Sendable, CustomTestStringConvertible {
        var name: String
        var days: [Int]
        var isSilent: Bool
        var testDescription: String { name }
    }

    @Test(arguments: [
        Rate(name: "as usual", days: [20, 22, 19, 25, 30, 21, 20, 22], isSilent: false),
        Rate(name: "nothing at all", days: [0, 22, 19, 25, 30, 21, 20, 22], isSilent: true),
        Rate(name: "a quarter", days: [5, 22, 19, 25, 30, 21, 20, 22], isSilent: true),
        Rate(name: "half", days: [11, 22, 19, 25, 30, 21, 20, 22], isSilent: false),
        Rate(name: "weekends are quiet", days: [2, 22, 19, 25, 30, 21, 3, 22, 20, 21, 22, 23], isSilent: false),
        Rate(name: "a burst when it was added", days: [6, 7, 6, 900], isSilent: false),
        Rate(name: "too young", days: [0, 20, 20], isSilent: false),
        Rate(name: "slow, as usual", days: [0, 0, 1, 0, 0, 1, 1, 0, 0, 1], isSilent: false),
        Rate(name: "slow, then nothing", days: [0, 0, 0, 0, 0, 0, 3, 3, 2, 3, 3, 3, 2], isSilent: true),
    ])
    func aSourceThatGivesFarLessThanUsualIsSilent(rate: Rate) async throws {
        try await TestServices.withLine { line in
            _ = try await line.database.query(
                """
                INSERT INTO wireroom.source (name, homepage, created_at)
                VALUES ('Courier', 'https://courier.example/', now() - make_interval(days => $1::int, mins => 5))
                """, [.int(Int64(rate.days.count))])
            _ = try await line.database.query(
                """
                INSERT INTO wireroom.source_activity (source_id, hour, found)
                SELECT 1, now() - make_interval(days => n::int - 1, hours => 2), found
                FROM unnest($1::bigint[]) WITH ORDINALITY AS d (found, n) WHERE found > 0
                """, [.intArray(rate.days.map { Int64($0) })])
            let health = try #require(try await SourceOffice(database: line.database).health().first)
            #expect(health.isSilent == rate.isSilent)
            #expect(health.foundToday == rate.days[0])
            #expect((health.usualPerDay == nil) == (rate.days.count < 4))
        }
    }

    @Test func archivesGoOutAndComeBack() async throws {
        try await TestServices.withLine { line in
            let fixture = LineFixture(line: line)
            let store = PostgresCaptureStore()
            let evidence = #"{"listing": "https://courier.example/feed.xml", "title": "Bridge \u2013 opened"}"#
            let bodies = (0..<3).map { Array("<p>The bridge number \($0) opened".utf8) }
            let captures = bodies.enumerated().map { number, body in
                Capture(
                    urlID: 1_000, requestedURL: "https://courier.example/\(number)",
                    finalURL: "https://courier.example/\(number)",
                    origin: .fetch, fetchedAt: Date(timeIntervalSince1970: 1_767_225_600), body: body, status: 200,
                    headers: [
                        CaptureHeader(name: "Content-Type", value: "text/html"),
                        CaptureHeader(name: "Content-Encoding", value: "br"),
                    ],
                    redirects: ["https://courier.example/old"], remoteAddress: "192.0.2.1", contentType: "text/html",
                    durationMilliseconds: 31, evidence: number == 1 ? evidence : nil)
            }
            let pointers = try await line.database.withTransaction {
                try await store.store(try captures.map { try PostgresCaptureStore.prepare($0) }, in: $0)
            }
            var again = captures[0]
            again.status = 304
            again.body = []
            let revisit = PostgresCaptureStore.prepareRevisit(
                again, of: pointers[0].captureID, digest: PostgresCaptureStore.digest(of: captures[0]))
            _ = try await line.database.withTransaction { try await store.store([revisit], in: $0) }

            let folder = FileManager.default.temporaryDirectory.appending(path: "warc-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
            // The temporary folder is cleared sometime anyway.
            defer { try? FileManager.default.removeItem(at: folder) }
            let file = folder.appending(path: "news.warc.gz").path
            let (code, text) = try fixture.wireroom(["export", "warc", file, "--json"])
            try #require(code == 0, "\(text)")
            let report = try decoded(text)
            #expect(report["documents"] as? Int == 3 && report["revisits"] as? Int == 1)
            // Never over what is there.
            #expect(try fixture.wireroom(["export", "warc", file]).code == 1)
            let empty = folder.appending(path: "none.warc.gz").path
            #expect(try fixture.wireroom(["export", "warc", empty, "--until", "2020-01-01"]).code == 0)
            #expect(!FileManager.default.fileExists(atPath: empty))

            let (code2, text2) = try fixture.wireroom(["import", file])
            try #require(code2 == 0, "\(text2)")
            #expect(
                try await line.number(
                    """
                    SELECT count(*) FROM wireroom.capture AS i JOIN wireroom.capture AS c USING (digest)
                    WHERE i.origin = 'import' AND c.origin = 'fetch' AND c.codec = 'zstd' AND i.final_url = c.final_url
                      AND i.fetched_at = c.fetched_at AND i.evidence IS NOT DISTINCT FROM c.evidence
                    """) == 3)
            #expect(
                try await line.number(
                    "SELECT count(*) FROM wireroom.capture WHERE evidence->>'title' = 'Bridge – opened'") == 2)
        }
    }

    /// Two states of one page, as of an article that was corrected, and the archive twice.
    @Test func anArchiveBringsEachStateOfAPageOnce() async throws {
        try await TestServices.withLine { line in
            let fixture = LineFixture(line: line)
            let file = FileManager.default.temporaryDirectory.appending(path: "states-\(UUID().uuidString).warc.gz")
            // The temporary folder is cleared sometime anyway.
            defer { try? FileManager.default.removeItem(at: file) }
            let records = try ["The bridge opened", "The bridge did not open"].enumerated().map { hours, text in
                let body = Array("<p>\(text)".utf8)
                return try WARCWriter().response(
                    WARCWriter.Document(
                        key: text, url: "https://courier.example/bridge",
                        date: Date(timeIntervalSince1970: 1_767_225_600.1234 + Double(hours) * 3600), status: 200,
                        body: body, digest: [UInt8](repeating: 0, count: 32), contentType: "text/html"))
            }
            try Data(records.joined()).write(to: file)
            let first = try fixture.wireroom(["import", file.path])
            #expect(first.text.contains("2 documents imported, 0 unchanged"), "\(first.text)")
            let again = try fixture.wireroom(["import", file.path])
            #expect(again.text.contains("0 documents imported, 2 unchanged"), "\(again.text)")
            let rows = try await line.database.query(
                "SELECT (c.capture_id = u.last_capture_id)::text FROM wireroom.capture AS c JOIN wireroom.url AS u USING (url_id) ORDER BY c.fetched_at"
            )
            #expect(try rows.map { try $0.decode(0, as: String.self) } == ["false", "true"])
        }
    }
}
