import Foundation
import Model
import Testing
import WebURL

@testable import Crawling

struct SourceRulesTests {
    private let now = Date(timeIntervalSince1970: 1_780_000_000)

    private func refusal(
        _ path: String, include: [String] = [], exclude: [String] = [], age: Duration? = nil, daysAgo: Double? = nil
    ) throws -> DiscoveryRefusal? {
        let home = try #require(ParsedURL("https://courier.example/"))
        let scope = SourceScope(
            homepage: home, rules: SourceRules(include: include, exclude: exclude, maximumAge: age))
        return scope.refusal(
            of: try #require(ParsedURL(path, base: home)), date: daysAgo.map { now - $0 * 86_400 }, now: now)
    }

    @Test func patternsAreThoseOfRobots() throws {
        #expect(try refusal("/news/a", include: ["/news/"]) == nil)
        #expect(try refusal("/sport/a", include: ["/news/", "/world/"]) == .excluded)
        #expect(try refusal("/sport/a", exclude: ["/sport/"]) == .excluded)
        #expect(try refusal("/news/a/live", exclude: ["/*/live$"]) == .excluded)
        #expect(try refusal("/news/a/lively", exclude: ["/*/live$"]) == nil)
        #expect(try refusal("/news/a?print=1", exclude: ["*print="]) == .excluded)
        #expect(try refusal("/news/a", include: ["/news/"], exclude: ["*/a"]) == .excluded)
        #expect(try refusal("/n%65ws/a", include: ["/news/"]) == nil)
        #expect(try refusal("https://ledger.example/news/", include: ["/news/"]) == .outOfScope)
    }

    @Test func ageCountsWhereADateIsKnown() throws {
        #expect(try refusal("/a", age: .seconds(86_400), daysAgo: 1.1) == .tooOld)
        #expect(try refusal("/a", age: .seconds(86_400), daysAgo: 0.9) == nil)
        #expect(try refusal("/a", age: .seconds(86_400)) == nil)
        #expect(try refusal("/a", daysAgo: 4000) == nil)
    }

    @Test(arguments: ["/a", "*", "*/b$"]) func aPatternBeginsWithASlashOrAStar(_ text: String) {
        #expect(SourceRules.isPattern(text))
    }

    @Test(arguments: ["", "a", "https://x.example/", "$"]) func othersAreNone(_ text: String) {
        #expect(!SourceRules.isPattern(text))
    }
}

struct TwinFormTests {
    @Test(arguments: [
        ("https://www.courier.example/a/b", "https://courier.example/a/b"),
        ("http://courier.example/a", "https://courier.example/a"),
        ("https://m.courier.example/a", "https://www.courier.example/a"),
        ("https://amp.courier.example/a", "https://courier.example/a"),
        ("https://courier.example/amp/a", "https://courier.example/a"),
        ("https://courier.example/a/amp/", "https://courier.example/a"),
        ("https://courier.example/a.amp.html", "https://courier.example/a.html"),
        ("https://courier.example/a.amp", "https://courier.example/a"),
        ("https://courier.example/a-amp.html", "https://courier.example/a.html"),
        ("https://courier.example/a?amp=1", "https://courier.example/a"),
        ("https://courier.example/a?outputType=amp&id=7", "https://courier.example/a?id=7"),
        ("https://courier.example/a/amp.html", "https://courier.example/a/"),
        ("https://courier.example/a?utm_source=x", "https://courier.example/a"),
    ])
    func seesFormsOfOnePage(left: String, right: String) throws {
        let (left, right) = (try #require(ParsedURL(left)), try #require(ParsedURL(right)))
        #expect(TwinForm.areTwins(left, right) && TwinForm.areTwins(right, left))
    }

    /// What pages wrongly call their canonical form.
    @Test(arguments: [
        ("https://courier.example/a", "https://courier.example/"),
        ("https://courier.example/a", "https://courier.example/b"),
        ("https://courier.example/a?id=1", "https://courier.example/a?id=2"),
        ("https://courier.example/a", "https://ledger.example/a"),
        ("https://news.courier.example/a", "https://sport.courier.example/a"),
        ("https://courier.example/amp/", "https://courier.example/"),
        ("https://courier.example/a", "https://courier.example/a/2"),
        ("https://courier.example:8443/a", "https://courier.example/a"),
        ("https://m.example/a", "https://www.example/a"), ("https://courier.example/a", "mailto:a@courier.example"),
    ])
    func keepsPagesApart(left: String, right: String) throws {
        #expect(!TwinForm.areTwins(try #require(ParsedURL(left)), try #require(ParsedURL(right))))
    }
}

struct WatchedPageTests {
    private let discoverer = Discoverer(configuration: CrawlConfiguration(contact: "https://example.org/"))
    private let now = Date(timeIntervalSince1970: 1_780_000_000)
    private static let menu =
        #"<nav><a href="/politics">Politics</a><a href="/about-us">About us</a><a href="/sport/">Sport</a></nav>"#

    private func look(_ page: String, _ memory: PageMemory, sections: Bool = true) throws -> Discoverer.Finding {
        let home = try #require(ParsedURL("https://courier.example/"))
        return discoverer.home(
            Array((Self.menu + page).utf8), at: home, contentType: "text/html", scope: SourceScope(homepage: home),
            now: now,
            memory: memory, watchesSections: sections)
    }

    /// What a page would be remembered by after some visits, the newest of them hours ago.
    private func memory(_ paths: [String], visits: Int) throws -> PageMemory {
        PageMemory(
            try paths.map { path in
                let link = try FrontierFixture.url("https://courier.example\(path)")
                return PageMemory.Link(identity: link.identity, firstSeen: now - 40_000, visits: visits)
            })
    }

    @Test func atFirstOnlyTheFormOfALinkTells() throws {
        let finding = try look(
            #"<a href="/politics/budget-vote">Budget</a><a href="/2026/05/bridge/x">Bridge</a><a href="/x">Six words make up a whole headline</a>"#,
            PageMemory())
        #expect(finding.urls.map(\.url) == ["https://courier.example/2026/05/bridge/x", "https://courier.example/x"])
        #expect(finding.links.count == 6)
    }

    @Test func whatIsNewOnAKnownPageIsTakenForAnArticle() throws {
        let known = try memory(["/politics", "/about-us", "/sport/", "/politics/yesterday"], visits: 2)
        let finding = try look(
            #"<a href="/politics/budget-vote">Budget</a><a href="/politics/yesterday">Old</a><a href="/tag/budget-vote">Tag</a><a href="/new">New</a>"#,
            known)
        #expect(finding.urls.map(\.url) == ["https://courier.example/politics/budget-vote"])
    }

    @Test func whatIsAlwaysThereIsAMenuAndItsSectionsAreWatched() throws {
        let paths = ["/politics", "/about-us", "/sport/", "/always-here-and-never-news"]
        let page = #"<a href="/always-here-and-never-news">Our pledge</a>"#
        let early = try look(page, try memory(paths, visits: 2))
        #expect(early.urls.map(\.url) == ["https://courier.example/always-here-and-never-news"])
        let later = try look(page, try memory(paths, visits: 3))
        #expect(later.urls.map(\.url) == ["https://courier.example/politics", "https://courier.example/sport/"])
        #expect(later.urls.allSatisfy { $0.kind == .home })
        #expect(
            try look(page, try memory(paths, visits: 3), sections: false).urls.isEmpty,
            "sections lead to no further sections")
    }

    @Test func findsThePagesOtherForm() throws {
        let url = try #require(ParsedURL("https://courier.example/amp/bridge"))
        func twin(_ head: String) -> String? {
            discoverer.twin(of: url, in: Array("<html><head>\(head)</head>".utf8), scope: SourceScope(homepage: url))?
                .url
        }
        #expect(twin(#"<link rel="canonical" href="/bridge#top">"#) == "https://courier.example/bridge")
        #expect(twin(#"<link rel="canonical" href="/">"#) == nil)
        #expect(twin(#"<link rel="canonical" href="/amp/bridge">"#) == nil)
        #expect(twin(#"<link rel="canonical" href="https://ledger.example/bridge">"#) == nil)
        #expect(twin(#"<link rel="canonical" href="/bridge"><link rel="canonical" href="/other">"#) == nil)
        #expect(twin(#"<link rel="amphtml" href="/bridge">"#) == nil)
        #expect(
            twin(#"<BODY class="a"><link rel="canonical" href="/bridge">"#) == nil, "anyone may write into the body")
        #expect(
            twin(#"<link rel="canonical" href="/bridge"><body><link rel="canonical" href="/other">"#)
                == "https://courier.example/bridge")
    }

    @Test func anUndatedSitemapIsNewsOnlyOnceItIsKnown() throws {
        let home = try #require(ParsedURL("https://courier.example/"))
        let text =
            "<urlset><url><loc>https://courier.example/politics/budget-vote</loc></url><url><loc>https://courier.example/politics</loc></url></urlset>"
        func finding(first: Bool) throws -> Discoverer.Finding {
            try discoverer.sitemap(
                Array(text.utf8), at: home, contentType: nil, scope: SourceScope(homepage: home), now: now,
                isFirst: first)
        }
        #expect(try finding(first: true).urls.map(\.lane) == [.backfill])
        #expect(try finding(first: false).urls.map(\.lane) == [.live])
        #expect(try finding(first: true).refusals == [.notAnArticle: 1])
    }
}
