import Captures
import Foundation
import Logging
import Model
import Postgres
import TestSupport
import Testing
import WebURL

@testable import Crawling

/// A frontier in a test's own database, and short ways to fill it and to look at it.
struct FrontierFixture {
    let line: TestServices.Line
    let configuration: CrawlConfiguration
    let frontier: Frontier

    init(_ line: TestServices.Line, _ change: (inout CrawlConfiguration) -> Void = { _ in }) {
        self.line = line
        var configuration = CrawlConfiguration(contact: "https://example.org/crawler")
        configuration.minimumDelay = .zero
        configuration.responseTimeFactor = 0
        change(&configuration)
        self.configuration = configuration
        frontier = Frontier(database: line.database, captures: PostgresCaptureStore(), configuration: configuration)
    }

    static func url(_ text: String, _ kind: URLKind = .article) throws -> DiscoveredURL {
        let parsed = try #require(ParsedURL(text))
        return try #require(Frontier.discovered(parsed, kind: kind))
    }

    /// Adds a source with URLs, all of them due.
    @discardableResult
    func add(
        _ urls: [String], kind: URLKind = .article, homepage: String = "https://courier.example/"
    ) async throws -> Int64 {
        try await frontier.addSource(
            name: "Courier", homepage: homepage, language: "en", allowedHosts: [],
            urls: try urls.map { try Self.url($0, kind) }
        ).sourceID
    }

    /// The leases that wait in the outbox, oldest first.
    func leases() async throws -> [CrawlLease] {
        try await line.database.query(
            "SELECT message::text FROM wireroom.outbox WHERE stage = 'crawl' ORDER BY message_id"
        ).map { row in
            try Envelope<CrawlLease>(decoding: Array(try row.decode(0, as: String.self).utf8)).payload
        }
    }

    /// Releases one host and claims it.
    func lease() async throws -> LeasedHost {
        try #require(try await frontier.release() == 1)
        let claimed = try await frontier.claim(try await leases(), worker: "test").compactMap { $0 }
        return try #require(claimed.first)
    }

    func close(_ host: LeasedHost, delay: Duration = .zero) async throws {
        try await line.database.withTransaction {
            try await frontier.close([(host.hostID, host.leaseNumber, delay)], in: $0)
        }
    }

    func execute(_ sql: String) async throws { _ = try await line.database.query(sql) }

    /// One row's column as text; empty where it is null.
    func text(_ sql: String) async throws -> String {
        try await line.database.query(sql).first?.decode(0, as: String?.self) ?? ""
    }

    /// Lets the leases that are out run out, as time would.
    func expireLeases() async throws {
        try await execute("UPDATE wireroom.host SET lease_until = now() - interval '1 s'")
    }
}
