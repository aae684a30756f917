import Foundation
import Testing

@testable import Crawling

struct PolitenessTests {
    struct Case: Sendable {
        var operatorDelay: Duration?
        var crawlDelay: Duration?
        var lastResponse: Duration?
        var delay: Duration
    }

    @Test(arguments: [
        Case(delay: .seconds(1)),
        Case(lastResponse: .milliseconds(300), delay: .seconds(1)),
        Case(lastResponse: .seconds(4), delay: .seconds(8)),
        Case(crawlDelay: .seconds(10), delay: .seconds(10)),
        Case(crawlDelay: .seconds(10), lastResponse: .seconds(7), delay: .seconds(14)),
        Case(crawlDelay: .seconds(3600), delay: .seconds(60)),
        Case(crawlDelay: .zero, delay: .seconds(1)),
        Case(
            operatorDelay: .milliseconds(100), crawlDelay: .seconds(10), lastResponse: .seconds(9),
            delay: .milliseconds(100)),
        Case(operatorDelay: .zero, crawlDelay: .seconds(10), delay: .zero),
    ])
    func delay(_ test: Case) {
        let politeness = Politeness(minimumDelay: .seconds(1), maximumCrawlDelay: .seconds(60), responseTimeFactor: 2)
        #expect(
            politeness.delay(
                operatorDelay: test.operatorDelay, crawlDelay: test.crawlDelay, lastResponse: test.lastResponse)
                == test.delay)
    }

    private let start = Date(timeIntervalSince1970: 1_780_000_000)

    @Test func incidentsDoubleTheBlockUpToADay() {
        var backoff = HostBackoff(level: 0, lastIncident: nil)
        var now = start
        var blocks: [Duration] = []
        for _ in 0..<30 {
            let block = backoff.incident(now: now, retryAfter: nil, jitter: 0)
            blocks.append(block)
            now += Double(block.components.seconds)
        }
        #expect(blocks.prefix(5) == [.seconds(60), .seconds(120), .seconds(240), .seconds(480), .seconds(960)])
        #expect(blocks.suffix(5).allSatisfy { $0 == .seconds(86_400) })
        #expect(zip(blocks, blocks.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test func jitterAddsAtMostAQuarter() {
        for (jitter, expected) in [(0.0, 60.0), (0.5, 67.5), (1.0, 75.0), (-3, 60), (9, 75)] {
            var backoff = HostBackoff(level: 0, lastIncident: nil)
            #expect(backoff.incident(now: start, retryAfter: nil, jitter: jitter) == .seconds(expected))
        }
    }

    @Test(arguments: [(10, 60), (600, 600), (86_400, 86_400), (1_000_000, 86_400), (-5, 60)])
    func retryAfterIsHonouredUpToADay(asked: Int, expected: Int) {
        var backoff = HostBackoff(level: 0, lastIncident: nil)
        #expect(backoff.incident(now: start, retryAfter: .seconds(asked), jitter: 0) == .seconds(expected))
    }

    @Test func quietTimeAfterTheBlockForgives() {
        // Level 3 blocks 240 s; it is forgiven 30 minutes after that.
        var early = HostBackoff(level: 3, lastIncident: start)
        _ = early.incident(now: start + 2039, retryAfter: nil, jitter: 0)
        #expect(early.level == 4)
        var late = HostBackoff(level: 3, lastIncident: start)
        #expect(late.incident(now: start + 2041, retryAfter: nil, jitter: 0) == .seconds(60))
        #expect(late.level == 1 && late.lastIncident == start + 2041)
    }

    @Test func aShorterFirstBlockDoublesToo() {
        var backoff = HostBackoff(level: 1, lastIncident: start, base: .seconds(1))
        #expect(backoff.incident(now: start + 1, retryAfter: nil, jitter: 0) == .seconds(2))
    }

    @Test func aWrongLevelFromTheDatabaseDoesNoHarm() {
        for level in [-7, 63, 64, 10_000] {
            var backoff = HostBackoff(level: level, lastIncident: start)
            let block = backoff.incident(now: start, retryAfter: nil, jitter: 0)
            #expect(block >= .zero && block <= .seconds(86_400))
        }
    }

    @Test(arguments: [0: 60, 1: 60, 2: 600, 3: 3600, 4: 21_600, 5: 86_400]) func failuresWaitLonger(
        attempts: Int, seconds: Int
    ) {
        #expect(RevisitSchedule.afterFailure(attempts, isSource: false) == .seconds(seconds))
        #expect(RevisitSchedule.afterFailure(attempts, isSource: true) == .seconds(seconds))
    }

    @Test func articlesAreGivenUpAndSourcesNever() {
        #expect(RevisitSchedule.afterFailure(6, isSource: false) == nil)
        #expect(RevisitSchedule.afterFailure(6, isSource: true) == .seconds(86_400))
        #expect(RevisitSchedule.afterFailure(.max, isSource: true) == .seconds(86_400))
    }
}
