import Foundation
import TestSupport
import Testing

@testable import Crawling

/// What a lease does beside fetching: revisits, directives, turns on other hosts, and what ends it.
@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(3)), .serialized)
struct LeaseOrdersTests {
    private static func page(
        _ text: String = "<p>The bridge opened", headers: [String] = ["Content-Type: text/html"]
    ) -> [ServerStep] {
        [.answer("200 OK", headers: headers, body: Array(text.utf8))]
    }

    @Test func anArticleThatHasNotChangedIsARevisit() async throws {
        let pages = [
            "/a": [ServerStep.answer("304 Not Modified", headers: ["X-Again: yes"])], "/b": Self.page("the same"),
        ]
        try await LeaseFixture.run(pages) { fixture in
            try await fixture.request(["http://courier.test/a", "http://courier.test/b"])
            try await fixture.frontier.execute(
                "UPDATE wireroom.url SET state = 'indexed', last_capture_id = 5, last_digest = sha256('the same')")
            try await fixture.lease()
            let line = fixture.frontier.line
            #expect(
                try await line.number(
                    """
                    SELECT count(*) FROM wireroom.capture WHERE codec = 'revisit' AND revisit_of = 5 AND body IS NULL
                    AND digest = sha256('the same') AND duration_ms IS NOT NULL AND remote_address = '127.0.0.1'
                    """) == 2)
            #expect(
                try await line.number(
                    "SELECT count(*) FROM wireroom.capture WHERE status = 304 AND headers @> '[{\"name\": \"X-Again\"}]'"
                )
                    == 1)
            #expect(try await line.number("SELECT count(*) FROM wireroom.outbox WHERE stage = 'parse'") == 0)
            #expect(
                try await line.number(
                    "SELECT count(*) FROM wireroom.url WHERE state = 'indexed' AND last_capture_id = 5") == 2)
        }
    }

    @Test func aPageWhoseBodyIsGoneIsStoredAgainWhenAskedFor() async throws {
        try await LeaseFixture.run(["/a": Self.page(), "/b": Self.page(), "/c": Self.page()]) { fixture in
            let urls = ["a", "b", "c"].map { "http://courier.test/\($0)" }
            try await fixture.request(urls)
            try await fixture.lease()
            let line = fixture.frontier.line
            try #require(try await line.number("SELECT count(*) FROM wireroom.outbox WHERE stage = 'parse'") == 3)
            // One is still to be had, one was removed, one cannot be read.
            try await fixture.frontier.execute("DELETE FROM wireroom.outbox")
            try await fixture.frontier.execute("DELETE FROM wireroom.capture WHERE requested_url = '\(urls[1])'")
            try await fixture.frontier.execute(
                "UPDATE wireroom.url SET state = 'quarantined', reason = 'corrupt-capture' WHERE url = '\(urls[2])'")
            try await fixture.request(urls)
            try await fixture.frontier.execute("UPDATE wireroom.host SET next_allowed_at = now()")
            try await fixture.lease()
            #expect(
                try await fixture.frontier.text(
                    """
                    SELECT string_agg(u.url, ' ' ORDER BY u.url) FROM wireroom.outbox AS o
                    JOIN wireroom.url AS u ON u.url_id = (o.message ->> 'url_id')::bigint WHERE o.stage = 'parse'
                    """) == "\(urls[1]) \(urls[2])")
            #expect(try await fixture.end(urls[2]) == "captured")
        }
    }

    @Test func lostArticlesOfASourceAreAskedForByTheirReason() async throws {
        try await LeaseFixture.run([:]) { fixture in
            try await fixture.request(["a", "b", "c", "d"].map { "http://courier.test/\($0)" })
            try await fixture.frontier.execute(
                "INSERT INTO wireroom.source (name, homepage) VALUES ('Courier', 'http://courier.test/')")
            try await fixture.frontier.execute(
                "UPDATE wireroom.host SET robots_text = '', robots_expires_at = now() + interval '1 day'")
            try await fixture.frontier.execute(
                """
                UPDATE wireroom.url SET source_id = 1, due_at = NULL,
                    state = CASE WHEN url LIKE '%/d' THEN 'indexed' ELSE 'dropped' END,
                    reason = CASE WHEN url LIKE '%/b' THEN 'robots-disallowed' ELSE 'access-denied' END,
                    discovered_at = now() - CASE WHEN url LIKE '%/c' THEN interval '2 days' ELSE interval '1 minute' END
                """)
            let frontier = fixture.frontier.frontier
            func lost(_ reason: String, since: Date = .distantPast) async throws -> [String] {
                try await frontier.request(lostFor: reason, ofSource: 1, since: since).map(\.url).sorted()
            }
            let fresh = "SELECT count(*) FROM wireroom.host WHERE robots_expires_at > now()"
            #expect(
                try await lost("access-denied", since: Date(timeIntervalSinceNow: -3600)) == ["http://courier.test/a"])
            #expect(try await lost("access-denied") == ["http://courier.test/a", "http://courier.test/c"])
            #expect(try await lost("login") == [])
            #expect(try await fixture.frontier.line.number(fresh) == 1)
            // What was forbidden is asked for after another look at robots.txt.
            #expect(try await lost("robots-disallowed") == ["http://courier.test/b"])
            #expect(try await fixture.frontier.line.number(fresh) == 0)
            #expect(
                try await fixture.frontier.line.number("SELECT count(*) FROM wireroom.url WHERE due_at <= now()") == 3)
        }
    }

    @Test func directivesAreRecordedAndHeededWhereTheSettingSaysSo() async throws {
        let pages = [
            "/header": Self.page(headers: ["Content-Type: text/html", "X-Robots-Tag: noindex, nofollow"]),
            "/meta": Self.page("<meta name=robots content=noarchive><p>The bridge"), "/open": Self.page(),
        ]
        let urls = pages.keys.sorted().map { "http://courier.test\($0)" }
        let said = """
            SELECT string_agg(array_to_string(robots_directives, '+'), ' ' ORDER BY url)
            FROM wireroom.url WHERE robots_directives <> '{}'
            """
        try await LeaseFixture.run(pages) { fixture in
            try await fixture.request(urls)
            try await fixture.lease()
            #expect(try await fixture.frontier.line.number("SELECT count(*) FROM wireroom.capture") == 3)
            #expect(try await fixture.frontier.text(said) == "noindex+nofollow noarchive")
        }
        try await LeaseFixture.run(pages, configure: { $0.respectedDirectives = ["noindex"] }) { fixture in
            try await fixture.request(urls)
            try await fixture.lease()
            #expect(try await fixture.frontier.line.number("SELECT count(*) FROM wireroom.capture") == 2)
            #expect(try await fixture.frontier.text(said) == "noindex+nofollow noarchive")
            #expect(try await fixture.end("http://courier.test/header") == "dropped robots-directive")
        }
    }

    @Test func aRobotsFileOnAnotherHostTakesATurnThere() async throws {
        let pages = [
            "courier.test/robots.txt": [
                ServerStep.answer("301 Moved", headers: ["Location: http://ledger.test/rules.txt"])
            ],
            "ledger.test/rules.txt": Self.page("User-agent: *\nDisallow: /private", headers: []), "/a": Self.page(),
        ]
        try await LeaseFixture.run(pages, configure: { $0.minimumDelay = .milliseconds(300) }) { fixture in
            try await fixture.request(["http://courier.test/a"])
            try await fixture.lease()
            #expect(
                fixture.site.requests.map(\.url) == [
                    "courier.test/robots.txt", "ledger.test/rules.txt", "courier.test/a",
                ])
            #expect(
                try await fixture.frontier.line.number(
                    "SELECT count(*) FROM wireroom.host WHERE name = 'ledger.test' AND lease_no = 1 AND lease_until IS NULL"
                )
                    == 1)
        }
    }

    @Test func aRobotsFileOnAHostInUseWaits() async throws {
        let pages = [
            "courier.test/robots.txt": [
                ServerStep.answer("301 Moved", headers: ["Location: http://ledger.test/rules.txt"])
            ], "/a": Self.page(),
        ]
        try await LeaseFixture.run(pages) { fixture in
            try await fixture.request(["http://courier.test/a"])
            try await fixture.frontier.execute(
                "INSERT INTO wireroom.host (name, next_allowed_at) VALUES ('ledger.test', now() + interval '1 h')")
            #expect(try await fixture.lease().visits == 0)
            #expect(fixture.site.requests.map(\.url) == ["courier.test/robots.txt"])
            #expect(
                try await fixture.frontier.line.number(
                    """
                    SELECT count(*) FROM wireroom.host WHERE name = 'courier.test' AND backoff_level = 0
                    AND blocked_until BETWEEN now() + interval '5 s' AND now() + interval '11 s'
                    """) == 1)
        }
    }

    @Test func aLeaseThatMayHaveRunOutAsksForNothingMore() async throws {
        try await LeaseFixture.run(["/a": Self.page()]) { fixture in
            try await fixture.request(["http://courier.test/a"])
            try await fixture.frontier.execute(
                "UPDATE wireroom.host SET robots_text = '', robots_expires_at = now() + interval '1 h'")
            var host = try await fixture.frontier.lease()
            // As after a stop of the process: the clock went on, and what is left would not last for a fetch.
            host.heldUntil = .now + fixture.frontier.configuration.fetchTimeout - .milliseconds(1)
            await #expect(throws: LeaseLost.self) { try await fixture.runner.run(host) }
            #expect(fixture.site.requests.isEmpty)
        }
    }

    @Test func twoPagesWithoutAnAnswerBlockTheHost() async throws {
        let pages: [String: [ServerStep]] = [
            "/robots.txt": [.answer("404 Not Found")], "/a": [.close], "/b": [.close], "/c": Self.page(),
        ]
        try await LeaseFixture.run(pages) { fixture in
            try await fixture.request(["a", "b", "c"].map { "http://courier.test/\($0)" })
            #expect(try await fixture.lease().visits == 2)
            #expect(
                try await fixture.frontier.line.number(
                    "SELECT count(*) FROM wireroom.host WHERE backoff_level = 1 AND blocked_until > now() + interval '50 s'"
                )
                    == 1)
        }
    }

    @Test func aPausedHostEndsItsLeaseAfterThePageInHand() async throws {
        try await LeaseFixture.run(["/a": Self.page(), "/b": Self.page()]) { fixture in
            try await fixture.request(["http://courier.test/a", "http://courier.test/b"])
            let host = try await fixture.frontier.lease()
            try await fixture.frontier.execute("UPDATE wireroom.host SET is_paused = true")
            #expect(try await fixture.runner.run(host).visits == 1)
        }
    }

    @Test func theDelayCountsFromRobotsEvenIfNoPageFollows() async throws {
        try await LeaseFixture.run(
            ["/a": Self.page()],
            configure: {
                $0.leaseDuration = .zero
                $0.minimumDelay = .seconds(20)
            }
        ) { fixture in
            try await fixture.request(["http://courier.test/a"])
            #expect(try await fixture.lease().visits == 0)
            #expect(
                try await fixture.frontier.line.number(
                    "SELECT count(*) FROM wireroom.host WHERE next_allowed_at > now() + interval '15 s'") == 1)
        }
    }

    @Test func certificatesGoUncheckedOnlyForTheSourceThatHasAnException() async throws {
        let server = try await TLSServer.start(host: "other.test", body: "<p>The bridge opened")
        defer { server.stop() }
        let overrides = ["courier.test:443": "127.0.0.1:\(server.port)"]
        try await LeaseFixture.run([:], resolving: overrides) { fixture in
            let source = try await fixture.frontier.add(
                ["https://courier.test/a"], homepage: "https://courier.test/")
            try await fixture.lease()
            #expect(server.requests == [])
            let reason = try await fixture.frontier.text("SELECT blocked_reason FROM wireroom.host")
            #expect(reason.contains("robots.txt") && reason.contains("certificate"))
            #expect(try await fixture.frontier.frontier.setTLSException("expired", ofSource: source))
            try await fixture.frontier.execute("UPDATE wireroom.host SET blocked_until = NULL")
            try await fixture.lease()
            #expect(try await fixture.end("https://courier.test/a") == "captured")
            #expect(try await server.requests(atLeast: 2) == ["h2", "h2"])
        }
    }
}
