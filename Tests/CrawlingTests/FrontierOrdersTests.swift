import Foundation
import Model
import TestSupport
import Testing

@testable import Crawling

/// When a host is looked at, and what operators order for hosts.
@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(3)), .serialized)
struct FrontierOrdersTests {
    private static let url = "https://courier.example/one"

    @Test func aHostWithNothingDueIsNotLookedAtUntilItsTime() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add([Self.url])
            try await fixture.execute("UPDATE wireroom.url SET due_at = now() + interval '1 hour'")
            #expect(try await fixture.frontier.release() == 0)
            let minutes = "SELECT round(extract(epoch FROM ready_at - now()) / 60)::int FROM wireroom.host"
            #expect(try await line.number(minutes) == 60)
            #expect(try await line.number("SELECT count(*) FROM wireroom.host_wake") == 0)
            // Something new brings the look forward.
            try await fixture.add(["https://courier.example/two"])
            #expect(try await fixture.frontier.release() == 1)
        }
    }

    @Test func aHostWithoutURLsSleeps() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add([Self.url])
            try await fixture.execute("UPDATE wireroom.url SET due_at = NULL")
            #expect(try await fixture.frontier.release() == 0)
            #expect(try await line.number("SELECT count(*) FROM wireroom.host WHERE ready_at IS NULL") == 1)
        }
    }

    @Test func whatIsFoundWhileAHostIsLeasedIsFetchedAfterIt() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add([Self.url])
            let host = try await fixture.lease()
            try await fixture.execute("UPDATE wireroom.url SET due_at = NULL")
            try await fixture.add(["https://courier.example/two"])
            #expect(try await fixture.frontier.release() == 0)
            try await fixture.close(host)
            #expect(try await fixture.frontier.release() == 1)
        }
    }

    @Test func aSourceThatIsActiveAgainWakesItsHosts() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            let source = try await fixture.add([Self.url])
            #expect(try await fixture.frontier.setState("paused", ofSource: source))
            #expect(try await fixture.frontier.release() == 0)
            #expect(try await fixture.frontier.setState("active", ofSource: source))
            #expect(try await fixture.frontier.release() == 1)
        }
    }

    @Test(arguments: [
        ("is_paused = true", "is_paused = false"),
        ("blocked_until = now() + interval '1 h'", "blocked_until = NULL"),
        (
            "visit_day = (now() AT TIME ZONE 'UTC')::date, visits_today = 5, operator_daily_budget = 5",
            "operator_daily_budget = 6"
        ),
        ("visit_day = (now() AT TIME ZONE 'UTC')::date, visits_today = 20000", "operator_daily_budget = 30000"),
    ])
    func anOrderHoldsAHostUntilItIsTakenBack(order: String, back: String) async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add([Self.url])
            try await fixture.execute("UPDATE wireroom.host SET \(order)")
            #expect(try await fixture.frontier.release() == 0)
            #expect(try await fixture.frontier.release() == 0)
            try await fixture.execute("UPDATE wireroom.host SET \(back)")
            #expect(try await fixture.frontier.release() == 1)
        }
    }

    @Test func hostsOfAGroupAreLeasedOneAtATimeAndShareTheDelay() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add([
                "https://a.courier.example/1", "https://b.courier.example/1", "https://free.example/1",
            ])
            try await fixture.execute("UPDATE wireroom.host SET delay_group = 'courier' WHERE name LIKE '%courier%'")
            #expect(try await fixture.frontier.release() == 2)
            let look = "UPDATE wireroom.host SET ready_at = now() WHERE ready_at < now() + interval '3 s'"
            try await fixture.execute(look)
            #expect(try await fixture.frontier.release() == 0)
            let leases = try await fixture.frontier.claim(try await fixture.leases(), worker: "test").compactMap { $0 }
            let first = try #require(leases.first { $0.name.hasSuffix("courier.example") })
            try await fixture.execute("UPDATE wireroom.url SET due_at = NULL WHERE url_id = \(first.urls[0].urlID)")
            try await fixture.close(first, delay: .seconds(30))
            try await fixture.execute(look)
            #expect(try await fixture.frontier.release() == 0)
            try await fixture.execute("UPDATE wireroom.host SET next_allowed_at = now() WHERE name = '\(first.name)'")
            try await fixture.execute("UPDATE wireroom.host SET ready_at = now() WHERE name <> '\(first.name)'")
            #expect(try await fixture.frontier.release() == 1)
        }
    }

    @Test func hostsWithOneAddressAreAGroupWhereTheSettingSaysSo() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line) { $0.sharesDelayByAddress = true }
            try await fixture.add(["https://a.example/1", "https://b.example/1", "https://c.example/1"])
            try await fixture.execute(
                "UPDATE wireroom.host SET server_address = CASE name WHEN 'c.example' THEN '198.51.100.2' ELSE '198.51.100.1' END"
            )
            #expect(try await fixture.frontier.release() == 2)
            let apart = FrontierFixture(line)
            try await fixture.execute("UPDATE wireroom.host SET ready_at = now() WHERE lease_until IS NULL")
            #expect(try await apart.frontier.release() == 1)
        }
    }

    @Test func urgencyDecidesAcrossLanesAndPriorities() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line) { $0.urlsPerLease = 4 }
            try await fixture.add((0..<6).map { "https://courier.example/\($0)" })
            // Lane, priority and age of each; number 5 is not due.
            for (number, order) in [(1, 0, 9), (0, 0, 1), (0, 5, 1), (0, 0, 8), (1, 5, 1), (0, 9, -9)].enumerated() {
                try await fixture.execute(
                    """
                    UPDATE wireroom.url SET lane = \(order.0), priority = \(order.1), due_at = now() - interval '\(order.2) min'
                    WHERE url = 'https://courier.example/\(number)'
                    """)
            }
            let urls = try await fixture.lease().urls.map(\.url)
            #expect(urls == [2, 3, 1, 4].map { "https://courier.example/\($0)" })
        }
    }

    @Test func batchesWriteEachVisitOrTellThatItsLeaseIsLost() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add(["https://a.example/1", "https://b.example/1"])
            #expect(try await fixture.frontier.release() == 2)
            let hosts = try await fixture.frontier.claim(try await fixture.leases(), worker: "test").compactMap { $0 }
            try await fixture.execute(
                "UPDATE wireroom.host SET lease_no = lease_no + 1 WHERE name = '\(hosts[0].name)'")
            let entries = try hosts.map { host in
                var visit = Visit(.failed("x"), status: 500)
                visit.discovered = [try FrontierFixture.url("https://\(host.name)/new")]
                return VisitEntry(visit: visit, url: host.urls[0], host: host, delay: .seconds(1), signal: nil)
            }
            let recorded = try await fixture.frontier.record(entries)
            #expect(recorded[0] == nil)
            #expect(recorded[1]?.added == 1)
            #expect(try await line.number("SELECT count(*) FROM wireroom.url WHERE attempts = 1") == 1)
        }
    }

    @Test func anOrderReachesALeaseThatRuns() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add([Self.url])
            let host = try await fixture.lease()
            func record() async throws -> HostOrders {
                try await fixture.frontier.record(
                    Visit(.failed("x"), status: 500), of: host.urls[0], on: host, delay: .zero, signal: nil
                ).orders
            }
            #expect(try await record() == HostOrders(mustStop: false, operatorDelay: nil))
            try await fixture.execute("UPDATE wireroom.host SET operator_delay_ms = 700")
            #expect(try await record() == HostOrders(mustStop: false, operatorDelay: .milliseconds(700)))
            try await fixture.execute("UPDATE wireroom.host SET is_paused = true")
            #expect(try await record().mustStop)
            try await fixture.execute(
                "UPDATE wireroom.host SET is_paused = false, blocked_until = now() + interval '1 h', blocked_reason = 'operator'"
            )
            #expect(try await record().mustStop)
        }
    }

    @Test func addingASourceAgainForgivesItsFailedListings() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            let feeds = ["gone", "forbidden", "fine"].map { "http://\($0).example/feed.xml" }
            try await fixture.add(feeds, kind: .feed)
            try await fixture.execute("UPDATE wireroom.host SET robots_expires_at = now() + interval '1 day'")
            try await fixture.execute(
                """
                UPDATE wireroom.url SET due_at = now() + interval '6 h', attempts = CASE WHEN url LIKE '%fine%' THEN 0 ELSE 2 END,
                    reason = CASE WHEN url LIKE '%forbidden%' THEN 'robots-disallowed' WHEN url LIKE '%gone%' THEN 'not-found' END
                """)
            try await fixture.add(feeds, kind: .feed)
            let due =
                "SELECT string_agg(url, ' ' ORDER BY url_id) FROM wireroom.url WHERE due_at <= now() AND attempts = 0"
            #expect(try await fixture.text(due) == feeds.dropLast().joined(separator: " "))
            let fresh = "SELECT string_agg(name, ' ' ORDER BY name) FROM wireroom.host WHERE robots_expires_at > now()"
            #expect(try await fixture.text(fresh) == "fine.example gone.example")
        }
    }

    @Test func aBlockOfAnOperatorOutlastsAShorterOne() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add([Self.url])
            let host = try await fixture.lease()
            try await fixture.execute("UPDATE wireroom.host SET blocked_until = now() + interval '1 h'")
            let signal = HostSignal(
                block: .seconds(60), reason: "HTTP 429", backoff: HostBackoff(level: 1, lastIncident: Date()))
            try await fixture.frontier.record(
                Visit(.postponed("HTTP 429"), status: 429), of: host.urls[0], on: host, delay: .zero, signal: signal)
            #expect(
                try await line.number(
                    "SELECT count(*) FROM wireroom.host WHERE blocked_until > now() + interval '50 min'") == 1)
        }
    }

    @Test func oneTurnOnAHostIsALeaseOfItsOwn() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            try await fixture.add([Self.url])
            let giveBack = try #require(try await fixture.frontier.borrow("courier.example"))
            #expect(try await fixture.frontier.release() == 0)
            #expect(try await fixture.frontier.borrow("courier.example") == nil)
            try await giveBack()
            #expect(try await fixture.frontier.release() == 1)
            #expect(try await fixture.frontier.borrow("courier.example") == nil)
            #expect(try await fixture.frontier.borrow("new.example") != nil)
        }
    }

    @Test func oldCapturesAreDroppedByTheMonth() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line) { $0.monthsOfCaptures = 2 }
            for months in [0, 1, 2, 3, 5] {
                try await fixture.execute(
                    """
                    DO $$
                    DECLARE
                        month timestamp := date_trunc('month', now() AT TIME ZONE 'UTC') - interval '\(months) months';
                    BEGIN
                        EXECUTE format('CREATE TABLE IF NOT EXISTS wireroom.capture_%s PARTITION OF wireroom.capture FOR VALUES FROM (%L) TO (%L)',
                            to_char(month, 'YYYYMM'), month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
                    END $$
                    """)
            }
            let count = """
                SELECT count(*) FROM pg_inherits WHERE inhparent = 'wireroom.capture'::regclass
                AND right(inhrelid::regclass::text, 6) < to_char(now() AT TIME ZONE 'UTC', 'YYYYMM')
                """
            #expect(try await line.number(count) == 4)
            #expect(try await fixture.frontier.keepHouse().count == 2)
            #expect(try await line.number(count) == 2)
            #expect(try await fixture.frontier.keepHouse() == [])
        }
    }
}
