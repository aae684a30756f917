import Fetch
import Foundation
import Testing
import WebURL

@testable import Crawling

struct ListingScheduleTests {
    private let now = Date(timeIntervalSince1970: 1_780_000_000)
    private let limits = ListingSchedule.Limits(
        minimum: .seconds(300), maximum: .seconds(21_600), maximumAsked: .seconds(3600))

    @Test func theFirstLookReadsTheRateFromTheDates() {
        func rate(_ ages: [TimeInterval]) -> Double {
            ListingSchedule.rate(previous: nil, newItems: 50, since: nil, dates: ages.map { now - $0 * 3600 }, now: now)
        }
        #expect(rate([1, 2, 3, 4]) == 1)
        #expect(rate([24]) == 1.0 / 24)
        #expect(rate([0.01, 0.02]) == 2, "a burst is not read as thousands an hour")
        #expect(rate([2, 24 * 30, 24 * 40]) == 0.5, "what is older than a week says nothing of now")
        #expect(rate([24 * 30]) == 0)
        #expect(rate([]) == ListingSchedule.unknownRate)
    }

    /// A feed that gets an item every 20 minutes settles at looks every five, one with an item a day at the longest.
    @Test(arguments: [
        (gap: 1_200.0, expected: 280.0...330.0), (gap: 7_200.0, expected: 1_300.0...2_500.0),
        (gap: 86_400.0 * 3, expected: 20_000.0...21_600.0),
    ])
    func followsASteadyFeed(gap: Double, expected: ClosedRange<Double>) {
        var rate = ListingSchedule.unknownRate
        var clock = 0.0
        var interval = 1_800.0
        var intervals: [Double] = []
        while clock < 14 * 86_400 {
            let items = Int((clock + interval) / gap) - Int(clock / gap)
            clock += interval
            rate = ListingSchedule.rate(
                previous: rate, newItems: items, since: now - interval, dates: [], now: now)
            interval = ListingSchedule.interval(rate: rate, asked: nil, limits: limits).seconds
            intervals.append(interval)
        }
        let settled = intervals.suffix(intervals.count / 2)
        #expect(expected.contains(settled.reduce(0, +) / Double(settled.count)))
    }

    /// An outlet that sleeps for ten hours is asked less by night, and in the morning as often as before within two hours.
    @Test func sleepsAndWakesWithTheOutlet() {
        var rate = 6.0
        var looks = 0
        func pass(_ hours: Double, itemsPerHour: Double) {
            var left = hours * 3600
            while left > 0 {
                let interval = min(ListingSchedule.interval(rate: rate, asked: nil, limits: limits).seconds, left)
                rate = ListingSchedule.rate(
                    previous: rate, newItems: Int((itemsPerHour * interval / 3600).rounded()), since: now - interval,
                    dates: [], now: now)
                left -= interval
                looks += 1
            }
        }
        pass(10, itemsPerHour: 0)
        #expect(ListingSchedule.interval(rate: rate, asked: nil, limits: limits) > .seconds(300))
        pass(2, itemsPerHour: 12)
        #expect(ListingSchedule.interval(rate: rate, asked: nil, limits: limits) == .seconds(300))
    }

    @Test func aWishToBeLeftAloneCountsWithinItsBound() {
        func interval(_ asked: Int?) -> Duration {
            ListingSchedule.interval(rate: 100, asked: asked.map { .seconds($0) }, limits: limits)
        }
        #expect(interval(nil) == .seconds(300))
        #expect(interval(60) == .seconds(300))
        #expect(interval(1800) == .seconds(1800))
        #expect(interval(86_400) == .seconds(3600))
    }

    @Test(arguments: [Double.infinity, .nan, -1, 0, .greatestFiniteMagnitude])
    func anOddRateKeepsTheBounds(_ rate: Double) {
        let interval = ListingSchedule.interval(rate: rate, asked: nil, limits: limits)
        #expect(interval >= limits.minimum && interval <= limits.maximum)
        let next = ListingSchedule.rate(previous: rate.isNaN ? 0 : rate, newItems: 1, since: now, dates: [], now: now)
        #expect(next.isFinite && next >= 0)
    }

    @Test func asksUnconditionallyOnceADayAndWhereItWasDeceived() {
        func may(_ lastFull: TimeInterval?, _ distrusted: TimeInterval? = nil) -> Bool {
            ConditionalTrust.mayAskConditionally(
                lastFull: lastFull.map { now + $0 }, distrustedUntil: distrusted.map { now + $0 }, now: now)
        }
        #expect(may(nil) && may(-3600) && !may(-90_000))
        #expect(!may(-3600, 60) && may(-3600, -60))
    }
}

struct RevisitScheduleTests {
    @Test func revisitsAtTheAgesOfTheSchedule() {
        let gaps = (0...4).map { RevisitSchedule.nextRevisit(after: $0, ages: RevisitSchedule.defaultAges) }
        #expect(gaps == [.seconds(3600), .seconds(18_000), .seconds(64_800), .seconds(518_400), nil])
        #expect(RevisitSchedule.nextRevisit(after: 0, ages: []) == nil)
        #expect(RevisitSchedule.nextRevisit(after: -1, ages: [.seconds(1)]) == nil)
    }

    @Test(arguments: [
        ("1h,6h,1d,7d", [3600, 21_600, 86_400, 604_800]), ("off", []), ("30m", [1800]), (" 1H, 2d ", [3600, 172_800]),
    ])
    func readsASchedule(text: String, seconds: [Int]) throws {
        let ages = try #require(RevisitSchedule.ages(text))
        #expect(ages == seconds.map { .seconds($0) })
        #expect(RevisitSchedule.ages(RevisitSchedule.text(of: ages)) == ages)
    }

    @Test(arguments: ["", "1", "h", "1h,", "2h,1h", "1h,1h", "0d", "-1h", "1w", "99999d", "1h 2h"])
    func refusesWhatIsNoSchedule(_ text: String) {
        #expect(RevisitSchedule.ages(text) == nil)
    }
}

struct ResponseHintsTests {
    @Test(
        arguments: [
            ("max-age=600", 600), ("public, max-age=60, s-maxage=900", 60), ("Max-Age=\"300\"", 300),
            ("no-cache, max-age=600", nil),
            ("no-store", nil), ("max-age=0", nil), ("max-age=x", nil), ("private", nil),
            ("max-age=99999999999999999999", nil),
        ] as [(String, Int?)])
    func readsHowLongAnAnswerStays(header: String, seconds: Int?) {
        #expect(
            CacheLifetime.asked(by: HTTPHeaders([(name: "cache-control", value: header)]))
                == seconds.map { .seconds($0) })
    }

    @Test func findsHubsInTheHeader() throws {
        let url = try #require(ParsedURL("https://courier.example/feed"))
        let headers = HTTPHeaders([
            (name: "Link", value: "<https://hub.example/>; rel=\"hub\", </feed>; rel=self"),
            (name: "link", value: "</hub>; rel=hub; x=y"),
            (name: "Link", value: "<mailto:x@y.example>; rel=hub, <broken; rel=hub"),
        ])
        #expect(WebSubHubs.hubs(of: headers, at: url) == ["https://hub.example/", "https://courier.example/hub"])
    }
}
