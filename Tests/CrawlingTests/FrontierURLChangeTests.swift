import Captures
import Foundation
import Model
import Testing

@testable import Crawling

/// What each kind of visit does to its URL's row.
struct FrontierURLChangeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var kind = URLKind.article
        var attempts = 0
        var rate: Double?
        var revisits = 0
        var ages: [Duration]?
        var lane = Lane.live
        var urlState = "known"
        var wasFetched = false
        var result: Visit.Result
        var newItems = 0
        // Expected.
        var state: String?
        var reason: String?
        var newAttempts = 0
        var due: Duration?
        var newInterval: Duration?
        var hasValidators = false
        var newRevisits: Int?

        var testDescription: String { name }
    }

    private static let configuration: CrawlConfiguration = {
        var configuration = CrawlConfiguration(contact: "https://example.org/")
        configuration.minimumFeedInterval = .seconds(300)
        configuration.maximumFeedInterval = .seconds(6000)
        configuration.maximumAskedInterval = .seconds(6000)
        return configuration
    }()

    private static let now = Date(timeIntervalSince1970: 1_780_000_000)

    static let cases: [Case] = [
        Case(name: "article unchanged", attempts: 3, result: .unchanged, due: .seconds(3600), newRevisits: 0),
        Case(
            name: "article unchanged at its second revisit", revisits: 1, wasFetched: true, result: .unchanged,
            due: .seconds(64_800), newRevisits: 2),
        Case(
            name: "article unchanged at its last revisit", revisits: 3, wasFetched: true, result: .unchanged,
            newRevisits: 4),
        Case(
            name: "article of the source's own schedule", ages: [.seconds(60)], result: .unchanged, due: .seconds(60),
            newRevisits: 0),
        Case(name: "article of a source without revisits", ages: [], result: .unchanged, newRevisits: 0),
        Case(name: "article of the archive", lane: .backfill, result: .unchanged),
        Case(
            name: "page that is no article", urlState: "dropped", wasFetched: true, result: .unchanged, newRevisits: 1),
        Case(
            name: "feed unchanged", kind: .feed, attempts: 3, rate: 0.5, result: .unchanged, due: .seconds(1956),
            newInterval: .seconds(1956)),
        Case(
            name: "feed quiet for long", kind: .feed, rate: 0.001, result: .unchanged,
            due: .seconds(6000), newInterval: .seconds(6000)),
        Case(
            name: "sitemap quiet for long", kind: .sitemap, rate: 0.001, result: .unchanged,
            due: .seconds(86_400), newInterval: .seconds(86_400)),
        Case(
            name: "feed with something new", kind: .feed, rate: 0.5,
            result: .listed(items: 3, newest: nil), newItems: 3,
            due: .seconds(1285), newInterval: .seconds(1285), hasValidators: true),
        Case(
            name: "busy sitemap", kind: .sitemap, rate: 20,
            result: .listed(items: 30, newest: nil),
            newItems: 30, due: .seconds(300), newInterval: .seconds(300), hasValidators: true),
        Case(
            name: "home page for the first time", kind: .home, result: .listed(items: 0, newest: nil),
            due: .seconds(1800), newInterval: .seconds(1800),
            hasValidators: true),
        Case(name: "article fails first", result: .failed("x"), newAttempts: 1, due: .seconds(60)),
        Case(name: "article fails again", attempts: 1, result: .failed("x"), newAttempts: 2, due: .seconds(600)),
        Case(
            name: "article fails a third time", attempts: 2, result: .failed("x"), newAttempts: 3, due: .seconds(3600)),
        Case(
            name: "article fails a fourth time", attempts: 3, result: .failed("x"), newAttempts: 4,
            due: .seconds(21_600)),
        Case(
            name: "article fails a fifth time", attempts: 4, result: .failed("x"), newAttempts: 5, due: .seconds(86_400)
        ),
        Case(
            name: "article is given up", attempts: 5, result: .failed("x"), state: "dropped", reason: "unreachable",
            newAttempts: 6),
        Case(
            name: "feed is never given up", kind: .feed, attempts: 50, result: .failed("x"), newAttempts: 51,
            due: .seconds(86_400)),
        Case(
            name: "postponed keeps its attempts", attempts: 2, result: .postponed("x"), newAttempts: 2, due: .seconds(1)
        ),
        Case(name: "article dropped", result: .dropped(.notFound, "HTTP 404"), state: "dropped", reason: "not-found"),
        Case(
            name: "feed gone is looked at once a day", kind: .feed, result: .dropped(.notFound, nil),
            reason: "not-found", newAttempts: 1,
            due: .seconds(21_600)),
        Case(
            name: "feed gone for long", kind: .feed, attempts: 4, result: .dropped(.notFound, nil), reason: "not-found",
            newAttempts: 5,
            due: .seconds(86_400)),
    ]

    private func change(_ test: Case, asked: Duration? = nil) -> URLChange {
        var url = LeasedURL(
            urlID: 1, url: "https://courier.example/x", kind: test.kind, lane: test.lane, attempts: test.attempts)
        url.itemsPerHour = test.rate
        url.lastFetched = Self.now - 3600
        url.revisits = test.revisits
        url.lastDigest = test.wasFetched ? [1] : nil
        url.state = test.urlState
        if test.ages != nil {
            url.source = LeasedSource(
                sourceID: 1, homepage: "https://courier.example/", allowedHosts: [], revisitAges: test.ages)
        }
        var visit = Visit(test.result)
        visit.askedInterval = asked
        return URLChange(
            url: url, visit: visit, newItems: test.newItems, configuration: Self.configuration, now: Self.now)
    }

    @Test(arguments: cases) func changes(_ test: Case) {
        let change = change(test)
        #expect(change.state == test.state)
        #expect(change.reason == test.reason)
        #expect(change.attempts == test.newAttempts)
        // To the second: a rate that decays is no round number.
        #expect(change.due.map { Int($0.seconds) } == test.due.map { Int($0.seconds) })
        #expect(change.interval.map { Int($0.seconds) } == test.newInterval.map { Int($0.seconds) })
        #expect(change.revisits == test.newRevisits)
        #expect(change.hasValidators == test.hasValidators)
    }

    @Test func aCaptureCarriesItsDigestAndIsLookedAtAgain() throws {
        let prepared = try PostgresCaptureStore.prepare(
            Capture(urlID: 1, requestedURL: "x", finalURL: "x", origin: .fetch, fetchedAt: Date(), body: [1, 2]))
        let change = change(Case(name: "captured", attempts: 4, result: .captured(prepared)))
        #expect(change.state == "captured" && change.digest == prepared.digest && change.hasValidators)
        #expect(change.due == .seconds(3600) && change.attempts == 0 && change.error == nil)
    }

    @Test func aListingCarriesItsCounts() {
        let newest = Date(timeIntervalSince1970: 1_780_000_000)
        let change = change(Case(name: "listed", kind: .feed, result: .listed(items: 12, newest: newest)))
        #expect(change.items == 12 && change.newest == newest)
    }

    @Test(arguments: [
        (Duration.seconds(60), Duration.seconds(300)), (.seconds(1800), .seconds(1800)),
        (.seconds(90_000), .seconds(6000)),
    ])
    func aFeedMayAskToBeLeftAloneWithinTheBounds(asked: Duration, expected: Duration) {
        let change = change(
            Case(name: "asked", kind: .feed, rate: 20, result: .listed(items: 0, newest: nil), newItems: 20),
            asked: asked)
        #expect(change.due == expected)
    }

    @Test(arguments: [Visit.Result.failed("x"), .dropped(.notFound, "HTTP 404"), .dropped(.twin, nil)])
    func anArticleThatWasHadKeepsItsStateWhenARevisitFails(_ result: Visit.Result) {
        let change = change(
            Case(name: "gone", attempts: 5, urlState: "indexed", wasFetched: true, result: result))
        #expect(change.state == nil)
        #expect(change.due == nil)
    }

    @Test func intervalsDriftApart() {
        let url = LeasedURL(urlID: 1, url: "https://courier.example/x", kind: .feed, lane: .live, attempts: 0)
        let dues = [0.0, 0.5, 1.0].map { jitter in
            URLChange(
                url: url, visit: Visit(.listed(items: 0, newest: nil)), newItems: 0, configuration: Self.configuration,
                now: Self.now, jitter: jitter
            ).due.map { ($0.seconds / 10).rounded() * 10 }
        }
        #expect(dues == [1800, 1890, 1980])
    }

    /// What another listing named before is new in this one all the same.
    @Test func itemsThatAreKnownAlreadyCountByTheirDates() {
        var url = LeasedURL(urlID: 1, url: "https://courier.example/x", kind: .feed, lane: .live, attempts: 0)
        url.itemsPerHour = 1
        url.lastFetched = Self.now - 3600
        url.newestItem = Self.now - 3600
        func rate(_ dates: [Date]) -> Double? {
            var visit = Visit(.listed(items: 2, newest: dates.max()))
            visit.itemDates = dates
            return URLChange(url: url, visit: visit, newItems: 0, configuration: Self.configuration, now: Self.now).rate
        }
        let quiet = rate([Self.now - 7200, Self.now - 3600]) ?? 0
        let busy = rate([Self.now - 60, Self.now - 120, Self.now - 180]) ?? 0
        #expect(quiet < 1 && busy > 1)
    }

    struct Trust: Sendable {
        var name: String
        var lastStatus = 304
        var wasConditional = false
        var etag: String? = "a"
        var digest: [UInt8] = [2]
        var newItems = 0
        var dates: [TimeInterval] = []
        var isDistrusted: Bool
    }

    @Test(arguments: [
        Trust(name: "another body under the same tag", isDistrusted: true),
        Trust(name: "the same body", digest: [1], isDistrusted: false),
        Trust(name: "another body under another tag", etag: "b", newItems: 1, dates: [-60], isDistrusted: false),
        Trust(name: "an item from before the 304", etag: "b", newItems: 1, dates: [-7200], isDistrusted: true),
        Trust(name: "an older item that was known", etag: "b", newItems: 1, dates: [-20_000], isDistrusted: false),
        Trust(name: "no validators", etag: nil, isDistrusted: false),
        Trust(name: "no 304 before", lastStatus: 200, isDistrusted: false),
        Trust(name: "a conditional request", wasConditional: true, isDistrusted: false),
    ])
    func a304ThatIsProvenWrongCostsTrust(_ test: Trust) {
        var url = LeasedURL(urlID: 1, url: "https://courier.example/x", kind: .feed, lane: .live, attempts: 0)
        url.etag = "a"
        url.lastDigest = [1]
        url.lastStatus = test.lastStatus
        url.lastFetched = Self.now - 3600
        url.newestItem = Self.now - 10_000
        var visit = Visit(.listed(items: 1, newest: nil), status: 200)
        visit.etag = test.etag
        visit.digest = test.digest
        visit.wasConditional = test.wasConditional
        visit.itemDates = test.dates.map { Self.now + $0 }
        let change = URLChange(
            url: url, visit: visit, newItems: test.newItems, configuration: Self.configuration, now: Self.now)
        #expect(change.isDistrusted == test.isDistrusted, "\(test.name)")
        #expect(change.isFullLook)
    }
}
