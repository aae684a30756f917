import Foundation
import Model
import Pipeline
import TestSupport
import Testing

@testable import Crawling

@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(3)), .serialized)
struct LeaseRunnerTests {
    private static func page(
        _ text: String = "<p>The bridge opened", headers: [String] = ["Content-Type: text/html"]
    ) -> [ServerStep] {
        [.answer("200 OK", headers: headers, body: Array(text.utf8))]
    }

    private static func robots(_ text: String) -> [ServerStep] { page(text, headers: ["Content-Type: text/plain"]) }

    private static func redirect(_ target: String) -> [ServerStep] {
        [.answer("301 Moved", headers: ["Location: \(target)"])]
    }

    // MARK: robots.txt

    @Test func whatRobotsForbidIsDroppedUnasked() async throws {
        try await LeaseFixture.run([
            "/robots.txt": Self.robots("User-agent: *\nDisallow: /private\n"), "/open": Self.page(),
            "/private/a": Self.page(),
        ]) { fixture in
            try await fixture.request(["http://courier.test/private/a", "http://courier.test/open"])
            #expect(try await fixture.lease().visits == 2)
            #expect(fixture.site.pages == ["courier.test/open"])
            #expect(try await fixture.end("http://courier.test/private/a") == "dropped robots-disallowed")
            #expect(try await fixture.end("http://courier.test/open") == "captured")
        }
    }

    @Test func aHostWithoutRobotsIsOpen() async throws {
        try await LeaseFixture.run(["/open": Self.page()]) { fixture in
            try await fixture.request(["http://courier.test/open"])
            try await fixture.lease()
            #expect(fixture.site.requests.map(\.url) == ["courier.test/robots.txt", "courier.test/open"])
            #expect(try await fixture.end("http://courier.test/open") == "captured")
        }
    }

    @Test(arguments: ["503 Unavailable", "500 Error", "429 Slow down"]) func aHostWhoseRobotsFailIsLeftAlone(
        status: String
    ) async throws {
        try await LeaseFixture.run([
            "/robots.txt": [.answer(status, headers: ["Retry-After: 200"])], "/open": Self.page(),
        ]) { fixture in
            try await fixture.request(["http://courier.test/open"])
            #expect(try await fixture.lease().visits == 0)
            #expect(fixture.site.pages.isEmpty)
            #expect(
                try await fixture.frontier.line.number(
                    """
                    SELECT count(*) FROM wireroom.host WHERE blocked_reason LIKE 'robots.txt: %'
                    AND blocked_until BETWEEN now() + interval '190 s' AND now() + interval '200 s'
                    """) == 1)
            #expect(
                try await fixture.frontier.line.number(
                    "SELECT count(*) FROM wireroom.url WHERE state = 'known' AND attempts = 0 AND due_at <= now()") == 1
            )
            #expect(try await fixture.frontier.frontier.release() == 0)
        }
    }

    @Test func anOlderCopyCountsWhileRobotsFail() async throws {
        try await LeaseFixture.run([
            "/robots.txt": [.answer("500 Error")], "/open": Self.page(), "/private": Self.page(),
        ]) { fixture in
            try await fixture.request(["http://courier.test/open", "http://courier.test/private"])
            try await fixture.frontier.execute(
                """
                UPDATE wireroom.host SET robots_text = E'User-agent: *\\nDisallow: /private', robots_status = 200,
                    robots_expires_at = now() - interval '1 s'
                """)
            try await fixture.lease()
            #expect(fixture.site.pages == ["courier.test/open"])
        }
    }

    @Test func robotsAreAskedForOnceInTheirTime() async throws {
        try await LeaseFixture.run([
            "/robots.txt": Self.robots("User-agent: *\nAllow: /"), "/a": Self.page("a"), "/b": Self.page("b"),
        ]) {
            fixture in
            try await fixture.request(["http://courier.test/a"])
            try await fixture.lease()
            try await fixture.request(["http://courier.test/b"])
            try await fixture.lease()
            #expect(
                fixture.site.requests.map(\.url) == ["courier.test/robots.txt", "courier.test/a", "courier.test/b"])
        }
    }

    @Test func robotsMayBeOnAnotherHost() async throws {
        try await LeaseFixture.run([
            "courier.test/robots.txt": Self.redirect("http://elsewhere.test/robots.txt"),
            "elsewhere.test/robots.txt": Self.robots("User-agent: Wireroom\nDisallow: /a"), "/a": Self.page(),
        ]) { fixture in
            try await fixture.request(["http://courier.test/a"])
            try await fixture.lease()
            #expect(fixture.site.pages.isEmpty)
            #expect(try await fixture.end("http://courier.test/a") == "dropped robots-disallowed")
        }
    }

    @Test func sitemapsThatRobotsNameAreWatched() async throws {
        try await LeaseFixture.run([
            "/robots.txt": Self.robots("Sitemap: http://courier.test/news.xml\nSitemap: http://elsewhere.test/x.xml"),
            "/a": Self.page(),
        ]) { fixture in
            try await fixture.frontier.add(["http://courier.test/a"], homepage: "http://courier.test/")
            try await fixture.lease()
            #expect(
                try await fixture.frontier.text("SELECT string_agg(url, ' ') FROM wireroom.url WHERE kind = 'sitemap'")
                    == "http://courier.test/news.xml")
        }
    }

    @Test func crawlDelayIsKeptBetweenRequests() async throws {
        let delay = Duration.milliseconds(150)
        let pages = [
            "/robots.txt": Self.robots("User-agent: *\nCrawl-delay: 5"), "/a": Self.page("a"),
            "/b": Self.redirect("/c"), "/c": Self.page("c"),
        ]
        try await LeaseFixture.run(pages, configure: { $0.maximumCrawlDelay = delay }) { fixture in
            try await fixture.request(["http://courier.test/a", "http://courier.test/b"])
            let report = try await fixture.lease()
            let times = fixture.site.requests.map(\.at)
            #expect(times.count == 4)
            for (earlier, later) in zip(times, times.dropFirst()) { #expect(later - earlier >= delay) }
            #expect(report.delay == delay)
            #expect(try await fixture.frontier.line.number("SELECT crawl_delay_ms FROM wireroom.host") == 5000)
        }
    }

    // MARK: Answers

    @Test func anArticleIsCapturedWithItsEvidence() async throws {
        let pages = [
            "/a": Self.page(
                "<p>x",
                headers: [
                    "Content-Type: text/html; charset=utf-8", "ETag: \"7\"",
                    "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT",
                ])
        ]
        try await LeaseFixture.run(pages) { fixture in
            try await fixture.request(["http://courier.test/a"])
            try await fixture.lease()
            let head = try #require(fixture.site.requests.last).head.lowercased()
            #expect(head.contains("user-agent: wireroom/"))
            #expect(head.contains("+https://example.org/crawler"))
            #expect(
                try await fixture.frontier.text(
                    "SELECT concat_ws(' ', status, content_type, final_url, remote_address) FROM wireroom.capture")
                    == "200 text/html; charset=utf-8 http://courier.test/a 127.0.0.1")
            #expect(
                try await fixture.frontier.text("SELECT etag || last_modified FROM wireroom.url")
                    == "\"7\"Mon, 01 Jan 2024 00:00:00 GMT")
            #expect(
                try await fixture.frontier.line.number("SELECT count(*) FROM wireroom.outbox WHERE stage = 'parse'")
                    == 1)
        }
    }

    @Test func notModifiedRenewsTheSchedule() async throws {
        try await LeaseFixture.run(["/feed": [.answer("304 Not Modified")]]) { fixture in
            try await fixture.frontier.add(["http://courier.test/feed"], kind: .feed, homepage: "http://courier.test/")
            try await fixture.frontier.execute(
                "UPDATE wireroom.url SET etag = '\"9\"', last_modified = 'Mon, 01 Jan 2024 00:00:00 GMT', items_per_hour = 0.5, last_fetched_at = now() - interval '1 hour'"
            )
            try await fixture.lease()
            let head = try #require(fixture.site.requests.last).head
            #expect(head.contains("If-None-Match: \"9\""))
            #expect(head.contains("If-Modified-Since: Mon, 01 Jan 2024"))
            #expect(
                try await fixture.frontier.line.number(
                    "SELECT count(*) FROM wireroom.url WHERE interval_seconds BETWEEN 1950 AND 1960 AND etag = '\"9\"' AND last_status = 304 AND due_at > now() + interval '1940 s'"
                ) == 1)
        }
    }

    @Test func theSameBytesAreStoredOnce() async throws {
        try await LeaseFixture.run(["/a": Self.page("the same")]) { fixture in
            for _ in 0..<2 {
                try await fixture.request(["http://courier.test/a"])
                try await fixture.lease()
            }
            #expect(fixture.site.pages.count == 2)
            let line = fixture.frontier.line
            #expect(try await line.number("SELECT count(*) FROM wireroom.capture WHERE body IS NOT NULL") == 1)
            #expect(
                try await line.number(
                    """
                    SELECT count(*) FROM wireroom.capture AS r JOIN wireroom.capture AS c ON c.capture_id = r.revisit_of
                    WHERE r.codec = 'revisit' AND r.body IS NULL AND r.digest = c.digest AND r.status = 200 AND c.codec = 'zstd'
                    """) == 1)
            // Only what is new is parsed.
            #expect(try await line.number("SELECT count(*) FROM wireroom.outbox WHERE stage = 'parse'") == 1)
            #expect(try await fixture.end("http://courier.test/a") == "captured")
        }
    }

    @Test(arguments: [
        ("404 Not Found", "dropped not-found"), ("410 Gone", "dropped not-found"), ("401 Who", "dropped access-denied"),
        ("403 No", "dropped access-denied"), ("451 Law", "dropped access-denied"), ("500 Error", "known"),
        ("502 Gateway", "known"),
        ("408 Late", "known"), ("204 Empty", "dropped not-found"),
    ])
    func statusesEndAsTheyShould(status: String, end: String) async throws {
        try await LeaseFixture.run(["/a": [.answer(status)]]) { fixture in
            try await fixture.request(["http://courier.test/a"])
            try await fixture.lease()
            #expect(try await fixture.end("http://courier.test/a") == end)
            let isKept = end == "known"
            #expect(try await fixture.frontier.line.number("SELECT attempts FROM wireroom.url") == (isKept ? 1 : 0))
            #expect(
                try await fixture.frontier.line.number(
                    "SELECT count(*) FROM wireroom.url WHERE due_at BETWEEN now() + interval '50 s' AND now() + interval '60 s'"
                ) == (isKept ? 1 : 0))
            #expect(
                try await fixture.frontier.line.number(
                    "SELECT count(*) FROM wireroom.host WHERE blocked_until IS NOT NULL") == 0)
        }
    }

    @Test func aFailedPageDoesNotHoldUpTheNext() async throws {
        try await LeaseFixture.run([
            "/a": [.answer("500 Error")], "/b": [.text("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), .close],
            "/c": Self.page(),
        ]) {
            fixture in
            try await fixture.request(["a", "b", "c"].map { "http://courier.test/\($0)" })
            #expect(try await fixture.lease().visits == 3)
            #expect(try await fixture.end("http://courier.test/b") == "known")
            #expect(try await fixture.end("http://courier.test/c") == "captured")
        }
    }

    @Test(arguments: ["429 Slow down", "503 Unavailable"]) func aBusyHostIsLeftAloneAndItsURLsKept(
        status: String
    ) async throws {
        try await LeaseFixture.run(["/a": [.answer(status, headers: ["Retry-After: 300"])], "/b": Self.page()]) {
            fixture in
            try await fixture.request(["http://courier.test/a", "http://courier.test/b"])
            #expect(try await fixture.lease().visits == 1)
            #expect(fixture.site.pages == ["courier.test/a"])
            #expect(
                try await fixture.frontier.line.number(
                    "SELECT count(*) FROM wireroom.host WHERE backoff_level = 1 AND blocked_until BETWEEN now() + interval '290 s' AND now() + interval '300 s'"
                ) == 1)
            #expect(
                try await fixture.frontier.line.number(
                    "SELECT count(*) FROM wireroom.url WHERE state = 'known' AND attempts = 0 AND due_at IS NOT NULL")
                    == 2)
            #expect(try await fixture.frontier.frontier.release() == 0)
        }
    }

    @Test func whatIsTooLargeIsDropped() async throws {
        try await LeaseFixture.run(
            ["/a": Self.page(String(repeating: "x", count: 5000))], configure: { $0.maximumPageBytes = 4999 }
        ) { fixture in
            try await fixture.request(["http://courier.test/a"])
            try await fixture.lease()
            #expect(try await fixture.end("http://courier.test/a") == "dropped too-large")
            #expect(try await fixture.frontier.line.number("SELECT count(*) FROM wireroom.capture") == 0)
        }
    }

    @Test func whatHoldsNoTextIsDropped() async throws {
        let pages = ["/a": Self.page("%PDF-1.7 …"), "/b": Self.page("x", headers: ["Content-Type: image/svg+xml"])]
        try await LeaseFixture.run(pages) { fixture in
            try await fixture.request(["http://courier.test/a", "http://courier.test/b"])
            try await fixture.lease()
            #expect(try await fixture.end("http://courier.test/a") == "dropped unsupported-content")
            #expect(try await fixture.end("http://courier.test/b") == "dropped unsupported-content")
        }
    }

    // MARK: Redirects

    @Test func aRedirectOnTheHostIsFollowed() async throws {
        try await LeaseFixture.run([
            "/a": Self.redirect("/b?x=1#top"), "/b?x=1": Self.redirect("http://courier.test/c"), "/c": Self.page(),
        ]) { fixture in
            try await fixture.request(["http://courier.test/a"])
            try await fixture.lease()
            #expect(
                try await fixture.frontier.text(
                    "SELECT requested_url || ' ' || final_url || ' ' || redirects FROM wireroom.capture")
                    == #"http://courier.test/a http://courier.test/c ["http://courier.test/a", "http://courier.test/b?x=1"]"#
            )
        }
    }

    @Test func aRedirectToAnotherHostWaitsForThatHostsLease() async throws {
        try await LeaseFixture.run([
            "courier.test/a": Self.redirect("http://ledger.test/b"), "ledger.test/b": Self.page(),
        ]) { fixture in
            try await fixture.request(["http://courier.test/a"])
            try await fixture.lease()
            #expect(fixture.site.pages == ["courier.test/a"])
            #expect(try await fixture.end("http://courier.test/a") == "dropped moved")
            #expect(try await fixture.end("http://ledger.test/b") == "known")
            try await fixture.lease()
            #expect(try await fixture.end("http://ledger.test/b") == "captured")
        }
    }

    @Test func aRedirectOutOfTheSourceEndsThere() async throws {
        try await LeaseFixture.run([
            "courier.test/a": Self.redirect("http://ledger.test/b"), "ledger.test/b": Self.page(),
        ]) { fixture in
            try await fixture.frontier.add(["http://courier.test/a"], homepage: "http://courier.test/")
            try await fixture.lease()
            #expect(try await fixture.end("http://courier.test/a") == "dropped bad-redirect")
            #expect(try await fixture.frontier.line.number("SELECT count(*) FROM wireroom.url") == 1)
        }
    }

    @Test(arguments: [
        "/a", "/b", "http://10.0.0.1/x", "http://[::1]:9/", "ftp://courier.test/a", "http://u:p@courier.test/b",
        "mailto:x@y.test",
    ])
    func badRedirectsEndThere(target: String) async throws {
        try await LeaseFixture.run(["/a": Self.redirect(target), "/b": Self.redirect("/a")]) { fixture in
            try await fixture.request(["http://courier.test/a"])
            try await fixture.lease()
            #expect(try await fixture.end("http://courier.test/a") == "dropped bad-redirect")
            #expect(try await fixture.frontier.line.number("SELECT count(*) FROM wireroom.host") == 1)
        }
    }

    @Test func redirectsAreFollowedOnlySoOften() async throws {
        let pages = Dictionary(uniqueKeysWithValues: (0..<20).map { ("/\($0)", Self.redirect("/\($0 + 1)")) })
        try await LeaseFixture.run(pages, configure: { $0.maximumRedirects = 3 }) { fixture in
            try await fixture.request(["http://courier.test/0"])
            try await fixture.lease()
            #expect(try await fixture.end("http://courier.test/0") == "dropped bad-redirect")
            #expect(fixture.site.pages.count == 4)
        }
    }

    @Test func aRedirectIntoForbiddenPathsEndsUnasked() async throws {
        try await LeaseFixture.run([
            "/robots.txt": Self.robots("User-agent: *\nDisallow: /private"), "/a": Self.redirect("/private"),
            "/private": Self.page(),
        ]) { fixture in
            try await fixture.request(["http://courier.test/a"])
            try await fixture.lease()
            #expect(try await fixture.end("http://courier.test/a") == "dropped robots-disallowed")
            #expect(fixture.site.pages == ["courier.test/a"])
        }
    }

    @Test func aForbiddenAddressIsDropped() async throws {
        try await LeaseFixture.run([:]) { fixture in
            try await fixture.request(["http://10.0.0.1/a"])
            try await fixture.lease()
            #expect(try await fixture.end("http://10.0.0.1/a") == "dropped address-refused")
        }
    }

    @Test func aHostThatCannotBeReachedIsLeftAlone() async throws {
        try await LeaseFixture.run([:]) { fixture in
            try await fixture.request(["http://closed.test/a"])
            #expect(try await fixture.lease().visits == 0)
            #expect(
                try await fixture.frontier.line.number(
                    "SELECT count(*) FROM wireroom.host WHERE blocked_until > now() + interval '50 s'") == 1)
            #expect(try await fixture.end("http://closed.test/a") == "known")
        }
    }

    // MARK: Listings and leases

    @Test func aFeedLeadsToItsArticles() async throws {
        let feed = """
            <rss version="2.0"><channel><title>C</title>
            <item><title>Bridge \\u0000" opened</title><link>http://courier.test/bridge</link></item>
            <item><title>Other</title><link>http://elsewhere.test/other</link></item></channel></rss>
            """
        try await LeaseFixture.run([
            "/feed": Self.page(feed, headers: ["Content-Type: application/rss+xml"]), "/bridge": Self.page(),
        ]) { fixture in
            try await fixture.frontier.add(["http://courier.test/feed"], kind: .feed, homepage: "http://courier.test/")
            try await fixture.lease()
            #expect(
                try await fixture.frontier.line.number("SELECT items_seen FROM wireroom.url WHERE kind = 'feed'") == 2)
            #expect(
                try await fixture.frontier.text("SELECT evidence->>'title' FROM wireroom.url WHERE kind = 'article'")
                    == "Bridge \\u0000\" opened")
            try await fixture.lease()
            #expect(try await fixture.end("http://courier.test/bridge") == "captured")
            #expect(try await fixture.frontier.line.number("SELECT count(*) FROM wireroom.url") == 2)
        }
    }

    @Test func whatIsNoFeedFailsAndIsTriedAgain() async throws {
        try await LeaseFixture.run(["/feed": Self.page("<html><p>Sorry")]) { fixture in
            try await fixture.frontier.add(["http://courier.test/feed"], kind: .feed, homepage: "http://courier.test/")
            try await fixture.lease()
            #expect(
                try await fixture.frontier.line.number(
                    "SELECT count(*) FROM wireroom.url WHERE attempts = 1 AND due_at > now() AND last_error <> ''") == 1
            )
        }
    }

    @Test func aLeaseThatIsOverTimeLeavesTheRest() async throws {
        try await LeaseFixture.run(["/a": Self.page()], configure: { $0.leaseDuration = .zero }) { fixture in
            try await fixture.request(["http://courier.test/a"])
            #expect(try await fixture.lease().visits == 0)
            #expect(try await fixture.frontier.frontier.release() == 1)
        }
    }

    @Test func aLeaseThatWasGivenAgainEndsAsStale() async throws {
        try await LeaseFixture.run(["/a": Self.page()]) { fixture in
            try await fixture.request(["http://courier.test/a"])
            let old = try await fixture.frontier.lease()
            try await fixture.frontier.expireLeases()
            _ = try await fixture.frontier.lease()
            let stage = CrawlStage(
                frontier: fixture.frontier.frontier, fetcher: fixture.fetcher,
                configuration: fixture.frontier.configuration, worker: "old",
                logger: TestServices.logger)
            let message = StageMessage(
                envelope: Envelope(CrawlLease(hostID: old.hostID, leaseNumber: old.leaseNumber), urlID: nil))
            guard case .end(.drop(.staleLease, _)) = try await stage.process(old, message: message) else {
                Issue.record("an old lease went through")
                return
            }
            #expect(fixture.site.pages.isEmpty)
            guard
                case .end(.drop(.staleLease, _)) = try await stage.load(
                    [message], from: fixture.frontier.line.database)[0]
            else {
                Issue.record("an old lease was claimed")
                return
            }
            #expect(try await fixture.frontier.line.number("SELECT count(*) FROM wireroom.capture") == 0)
        }
    }
}
