public import Foundation
internal import Pipeline
internal import Postgres
internal import WebURL

/// A source as an operator sees it.
public struct SourceSummary: Sendable, Codable, Equatable {
    /// The source's number.
    public var sourceID: Int64
    /// Its name.
    public var name: String
    /// Its home page.
    public var homepage: String
    /// active, paused or removed.
    public var state: String
    /// Feeds that are watched.
    public var feeds: Int
    /// Sitemaps that are watched.
    public var sitemaps: Int
    /// Article URLs that are known.
    public var discovered: Int
    /// Articles that are searchable.
    public var indexed: Int
    /// URLs that were dropped.
    public var dropped: Int
    /// URLs in quarantine.
    public var quarantined: Int
    /// URLs that wait for a visit.
    public var waiting: Int
    /// When something of it was last fetched.
    public var lastFetchedAt: Date?

    enum CodingKeys: String, CodingKey {
        case sourceID = "source_id"
        case name, homepage, state, feeds, sitemaps, discovered, indexed, dropped, quarantined, waiting
        case lastFetchedAt = "last_fetched_at"
    }
}

extension Frontier {
    /// Adds a source with the URLs that lead to its articles, or brings an existing one up to date.
    ///
    /// - Returns: the source's number, and how many URLs were new.
    public func addSource(
        name: String, homepage: String, language: String?, allowedHosts: [String], urls: [DiscoveredURL]
    ) async throws -> (sourceID: Int64, added: Int) {
        try await database.withTransaction { transaction in
            let row = try await transaction.query(
                """
                INSERT INTO wireroom.source AS s (name, homepage, language, allowed_hosts) VALUES ($1, $2, $3, $4::text[])
                ON CONFLICT (homepage) DO UPDATE SET name = excluded.name, language = coalesce(excluded.language, s.language),
                    allowed_hosts = excluded.allowed_hosts, state = 'active', updated_at = now()
                RETURNING source_id
                """, [.text(name), .text(homepage), .optional(language), .textArray(allowedHosts)])
            guard let sourceID = try row.first?.decode("source_id", as: Int64.self) else { return (0, 0) }
            let added = try await admit(urls, sourceID: sourceID, from: nil, in: transaction)
            return (sourceID, added)
        }
    }

    /// Adds single URLs to be fetched as articles as soon as their hosts allow it; known ones are fetched again.
    ///
    /// - Returns: the URLs' rows, in their order.
    public func request(_ urls: [DiscoveredURL]) async throws -> [Int64] {
        try await database.withTransaction { transaction in
            _ = try await admit(urls, sourceID: nil, from: nil, in: transaction)
            let rows = try await transaction.query(
                """
                UPDATE wireroom.url AS u SET due_at = now(), attempts = 0, priority = 10, etag = NULL, last_modified = NULL
                FROM unnest($1::bytea[]) AS r (identity) WHERE u.identity = r.identity
                RETURNING u.identity, u.url_id
                """, [.bytesArray(urls.map(\.identity))])
            var found: [[UInt8]: Int64] = [:]
            for row in rows { found[try row.decode("identity")] = try row.decode("url_id", as: Int64.self) }
            return urls.compactMap { found[$0.identity] }
        }
    }

    /// All sources that were not removed, or all.
    public func sources(includingRemoved: Bool = false) async throws -> [SourceSummary] {
        try await database.query(
            """
            SELECT s.source_id, s.name, s.homepage, s.state, c.*
            FROM wireroom.source AS s
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE kind = 'feed') AS feeds, count(*) FILTER (WHERE kind = 'sitemap') AS sitemaps,
                       count(*) FILTER (WHERE kind = 'article') AS discovered,
                       count(*) FILTER (WHERE state = 'indexed') AS indexed,
                       count(*) FILTER (WHERE state = 'dropped') AS dropped,
                       count(*) FILTER (WHERE state = 'quarantined') AS quarantined,
                       count(*) FILTER (WHERE kind = 'article' AND due_at IS NOT NULL) AS waiting,
                       max(last_fetched_at) AS last_fetched_at
                FROM wireroom.url AS u WHERE u.source_id = s.source_id
            ) AS c
            WHERE $1 OR s.state <> 'removed' ORDER BY s.source_id
            """, [.bool(includingRemoved)]
        ).map { row in
            SourceSummary(
                sourceID: try row.decode("source_id"), name: try row.decode("name"),
                homepage: try row.decode("homepage"),
                state: try row.decode("state"), feeds: try row.decode("feeds"), sitemaps: try row.decode("sitemaps"),
                discovered: try row.decode("discovered"), indexed: try row.decode("indexed"),
                dropped: try row.decode("dropped"),
                quarantined: try row.decode("quarantined"), waiting: try row.decode("waiting"),
                lastFetchedAt: try row.decode("last_fetched_at"))
        }
    }

    /// Sets a source's state: `active`, `paused` or `removed`. Workers heed it with their next release.
    ///
    /// - Returns: whether there is such a source.
    public func setState(_ state: String, ofSource sourceID: Int64) async throws -> Bool {
        try await database.query(
            "UPDATE wireroom.source SET state = $2, updated_at = now() WHERE source_id = $1",
            [.int(sourceID), .text(state)]
        ).affectedRows == 1
    }
}
