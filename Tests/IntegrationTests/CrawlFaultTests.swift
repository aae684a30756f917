import Captures
import Crawling
import Foundation
import Pipeline
import Postgres
import TestSupport
import Testing

/// The crawl stage's worker processes while workers, the schedule between commit and publication, and the connections to
/// broker and database fail: in the end every URL is accounted for.
@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(5)), .serialized)
struct CrawlFaultTests {
    /// Articles that are there, and one each that is not, of every host.
    private static let hosts = (0..<12).map { "h\($0).fault.test" }
    private static let articles = 40

    /// A site for all hosts, on one port.
    private static func site() throws -> TestServer {
        try TestServer { head in
            let path = head.split(separator: " ").dropFirst().first ?? ""
            guard path.hasPrefix("/article/") else { return [.answer("404 Not Found")] }
            return [
                .answer(
                    "200 OK", headers: ["Content-Type: text/html"], body: Array("<p>Report \(path) of \(head)".utf8))
            ]
        }
    }

    private static func settings(_ site: TestServer) -> [String: String] {
        LineFixture.patience.merging([
            "WIREROOM_CRAWL_DELAY_MS": "20",
            "WIREROOM_CRAWL_RESOLVE": hosts.map { "\($0):80=127.0.0.1:\(site.port)" }.joined(separator: ","),
        ]) { $1 }
    }

    private static func fill(_ line: TestServices.Line) async throws {
        for host in hosts {
            let urls = (0..<articles).map { "http://\(host)/article/\($0)" } + ["http://\(host)/missing"]
            _ = try await line.database.query(
                """
                WITH h AS (INSERT INTO wireroom.host (name) VALUES ($2) RETURNING host_id)
                INSERT INTO wireroom.url (identity, url, host_id, kind, due_at)
                SELECT substring(sha256(u::bytea) FOR 16), u, h.host_id, 'article', now() FROM h, unnest($1::text[]) AS u
                """, [.textArray(urls), .text(host)])
        }
    }

    /// Waits for the end and reads the books: each URL in one final state, each capture once, each with its message.
    private func account(for line: TestServices.Line) async throws {
        let known = "SELECT count(*) FROM wireroom.url WHERE state = 'known'"
        try await line.wait(for: known) { $0 == 0 }
        try await line.wait(for: "SELECT count(*) FROM wireroom.outbox") { $0 == 0 }
        let articles = Self.hosts.count * Self.articles
        #expect(try await line.number("SELECT count(*) FROM wireroom.url WHERE state = 'captured'") == articles)
        #expect(
            try await line.number(
                "SELECT count(*) FROM wireroom.url WHERE state = 'dropped' AND reason = 'not-found' AND url LIKE '%/missing'"
            ) == Self.hosts.count)
        #expect(try await line.number("SELECT count(*) FROM wireroom.capture") == articles)
        #expect(try await line.number("SELECT count(DISTINCT url_id) FROM wireroom.capture") == articles)
        #expect(try await line.number("SELECT count(*) FROM wireroom.open_message WHERE stage = 'parse'") == articles)
        #expect(try await line.number("SELECT count(*) FROM wireroom.quarantine") == 0)
    }

    @Test func workersThatDieAtAnyMomentLoseNothing() async throws {
        try await TestServices.withLine(rungs: Topology.ladder) { line in
            let site = try Self.site()
            let fixture = LineFixture(line: line)
            try await Self.fill(line)
            var worker = try fixture.worker("crawl", Self.settings(site))
            defer { worker.kill() }
            // Dead with leases that are committed and not published, with leases that nobody has claimed, with captures whose
            // messages wait: whatever is there at the moment.
            let moments = [
                "SELECT count(*) FROM wireroom.outbox WHERE stage = 'crawl'",
                "SELECT count(*) FROM wireroom.host WHERE lease_claimed AND lease_until > now()",
                "SELECT count(*) FROM wireroom.outbox WHERE stage = 'parse'",
                "SELECT greatest(count(*) - 200, 0) FROM wireroom.capture",
            ]
            for moment in moments {
                try await line.wait(for: moment) { $0 > 0 }
                worker.kill()
                worker = try fixture.worker("crawl", Self.settings(site))
            }
            try await account(for: line)
        }
    }

    @Test func leasesThatWereCommittedAndNeverPublishedAreCrawled() async throws {
        try await TestServices.withLine(rungs: Topology.ladder) { line in
            let site = try Self.site()
            let fixture = LineFixture(line: line)
            try await Self.fill(line)
            // A scheduler that ends right after its commit; of half of its leases the messages are lost altogether, as with a
            // broker that is lost, until their time is over.
            var configuration = CrawlConfiguration(contact: "https://example.org/crawler")
            configuration.leasePatience = .seconds(5)
            let frontier = Frontier(
                database: line.database, captures: PostgresCaptureStore(), configuration: configuration)
            #expect(try await frontier.release() == Self.hosts.count)
            let lost = try await line.database.query(
                "DELETE FROM wireroom.outbox WHERE ctid IN (SELECT ctid FROM wireroom.outbox ORDER BY message_id LIMIT 6)"
            )
            #expect(lost.affectedRows == 6)
            let worker = try fixture.worker("crawl", Self.settings(site))
            defer { worker.kill() }
            try await account(for: line)
            #expect(worker.stop() == 0)
        }
    }

    @Test(.enabled(if: Self.control != nil, "needs WIREROOM_TEST_RABBITMQCTL"))
    func connectionsThatEndLoseNothing() async throws {
        try await TestServices.withLine(rungs: Topology.ladder) { line in
            let site = try Self.site()
            let fixture = LineFixture(line: line)
            try await Self.fill(line)
            let name = ["WIREROOM_WORKER_NAME": line.topology.prefix]
            let worker = try fixture.worker("crawl", Self.settings(site).merging(name) { $1 })
            defer { worker.kill() }
            // As at a restart of the database, and of the broker, again and again.
            for mark in [40, 120, 200] {
                try await line.wait(for: "SELECT count(*) FROM wireroom.capture") { $0 >= mark }
                _ = try await line.database.query(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = $1
                    """, [.text(line.topology.prefix)])
                try Self.closeConnections(named: line.topology.prefix)
            }
            try await account(for: line)
            #expect(worker.isRunning)
            #expect(worker.stop() == 0)
        }
    }

    private static let control = ProcessInfo.processInfo.environment["WIREROOM_TEST_RABBITMQCTL"]

    /// Lets the broker close the connections of a worker.
    private static func closeConnections(named name: String) throws {
        let list = try TestProcess(control ?? "", ["-q", "list_connections", "pid", "client_properties"])
        _ = list.wait()
        for line in list.text.split(separator: "\n") where line.contains(name) {
            guard let pid = line.split(separator: "\t").first else { continue }
            _ = try TestProcess(control ?? "", ["-q", "close_connection", String(pid), "fault test"]).wait()
        }
    }
}
