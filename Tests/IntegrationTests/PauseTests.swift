import Foundation
import Operator
import Pipeline
import Postgres
import Synchronization
import TestSupport
import Testing

/// What a running crawl worker does when an operator pauses what it is at work on.
@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(3)), .serialized)
struct PauseTests {
    private static let articles = 60

    @Test(arguments: [["host", "a.pause.test"], ["source", "1"]])
    func aRunningWorkerLeavesAloneWhatIsPausedAndNothingElse(target: [String]) async throws {
        try await TestServices.withLine(rungs: Topology.ladder) { line in
            let site = try CountingSite()
            let fixture = LineFixture(line: line)
            try await Self.fill(line)
            let worker = try fixture.worker("crawl", site.settings)
            defer { worker.kill() }
            try await line.wait(for: Self.captures(of: 1)) { $0 >= 3 }
            try #require(try fixture.wireroom(["pause"] + target).code == 0)
            // The page in hand is finished, and the lease with it.
            try await line.wait(
                for: "SELECT count(*) FROM wireroom.host WHERE name = 'a.pause.test' AND lease_until > now()"
            ) { $0 == 0 }
            let before = site.requests(to: "a.pause.test")
            try #require(before < Self.articles)
            try await line.wait(for: Self.captures(of: 2)) { $0 == Self.articles }
            // A page that the server had begun to answer may have been counted after the lease was gone.
            #expect(site.requests(to: "a.pause.test") <= before + 1)
            let shown = try fixture.wireroom(["pause"]).text
            #expect(shown.contains(target[0]) && shown.contains("-wireroom-") && !shown.contains("–"), "\(shown)")

            try #require(try fixture.wireroom(["resume"] + target).code == 0)
            // After the pause of a source its host is left alone for a minute, since some worker may still be at it.
            _ = try await line.database.query("UPDATE wireroom.host SET next_allowed_at = now()")
            try await line.wait(for: Self.captures(of: 1)) { $0 == Self.articles }
            #expect(worker.stop() == 0)
        }
    }

    private static func captures(of source: Int) -> String {
        "SELECT count(*) FROM wireroom.url WHERE source_id = \(source) AND state = 'captured'"
    }

    /// Two sources, each on a host of its own.
    private static func fill(_ line: TestServices.Line) async throws {
        for host in ["a.pause.test", "b.pause.test"] {
            _ = try await line.database.query(
                """
                WITH s AS (INSERT INTO wireroom.source (name, homepage) VALUES ($2, 'http://' || $2 || '/') RETURNING source_id),
                     h AS (INSERT INTO wireroom.host (name) VALUES ($2) RETURNING host_id)
                INSERT INTO wireroom.url (identity, url, host_id, source_id, kind, due_at)
                SELECT substring(sha256(u::bytea) FOR 16), u, h.host_id, s.source_id, 'article', now()
                FROM s, h, unnest($1::text[]) AS u
                """, [.textArray((0..<articles).map { "http://\(host)/article/\($0)" }), .text(host)])
        }
    }
}

/// A site for both hosts that counts the requests for articles.
private final class CountingSite: Sendable {
    private final class Counts: Sendable {
        let byHost = Mutex<[String: Int]>([:])
    }

    private let counts = Counts()
    private let server: TestServer

    init() throws {
        server = try TestServer { [counts] head in
            let path = head.split(separator: " ").dropFirst().first ?? ""
            guard path.hasPrefix("/article/") else { return [.answer("404 Not Found")] }
            let host = head.contains("a.pause.test") ? "a.pause.test" : "b.pause.test"
            counts.byHost.withLock { $0[host, default: 0] += 1 }
            return [
                .answer(
                    "200 OK", headers: ["Content-Type: text/html"], body: Array("<p>Report \(path) of \(host)".utf8))
            ]
        }
    }

    func requests(to host: String) -> Int { counts.byHost.withLock { $0[host] ?? 0 } }

    var settings: [String: String] {
        let hosts = ["a.pause.test", "b.pause.test"].map { "\($0):80=127.0.0.1:\(server.port)" }
        // So slow that a pause comes in the middle.
        return ["WIREROOM_CRAWL_RESOLVE": hosts.joined(separator: ","), "WIREROOM_CRAWL_DELAY_MS": "100"]
    }
}
