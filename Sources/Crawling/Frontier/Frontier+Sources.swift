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

/// What an operator sets of a source. What is `nil` stays as it is.
public struct SourceSettings: Sendable, Equatable {
    /// Its name.
    public var name: String?
    /// Its main language.
    public var language: String?
    /// Hosts whose articles belong to it besides its own.
    public var allowedHosts: [String]?
    /// Patterns of which an article has to match one; empty for no such rule.
    public var includePatterns: [String]?
    /// Patterns of which an article may match none.
    public var excludePatterns: [String]?
    /// Articles that were published longer ago are left out; zero for no limit.
    public var maximumAge: Duration?
    /// How old an article's first fetch is at each revisit; empty for no revisits.
    public var revisitAges: [Duration]?
    /// Whether the revisits are those of the crawler's own settings again.
    public var usesDefaultRevisits = false

    /// Makes settings.
    public init(
        name: String? = nil, language: String? = nil, allowedHosts: [String]? = nil, includePatterns: [String]? = nil,
        excludePatterns: [String]? = nil, maximumAge: Duration? = nil, revisitAges: [Duration]? = nil,
        usesDefaultRevisits: Bool = false
    ) {
        self.name = name
        self.language = language
        self.allowedHosts = allowedHosts
        self.includePatterns = includePatterns
        self.excludePatterns = excludePatterns
        self.maximumAge = maximumAge
        self.revisitAges = revisitAges
        self.usesDefaultRevisits = usesDefaultRevisits
    }
}

extension Frontier {
    /// Adds a source with the URLs that lead to its articles, or brings an existing one up to date.
    ///
    /// Where much is due already, the first looks at its feeds and sitemaps are spread over up to ten minutes, so that
    /// thousands of sources that are added at once do not all fire at once, now and at each later look.
    ///
    /// - Parameters:
    ///   - keepsName: whether an existing source keeps the name that it has.
    ///   - allowedHosts: hosts that it may use besides its own; where there are none, those of an existing source stay.
    ///   - settings: what to set of its rules and schedule; the rest stays as it is.
    /// - Returns: the source's number, and how many URLs were new.
    public func addSource(
        name: String, keepsName: Bool = false, homepage: String, language: String?, allowedHosts: [String],
        urls: [DiscoveredURL], settings: SourceSettings = SourceSettings()
    ) async throws -> (sourceID: Int64, added: Int) {
        try await database.withTransaction { transaction in
            let row = try await transaction.query(
                """
                INSERT INTO wireroom.source AS s (name, homepage, language, allowed_hosts) VALUES ($1, $2, $3, $4::text[])
                ON CONFLICT (homepage) DO UPDATE SET
                    name = CASE WHEN $5 THEN s.name ELSE excluded.name END, language = coalesce(excluded.language, s.language),
                    allowed_hosts = CASE WHEN excluded.allowed_hosts = '{}' THEN s.allowed_hosts ELSE excluded.allowed_hosts END,
                    state = 'active', updated_at = now()
                RETURNING source_id
                """, [.text(name), .text(homepage), .optional(language), .textArray(allowedHosts), .bool(keepsName)])
            guard let sourceID = try row.first?.decode("source_id", as: Int64.self) else { return (0, 0) }
            _ = try await write(settings, ofSource: sourceID, in: transaction)
            let spread = try await spread(in: transaction)
            let added = try await admit(urls, sourceID: sourceID, from: nil, spread: spread, in: transaction)
            try await forgiveFailures(of: urls, in: transaction)
            return (sourceID, added)
        }
    }

    /// Has listings that failed, or that robots.txt forbade, looked at again at once: somebody has just seen that they answer.
    private func forgiveFailures(of urls: [DiscoveredURL], in transaction: PostgresConnection) async throws {
        _ = try await transaction.query(
            """
            WITH failed AS (
                UPDATE wireroom.url SET due_at = now(), attempts = 0
                WHERE identity = ANY ($1::bytea[]) AND kind IN ('feed', 'sitemap', 'home') AND (attempts > 0 OR reason IS NOT NULL)
                RETURNING host_id, reason
            )
            UPDATE wireroom.host SET robots_expires_at = now()
            WHERE host_id IN (SELECT host_id FROM failed WHERE reason = 'robots-disallowed') AND robots_expires_at > now()
            """, [.bytesArray(urls.map(\.identity))])
    }

    /// Over what time the first looks at a new source's listings are spread: 30 ms for each URL that is due soon.
    private func spread(in transaction: PostgresConnection) async throws -> Duration {
        let soon = try await transaction.query(
            "SELECT count(*) FROM (SELECT FROM wireroom.url WHERE due_at <= now() + interval '5 minutes' LIMIT 20000) AS u"
        ).first?.decode(0, as: Int64.self)
        return .milliseconds(30 * max(0, (soon ?? 0) - 20))
    }

    /// Changes a source's rules and schedule. Workers heed them with their next lease.
    ///
    /// - Returns: the settings that now hold, or `nil` when there is no such source.
    public func set(_ settings: SourceSettings, ofSource sourceID: Int64) async throws -> SourceSettings? {
        try await database.withTransaction { try await write(settings, ofSource: sourceID, in: $0) }
    }

    private func write(
        _ settings: SourceSettings, ofSource sourceID: Int64, in transaction: PostgresConnection
    ) async throws -> SourceSettings? {
        func texts(_ values: [String]?) -> PostgresValue { values.map { .textArray($0) } ?? .null }
        let rows = try await transaction.query(
            """
            UPDATE wireroom.source SET name = coalesce($2, name), language = coalesce($3, language),
                allowed_hosts = coalesce($4::text[], allowed_hosts), include_patterns = coalesce($5::text[], include_patterns),
                exclude_patterns = coalesce($6::text[], exclude_patterns),
                maximum_age = CASE WHEN $7::bigint IS NULL THEN maximum_age WHEN $7 = 0 THEN NULL
                    ELSE make_interval(secs => $7::bigint) END,
                revisit_seconds = CASE WHEN $8 THEN NULL ELSE coalesce($9::bigint[]::int[], revisit_seconds) END, updated_at = now()
            WHERE source_id = $1
            RETURNING name, language, allowed_hosts, include_patterns, exclude_patterns,
                extract(epoch FROM maximum_age)::bigint AS maximum_age_seconds, revisit_seconds::bigint[] AS revisit_seconds
            """,
            [
                .int(sourceID), .optional(settings.name), .optional(settings.language), texts(settings.allowedHosts),
                texts(settings.includePatterns), texts(settings.excludePatterns),
                .optional(settings.maximumAge.map { Int64($0.seconds) }), .bool(settings.usesDefaultRevisits),
                settings.revisitAges.map { .intArray($0.map { Int64($0.seconds) }) } ?? .null,
            ])
        return try rows.first.map { row in
            SourceSettings(
                name: try row.decode("name"), language: try row.decode("language"),
                allowedHosts: try row.decode("allowed_hosts"), includePatterns: try row.decode("include_patterns"),
                excludePatterns: try row.decode("exclude_patterns"),
                maximumAge: try row.decode("maximum_age_seconds", as: Int64?.self).map { Duration.seconds($0) },
                revisitAges: try row.decode("revisit_seconds", as: [Int64]?.self)?.map { Duration.seconds($0) })
        }
    }

    /// Adds single URLs to be fetched as articles as soon as their hosts allow it; known ones are fetched again.
    ///
    /// - Returns: the URLs' rows, in their order.
    public func request(_ urls: [DiscoveredURL]) async throws -> [Int64] {
        try await database.withTransaction { transaction in
            _ = try await admit(urls, sourceID: nil, from: nil, in: transaction)
            let rows = try await fetchAgain(
                "u.identity = ANY ($1::bytea[])", [.bytesArray(urls.map(\.identity))], in: transaction)
            var found: [[UInt8]: Int64] = [:]
            for row in rows { found[try row.decode("identity")] = try row.decode("url_id", as: Int64.self) }
            return urls.compactMap { found[$0.identity] }
        }
    }

    /// Has those articles of a source fetched again that were dropped, or are held in quarantine, for a reason.
    ///
    /// - Parameter since: only those discovered then or later.
    /// - Returns: the URLs with their rows.
    public func request(
        lostFor reason: String, ofSource sourceID: Int64, since: Date
    ) async throws -> [(url: String, urlID: Int64)] {
        try await database.withTransaction { transaction in
            try await fetchAgain(
                """
                u.source_id = $1 AND u.kind = 'article' AND u.state IN ('dropped', 'quarantined') AND u.reason = $2
                AND u.discovered_at >= $3
                """, [.int(sourceID), .text(reason), .date(since)], in: transaction
            ).map { (url: try $0.decode("url"), urlID: try $0.decode("url_id")) }
        }
    }

    /// Makes URLs due before all others, and forgets what would keep their pages from being read.
    private func fetchAgain(
        _ condition: String, _ values: [PostgresValue], in transaction: PostgresConnection
    ) async throws -> PostgresResult {
        try await transaction.query(
            """
            WITH asked AS (
                -- The same bytes again are stored and read again where they are not to be had any more.
                SELECT u.url_id, u.reason, u.reason = 'corrupt-capture' OR NOT EXISTS (
                    SELECT FROM wireroom.capture AS c WHERE c.capture_id = u.last_capture_id AND c.body IS NOT NULL
                ) AS is_gone
                FROM wireroom.url AS u WHERE \(condition)
            ), forgotten AS (
                -- What forbade a page may have changed.
                UPDATE wireroom.host SET robots_expires_at = now()
                WHERE robots_expires_at > now() AND host_id IN (
                    SELECT u.host_id FROM asked AS a JOIN wireroom.url AS u USING (url_id) WHERE a.reason = 'robots-disallowed')
            )
            UPDATE wireroom.url AS u SET due_at = now(), attempts = 0, priority = 10, etag = NULL, last_modified = NULL,
                last_digest = CASE WHEN a.is_gone THEN NULL ELSE u.last_digest END
            FROM asked AS a WHERE u.url_id = a.url_id
            RETURNING u.identity, u.url_id, u.url
            """, values)
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
                       count(*) FILTER (WHERE kind = 'article' AND due_at IS NOT NULL AND state = 'known') AS waiting,
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

    /// Lets a source's certificates go unchecked for a reason, or has them checked again.
    ///
    /// - Returns: whether there is such a source.
    public func setTLSException(_ reason: String?, ofSource sourceID: Int64) async throws -> Bool {
        try await database.query(
            "UPDATE wireroom.source SET tls_exception = $2, updated_at = now() WHERE source_id = $1",
            [.int(sourceID), .optional(reason)]
        ).affectedRows == 1
    }
}
