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

    private func probe(_ fixture: LeaseFixture) async throws -> SourceProposal {
        let address = try #require(ParsedURL("http://courier.test/"))
        return try await SourceProbe(configuration: fixture.frontier.configuration, fetcher: fixture.fetcher)
            .probe(address) { _ in }
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
            #expect(proposal.listings.map(\.url) == ["http://courier.test/feed", "http://courier.test/news.xml"])
            #expect(proposal.listings.map(\.problem) == [nil, "HTTP 404"])
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
}
