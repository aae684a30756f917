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
        var interval: Duration?
        var result: Visit.Result
        var foundNew = false
        // Expected.
        var state: String?
        var reason: String?
        var newAttempts = 0
        var due: Duration?
        var newInterval: Duration?
        var hasValidators = false

        var testDescription: String { name }
    }

    private static let configuration: CrawlConfiguration = {
        var configuration = CrawlConfiguration(contact: "https://example.org/")
        configuration.minimumFeedInterval = .seconds(300)
        configuration.maximumFeedInterval = .seconds(6000)
        return configuration
    }()

    static let cases: [Case] = [
        Case(name: "article unchanged", attempts: 3, result: .unchanged),
        Case(
            name: "feed unchanged", kind: .feed, attempts: 3, interval: .seconds(400), result: .unchanged,
            due: .seconds(600), newInterval: .seconds(600)),
        Case(
            name: "feed unchanged at the longest", kind: .feed, interval: .seconds(6000), result: .unchanged,
            due: .seconds(6000), newInterval: .seconds(6000)),
        Case(
            name: "feed with something new", kind: .feed, interval: .seconds(2000),
            result: .listed(items: 3, newest: nil), foundNew: true,
            due: .seconds(1000), newInterval: .seconds(1000), hasValidators: true),
        Case(
            name: "sitemap with something new at the shortest", kind: .sitemap, interval: .seconds(300),
            result: .listed(items: 3, newest: nil),
            foundNew: true, due: .seconds(300), newInterval: .seconds(300), hasValidators: true),
        Case(
            name: "home page for the first time", kind: .home, result: .listed(items: 0, newest: nil),
            due: .seconds(900), newInterval: .seconds(900),
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
        let url = LeasedURL(
            urlID: 1, url: "https://courier.example/x", kind: test.kind, lane: .live, attempts: test.attempts,
            interval: test.interval)
        var visit = Visit(test.result)
        visit.askedInterval = asked
        return URLChange(url: url, visit: visit, foundNew: test.foundNew, configuration: Self.configuration)
    }

    @Test(arguments: cases) func changes(_ test: Case) {
        let change = change(test)
        #expect(change.state == test.state)
        #expect(change.reason == test.reason)
        #expect(change.attempts == test.newAttempts)
        #expect(change.due == test.due)
        #expect(change.interval == test.newInterval)
        #expect(change.hasValidators == test.hasValidators)
    }

    @Test func aCaptureCarriesItsDigestAndEndsTheSchedule() throws {
        let prepared = try PostgresCaptureStore.prepare(
            Capture(urlID: 1, requestedURL: "x", finalURL: "x", origin: .fetch, fetchedAt: Date(), body: [1, 2]))
        let change = change(Case(name: "captured", attempts: 4, result: .captured(prepared)))
        #expect(change.state == "captured" && change.digest == prepared.digest && change.hasValidators)
        #expect(change.due == nil && change.attempts == 0 && change.error == nil)
    }

    @Test func aListingCarriesItsCounts() {
        let newest = Date(timeIntervalSince1970: 1_780_000_000)
        let change = change(Case(name: "listed", kind: .feed, result: .listed(items: 12, newest: newest)))
        #expect(change.items == 12 && change.newest == newest)
    }

    @Test(arguments: [
        (Duration.seconds(60), Duration.seconds(450)), (.seconds(1800), .seconds(1800)),
        (.seconds(90_000), .seconds(6000)),
    ])
    func aFeedMayAskToBeLeftAloneWithinTheBounds(asked: Duration, expected: Duration) {
        let change = change(
            Case(name: "asked", kind: .feed, interval: .seconds(300), result: .listed(items: 0, newest: nil)),
            asked: asked)
        #expect(change.due == expected)
    }
}
