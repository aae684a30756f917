import Captures
import Foundation
import Model
import TestSupport
import Testing
import WebURL

@testable import Crawling

@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(3)), .serialized)
struct FrontierScheduleTests {
    private static func capture(_ url: LeasedURL, _ body: String = "a") throws -> Visit {
        Visit(
            .captured(
                try PostgresCaptureStore.prepare(
                    Capture(
                        urlID: url.urlID, requestedURL: url.url, finalURL: url.url, origin: .fetch, fetchedAt: Date(),
                        body: Array(body.utf8)))), status: 200)
    }

    // MARK: Budget

    /// What a host's count of today lets through.
    @Test(arguments: [
        (used: 0, lanes: [0, 1]), (used: 7, lanes: [0, 1]), (used: 8, lanes: [0]), (used: 9, lanes: [0]),
        (used: 10, lanes: []),
        (used: 11, lanes: []),
    ])
    func theDailyBudgetKeepsAFifthForWhatIsLive(used: Int, lanes: [Int]) async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line) { $0.dailyBudget = 10 }
            try await fixture.add(["https://courier.example/live", "https://courier.example/old"])
            try await fixture.execute("UPDATE wireroom.url SET lane = 1 WHERE url LIKE '%old'")
            try await fixture.execute(
                "UPDATE wireroom.host SET visits_today = \(used), visit_day = (now() AT TIME ZONE 'UTC')::date")
            guard !lanes.isEmpty else {
                #expect(try await fixture.frontier.release() == 0)
                return
            }
            #expect(try await fixture.lease().urls.map(\.lane.rawValue) == lanes)
        }
    }

    @Test func aNewDayHasAWholeBudgetAndAnOperatorMaySetAnother() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line) { $0.dailyBudget = 10 }
            try await fixture.add(["https://courier.example/live"])
            try await fixture.execute(
                "UPDATE wireroom.host SET visits_today = 10, visit_day = (now() AT TIME ZONE 'UTC')::date, operator_daily_budget = 0"
            )
            #expect(try await fixture.frontier.release() == 0)
            try await fixture.execute("UPDATE wireroom.host SET operator_daily_budget = NULL")
            #expect(try await fixture.frontier.release() == 0)
            try await fixture.execute("UPDATE wireroom.host SET visit_day = visit_day - 1")
            let host = try await fixture.lease()
            try await fixture.frontier.record(
                Visit(.unchanged, status: 304), of: host.urls[0], on: host, delay: .zero, signal: nil)
            #expect(try await line.number("SELECT visits_today FROM wireroom.host") == 1)
            try await fixture.execute("UPDATE wireroom.host SET operator_daily_budget = 0, visit_day = visit_day - 1")
            try await fixture.close(host)
            try await fixture.execute("UPDATE wireroom.url SET due_at = now()")
            #expect(try await fixture.frontier.release() == 0, "a budget of nothing holds on every day")
        }
    }

    // MARK: Revisits

    @Test func anArticleIsLookedAtAgainAfterWhatIsNew() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/one"])
            let host = try await fixture.lease()
            try await fixture.frontier.record(
                try Self.capture(host.urls[0]), of: host.urls[0], on: host, delay: .zero, signal: nil)
            try await fixture.close(host)
            #expect(
                try await line.number(
                    """
                    SELECT count(*) FROM wireroom.url WHERE due_at BETWEEN now() + interval '3590 s' AND now() + interval '3961 s'
                    AND priority = -10 AND revisits = 0
                    """) == 1)
            try await fixture.execute("UPDATE wireroom.url SET due_at = now() - interval '1 hour', state = 'indexed'")
            try await fixture.add(["https://courier.example/two"])
            try await fixture.execute("DELETE FROM wireroom.outbox")
            let second = try await fixture.lease()
            #expect(second.urls.map(\.url) == ["https://courier.example/two", "https://courier.example/one"])
            let again = second.urls[1]
            #expect(again.wasFetched && again.state == "indexed")
            try await fixture.frontier.record(
                Visit(.unchanged, status: 200), of: again, on: second, delay: .zero, signal: nil)
            #expect(
                try await fixture.text("SELECT concat_ws(' ', state, revisits) FROM wireroom.url WHERE url LIKE '%one'")
                    == "indexed 1")
            #expect(try await line.number("SELECT count(*) FROM wireroom.capture") == 1)
            #expect(
                try await line.number("SELECT count(*) FROM wireroom.outbox WHERE stage = 'parse'") == 0,
                "an unchanged body is not parsed again")
        }
    }

    @Test func aSourceSettingsHoldFromItsNextLeaseOn() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            let source = try await fixture.add(["https://courier.example/one"])
            let settings = SourceSettings(
                includePatterns: ["/news/*"], excludePatterns: ["*/live$"], maximumAge: .seconds(86_400),
                revisitAges: [])
            let holding = try #require(try await fixture.frontier.set(settings, ofSource: source))
            #expect(holding.includePatterns == ["/news/*"] && holding.revisitAges == [] && holding.name == "Courier")
            let leased = try #require(try await fixture.lease().urls.first?.source)
            #expect(leased.revisitAges == [])
            #expect(
                leased.rules == SourceRules(include: ["/news/*"], exclude: ["*/live$"], maximumAge: .seconds(86_400)))
            let cleared = try await fixture.frontier.set(
                SourceSettings(includePatterns: [], maximumAge: .zero, usesDefaultRevisits: true), ofSource: source)
            #expect(cleared?.includePatterns == [] && cleared?.maximumAge == nil && cleared?.revisitAges == nil)
            #expect(cleared?.excludePatterns == ["*/live$"])
            #expect(try await fixture.frontier.set(SourceSettings(), ofSource: source + 1) == nil)
        }
    }

    // MARK: Stagger

    /// As by a list of outlets that is imported again every week.
    @Test func aSourceThatIsAddedAgainKeepsWhatItsOperatorSet() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            func add(allowing hosts: [String]) async throws -> Int64 {
                try await fixture.frontier.addSource(
                    name: "Courier", homepage: "https://courier.example/", language: nil, allowedHosts: hosts, urls: []
                ).sourceID
            }
            let source = try await add(allowing: ["media.example"])
            _ = try await fixture.frontier.set(
                SourceSettings(language: "en", excludePatterns: ["/sport/"]), ofSource: source)
            #expect(try await add(allowing: []) == source)
            let kept = try #require(try await fixture.frontier.set(SourceSettings(), ofSource: source))
            #expect(
                kept.allowedHosts == ["media.example"] && kept.excludePatterns == ["/sport/"] && kept.language == "en")
            _ = try await add(allowing: ["film.example"])
            let changed = try #require(try await fixture.frontier.set(SourceSettings(), ofSource: source))
            #expect(changed.allowedHosts == ["film.example"])
        }
    }

    @Test func manySourcesAtOnceDoNotFireAtOnce() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/feed"], kind: .feed)
            #expect(
                try await line.number("SELECT count(*) FROM wireroom.url WHERE due_at <= now()") == 1,
                "alone it is due now")
            try await fixture.execute(
                """
                INSERT INTO wireroom.url (identity, url, kind, due_at)
                SELECT substring(sha256(i::text::bytea) FOR 16), 'https://x.example/' || i, 'feed', now() FROM generate_series(1, 3000) AS i
                """)
            let feeds = (0..<40).map { "https://ledger.example/feed\($0)" }
            try await fixture.add(feeds, kind: .feed, homepage: "https://ledger.example/")
            try await fixture.add(["https://ledger.example/article"], homepage: "https://ledger.example/")
            let late =
                "SELECT count(*) FROM wireroom.url WHERE url LIKE '%ledger%feed%' AND due_at > now() + interval '5 s'"
            #expect(try await line.number(late) > 20)
            #expect(
                try await line.number(
                    "SELECT count(*) FROM wireroom.url WHERE url LIKE '%ledger%' AND due_at > now() + interval '100 s'")
                    == 0)
            #expect(
                try await line.number("SELECT count(*) FROM wireroom.url WHERE url LIKE '%article' AND due_at <= now()")
                    == 1)
        }
    }

    // MARK: Twins

    @Test func theFormThatIsFetchedFirstCounts() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/amp/bridge"])
            let canonical = try FrontierFixture.url("https://courier.example/bridge")
            let host = try await fixture.lease()
            var visit = try Self.capture(host.urls[0])
            visit.twin = canonical
            try await fixture.frontier.record(visit, of: host.urls[0], on: host, delay: .zero, signal: nil)
            #expect(
                try await fixture.text(
                    "SELECT string_agg(url || ' ' || state || ' ' || coalesce(reason, '') || ' ' || (due_at IS NULL), ', ' ORDER BY url_id) FROM wireroom.url"
                )
                    == "https://courier.example/amp/bridge captured  false, https://courier.example/bridge dropped twin true"
            )
            #expect(
                try await line.number(
                    "SELECT count(*) FROM wireroom.url AS u JOIN wireroom.url AS t ON t.url_id = u.twin_of WHERE t.url LIKE '%amp%'"
                ) == 1)
            // Found again, by a feed: nothing to fetch.
            try await fixture.add(["https://courier.example/bridge"])
            #expect(try await line.number("SELECT count(*) FROM wireroom.url WHERE due_at <= now()") == 0)
        }
    }

    @Test func anotherFormOfAnArticleThatWasFetchedIsDropped() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/bridge"])
            let first = try await fixture.lease()
            try await fixture.frontier.record(
                try Self.capture(first.urls[0]), of: first.urls[0], on: first, delay: .zero, signal: nil)
            try await fixture.close(first)
            try await fixture.add(["https://courier.example/bridge?outputType=amp"])
            try await fixture.execute("DELETE FROM wireroom.outbox")
            let second = try await fixture.lease()
            var visit = try Self.capture(second.urls[0], "b")
            visit.twin = try FrontierFixture.url("https://courier.example/bridge")
            try await fixture.frontier.record(visit, of: second.urls[0], on: second, delay: .zero, signal: nil)
            #expect(
                try await fixture.text("SELECT concat_ws(' ', state, reason) FROM wireroom.url WHERE url LIKE '%amp'")
                    == "dropped twin")
            #expect(try await line.number("SELECT count(*) FROM wireroom.capture") == 1)
        }
    }

    // MARK: Pages and indexes

    @Test func aPagesLinksAreCountedVisitByVisit() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/"], kind: .home)
            let host = try await fixture.lease()
            let identities = try ["/politics", "/a-story-of-the-day"].map {
                try FrontierFixture.url("https://courier.example\($0)").identity
            }
            for round in 0..<3 {
                var visit = Visit(.listed(items: 1, newest: nil), status: 200)
                visit.links = (round == 0 ? identities[...] : identities[..<1]).map { PageLink(identity: $0) }
                try await fixture.frontier.record(visit, of: host.urls[0], on: host, delay: .zero, signal: nil)
            }
            let memory = try await fixture.frontier.pageMemory(of: host.urls[0].urlID)
            #expect(memory.visits == 3)
            #expect(memory.isMenu(identities[0], now: Date() + 4 * 3600) && !memory.isMenu(identities[0], now: Date()))
            #expect(!memory.isMenu(identities[1], now: Date() + 4 * 3600))
            #expect(!memory.isNew(identities[1]) && memory.isNew([1]))
        }
    }

    @Test func aSitemapThatItsIndexCallsChangedIsDue() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/index.xml"], kind: .sitemap)
            let host = try await fixture.lease()
            let children = try (0..<3).map { try FrontierFixture.url("https://courier.example/s\($0).xml", .sitemap) }
            var visit = Visit(.listed(items: 3, newest: nil), status: 200)
            visit.discovered = children
            try await fixture.frontier.record(visit, of: host.urls[0], on: host, delay: .zero, signal: nil)
            try await fixture.execute(
                """
                UPDATE wireroom.url SET due_at = now() + interval '1 day', last_fetched_at = now() - interval '2 hours' WHERE url LIKE '%/s%'
                """)
            visit.stale = [
                StaleListing(identity: children[0].identity, modified: Date() - 3600),
                StaleListing(identity: children[1].identity, modified: Date() - 9000),
            ]
            try await fixture.frontier.record(visit, of: host.urls[0], on: host, delay: .zero, signal: nil)
            #expect(
                try await fixture.text(
                    "SELECT string_agg(url, ' ') FROM wireroom.url WHERE url LIKE '%/s%' AND due_at <= now()")
                    == "https://courier.example/s0.xml")
        }
    }

    @Test func aFeedsHubsAndRefusalsAreKept() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/feed"], kind: .feed)
            let host = try await fixture.lease()
            var visit = Visit(.listed(items: 3, newest: nil), status: 200)
            visit.hubs = ["https://hub.example/"]
            visit.refusals = #"{"out-of-scope":2}"#
            try await fixture.frontier.record(visit, of: host.urls[0], on: host, delay: .zero, signal: nil)
            try await fixture.frontier.record(
                Visit(.unchanged, status: 304), of: host.urls[0], on: host, delay: .zero, signal: nil)
            #expect(
                try await fixture.text("SELECT hubs[1] || ' ' || (refusals ->> 'out-of-scope') FROM wireroom.url")
                    == "https://hub.example/ 2")
        }
    }
}
