import Foundation
import Pipeline
import Postgres
import Synchronization
import TestSupport
import Testing

/// Fifty hosts on servers that note every request, several crawl workers, and workers that die or stand still in the middle.
@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(6)), .serialized)
struct PolitenessTests {
    /// `WIREROOM_TEST_CRAWL_WORKERS`, such as `1,4,16`; the suite by itself runs four.
    static let workerCounts =
        (ProcessInfo.processInfo.environment["WIREROOM_TEST_CRAWL_WORKERS"] ?? "4").split(separator: ",").compactMap {
            Int($0)
        }

    @Test(arguments: workerCounts)
    func noHostIsTroubledWhateverBecomesOfTheWorkers(count: Int) async throws {
        try await TestServices.withLine(rungs: Topology.ladder) { line in
            let web = try RecordingWeb(hosts: 50, articles: 30)
            let settings = web.settings.merging(LineFixture.patience) { $1 }
            let fixture = LineFixture(line: line)
            try await web.addSources(to: line)
            var workers = try (0..<count).map { _ in try fixture.worker("crawl", settings) }
            defer { workers.forEach { $0.kill() } }

            // In the middle of the work two workers are killed, and one is stopped until its leases are over.
            let captures = "SELECT count(*) FROM wireroom.capture"
            try await line.wait(for: captures) { $0 >= 150 }
            var disturbed = try await inHand(of: workers[0], line)
            workers[0].kill()
            workers[0] = try fixture.worker("crawl", settings)
            try await line.wait(for: captures) { $0 >= 300 }
            let still = workers[count - 1]
            let leases = try await inHand(of: still, line)
            disturbed += leases
            still.pause()
            // Its leases have run out once their hosts are given to others, or, where it was the only worker, are free.
            if count == 1 { workers.append(try fixture.worker("crawl", settings)) }
            try await line.wait(
                for: """
                    SELECT count(*) FROM wireroom.host
                    WHERE leased_by LIKE '%-\(still.identifier)' AND lease_until > now()
                    """
            ) { $0 == 0 }
            try await line.wait(for: captures) { $0 >= 800 }
            still.resume()
            try await line.wait(for: captures) { $0 >= 900 }
            disturbed += try await inHand(of: workers[1 % workers.count], line)
            workers[1 % workers.count].kill()
            workers.append(try fixture.worker("crawl", settings))
            try await line.wait(
                for: "SELECT count(*) FROM wireroom.url WHERE kind = 'article' AND state = 'known'"
            ) { $0 == 0 }

            #expect(web.violations(leastDelay: .milliseconds(200)) == [])
            // Every article was fetched, and no forbidden one.
            #expect(try await line.number(captures + " WHERE body IS NOT NULL") == 50 * 30)
            #expect(
                try await line.number("SELECT count(*) FROM wireroom.url WHERE reason = 'robots-disallowed'") == 50)
            // Twice only what was in the hand of a worker that died or stood still: one page of each of its leases.
            #expect(web.articlesFetchedAgain <= disturbed)
        }
    }

    /// How many leases a worker holds.
    private func inHand(of worker: TestProcess, _ line: TestServices.Line) async throws -> Int {
        try await line.number("SELECT count(*) FROM wireroom.host WHERE leased_by LIKE '%-\(worker.identifier)'")
    }
}

extension LineFixture {
    /// Leases that a dead worker holds run out after about eleven seconds.
    static let patience = [
        "WIREROOM_CRAWL_DELAY_MS": "200", "WIREROOM_CRAWL_TIMEOUT_SECONDS": "2",
        "WIREROOM_CRAWL_MAXIMUM_CRAWL_DELAY_SECONDS": "1", "WIREROOM_CRAWL_LEASE_SECONDS": "3",
        "WIREROOM_CRAWL_URLS_PER_LEASE": "4", "WIREROOM_WORKER_PREFETCH": "16",
    ]
}

/// Websites, each on a server of its own that notes when every request came and when it was answered.
private final class RecordingWeb: Sendable {
    private struct Request {
        var path: String
        var begun: ContinuousClock.Instant
        var ended: ContinuousClock.Instant
    }

    private struct Host {
        var name: String
        var server: TestServer
    }

    private final class Log: Sendable {
        let requests = Mutex<[String: [Request]]>([:])
    }

    private let log = Log()
    private let hosts: [Host]
    private let articles: Int

    /// Every third host asks for a `Crawl-delay` of 0.4 s; some have robots.txt on another one of them.
    init(hosts count: Int, articles: Int) throws {
        self.articles = articles
        hosts = try (0..<count).map { [log] number in
            let name = "h\(number).press.test"
            let server = try TestServer { head in
                let begun = ContinuousClock.now
                let path = head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
                // As slow as a real one, so that a second request at the same time would be seen.
                usleep(useconds_t(5_000 + (number % 5) * 5_000))
                let answer = Self.answer(to: path, of: number)
                log.requests.withLock {
                    $0[name, default: []].append(Request(path: path, begun: begun, ended: .now))
                }
                return [answer]
            }
            return Host(name: name, server: server)
        }
    }

    private static func answer(to path: String, of host: Int) -> ServerStep {
        if path == "/robots.txt" {
            if host % 10 == 7 {
                return .answer(
                    "301 Moved", headers: ["Location: http://h\(host - 1).press.test/robots-of-\(host).txt"])
            }
            return rules(of: host)
        }
        if path.hasPrefix("/robots-of-") { return rules(of: host + 1) }
        return .answer(
            "200 OK", headers: ["Content-Type: text/html"], body: Array("<p>Report \(path) of host \(host)".utf8))
    }

    private static func rules(of host: Int) -> ServerStep {
        let delay = host % 3 == 0 ? "Crawl-delay: 0.4\n" : ""
        return .answer(
            "200 OK", headers: ["Content-Type: text/plain"],
            body: Array("User-agent: *\n\(delay)Disallow: /private\n".utf8))
    }

    var settings: [String: String] {
        ["WIREROOM_CRAWL_RESOLVE": hosts.map { "\($0.name):80=127.0.0.1:\($0.server.port)" }.joined(separator: ",")]
    }

    /// Puts the hosts' articles into the frontier, one forbidden one each.
    func addSources(to line: TestServices.Line) async throws {
        for host in hosts {
            _ = try await line.database.query(
                "WITH h AS (INSERT INTO wireroom.host (name) VALUES ('\(host.name)') RETURNING host_id) "
                    + "INSERT INTO wireroom.url (identity, url, host_id, kind, due_at) "
                    + "SELECT substring(sha256(u::bytea) FOR 16), u, h.host_id, 'article', now() FROM h, unnest($1::text[]) AS u",
                [
                    .textArray(
                        (0..<articles).map { "http://\(host.name)/article/\($0)" }
                            + ["http://\(host.name)/private/report"])
                ])
        }
    }

    /// What no host should have seen: requests too close together, at the same time, or to what its robots.txt forbids.
    func violations(leastDelay: Duration) -> [String] {
        log.requests.withLock { requests in
            hosts.enumerated().flatMap { number, host in
                var found: [String] = []
                let own = (requests[host.name] ?? []).sorted { $0.begun < $1.begun }
                let delay = number % 3 == 0 ? .milliseconds(400) : leastDelay
                for (first, second) in zip(own, own.dropFirst()) {
                    if second.begun < first.ended { found.append("\(host.name): \(second.path) beside \(first.path)") }
                    // The request for robots.txt comes before its Crawl-delay is known.
                    let gap = second.begun - first.begun
                    if gap < delay { found.append("\(host.name): \(second.path) \(gap) after \(first.path)") }
                }
                return found
                    + own.filter { $0.path.hasPrefix("/private") }.map { "\(host.name): \($0.path) is forbidden" }
            }
        }
    }

    /// How many requests for articles were not the first for theirs.
    var articlesFetchedAgain: Int {
        log.requests.withLock { requests in
            requests.values.reduce(0) { total, own in
                let paths = own.map(\.path).filter { $0.hasPrefix("/article/") }
                return total + paths.count - Set(paths).count
            }
        }
    }
}
