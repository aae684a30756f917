public import Foundation
public import Postgres

/// A feed, sitemap or home page that is watched.
public struct ListingReport: Sendable, Codable, Equatable {
    /// The number of its URL.
    public var urlID: Int64
    /// The source that it belongs to.
    public var sourceID: Int64?
    /// feed, sitemap or home.
    public var kind: String
    /// Its URL.
    public var url: String
    /// new, ok, failing, blocked, paused or refused.
    public var state: String
    /// When it is looked at next; the host's delay may make it a little later.
    public var nextAt: Date?
    /// Seconds between two looks, as its own history makes them.
    public var intervalSeconds: Int?
    /// When it was looked at last.
    public var lastFetchedAt: Date?
    /// HTTP status of the last look.
    public var lastStatus: Int?
    /// What was wrong then.
    public var lastError: String?
    /// Failures in a row.
    public var failures: Int
    /// The first look that failed since one went well.
    public var failingSince: Date?
    /// Entries at the last look that brought any.
    public var items: Int?
    /// The newest date of an entry.
    public var newestItemAt: Date?
    /// WebSub hubs that announce its changes.
    public var hubs: [String]
    /// Links that were not taken up when it was last read, by reason.
    public var refusals: [String: Int]

    enum CodingKeys: String, CodingKey {
        case kind, url, state, failures, items, hubs, refusals
        case urlID = "url_id"
        case sourceID = "source_id"
        case nextAt = "next_at"
        case intervalSeconds = "interval_seconds"
        case lastFetchedAt = "last_fetched_at"
        case lastStatus = "last_status"
        case lastError = "last_error"
        case failingSince = "failing_since"
        case newestItemAt = "newest_item_at"
    }
}

/// What a source usually brings, and what it brings now.
public struct SourceHealth: Sendable, Codable, Equatable {
    /// The source's number.
    public var sourceID: Int64
    /// Its name.
    public var name: String
    /// New articles of a usual day: the median of up to 14 days; `nil` before there are three.
    public var usualPerDay: Double?
    /// New articles of the last 24 hours.
    public var foundToday: Int
    /// The hour of the newest one.
    public var lastFoundAt: Date?
    /// Whether it brings far less than it usually does.
    public var isSilent: Bool

    enum CodingKeys: String, CodingKey {
        case name
        case sourceID = "source_id"
        case usualPerDay = "usual_per_day"
        case foundToday = "found_today"
        case lastFoundAt = "last_found_at"
        case isSilent = "is_silent"
    }
}

/// Articles of a source that were dropped or quarantined for one reason.
public struct SourceLoss: Sendable, Codable, Equatable {
    /// The reason.
    public var reason: String
    /// How many.
    public var count: Int
    /// When the first of them was discovered.
    public var first: Date
    /// When the newest of them was discovered.
    public var newest: Date
    /// The newest of them.
    public var example: String
}

/// Everything about one source.
public struct SourceDetails: Sendable, Codable, Equatable {
    /// Its number.
    public var sourceID: Int64
    /// Its name.
    public var name: String
    /// Its home page.
    public var homepage: String
    /// Its language.
    public var language: String?
    /// active, paused or removed.
    public var state: String
    /// Since when it is paused.
    public var stateSince: Date?
    /// Hosts that it may use besides its own.
    public var allowedHosts: [String]
    /// Why its certificates are not checked, where they are not.
    public var tlsException: String?
    /// When it was added.
    public var createdAt: Date
    /// Articles by what became of them: discovered, fetched, indexed, waiting for the first time, to be revisited, failing,
    /// blocked, dropped, quarantined.
    public var articles: [String: Int]
    /// Articles that were refused, by reason.
    public var refused: [String: Int]
    /// The same with times and an example, the most first.
    public var losses: [SourceLoss]
    /// What it usually brings.
    public var health: SourceHealth?
    /// Its feeds, sitemaps and home page.
    public var listings: [ListingReport]
    /// The hosts that its URLs are on.
    public var hosts: [String]

    enum CodingKeys: String, CodingKey {
        case name, homepage, language, state, articles, refused, losses, health, listings, hosts
        case stateSince = "state_since"
        case sourceID = "source_id"
        case allowedHosts = "allowed_hosts"
        case tlsException = "tls_exception"
        case createdAt = "created_at"
    }
}

/// Shows what sources bring and how their feeds are doing.
public struct SourceOffice: Sendable {
    private let database: PostgresPool

    /// Makes an office.
    public init(database: PostgresPool) {
        self.database = database
    }

    /// Everything about one source, or `nil` when there is no such source.
    public func show(_ sourceID: Int64) async throws -> SourceDetails? {
        let rows = try await database.query(
            "SELECT * FROM wireroom.source WHERE source_id = $1", [.int(sourceID)])
        guard let row = rows.first else { return nil }
        let losses = try await losses(of: sourceID)
        let state = try row.decode("state", as: String.self)
        return SourceDetails(
            sourceID: sourceID, name: try row.decode("name"), homepage: try row.decode("homepage"),
            language: try row.decode("language"), state: state,
            stateSince: state == "paused" ? try row.decode("state_since") : nil,
            allowedHosts: try row.decode("allowed_hosts"), tlsException: try row.decode("tls_exception"),
            createdAt: try row.decode("created_at"), articles: try await articles(of: sourceID),
            refused: Dictionary(losses.map { ($0.reason, $0.count) }, uniquingKeysWith: +), losses: losses,
            health: try await health(of: [sourceID]).first,
            listings: try await listings(of: sourceID, onlyFailing: false, limit: 10_000),
            hosts: try await hosts(of: sourceID))
    }

    private func articles(of sourceID: Int64) async throws -> [String: Int] {
        let names = [
            "discovered", "fetched", "indexed", "waiting", "revisiting", "failing", "blocked", "dropped", "quarantined",
        ]
        let row = try await database.query(
            """
            SELECT count(*) AS discovered, count(*) FILTER (WHERE u.last_capture_id IS NOT NULL) AS fetched,
                   count(*) FILTER (WHERE u.state = 'indexed') AS indexed,
                   count(*) FILTER (WHERE u.due_at IS NOT NULL AND u.last_digest IS NULL) AS waiting,
                   count(*) FILTER (WHERE u.due_at IS NOT NULL AND u.last_digest IS NOT NULL) AS revisiting,
                   count(*) FILTER (WHERE u.attempts > 0 AND u.due_at IS NOT NULL) AS failing,
                   count(*) FILTER (WHERE u.due_at <= now() AND (h.is_paused OR h.blocked_until > now())) AS blocked,
                   count(*) FILTER (WHERE u.state = 'dropped') AS dropped,
                   count(*) FILTER (WHERE u.state = 'quarantined') AS quarantined
            FROM wireroom.url AS u LEFT JOIN wireroom.host AS h USING (host_id)
            WHERE u.source_id = $1 AND u.kind = 'article'
            """, [.int(sourceID)]
        ).first
        var counts: [String: Int] = [:]
        for name in names { counts[name] = try row?.decode(name) }
        return counts
    }

    private func losses(of sourceID: Int64) async throws -> [SourceLoss] {
        try await database.query(
            """
            SELECT coalesce(reason, 'unknown') AS reason, count(*) AS number, min(discovered_at) AS first,
                   max(discovered_at) AS newest, (array_agg(url ORDER BY url_id DESC))[1] AS example
            FROM wireroom.url
            WHERE source_id = $1 AND kind = 'article' AND state IN ('dropped', 'quarantined')
            GROUP BY 1 ORDER BY number DESC, 1
            """, [.int(sourceID)]
        ).map { row in
            SourceLoss(
                reason: try row.decode("reason"), count: try row.decode("number"), first: try row.decode("first"),
                newest: try row.decode("newest"), example: try row.decode("example"))
        }
    }

    private func hosts(of sourceID: Int64) async throws -> [String] {
        try await database.query(
            """
            SELECT name FROM wireroom.host
            WHERE host_id IN (SELECT host_id FROM wireroom.url WHERE source_id = $1) ORDER BY name LIMIT 1000
            """, [.int(sourceID)]
        ).map { try $0.decode("name") }
    }

    /// What sources usually bring and bring now: of some, or of all that were not removed.
    public func health(of sources: [Int64]? = nil) async throws -> [SourceHealth] {
        try await database.query(
            """
            SELECT h.* FROM wireroom.source_health AS h JOIN wireroom.source AS s USING (source_id)
            WHERE CASE WHEN $1::bigint[] IS NULL THEN s.state <> 'removed' ELSE h.source_id = ANY ($1) END
            ORDER BY h.source_id
            """, [sources.map { .intArray($0) } ?? .null]
        ).map { row in
            SourceHealth(
                sourceID: try row.decode("source_id"), name: try row.decode("name"),
                usualPerDay: try row.decode("usual_per_day"), foundToday: try row.decode("found_today"),
                lastFoundAt: try row.decode("last_found_at"), isSilent: try row.decode("is_silent"))
        }
    }

    /// Feeds, sitemaps and home pages with their state, the most urgent first.
    ///
    /// - Parameters:
    ///   - sourceID: only of this source; `nil` for all that are not removed.
    ///   - onlyFailing: only those whose last look failed.
    public func listings(of sourceID: Int64?, onlyFailing: Bool, limit: Int) async throws -> [ListingReport] {
        try await database.query(
            """
            SELECT u.*, CASE
                       WHEN coalesce(s.state, 'active') <> 'active' OR h.is_paused THEN 'paused'
                       WHEN h.blocked_until > now() THEN 'blocked'
                       WHEN u.reason IS NOT NULL THEN 'refused'
                       WHEN u.attempts > 0 THEN 'failing'
                       WHEN u.last_fetched_at IS NULL THEN 'new' ELSE 'ok' END AS condition,
                   greatest(u.due_at, h.next_allowed_at, h.blocked_until) AS next_at
            FROM wireroom.url AS u LEFT JOIN wireroom.source AS s USING (source_id) LEFT JOIN wireroom.host AS h USING (host_id)
            WHERE u.kind IN ('feed', 'sitemap', 'home') AND ($1::bigint IS NULL AND coalesce(s.state, '') <> 'removed' OR u.source_id = $1)
              AND (NOT $2 OR u.attempts > 0 OR u.reason IS NOT NULL)
            ORDER BY u.due_at NULLS LAST, u.url_id LIMIT $3
            """, [.optional(sourceID), .bool(onlyFailing), .int(Int64(limit))]
        ).map { row in
            ListingReport(
                urlID: try row.decode("url_id"), sourceID: try row.decode("source_id"), kind: try row.decode("kind"),
                url: try row.decode("url"), state: try row.decode("condition"), nextAt: try row.decode("next_at"),
                intervalSeconds: try row.decode("interval_seconds"), lastFetchedAt: try row.decode("last_fetched_at"),
                lastStatus: try row.decode("last_status"), lastError: try row.decode("last_error"),
                failures: try row.decode("attempts"), failingSince: try row.decode("failing_since"),
                items: try row.decode("items_seen"),
                newestItemAt: try row.decode("newest_item_at"),
                hubs: try row.decode("hubs", as: [String]?.self) ?? [], refusals: try Self.refusals(row))
        }
    }

    private static func refusals(_ row: PostgresRow) throws -> [String: Int] {
        guard let text = try row.decode("refusals", as: String?.self) else { return [:] }
        return try JSONDecoder().decode([String: Int].self, from: Data(text.utf8))
    }
}
