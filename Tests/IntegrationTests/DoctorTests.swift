import Foundation
import Operator
import Pipeline
import Postgres
import TestSupport
import Testing

/// What the doctor says of a line that is in trouble.
@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(3)), .serialized)
struct DoctorTests {
    /// A fault, and what is said of it.
    struct Case: Sendable, CustomTestStringConvertible {
        var fault: String
        var subject: String
        var words: String
        /// Minutes since when it is so; `nil` where nobody can know.
        var minutes: Int?
        var testDescription: String { words }
    }

    private static let article = """
        INSERT INTO wireroom.source (name, homepage) VALUES ('Courier', 'http://courier.example/');
        INSERT INTO wireroom.url (identity, url, source_id, kind, state, reason, discovered_at)
        SELECT substring(sha256(n::text::bytea) FOR 16), 'http://courier.example/' || n, 1, 'article',
               CASE WHEN n < 3 THEN 'indexed' ELSE 'dropped' END, CASE WHEN n < 3 THEN NULL ELSE 'login' END,
               now() - interval '20 minutes' + make_interval(mins => n)
        FROM generate_series(0, 12) AS n;
        """

    static let cases = [
        Case(
            fault:
                "UPDATE wireroom.stage_control SET is_paused = true, changed_at = now() - interval '5 minutes', changed_by = 'eve' WHERE stage = 'parse'",
            subject: "pause", words: "stage parse was paused by eve", minutes: 5),
        Case(
            fault:
                "INSERT INTO wireroom.worker (worker, stage, version, seen_at) VALUES ('w1', 'parse', '1', now() - interval '7 minutes')",
            subject: "workers", words: "parse has none: w1 fell silent", minutes: 7),
        Case(
            fault:
                "INSERT INTO wireroom.worker (worker, stage, version, seen_at, stopped_at) VALUES ('w1', 'parse', '1', now() - interval '7 minutes', now() - interval '7 minutes')",
            subject: "workers", words: "parse has none: w1 was stopped", minutes: 7),
        Case(
            fault: """
                INSERT INTO wireroom.worker (worker, stage, version, seen_at)
                VALUES ('w1', 'parse', '1', now()), ('w2', 'parse', '1', now() - interval '9 minutes'),
                       ('w3', 'parse', '1', now() - interval '3 minutes')
                """, subject: "workers", words: "2 workers of parse fell silent within 15 minutes, the newest is w3",
            minutes: 9),
        Case(
            fault:
                "INSERT INTO wireroom.open_message (stage, message_id, day, source_id, url_id, opened_at) VALUES ('parse', 'm', current_date, 0, 1, now() - interval '6 minutes')",
            subject: "stage", words: "parse settles nothing, with 1 message waiting", minutes: 6),
        Case(
            fault:
                "INSERT INTO wireroom.host (name, lease_until, leased_by) VALUES ('a.example', now() - interval '8 minutes', 'w1')",
            subject: "leases", words: "1 lease ran out and nobody took the hosts up again: w1", minutes: 8),
        Case(
            fault: """
                INSERT INTO wireroom.stage_event (happened_at, stage, message_id, round, outcome, reason, detail, attempt, worker, version)
                SELECT now() - interval '4 minutes', 'index', 'm' || n, 0, 'retry', 'stage-error', 'no luck', 1, 'w', '1'
                FROM generate_series(1, 10) AS n
                """, subject: "retries", words: "10 attempts of index failed within 15 minutes, the newest: no luck",
            minutes: 4),
        Case(
            fault: """
                INSERT INTO wireroom.quarantine (stage, message_id, round, reason, attempts, quarantined_at)
                SELECT 'parse', 'm' || n, 0, 'bad-data', 1, now() - make_interval(mins => n) FROM generate_series(1, 3) AS n
                """, subject: "quarantine", words: "3 messages of parse: bad-data", minutes: 3),
        Case(
            fault:
                "INSERT INTO wireroom.outbox (message_id, stage, message, created_at) VALUES ('m', 'parse', '{}', now() - interval '6 minutes')",
            subject: "outbox", words: "1 message for parse", minutes: 6),
        Case(
            fault: "SELECT pg_create_physical_replication_slot('doctor_' || pg_backend_pid(), true)",
            subject: "replication",
            words: "of write-ahead log, and nobody reads it", minutes: nil),
        Case(
            fault: """
                DO $$ BEGIN EXECUTE 'DROP TABLE wireroom.capture_'
                    || to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month', 'YYYYMM'); END $$
                """, subject: "partitions", words: "there is none for 2", minutes: nil),
        Case(
            fault: article, subject: "sources",
            words: "nothing is left of the newest 10 articles of source 1, Courier: most often login", minutes: 17),
        Case(
            fault:
                "INSERT INTO wireroom.url (identity, url, kind, due_at, attempts, last_error, failing_since) VALUES (substring(sha256('f') FOR 16), 'http://courier.example/feed', 'feed', now(), 1, 'HTTP 404', now() - interval '11 minutes')",
            subject: "feeds",
            words: "1 feed, sitemap or home page failed, at last http://courier.example/feed: HTTP 404",
            minutes: 11),
    ]

    @Test(arguments: cases)
    func saysWhatIsWrongAndSinceWhen(_ case: Case) async throws {
        try await TestServices.withLine(rungs: Topology.ladder) { line in
            let doctor = Doctor(logger: TestServices.logger)
            func findings() async throws -> [Finding] {
                await doctor.examine(
                    database: try PostgresConfiguration(url: line.databaseURL),
                    migrations: TestServices.project + "/Migrations")
            }
            #expect(try await findings().allSatisfy { !$0.message.contains(`case`.words) })
            try await line.database.withConnection { try await $0.script(`case`.fault) }
            let found = try await findings()
            // Slots belong to the server and not to the line's database.
            _ = try await line.database.query(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name LIKE 'doctor%' AND NOT active"
            )
            let finding = try #require(
                found.first { $0.subject == `case`.subject && $0.message.contains(`case`.words) }, "\(found)")
            #expect(finding.level == .warning && finding.advice != nil)
            let minutes = finding.since.map { Int((Date().timeIntervalSince($0) / 60).rounded()) }
            #expect(minutes == `case`.minutes)
        }
    }

    @Test func namesTheSessionThatHoldsAllUpEvenWhereItHoldsUpTheDoctor() async throws {
        try await TestServices.withLine(rungs: Topology.ladder) { line in
            let configuration = try PostgresConfiguration(url: line.databaseURL)
            let holder = try await PostgresConnection.connect(configuration, logger: TestServices.logger)
            try await holder.script("SET application_name = 'report'; BEGIN; LOCK TABLE wireroom.quarantine")
            let waiter = try await PostgresConnection.connect(configuration, logger: TestServices.logger)
            // Ends with the lock.
            let wait = Task { try await waiter.query("SELECT count(*) FROM wireroom.quarantine") }
            try await line.wait(
                for:
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            ) { $0 == 1 }
            try await line.wait(
                for:
                    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'report' AND xact_start < now() - interval '10 seconds'"
            ) { $0 == 1 }
            let found = await Doctor(logger: TestServices.logger).examine(
                database: configuration, migrations: TestServices.project + "/Migrations")
            #expect(
                found.contains {
                    $0.subject == "sessions" && $0.since != nil && $0.message.contains("report, idle in transaction)")
                        && $0.message.contains("holds locks, with 1 session waiting for them")
                }, "\(found)")
            #expect(found.contains { $0.subject == "quarantine" && $0.message.contains("cannot be looked at") })
            #expect(found.contains { $0.subject == "partitions" || $0.subject == "workers" })
            try await holder.script("ROLLBACK")
            _ = try await wait.value
            await holder.close()
            await waiter.close()
        }
    }

    @Test func theBrokerTakesAMessage() async throws {
        try await TestServices.withLine(rungs: Topology.ladder) { line in
            let (code, text) = try LineFixture(line: line).wireroom(["doctor"])
            #expect(code == 0 && text.contains("the broker takes messages"), "\(text)")
        }
    }
}
