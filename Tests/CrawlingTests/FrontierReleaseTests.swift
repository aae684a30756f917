import Foundation
import Model
import Postgres
import TestSupport
import Testing

@testable import Crawling

@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(3)), .serialized)
struct FrontierReleaseTests {
    @Test func twoReleasersGiveEachHostOneLease() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add((0..<60).map { "https://host\($0 % 20).example/article-number-\($0)" })
            let given = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 { group.addTask { try await fixture.frontier.release() } }
                return try await group.reduce(0, +)
            }
            #expect(given == 20)
            let leases = try await fixture.leases()
            #expect(leases.count == 20)
            #expect(Set(leases.map(\.hostID)).count == 20)
            #expect(try await line.number("SELECT max(lease_no) FROM wireroom.host") == 1)
            #expect(try await fixture.frontier.release() == 0)
        }
    }

    /// What keeps a host or a URL back.
    @Test(arguments: [
        "UPDATE wireroom.source SET state = 'paused'", "UPDATE wireroom.source SET state = 'removed'",
        "UPDATE wireroom.host SET is_paused = true",
        "UPDATE wireroom.host SET blocked_until = now() + interval '1 minute'",
        "UPDATE wireroom.host SET next_allowed_at = now() + interval '1 minute'",
        "UPDATE wireroom.url SET due_at = now() + interval '1 minute'", "UPDATE wireroom.url SET due_at = NULL",
    ])
    func releasesNothingThatHasToWait(_ change: String) async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/one"])
            try await fixture.execute(change)
            #expect(try await fixture.frontier.release() == 0)
            #expect(try await fixture.leases().isEmpty)
        }
    }

    @Test func releasesABlockedHostOnceItsTimeIsOver() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/one"])
            try await fixture.execute("UPDATE wireroom.host SET blocked_until = now() - interval '1 ms'")
            #expect(try await fixture.lease().urls.count == 1)
        }
    }

    @Test func aPausedSourceDoesNotHoldUpAnotherOnTheSameHost() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            let paused = try await fixture.add(["https://courier.example/one"])
            try await fixture.add(["https://courier.example/two"], homepage: "https://courier.example/other")
            #expect(try await fixture.frontier.setState("paused", ofSource: paused))
            #expect(try await fixture.lease().urls.map(\.url) == ["https://courier.example/two"])
        }
    }

    @Test func releasesAsManyHostsAsAllowed() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line) { $0.hostsPerRelease = 2 }
            try await fixture.add((0..<5).map { "https://host\($0).example/one" })
            #expect(try await fixture.frontier.release() == 2)
            #expect(try await fixture.frontier.release() == 2)
            #expect(try await fixture.frontier.release() == 1)
            #expect(try await fixture.frontier.release() == 0)
        }
    }

    @Test func aClaimedStaleOrExpiredLeaseGivesNothing() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/one"])
            _ = try await fixture.frontier.release()
            let lease = try #require(try await fixture.leases().first)
            let stale = CrawlLease(hostID: lease.hostID, leaseNumber: lease.leaseNumber - 1)
            let future = CrawlLease(hostID: lease.hostID, leaseNumber: lease.leaseNumber + 1)
            let unknown = CrawlLease(hostID: 999_999, leaseNumber: 1)
            #expect(try await fixture.frontier.claim([stale, future, unknown], worker: "a").allSatisfy { $0 == nil })
            #expect(try await fixture.frontier.claim([lease], worker: "a").contains { $0 != nil })
            #expect(try await fixture.frontier.claim([lease], worker: "b").allSatisfy { $0 == nil })
            try await fixture.execute(
                "UPDATE wireroom.host SET lease_claimed = false, lease_until = now() - interval '1 s'")
            #expect(try await fixture.frontier.claim([lease], worker: "b").allSatisfy { $0 == nil })
        }
    }

    @Test(arguments: ["is_paused = true", "blocked_until = now() + interval '1 minute'"])
    func aHostThatWasStoppedAfterItsReleaseIsNotClaimed(_ change: String) async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/one"])
            _ = try await fixture.frontier.release()
            try await fixture.execute("UPDATE wireroom.host SET \(change)")
            #expect(try await fixture.frontier.claim(try await fixture.leases(), worker: "a").allSatisfy { $0 == nil })
        }
    }

    @Test func onlyOneOfTwoClaimsOfALeaseIsGivenTheHost() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/one"])
            _ = try await fixture.frontier.release()
            let leases = try await fixture.leases()
            let claims = try await withThrowingTaskGroup(of: [LeasedHost?].self) { group in
                for worker in ["a", "b", "c"] {
                    group.addTask { try await fixture.frontier.claim(leases, worker: worker) }
                }
                return try await group.reduce(into: []) { $0 += $1.compactMap(\.self) }
            }
            #expect(claims.count == 1)
        }
    }

    /// A lease that lay in the queue beside its successor, and a message that came twice, are claimed in one batch.
    @Test func aBatchWithTwoLeasesOfOneHostGivesItOnce() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/one", "https://ledger.example/one"])
            _ = try await fixture.frontier.release()
            try await fixture.expireLeases()
            _ = try await fixture.frontier.release()
            let leases = try await fixture.leases().sorted { ($0.hostID, $0.leaseNumber) < ($1.hostID, $1.leaseNumber) }
            let batch = leases + leases
            let claimed = try await fixture.frontier.claim(batch, worker: "a")
            let given = zip(batch, claimed).filter { $1 != nil }.map(\.0)
            #expect(given == leases.filter { $0.leaseNumber == 2 })
        }
    }

    @Test func whatIsDueComesByLaneThenPriorityThenTime() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line) { $0.urlsPerLease = 5 }
            try await fixture.add(["a", "b", "c", "d", "e", "f"].map { "https://courier.example/\($0)" })
            for (name, lane, priority, seconds) in [
                ("a", 1, 10, 900), ("b", 0, 0, 10), ("c", 0, 0, 20), ("d", 0, 10, 1), ("e", 1, 0, 800),
                ("f", 1, 0, 900),
            ] {
                try await fixture.execute(
                    """
                    UPDATE wireroom.url SET lane = \(lane), priority = \(priority), due_at = now() - interval '\(seconds) s'
                    WHERE url LIKE '%/\(name)'
                    """)
            }
            #expect(try await fixture.lease().urls.map { String($0.url.suffix(1)) } == ["d", "c", "b", "a", "f"])
        }
    }

    @Test func aLeaseCarriesWhatTheCrawlerHasToKnow() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            let source = try await fixture.add(["https://courier.example/feed.xml"], kind: .feed)
            try await fixture.execute(
                """
                UPDATE wireroom.host SET robots_text = 'User-agent: *', robots_status = 200, crawl_delay_ms = 2500,
                    last_response_ms = 40, operator_delay_ms = 700, backoff_level = 3
                """)
            try await fixture.execute(
                "UPDATE wireroom.url SET etag = '\"x\"', last_modified = 'yesterday', attempts = 2, interval_seconds = 450"
            )
            let host = try await fixture.lease()
            #expect(host.name == "courier.example")
            #expect(host.robotsText == "User-agent: *" && host.robotsStatus == 200 && host.robotsExpiresAt == nil)
            #expect(host.crawlDelay == .milliseconds(2500) && host.lastResponse == .milliseconds(40))
            #expect(host.operatorDelay == .milliseconds(700) && host.backoff.level == 3)
            let url = try #require(host.urls.first)
            #expect(url.kind == .feed && url.etag == "\"x\"" && url.lastModified == "yesterday" && url.attempts == 2)
            #expect(url.interval == .seconds(450))
            #expect(
                url.source == LeasedSource(sourceID: source, homepage: "https://courier.example/", allowedHosts: []))
        }
    }

    @Test func aClosedHostWaitsForItsDelay() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/one"])
            let host = try await fixture.lease()
            try await fixture.close(host, delay: .seconds(30))
            #expect(
                try await line.number(
                    """
                    SELECT count(*) FROM wireroom.host WHERE lease_until IS NULL AND leased_by IS NULL
                    AND next_allowed_at BETWEEN now() + interval '20 s' AND now() + interval '30 s'
                    """) == 1)
            #expect(try await fixture.frontier.release() == 0)
            try await fixture.execute("UPDATE wireroom.host SET next_allowed_at = now()")
            #expect(try await fixture.frontier.release() == 1)
        }
    }

    @Test func closingNeverShortensTheHostsDelayNorEndsANewerLease() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://courier.example/one"])
            let old = try await fixture.lease()
            try await fixture.expireLeases()
            let new = try await fixture.lease()
            #expect(new.leaseNumber == old.leaseNumber + 1)
            try await fixture.close(old, delay: .seconds(30))
            #expect(
                try await line.number(
                    "SELECT count(*) FROM wireroom.host WHERE lease_until > now() AND next_allowed_at <= now()") == 1)
            try await fixture.execute("UPDATE wireroom.host SET next_allowed_at = now() + interval '60 s'")
            try await fixture.close(new, delay: .seconds(1))
            #expect(
                try await line.number(
                    "SELECT count(*) FROM wireroom.host WHERE next_allowed_at > now() + interval '50 s'") == 1)
        }
    }
}
