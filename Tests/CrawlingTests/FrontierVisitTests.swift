import Captures
import Foundation
import Model
import Postgres
import TestSupport
import Testing

@testable import Crawling

@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(3)), .serialized)
struct FrontierVisitTests {
    private func captured(_ url: LeasedURL, _ text: String = "body") throws -> Visit {
        var visit = Visit(
            .captured(
                try PostgresCaptureStore.prepare(
                    Capture(
                        urlID: url.urlID, requestedURL: url.url, finalURL: url.url, origin: .fetch, fetchedAt: Date(),
                        body: Array(text.utf8)))), status: 200, response: .milliseconds(25))
        visit.etag = "\"1\""
        return visit
    }

    @Test func aVisitWritesCaptureMessageAndState() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/one"])
            let host = try await fixture.lease()
            try await fixture.frontier.record(
                try captured(host.urls[0]), of: host.urls[0], on: host, delay: .seconds(600), signal: nil)
            #expect(
                try await line.number(
                    """
                    SELECT count(*) FROM wireroom.url AS u JOIN wireroom.capture AS c ON c.capture_id = u.last_capture_id
                    WHERE u.state = 'captured' AND u.due_at > now() + interval '59 minutes' AND u.etag = '"1"' AND u.last_status = 200
                      AND u.last_digest = c.digest AND u.attempts = 0
                    """) == 1)
            #expect(
                try await line.number(
                    """
                    SELECT count(*) FROM wireroom.outbox AS o JOIN wireroom.capture AS c
                        ON o.message->'payload'->>'capture_id' = c.capture_id::text
                    WHERE o.stage = 'parse'
                    """) == 1)
            #expect(
                try await line.number(
                    "SELECT count(*) FROM wireroom.host WHERE last_response_ms = 25 AND next_allowed_at > now() + interval '5 min'"
                ) == 1)
        }
    }

    @Test func anOldLeaseWritesNothing() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/one"])
            let old = try await fixture.lease()
            try await fixture.expireLeases()
            _ = try await fixture.lease()
            let before = try await fixture.text("SELECT (h.*)::text FROM wireroom.host AS h")
            var visit = try captured(old.urls[0])
            visit.discovered = [try FrontierFixture.url("https://courier.example/two")]
            let signal = HostSignal(
                block: .seconds(60), reason: "HTTP 429", backoff: HostBackoff(level: 1, lastIncident: Date()))
            await #expect(throws: LeaseLost.self) {
                try await fixture.frontier.record(visit, of: old.urls[0], on: old, delay: .seconds(9), signal: signal)
            }
            await #expect(throws: LeaseLost.self) { try await fixture.frontier.block(old, signal: signal) }
            await #expect(throws: LeaseLost.self) {
                let robots = FetchedRobots(text: "x", status: 200, crawlDelay: nil, lifetime: .seconds(60))
                try await fixture.frontier.record(robots, on: old, sitemaps: visit.discovered, sourceID: nil)
            }
            #expect(try await line.number("SELECT count(*) FROM wireroom.url") == 1)
            #expect(
                try await line.number("SELECT count(*) FROM wireroom.url WHERE state = 'known' AND due_at <= now()")
                    == 1)
            #expect(try await line.number("SELECT count(*) FROM wireroom.capture") == 0)
            #expect(try await line.number("SELECT count(*) FROM wireroom.outbox WHERE stage <> 'crawl'") == 0)
            #expect(try await fixture.text("SELECT (h.*)::text FROM wireroom.host AS h") == before)
        }
    }

    @Test func aLeaseThatRanOutIsReleasedAgainWithoutWhatIsDone() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["one", "two", "three"].map { "https://courier.example/\($0)" })
            let first = try await fixture.lease()
            #expect(first.urls.count == 3)
            try await fixture.frontier.record(
                try captured(first.urls[1]), of: first.urls[1], on: first, delay: .zero, signal: nil)
            #expect(try await fixture.frontier.release() == 0)  // it still runs
            try await fixture.expireLeases()
            let second = try await fixture.lease()
            #expect(Set(second.urls.map(\.urlID)) == [first.urls[0].urlID, first.urls[2].urlID])
        }
    }

    @Test func aVisitMakesTheLeaseLast() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/one"])
            let host = try await fixture.lease()
            try await fixture.execute("UPDATE wireroom.host SET lease_until = now() + interval '1 s'")
            try await fixture.frontier.record(
                try captured(host.urls[0]), of: host.urls[0], on: host, delay: .zero, signal: nil)
            #expect(
                try await line.number("SELECT count(*) FROM wireroom.host WHERE lease_until > now() + interval '60 s'")
                    == 1)
        }
    }

    @Test func aSignalBlocksTheHostUntilItsTime() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/one"])
            let host = try await fixture.lease()
            let signal = HostSignal(
                block: .seconds(100), reason: "HTTP 503", backoff: HostBackoff(level: 4, lastIncident: Date()))
            try await fixture.frontier.record(
                Visit(.postponed("HTTP 503"), status: 503), of: host.urls[0], on: host, delay: .zero, signal: signal)
            try await fixture.close(host)
            #expect(
                try await line.number(
                    """
                    SELECT count(*) FROM wireroom.host WHERE blocked_reason = 'HTTP 503' AND backoff_level = 4
                    AND blocked_until BETWEEN now() + interval '90 s' AND now() + interval '100 s' AND last_incident_at IS NOT NULL
                    """) == 1)
            #expect(try await fixture.frontier.release() == 0)
            try await fixture.execute("UPDATE wireroom.host SET blocked_until = now()")
            try await fixture.execute("UPDATE wireroom.url SET due_at = now()")
            #expect(try await fixture.lease().backoff.level == 4)
        }
    }

    @Test func freshRobotsAreKeptForTheirTime() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            let source = try await fixture.add(["https://courier.example/one"])
            let host = try await fixture.lease()
            let robots = FetchedRobots(
                text: "User-agent: *\0\nDisallow: /x", status: 200, crawlDelay: .milliseconds(1500),
                lifetime: .seconds(3600))
            try await fixture.frontier.record(
                robots, on: host, sitemaps: [try FrontierFixture.url("https://courier.example/news.xml", .sitemap)],
                sourceID: source)
            #expect(
                try await line.number(
                    """
                    SELECT count(*) FROM wireroom.host WHERE robots_status = 200 AND crawl_delay_ms = 1500
                    AND robots_text = E'User-agent: *\\nDisallow: /x'
                    AND robots_expires_at BETWEEN now() + interval '3590 s' AND now() + interval '3600 s'
                    """) == 1)
            #expect(
                try await line.number(
                    "SELECT count(*) FROM wireroom.url WHERE kind = 'sitemap' AND source_id = \(source) AND due_at <= now()"
                ) == 1)
        }
    }

    @Test func aDroppedArticleThatIsUnchangedKeepsItsReason() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/one"])
            try await fixture.execute("UPDATE wireroom.url SET state = 'dropped', reason = 'too-short'")
            let host = try await fixture.lease()
            try await fixture.frontier.record(
                Visit(.unchanged, status: 200), of: host.urls[0], on: host, delay: .zero, signal: nil)
            #expect(
                try await fixture.text("SELECT concat_ws(' ', state, reason) FROM wireroom.url") == "dropped too-short")
        }
    }

    @Test func aSourceThatAnswersAgainLosesItsReason() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/feed"], kind: .feed)
            let host = try await fixture.lease()
            let url = host.urls[0]
            try await fixture.frontier.record(
                Visit(.dropped(.notFound, "HTTP 404"), status: 404), of: url, on: host, delay: .zero, signal: nil)
            #expect(
                try await fixture.text("SELECT concat_ws(' ', state, reason) FROM wireroom.url") == "known not-found")
            try await fixture.frontier.record(
                Visit(.unchanged, status: 304), of: url, on: host, delay: .zero, signal: nil)
            #expect(try await fixture.text("SELECT concat_ws(' ', state, reason) FROM wireroom.url") == "known")
        }
    }

    @Test func whatFailsIsFailingSinceItsFirstFailure() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/feed"], kind: .feed)
            try await fixture.add(["https://courier.example/one"])
            let host = try await fixture.lease()
            func record(_ result: Visit.Result, of kind: URLKind = .feed) async throws {
                let url = try #require(host.urls.first { $0.kind == kind })
                try await fixture.frontier.record(Visit(result), of: url, on: host, delay: .zero, signal: nil)
            }
            let since = "SELECT count(*) FROM wireroom.url WHERE failing_since"
            try await record(.failed("HTTP 500"), of: .article)
            #expect(try await line.number("\(since) IS NOT NULL") == 0, "articles have a ladder of their own")
            try await record(.failed("HTTP 500"))
            #expect(try await line.number("\(since) > now() - interval '5 min'") == 1)
            try await fixture.execute("UPDATE wireroom.url SET failing_since = failing_since - interval '3 days'")
            try await record(.dropped(.notFound, "HTTP 404"))
            #expect(try await line.number("\(since) < now() - interval '2 days'") == 1)
            try await record(.listed(items: 1, newest: nil))
            #expect(try await line.number("\(since) IS NOT NULL") == 0)
        }
    }

    @Test func admissionTakesEachURLOnceAndLeavesItsRowAsItIs() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            let urls = try ["a", "b"].map { try FrontierFixture.url("https://courier.example/\($0)") }
            let first = try await fixture.frontier.addSource(
                name: "Courier", homepage: "https://courier.example/", language: nil, allowedHosts: [], urls: urls)
            #expect(first.added == 2)
            try await fixture.execute("UPDATE wireroom.url SET state = 'indexed', due_at = NULL")
            let again = try await fixture.frontier.addSource(
                name: "The Courier", homepage: "https://courier.example/", language: "en",
                allowedHosts: ["cdn.example"],
                urls: urls + [try FrontierFixture.url("https://courier.example/c")])
            #expect(again.sourceID == first.sourceID)
            #expect(again.added == 1)
            #expect(
                try await line.number("SELECT count(*) FROM wireroom.url WHERE state = 'indexed' AND due_at IS NULL")
                    == 2)
            let summary = try #require(try await fixture.frontier.sources().first)
            #expect(
                summary.name == "The Courier" && summary.discovered == 3 && summary.indexed == 2 && summary.waiting == 1
            )
            _ = try await fixture.frontier.addSource(
                name: "courier.example", keepsName: true, homepage: "https://courier.example/", language: nil,
                allowedHosts: [], urls: [])
            #expect(try await fixture.frontier.sources().map(\.name) == ["The Courier"])
        }
    }

    /// Workers that find the same new hosts at the same time all end with the hosts' rows, and each URL is new once.
    @Test func concurrentAdmissionsShareHostsAndURLs() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            let urls = try (0..<120).map { try FrontierFixture.url("https://host\($0 % 30).example/article-\($0)") }
            let added = try await withThrowingTaskGroup(of: Int.self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        let own = worker % 2 == 0 ? urls : urls.reversed()
                        return try await line.database.withTransaction {
                            try await fixture.frontier.admit(own, sourceID: nil, from: nil, in: $0)
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(added == 120)
            #expect(try await line.number("SELECT count(*) FROM wireroom.host") == 30)
            #expect(try await line.number("SELECT count(*) FROM wireroom.url WHERE host_id IS NOT NULL") == 120)
        }
    }

    @Test func oneURLTwiceInAnAdmissionCountsOnce() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            let url = try FrontierFixture.url("https://courier.example/a?utm_source=feed")
            let same = try FrontierFixture.url("https://courier.example/a")
            #expect(url.identity == same.identity)
            let added = try await line.database.withTransaction {
                try await fixture.frontier.admit([url, same], sourceID: nil, from: nil, in: $0)
            }
            #expect(added == 1)
        }
    }

    @Test func aRequestedURLIsDueAtOnceAndForgetsItsValidators() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/one"])
            try await fixture.execute(
                "UPDATE wireroom.url SET state = 'indexed', due_at = NULL, etag = 'x', attempts = 4, lane = 1")
            let urls = try ["https://ledger.example/new", "https://courier.example/one"].map {
                try FrontierFixture.url($0)
            }
            let rows = try await fixture.frontier.request(urls)
            #expect(rows.count == 2)
            let second = try #require(rows.last)
            #expect(
                try await fixture.text("SELECT url FROM wireroom.url WHERE url_id = \(second)")
                    == "https://courier.example/one")
            #expect(
                try await line.number(
                    "SELECT count(*) FROM wireroom.url WHERE due_at <= now() AND etag IS NULL AND attempts = 0 AND priority = 10"
                ) == 2)
        }
    }
}
