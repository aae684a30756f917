import TestSupport
import Testing

@testable import Crawling

@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(2)))
struct VisitWriterTests {
    /// Leases on hosts with one URL each, and visits of them.
    private func entries(_ count: Int, _ fixture: FrontierFixture) async throws -> [VisitEntry] {
        try await fixture.add((1...count).map { "https://host-\($0).example/1" })
        #expect(try await fixture.frontier.release() == count)
        let hosts = try await fixture.frontier.claim(try await fixture.leases(), worker: "test").compactMap { $0 }
        return hosts.map { host in
            VisitEntry(
                visit: Visit(.failed("x"), status: 500), url: host.urls[0], host: host, delay: .zero, signal: nil)
        }
    }

    private static let transactions = "SELECT count(DISTINCT xmin::text) FROM wireroom.url WHERE attempts = 1"
    private static let visited = "SELECT count(*) FROM wireroom.url WHERE attempts = 1"

    @Test func writesTheVisitsOfHalfOfTheLeasesTogether() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            let writer = VisitWriter(frontier: fixture.frontier, longestWait: .seconds(3600))
            let entries = try await entries(6, fixture)
            for _ in entries { await writer.beginLease() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for entry in entries.prefix(3) { group.addTask { _ = try await writer.record(entry) } }
                try await group.waitForAll()
            }
            #expect(try await line.number(Self.visited) == 3)
            #expect(try await line.number(Self.transactions) == 1)
        }
    }

    @Test func aLoneLeaseDoesNotWait() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            let writer = VisitWriter(frontier: fixture.frontier, longestWait: .seconds(3600))
            let entry = try #require(try await entries(1, fixture).first)
            await writer.beginLease()
            _ = try await writer.record(entry)
            #expect(try await line.number(Self.visited) == 1)
        }
    }

    @Test func waitsForNoLeaseThatHasEnded() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            let writer = VisitWriter(frontier: fixture.frontier, longestWait: .seconds(3600))
            let entry = try #require(try await entries(1, fixture).first)
            for _ in 1...4 { await writer.beginLease() }
            async let recorded = writer.record(entry)
            for _ in 1...2 { await writer.endLease() }
            _ = try await recorded
            #expect(try await line.number(Self.visited) == 1)
        }
    }

    @Test func waitsForOthersNoLongerThanItsTime() async throws {
        try await TestServices.withLine { line in
            let fixture = FrontierFixture(line)
            let writer = VisitWriter(frontier: fixture.frontier, longestWait: .milliseconds(1))
            let entry = try #require(try await entries(1, fixture).first)
            for _ in 1...64 { await writer.beginLease() }
            _ = try await writer.record(entry)
            #expect(try await line.number(Self.visited) == 1)
        }
    }
}
