import Fetch
import Model
import TestSupport
import Testing
import WebURL

@testable import Crawling

@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(2)), .serialized)
struct SourceProbeTests {
    private static func page(_ text: String, _ type: String = "text/html") -> [ServerStep] {
        [.answer("200 OK", headers: ["Content-Type: \(type)"], body: Array(text.utf8))]
    }

    private static let feed = page(
        "<rss version=\"2.0\"><channel><title>C</title><item><title>B</title><link>/bridge</link></item></channel></rss>",
        "application/rss+xml")

    private func probe(_ fixture: LeaseFixture, allowing hosts: [String] = []) async throws -> SourceProposal {
        let address = try #require(ParsedURL("http://courier.test/"))
        return try await SourceProbe(
            configuration: fixture.frontier.configuration, fetcher: fixture.fetcher, allowedHosts: hosts
        ).probe(address) { _ in }
    }

    @Test func findsFeedSitemapAndASample() async throws {
        try await LeaseFixture.run([
            "/robots.txt": Self.page(
                "User-agent: *\nDisallow: /private\nSitemap: http://courier.test/news.xml", "text/plain"),
            "/": Self.page(
                "<link rel=alternate type=application/rss+xml href=/feed><link rel=alternate type=application/rss+xml href=/private/feed>"
            ),
            "/feed": Self.feed, "/bridge": Self.page("<p>The bridge"), "/private/feed": Self.feed,
        ]) { fixture in
            let proposal = try await probe(fixture)
            #expect(
                proposal.listings.map(\.url)
                    == ["/feed", "/private/feed", "/news.xml"].map { "http://courier.test\($0)" })
            #expect(
                proposal.listings.map(\.problem)
                    == [
                        nil, "http://courier.test/robots.txt does not allow http://courier.test/private/feed",
                        "HTTP 404",
                    ])
            #expect(proposal.urls.map(\.url) == ["http://courier.test/feed"])
            #expect(proposal.sample.map { String(decoding: $0.body, as: UTF8.self) } == "<p>The bridge")
            #expect(!fixture.site.pages.contains("courier.test/private/feed"))
        }
    }

    @Test func watchesTheHomePageWhereThereIsNothingElse() async throws {
        try await LeaseFixture.run([
            "/": Self.page("<a href=/local/the-bridge-of-oslo>x</a>"), "/local/the-bridge-of-oslo": Self.page("<p>x"),
        ]) { fixture in
            let proposal = try await probe(fixture)
            #expect(proposal.listings.isEmpty)
            #expect(proposal.urls.map(\.kind) == [.home])
            #expect(proposal.sample != nil)
        }
    }

    @Test func looksInTheUsualPlaces() async throws {
        try await LeaseFixture.run(["/": Self.page("<p>x"), "/rss.xml": Self.feed]) { fixture in
            let proposal = try await probe(fixture)
            #expect(proposal.urls.map(\.url) == ["http://courier.test/rss.xml"])
            #expect(proposal.urls.allSatisfy { $0.evidence == nil })
        }
    }

    @Test func followsListingsToTheirPlaces() async throws {
        func moved(_ status: String, _ place: String) -> [ServerStep] {
            [.answer(status, headers: ["Location: \(place)"])]
        }
        func link(_ place: String) -> String { "<link rel=alternate type=application/rss+xml href=\(place)>" }
        try await LeaseFixture.run([
            "/": Self.page(link("/for-good") + link("/for-now") + link("/again") + link("/away")),
            "/for-good": moved("301 Moved", "/feed"), "/for-now": moved("302 Found", "/today"),
            "/again": moved("308 Moved", "/feed"), "/away": moved("301 Moved", "http://elsewhere.test/feed"),
            "/feed": Self.feed, "/today": Self.feed, "/bridge": Self.page("<p>The bridge"),
            "elsewhere.test/feed": Self.feed,
        ]) { fixture in
            let proposal = try await probe(fixture)
            #expect(proposal.urls.map(\.url) == ["http://courier.test/feed", "http://courier.test/for-now"])
            #expect(proposal.listings.map(\.items) == [1, 1, 0])
            #expect(proposal.listings.last?.problem?.contains("--allow-host elsewhere.test") == true)
        }
    }

    @Test func aUsualPlaceThatLeadsToTheFeedIsFollowed() async throws {
        try await LeaseFixture.run([
            "/": Self.page("<p>x"), "/feed": [.answer("301 Moved", headers: ["Location: /feed/"])], "/feed/": Self.feed,
        ]) { fixture in
            let proposal = try await probe(fixture)
            #expect(proposal.urls.map(\.url) == ["http://courier.test/feed/"])
            #expect(!fixture.site.pages.contains("courier.test/rss"))
        }
    }

    @Test func feedsOfOthersAreNamedAndTakenUpWhereTheOperatorAllowsTheirHost() async throws {
        let pages = [
            "courier.test/": Self.page("<link rel=alternate type=application/rss+xml href=http://elsewhere.test/feed>"),
            "elsewhere.test/feed": Self.feed, "elsewhere.test/bridge": Self.page("<p>The bridge"),
        ]
        try await LeaseFixture.run(pages) { fixture in
            let proposal = try await probe(fixture)
            #expect(proposal.urls.map(\.kind) == [.home])
            #expect(proposal.listings.map(\.url) == ["http://elsewhere.test/feed"])
            #expect(proposal.listings.first?.problem?.contains("--allow-host elsewhere.test") == true)
            #expect(!fixture.site.pages.contains("elsewhere.test/feed"))
        }
        try await LeaseFixture.run(pages) { fixture in
            let proposal = try await probe(fixture, allowing: ["elsewhere.test"])
            #expect(proposal.urls.map(\.url) == ["http://elsewhere.test/feed"])
            #expect(proposal.listings.map(\.problem) == [nil])
            #expect(proposal.sample?.url.href == "http://elsewhere.test/bridge")
        }
    }

    @Test func theSampleOfASitemapIndexIsInItsNewestSitemap() async throws {
        func sitemap(_ path: String) -> [ServerStep] {
            Self.page("<urlset><url><loc>http://courier.test\(path)</loc></url></urlset>", "text/xml")
        }
        try await LeaseFixture.run([
            "/": Self.page("<link rel=sitemap href=/index.xml>"),
            "/index.xml": Self.page(
                """
                <sitemapindex><sitemap><loc>http://courier.test/old.xml</loc><lastmod>2026-01-01</lastmod></sitemap>
                <sitemap><loc>http://courier.test/new.xml</loc><lastmod>2026-05-01</lastmod></sitemap></sitemapindex>
                """, "text/xml"),
            "/old.xml": sitemap("/2026/01/01/old"), "/new.xml": sitemap("/2026/05/01/the-bridge"),
            "/2026/05/01/the-bridge": Self.page("<p>The bridge"),
        ]) { fixture in
            let proposal = try await probe(fixture)
            #expect(proposal.listings.map(\.url) == ["http://courier.test/index.xml", "http://courier.test/new.xml"])
            #expect(proposal.urls.map(\.url) == ["http://courier.test/index.xml"])
            #expect(proposal.sample?.url.href == "http://courier.test/2026/05/01/the-bridge")
            #expect(!fixture.site.pages.contains("courier.test/old.xml"))
        }
    }

    @Test func followsTheHomePageToItsPlace() async throws {
        try await LeaseFixture.run([
            "courier.test/": [.answer("301 Moved", headers: ["Location: http://ledger.test/en/"])],
            "ledger.test/en/": Self.page("<p>x"),
        ]) { fixture async throws in
            #expect(try await probe(fixture).homepage.href == "http://ledger.test/en/")
        }
    }

    @Test(arguments: [
        ["/robots.txt": "User-agent: *\nDisallow: /"], [:],
    ])
    func saysWhyAnOutletCannotBeAdded(pages: [String: String]) async throws {
        try await LeaseFixture.run(pages.mapValues { Self.page($0, "text/plain") }) { fixture in
            await #expect(throws: SourceProbeError.self) { try await probe(fixture) }
            #expect(fixture.site.pages == (pages.isEmpty ? ["courier.test/"] : []))
        }
    }

    @Test func saysThatRobotsDoNotAnswer() async throws {
        try await LeaseFixture.run(["/robots.txt": [.answer("503 Unavailable")], "/": Self.page("x")]) { fixture in
            await #expect(throws: SourceProbeError.self) { try await probe(fixture) }
            #expect(fixture.site.pages.isEmpty)
        }
    }

    // MARK: Turns

    private func turns(_ fixture: LeaseFixture, patience: Duration = .seconds(30)) -> HostTurns {
        HostTurns(
            frontier: fixture.frontier.frontier, configuration: fixture.frontier.configuration, holder: "operator",
            patience: patience)
    }

    private func probe(_ fixture: LeaseFixture, _ turns: HostTurns) async throws -> SourceProposal {
        try await SourceProbe(
            configuration: fixture.frontier.configuration, fetcher: fixture.fetcher, turns: turns
        ).probe(try #require(ParsedURL("http://courier.test/"))) { _ in }
    }

    @Test func holdsTheHostsThatItAsksAndKeepsTheirDelay() async throws {
        let pages = [
            "/robots.txt": Self.page("User-agent: *\nCrawl-delay: 0.3", "text/plain"),
            "/": Self.page("<link rel=alternate type=application/rss+xml href=/feed>"), "/feed": Self.feed,
            "/bridge": Self.page("<p>The bridge"),
        ]
        try await LeaseFixture.run(pages) { fixture in
            try await fixture.request(["http://courier.test/other"])
            let turns = turns(fixture)
            try await turns.take("courier.test")
            #expect(try await fixture.frontier.frontier.release() == 0)
            #expect(
                try await fixture.frontier.text("SELECT leased_by FROM wireroom.host WHERE name = 'courier.test'")
                    == "operator")
            let proposal = try await probe(fixture, turns)
            #expect(proposal.sample != nil)
            let times = fixture.site.requests.map(\.at)
            #expect(times.count == 5)  // robots.txt, home page, feed, /sitemap.xml, the sample, and none of /other
            for (first, second) in zip(times, times.dropFirst()) {
                #expect(second - first >= .milliseconds(300))
            }
            // Given back, with the delay after the last request.
            #expect(
                try await fixture.frontier.line.number(
                    """
                    SELECT count(*) FROM wireroom.host WHERE name = 'courier.test' AND lease_until IS NULL
                    AND next_allowed_at > now() - interval '5 s'
                    """) == 1)
        }
    }

    @Test func waitsForAWorkersLeaseToEnd() async throws {
        try await LeaseFixture.run(["/": Self.page("<p>x")]) { fixture in
            try await fixture.request(["http://courier.test/a"])
            let host = try await fixture.frontier.lease()
            async let proposal = probe(fixture, turns(fixture))
            try await fixture.frontier.line.wait(
                for:
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%blocked_reason, to_char%'"
            ) { $0 > 0 }
            #expect(fixture.site.requests.isEmpty)
            try await fixture.frontier.close(host)
            #expect(try await proposal.homepage.href == "http://courier.test/")
        }
    }

    @Test(arguments: [
        ("lease_until = now() + interval '1 h', leased_by = 'w7'", "in the hand of w7"),
        ("next_allowed_at = now() + interval '1 h'", "the delay of courier.test"),
        ("is_paused = true", "wireroom resume host courier.test"),
        ("blocked_until = now() + interval '1 h', blocked_reason = 'HTTP 429'", "HTTP 429"),
    ])
    func saysWhyAHostCannotBeAskedNow(state: String, words: String) async throws {
        try await LeaseFixture.run(["/": Self.page("<p>x")]) { fixture in
            try await fixture.frontier.execute("INSERT INTO wireroom.host (name) VALUES ('courier.test')")
            try await fixture.frontier.execute("UPDATE wireroom.host SET \(state)")
            let error = try await #require(throws: SourceProbeError.self) {
                try await probe(fixture, turns(fixture, patience: .milliseconds(1)))
            }
            #expect(error.message.contains(words))
            #expect(fixture.site.requests.isEmpty)
        }
    }

    @Test func aHostWhoseGroupIsInUseCannotBeAskedNow() async throws {
        try await LeaseFixture.run(["/": Self.page("<p>x")]) { fixture in
            try await fixture.frontier.execute(
                """
                INSERT INTO wireroom.host (name, delay_group, lease_until)
                VALUES ('courier.test', 'press', NULL), ('ledger.test', 'press', now() + interval '1 h')
                """)
            let error = try await #require(throws: SourceProbeError.self) {
                try await probe(fixture, turns(fixture, patience: .milliseconds(1)))
            }
            #expect(error.message.contains("or of its group"))
            #expect(fixture.site.requests.isEmpty)
        }
    }

    @Test func asksEachHostForItsOwnRules() async throws {
        try await LeaseFixture.run([
            "courier.test/": Self.page("<link rel=alternate type=application/rss+xml href=http://ledger.test/feed>"),
            "ledger.test/robots.txt": Self.page("User-agent: *\nDisallow: /feed", "text/plain"),
            "ledger.test/feed": Self.feed,
        ]) { fixture in
            let proposal = try await probe(fixture)
            #expect(proposal.urls.map(\.kind) == [.home])
            #expect(!fixture.site.pages.contains("ledger.test/feed"))
        }
    }
}
