import Foundation
import Model
import Testing
import WebURL

@testable import Crawling

struct DiscovererTests {
    private let discoverer = Discoverer(configuration: CrawlConfiguration(contact: "https://example.org/"))
    private let now = Date(timeIntervalSince1970: 1_780_000_000)  // 28 May 2026

    private func url(_ text: String) throws -> ParsedURL { try #require(ParsedURL(text)) }

    private func scope(_ hosts: [String] = []) throws -> SourceScope {
        SourceScope(homepage: try url("https://www.courier.example/"), allowedHosts: hosts)
    }

    private func feed(_ items: String, hosts: [String] = []) throws -> Discoverer.Finding {
        let text = "<rss version=\"2.0\"><channel><title>C</title><ttl>30</ttl>\(items)</channel></rss>"
        return try discoverer.feed(
            Array(text.utf8), at: try url("https://www.courier.example/feed"), contentType: "application/rss+xml",
            scope: try scope(hosts),
            now: now)
    }

    private func sitemap(_ text: String) throws -> Discoverer.Finding {
        try discoverer.sitemap(
            Array(text.utf8), at: try url("https://www.courier.example/sitemap.xml"), contentType: "application/xml",
            scope: try scope(),
            now: now)
    }

    @Test func readsAFeedsEntriesWithTheirEvidence() throws {
        let finding = try feed(
            """
            <item><title>Bridge opened</title><link>/2026/bridge?utm_source=rss</link><pubDate>Wed, 27 May 2026 10:00:00 GMT</pubDate>
            <author>a@courier.example (Ana Ruiz)</author><category>Local</category></item>
            """)
        #expect(finding.items == 1 && finding.refused == 0)
        #expect(finding.askedInterval == .seconds(1800))
        #expect(finding.newest == FeedDateParser.parse("2026-05-27T10:00:00Z"))
        let article = try #require(finding.urls.first)
        #expect(article.kind == .article && article.lane == .live && article.host == "www.courier.example")
        #expect(article.url == "https://www.courier.example/2026/bridge?utm_source=rss")
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let evidence = try decoder.decode(ListingEvidence.self, from: Data(try #require(article.evidence).utf8))
        #expect(evidence.title == "Bridge opened" && evidence.categories == ["Local"])
        #expect(evidence.published == finding.newest && evidence.listing == "https://www.courier.example/feed")
    }

    @Test func keepsToTheSource() throws {
        let items = [
            "https://courier.example/a", "https://m.courier.example/b", "https://ledger.example/c",
            "mailto:x@courier.example",
            "https://u:p@courier.example/d", "https://notcourier.example/e", "https://news.ledger.example/f",
        ]
        .map { "<item><link>\($0)</link></item>" }.joined()
        let own = try feed(items)
        #expect(own.urls.map(\.url) == ["https://courier.example/a", "https://m.courier.example/b"])
        #expect(own.items == 7 && own.refused == 5)
        let wider = try feed(items, hosts: ["Ledger.example"])
        #expect(
            wider.urls.map(\.host) == ["courier.example", "m.courier.example", "ledger.example", "news.ledger.example"])
    }

    @Test func takesEachAddressOnce() throws {
        let finding = try feed(
            ["/a", "/a#top", "/a?utm_medium=x", "/b"].map { "<item><link>\($0)</link></item>" }.joined())
        #expect(finding.items == 4)
        #expect(finding.urls.map(\.url) == ["https://www.courier.example/a", "https://www.courier.example/b"])
    }

    @Test(arguments: [
        "/a/b/a/b/a/b", "/" + String(repeating: "x/", count: 20), "/" + String(repeating: "y", count: 2100),
        "/x/http://ledger.example/",
        "/calendar/2099/", "/events?year=1890",
    ])
    func leavesTrapsOut(path: String) throws {
        let finding = try feed(
            "<item><link>https://courier.example\(path)</link></item><item><link>/fine</link></item>")
        #expect(finding.urls.map(\.url) == ["https://www.courier.example/fine"])
        #expect(finding.refused == 1)
    }

    @Test(arguments: [(0.0, Lane.live), (6.9, .live), (7.1, .backfill), (4000, .backfill), (-2, .live)])
    func putsOldItemsIntoTheBackfillLane(daysAgo: Double, lane: Lane) throws {
        let date = (now - daysAgo * 86_400).formatted(.iso8601)
        let finding = try sitemap(
            """
            <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url>
            <loc>https://www.courier.example/how-the-bridge-opened</loc><lastmod>\(date)</lastmod></url></urlset>
            """)
        #expect(finding.urls.map(\.lane) == [lane])
    }

    @Test(arguments: [(0.9, 0), (1.1, -7), (6.9, -7), (7.1, 0)])
    func whatWasPublishedDaysBeforeComesBehindWhatIsNew(daysAgo: Double, priority: Int) throws {
        let date = (now - daysAgo * 86_400).formatted(.iso8601)
        let finding = try feed(
            "<item><link>/a</link><dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>\(date)</dc:date></item>")
        #expect(finding.urls.map(\.priority) == [priority])
    }

    @Test func aDateInTheFutureIsNotTheNewest() throws {
        let finding = try feed(
            """
            <item><link>/a</link><pubDate>Wed, 27 May 2099 10:00:00 GMT</pubDate></item>
            <item><link>/b</link><pubDate>Wed, 20 May 2026 10:00:00 GMT</pubDate></item>
            """)
        #expect(finding.newest == FeedDateParser.parse("2026-05-20T10:00:00Z"))
    }

    @Test func readsASitemapIndexAsSitemaps() throws {
        let finding = try sitemap(
            """
            <sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
            <sitemap><loc>https://www.courier.example/sitemap-2009.xml</loc><lastmod>2009-05-01</lastmod></sitemap>
            <sitemap><loc>https://ledger.example/sitemap.xml</loc></sitemap></sitemapindex>
            """)
        #expect(finding.urls.map(\.url) == ["https://www.courier.example/sitemap-2009.xml"])
        #expect(finding.urls.allSatisfy { $0.kind == .sitemap && $0.lane == .live })
        #expect(finding.refused == 1)
    }

    @Test func sitemapsOfAnIndexComeAfterFeedsAndArticles() throws {
        let finding = try sitemap(
            """
            <sitemapindex><sitemap><loc>https://www.courier.example/1.xml</loc></sitemap>
            <sitemap><loc>https://www.courier.example/2.xml</loc><lastmod>2026-05-01</lastmod></sitemap></sitemapindex>
            """)
        #expect(finding.urls.map(\.priority) == [-5, -5])
        let fresh = (now - 3600).formatted(.iso8601)
        let mixed = try sitemap(
            """
            <sitemapindex><sitemap><loc>https://www.courier.example/a.xml</loc><lastmod>\(fresh)</lastmod></sitemap>
            <sitemap><loc>https://www.courier.example/news-1998.xml</loc><lastmod>1998-05-01</lastmod></sitemap>
            <sitemap><loc>https://www.courier.example/sitemap-news.xml</loc></sitemap></sitemapindex>
            """)
        #expect(mixed.urls.map(\.priority) == [-4, -5, -4])
        let listed = try sitemap("<urlset><url><loc>https://www.courier.example/2026/05/01/rain</loc></url></urlset>")
        #expect(listed.urls.map(\.priority) == [0])
    }

    @Test func takesFromASitemapWhatLooksLikeAnArticle() throws {
        let finding = try sitemap(
            """
            <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">
            <url><loc>https://www.courier.example/</loc></url><url><loc>https://www.courier.example/about</loc></url>
            <url><loc>https://www.courier.example/local/bridge-of-oslo-opened</loc></url>
            <url><loc>https://www.courier.example/x</loc><n:news><n:publication_date>2026-05-27</n:publication_date>
            <n:title>Bridge</n:title></n:news></url></urlset>
            """)
        #expect(finding.items == 4)
        #expect(
            finding.urls.map(\.url) == [
                "https://www.courier.example/local/bridge-of-oslo-opened", "https://www.courier.example/x",
            ])
        #expect(finding.urls.last?.evidence?.contains("Bridge") == true)
    }

    @Test func readsAHomePagesFeedsAndArticles() throws {
        let html = """
            <html><head><base href="/local/"><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>
            <a href="/about">About us</a> <a href="bridge-of-oslo-opened">Bridge</a> <a href="/2026/05/27/rain">Rain</a>
            <a href="https://ledger.example/their-long-story-here">Theirs</a> <a href="javascript:void(0)">x</a>
            <a href="/tag/one-two-three-four">Tag</a></body></html>
            """
        let finding = discoverer.home(
            Array(html.utf8), at: try url("https://www.courier.example/"), contentType: "text/html", scope: try scope(),
            now: now)
        #expect(finding.urls.filter { $0.kind == .feed }.map(\.url) == ["https://www.courier.example/feed.xml"])
        #expect(
            finding.urls.filter { $0.kind == .article }.map(\.url) == [
                "https://www.courier.example/local/bridge-of-oslo-opened",
                "https://www.courier.example/2026/05/27/rain",
            ])
        #expect(finding.items == 2)
    }

    @Test func aHomePageNamesSitemapsAndFeedsOfOthers() throws {
        let html = """
            <head><link rel=sitemap href=/map.xml><link rel=sitemap href=https://ledger.example/map.xml>
            <link rel=alternate type=application/rss+xml href=https://ledger.example/feed#top></head>
            """
        let finding = discoverer.home(
            Array(html.utf8), at: try url("https://www.courier.example/"), contentType: "text/html", scope: try scope(),
            now: now)
        #expect(finding.urls.map(\.url) == ["https://www.courier.example/map.xml"])
        #expect(finding.urls.map(\.kind) == [.sitemap])
        #expect(finding.foreignFeeds.map(\.href) == ["https://ledger.example/feed"])
        #expect(finding.refusals == [.outOfScope: 1])
    }

    @Test func whatIsNoListingThrows() throws {
        #expect(throws: (any Error).self) {
            try discoverer.feed(
                Array("<html><p>Sorry".utf8), at: try url("https://www.courier.example/feed"), contentType: "text/html",
                scope: try scope(),
                now: now)
        }
        #expect(throws: (any Error).self) { try sitemap("<html><body>Sorry</body></html>") }
    }

    @Test(arguments: [#"a\u0000"b"#, "a\0b", #"back\\slash\"#, "\u{1}\u{2028}"]) func evidenceIsAlwaysJSON(
        title: String
    ) throws {
        let evidence = ListingEvidence(listing: "x", title: title, published: now, authors: [title], categories: [])
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let decoded = try decoder.decode(ListingEvidence.self, from: Data(try #require(evidence.json).utf8))
        #expect(decoded.title == title.filter { $0 != "\0" })
    }
}
