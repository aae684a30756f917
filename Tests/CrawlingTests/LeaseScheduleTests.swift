import Foundation
import Model
import TestSupport
import Testing

@testable import Crawling

/// Leases against local websites: what schedules, rules and forms of pages make of real answers.
@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(3)), .serialized)
struct LeaseScheduleTests {
    private static func page(_ text: String, _ headers: [String] = ["Content-Type: text/html"]) -> [ServerStep] {
        [.answer("200 OK", headers: headers, body: Array(text.utf8))]
    }

    private static func feed(_ links: [String]) -> String {
        "<rss><channel>" + links.map { "<item><link>\($0)</link></item>" }.joined() + "</channel></rss>"
    }

    private func again(_ fixture: LeaseFixture) async throws {
        try await fixture.frontier.execute("DELETE FROM wireroom.outbox")
        try await fixture.frontier.execute("UPDATE wireroom.url SET due_at = now() WHERE kind <> 'article'")
        try await fixture.frontier.execute("UPDATE wireroom.url SET due_at = NULL WHERE kind = 'article'")
        try await fixture.lease()
    }

    @Test func aFeedThatGaveOnly304sForADayIsSeenWholeAndDistrustedIfItLied() async throws {
        try await LeaseFixture.run([
            "/feed": Self.page(Self.feed(["/a-story", "/another-story"]), ["ETag: \"1\"", "Content-Type: text/xml"])
        ]) { fixture in
            try await fixture.frontier.add(["http://courier.test/feed"], kind: .feed, homepage: "http://courier.test/")
            try await fixture.frontier.execute(
                """
                UPDATE wireroom.url SET etag = '"1"', last_status = 304, last_digest = '\\x01', items_per_hour = 1, items_seen = 1,
                    last_fetched_at = now() - interval '1 hour', full_look_at = now() - interval '25 hours'
                """)
            try await fixture.lease()
            #expect(!(try #require(fixture.site.requests.last).head.contains("If-None-Match")))
            #expect(
                try await fixture.frontier.line.number(
                    "SELECT count(*) FROM wireroom.url WHERE kind = 'feed' AND distrusted_until > now() + interval '29 days' AND full_look_at > now() - interval '1 minute'"
                ) == 1)
            try await again(fixture)
            #expect(
                !(try #require(fixture.site.requests.last).head.contains("If-None-Match")),
                "it is not believed any more")
            try await fixture.frontier.execute("UPDATE wireroom.url SET distrusted_until = NULL")
            try await again(fixture)
            #expect(try #require(fixture.site.requests.last).head.contains("If-None-Match: \"1\""))
        }
    }

    @Test func aFeedWithTheSameBodyIsNotReadAgain() async throws {
        try await LeaseFixture.run([
            "/feed": Self.page(Self.feed(["/a-story"]), ["Content-Type: text/xml", "Cache-Control: max-age=2000"])
        ]) { fixture in
            try await fixture.frontier.add(["http://courier.test/feed"], kind: .feed, homepage: "http://courier.test/")
            try await fixture.lease()
            #expect(
                try await fixture.frontier.line.number("SELECT items_seen FROM wireroom.url WHERE kind = 'feed'") == 1)
            try await fixture.frontier.execute(
                "UPDATE wireroom.url SET items_seen = 7, items_per_hour = 100 WHERE kind = 'feed'")
            try await again(fixture)
            #expect(
                try await fixture.frontier.line.number(
                    "SELECT count(*) FROM wireroom.url WHERE kind = 'feed' AND items_seen = 7 AND last_status = 200 AND interval_seconds = 2000"
                ) == 1)
        }
    }

    @Test func anArticleThatTheRulesNoLongerWantIsNotFetched() async throws {
        try await LeaseFixture.run(["/sport/a": Self.page("a"), "/news/a": Self.page("b")]) { fixture in
            let source = try await fixture.frontier.add(
                ["http://courier.test/sport/a", "http://courier.test/news/a"], homepage: "http://courier.test/")
            _ = try await fixture.frontier.frontier.set(SourceSettings(excludePatterns: ["/sport/"]), ofSource: source)
            try await fixture.lease()
            #expect(fixture.site.pages == ["courier.test/news/a"])
            #expect(try await fixture.end("http://courier.test/sport/a") == "dropped out-of-scope")
        }
    }

    @Test func anArticleThatBecameTooOldWhileItWaitedIsNotFetched() async throws {
        try await LeaseFixture.run(["/old": Self.page("a"), "/new": Self.page("b"), "/had": Self.page("c")]) {
            fixture in
            let source = try await fixture.frontier.add(
                ["http://courier.test/old", "http://courier.test/new", "http://courier.test/had"],
                homepage: "http://courier.test/")
            _ = try await fixture.frontier.frontier.set(SourceSettings(maximumAge: .seconds(86_400)), ofSource: source)
            for (path, days) in [("old", 2.0), ("new", 0.5), ("had", 2.0)] {
                let evidence = ListingEvidence(
                    listing: "http://courier.test/feed", published: Date(timeIntervalSinceNow: -days * 86_400),
                    authors: [], categories: [])
                try await fixture.frontier.execute(
                    "UPDATE wireroom.url SET evidence = '\(try #require(evidence.json))' WHERE url LIKE '%/\(path)'")
            }
            try await fixture.frontier.execute("UPDATE wireroom.url SET last_digest = '\\x01' WHERE url LIKE '%/had'")
            try await fixture.lease()
            #expect(Set(fixture.site.pages) == ["courier.test/new", "courier.test/had"])
            #expect(try await fixture.end("http://courier.test/old") == "dropped out-of-scope")
        }
    }

    @Test func anArchiveOfSitemapsDoesNotHoldUpAFeed() async throws {
        let index =
            "<sitemapindex>" + (1...40).map { "<sitemap><loc>http://courier.test/\($0).xml</loc></sitemap>" }.joined()
            + "</sitemapindex>"
        try await LeaseFixture.run(["/index.xml": Self.page(index), "/feed": Self.page(Self.feed(["/a-story"]))]) {
            fixture in
            try await fixture.frontier.add(
                ["http://courier.test/index.xml"], kind: .sitemap, homepage: "http://courier.test/")
            try await fixture.lease()
            try await fixture.frontier.add(["http://courier.test/feed"], kind: .feed, homepage: "http://courier.test/")
            try await fixture.frontier.execute(
                "UPDATE wireroom.url SET due_at = due_at - interval '1 h' WHERE url ~ '[0-9].xml'")
            try await fixture.frontier.execute("UPDATE wireroom.url SET due_at = now() WHERE kind = 'feed'")
            try await fixture.frontier.execute("DELETE FROM wireroom.outbox")
            try await fixture.lease()
            #expect(fixture.site.pages.dropFirst().first == "courier.test/feed")
            #expect(fixture.site.pages.count == 17)
            try await fixture.frontier.execute("DELETE FROM wireroom.outbox")
            try await fixture.lease()
            #expect(fixture.site.pages[17] == "courier.test/a-story")
        }
    }

    @Test func aRedirectIntoATrapIsNotFollowed() async throws {
        try await LeaseFixture.run([
            "/a": [.answer("302 Found", headers: ["Location: /a/b/a/b/a/b"])], "/a/b/a/b/a/b": Self.page("a"),
        ]) { fixture in
            try await fixture.frontier.add(["http://courier.test/a"], homepage: "http://courier.test/")
            try await fixture.lease()
            #expect(fixture.site.pages == ["courier.test/a"])
            #expect(try await fixture.end("http://courier.test/a") == "dropped url-trap")
        }
    }

    @Test func anAMPPageMarksItsCanonicalFormAsKnown() async throws {
        try await LeaseFixture.run([
            "/amp/bridge": Self.page("<html><head><link rel=canonical href='/bridge'></head><body>The bridge is open")
        ]) { fixture in
            try await fixture.frontier.add(["http://courier.test/amp/bridge"], homepage: "http://courier.test/")
            try await fixture.lease()
            #expect(try await fixture.end("http://courier.test/amp/bridge") == "captured")
            #expect(try await fixture.end("http://courier.test/bridge") == "dropped twin")
        }
    }

    /// A list of outlets often names `http://courier.example/`, which leads to `https://www.courier.example/`.
    @Test func theSectionsOfAHomePageThatHasMovedAreWatched() async throws {
        try await LeaseFixture.run([
            "courier.test/": [.answer("301 Moved", headers: ["Location: http://www.courier.test/"])],
            "www.courier.test/": Self.page("<nav><a href=/politics>Politics</a></nav>"),
        ]) { fixture in
            try await fixture.frontier.add(["http://courier.test/"], kind: .home, homepage: "http://courier.test/")
            try await fixture.lease()
            try await fixture.frontier.execute(
                "UPDATE wireroom.url SET due_at = NULL WHERE url = 'http://courier.test/'")
            try await fixture.frontier.execute("DELETE FROM wireroom.outbox")
            try await fixture.lease()
            try await fixture.frontier.execute(
                "UPDATE wireroom.page_link SET visits = 3, first_seen_at = now() - interval '1 day'")
            try await fixture.frontier.execute(
                """
                UPDATE wireroom.url SET last_digest = '\\x01', due_at = CASE WHEN url LIKE '%/www.%' THEN now() END;
                """)
            try await fixture.frontier.execute("DELETE FROM wireroom.outbox")
            try await fixture.lease()
            #expect(
                try await fixture.frontier.text(
                    "SELECT kind FROM wireroom.url WHERE url LIKE '%www.courier.test/politics'")
                    == "home")
        }
    }

    /// A home page without a feed: what is new is taken up, and after some visits its sections are watched as well.
    @Test func aHomePageTeachesItsMenuByRepetition() async throws {
        try await LeaseFixture.run([
            "/": Self.page("<nav><a href=/politics>Politics</a></nav><a href=/a-long-story-of-today>Story</a>")
        ]) { fixture in
            try await fixture.frontier.add(["http://courier.test/"], kind: .home, homepage: "http://courier.test/")
            try await fixture.lease()
            #expect(try await fixture.end("http://courier.test/a-long-story-of-today") == "known")
            #expect(try await fixture.end("http://courier.test/politics") == "")
            try await fixture.frontier.execute(
                "UPDATE wireroom.page_link SET visits = 3, first_seen_at = now() - interval '1 day'")
            try await fixture.frontier.execute("UPDATE wireroom.url SET last_digest = '\\x01'")
            try await again(fixture)
            #expect(
                try await fixture.frontier.text(
                    "SELECT kind FROM wireroom.url WHERE url = 'http://courier.test/politics'")
                    == "home")
        }
    }
}
