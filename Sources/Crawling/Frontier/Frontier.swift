public import Captures
internal import Foundation
public import Model
internal import Pipeline
public import Postgres

/// The frontier in PostgreSQL: which hosts may be contacted, and what is due there. All SQL of the crawl stage is in this
/// type.
///
/// A URL leaves the frontier only through a lease on its host. At most one lease of a host is out, and every write of a
/// lease names its number: once a newer lease was given, an older one can change nothing any more.
public struct Frontier: Sendable {
    let database: PostgresPool
    let captures: any CaptureStore
    let configuration: CrawlConfiguration

    /// Makes the frontier.
    public init(database: PostgresPool, captures: any CaptureStore, configuration: CrawlConfiguration) {
        self.database = database
        self.captures = captures
        self.configuration = configuration
    }

    /// Claims leases and reads what is due on their hosts.
    ///
    /// - Returns: for each lease, in their order, the host, or `nil` when the lease is out of date or claimed already.
    public func claim(_ leases: [CrawlLease], worker: String) async throws -> [LeasedHost?] {
        let asked = ContinuousClock.now
        return try await database.withTransaction { transaction in
            try await Self.followIndexes(in: transaction)
            let hosts = try await transaction.query(
                """
                UPDATE wireroom.host AS h SET lease_claimed = true, leased_by = $3,
                    lease_until = now() + make_interval(secs => $4 + coalesce(h.operator_delay_ms, 0) / 500.0)
                FROM unnest($1::bigint[], $2::bigint[]) AS l (host_id, lease_no)
                WHERE h.host_id = l.host_id AND h.lease_no = l.lease_no AND NOT h.lease_claimed AND h.lease_until > now()
                  AND NOT h.is_paused AND (h.blocked_until IS NULL OR h.blocked_until <= now())
                RETURNING h.host_id, h.lease_no, h.name, h.robots_text, h.robots_status, h.robots_expires_at, h.crawl_delay_ms,
                    h.last_response_ms, h.operator_delay_ms, h.backoff_level, h.last_incident_at
                """,
                [
                    .intArray(leases.map(\.hostID)), .intArray(leases.map(\.leaseNumber)), .text(worker),
                    .double(configuration.leaseHold.seconds),
                ])
            var claimed: [Int64: LeasedHost] = [:]
            for row in hosts {
                var host = try Self.host(row)
                host.heldUntil = asked + configuration.leaseHold + (host.operatorDelay ?? .zero) * 2
                claimed[host.hostID] = host
            }
            for row in try await due(on: claimed.keys.sorted(), in: transaction) {
                claimed[try row.decode("host_id")]?.urls.append(try Self.url(row))
            }
            // A batch may hold an older lease of the same host, or the same one twice: the host is given once.
            return leases.map { lease in
                claimed[lease.hostID]?.leaseNumber == lease.leaseNumber
                    ? claimed.removeValue(forKey: lease.hostID) : nil
            }
        }
    }

    private func due(on hosts: [Int64], in transaction: PostgresConnection) async throws -> PostgresResult {
        // From one pair of lane and priority to the next through the index: what is due is found at once, however much is
        // waiting before and behind it.
        try await transaction.query(
            """
            SELECT u.*, s.homepage, s.allowed_hosts, s.tls_exception, s.include_patterns, s.exclude_patterns,
                s.revisit_seconds::bigint[] AS revisit_seconds,
                extract(epoch FROM s.maximum_age)::bigint AS maximum_age_seconds
            FROM wireroom.host AS h
            CROSS JOIN LATERAL (
                WITH RECURSIVE rank AS (
                    (SELECT f.lane, f.priority FROM wireroom.url AS f WHERE f.host_id = h.host_id AND f.due_at IS NOT NULL
                     ORDER BY f.lane, f.priority DESC LIMIT 1)
                    UNION ALL
                    SELECT n.lane, n.priority FROM rank AS r CROSS JOIN LATERAL (
                        SELECT * FROM (
                            (SELECT f.lane, f.priority FROM wireroom.url AS f
                             WHERE f.host_id = h.host_id AND f.due_at IS NOT NULL AND f.lane = r.lane AND f.priority < r.priority
                             ORDER BY f.priority DESC LIMIT 1)
                            UNION ALL
                            (SELECT f.lane, f.priority FROM wireroom.url AS f
                             WHERE f.host_id = h.host_id AND f.due_at IS NOT NULL AND f.lane > r.lane
                             ORDER BY f.lane, f.priority DESC LIMIT 1)
                        ) AS next ORDER BY lane LIMIT 1
                    ) AS n
                )
                SELECT d.* FROM rank AS r CROSS JOIN LATERAL (
                    SELECT u.host_id, u.url_id, u.url, u.kind, u.lane, u.priority, u.due_at, u.source_id, u.etag,
                           u.last_modified, u.attempts, u.interval_seconds, u.evidence, u.last_digest, u.last_capture_id, u.state,
                           u.revisits, u.items_per_hour, u.newest_item_at, u.last_fetched_at, u.last_status, u.full_look_at,
                           u.distrusted_until, u.items_seen
                    FROM wireroom.url AS u LEFT JOIN wireroom.source AS s USING (source_id)
                    WHERE u.host_id = h.host_id AND u.lane = r.lane AND u.priority = r.priority AND u.due_at <= now()
                      AND coalesce(s.state, 'active') = 'active'
                    ORDER BY u.due_at LIMIT $2
                ) AS d
                WHERE r.lane <= wireroom.open_lane(h.visit_day, h.visits_today, h.operator_daily_budget, $3)
                ORDER BY d.lane, d.priority DESC, d.due_at LIMIT $2
            ) AS u
            LEFT JOIN wireroom.source AS s ON s.source_id = u.source_id
            WHERE h.host_id = ANY ($1::bigint[])
            ORDER BY u.lane, u.priority DESC, u.due_at
            """,
            [.intArray(hosts), .int(Int64(configuration.urlsPerLease)), .int(Int64(configuration.dailyBudget))])
    }

    private static func host(_ row: PostgresRow) throws -> LeasedHost {
        func milliseconds(_ column: String) throws -> Duration? {
            try row.decode(column, as: Int64?.self).map(Duration.milliseconds)
        }
        return LeasedHost(
            hostID: try row.decode("host_id"), leaseNumber: try row.decode("lease_no"), name: try row.decode("name"),
            robotsText: try row.decode("robots_text"), robotsStatus: try row.decode("robots_status"),
            robotsExpiresAt: try row.decode("robots_expires_at"), crawlDelay: try milliseconds("crawl_delay_ms"),
            lastResponse: try milliseconds("last_response_ms"), operatorDelay: try milliseconds("operator_delay_ms"),
            backoff: HostBackoff(
                level: try row.decode("backoff_level"), lastIncident: try row.decode("last_incident_at")), urls: [])
    }

    private static func url(_ row: PostgresRow) throws -> LeasedURL {
        let source = try row.decode("source_id", as: Int64?.self).map { id in
            LeasedSource(
                sourceID: id, homepage: try row.decode("homepage"), allowedHosts: try row.decode("allowed_hosts"),
                rules: SourceRules(
                    include: try row.decode("include_patterns"), exclude: try row.decode("exclude_patterns"),
                    maximumAge: try row.decode("maximum_age_seconds", as: Int64?.self).map { Duration.seconds($0) }),
                revisitAges: try row.decode("revisit_seconds", as: [Int64]?.self)?.map { Duration.seconds($0) },
                acceptsAnyCertificate: try row.decode("tls_exception", as: String?.self) != nil)
        }
        return LeasedURL(
            urlID: try row.decode("url_id"), url: try row.decode("url"),
            kind: URLKind(rawValue: try row.decode("kind")) ?? .article,
            lane: Lane(rawValue: try row.decode("lane")) ?? .live,
            source: source, etag: try row.decode("etag"), lastModified: try row.decode("last_modified"),
            attempts: try row.decode("attempts"),
            interval: try row.decode("interval_seconds", as: Int64?.self).map { Duration.seconds($0) },
            evidence: try row.decode("evidence"), lastDigest: try row.decode("last_digest"),
            lastCaptureID: try row.decode("last_capture_id"),
            state: try row.decode("state"), revisits: try row.decode("revisits"),
            itemsPerHour: try row.decode("items_per_hour"), newestItem: try row.decode("newest_item_at"),
            lastFetched: try row.decode("last_fetched_at"), lastStatus: try row.decode("last_status"),
            lastFullLook: try row.decode("full_look_at"), distrustedUntil: try row.decode("distrusted_until"),
            itemsSeen: try row.decode("items_seen"))
    }

    /// Ends a lease; the host may be released again after the delay.
    public func close(
        _ leases: [(hostID: Int64, leaseNumber: Int64, delay: Duration)], in transaction: PostgresConnection
    ) async throws {
        guard !leases.isEmpty else { return }
        _ = try await transaction.query(
            """
            UPDATE wireroom.host AS h SET lease_until = NULL, leased_by = NULL,
                next_allowed_at = greatest(h.next_allowed_at, now() + make_interval(secs => l.delay))
            FROM unnest($1::bigint[], $2::bigint[], $3::float8[]) AS l (host_id, lease_no, delay)
            WHERE h.host_id = l.host_id AND h.lease_no = l.lease_no
            """,
            [
                .intArray(leases.map(\.hostID)), .intArray(leases.map(\.leaseNumber)),
                .doubleArray(leases.map(\.delay.seconds)),
            ])
    }

    /// What is to be done once an hour: makes this month's and the next months' partitions, drops those of captures that
    /// are too old, and forgets old counts.
    ///
    /// - Returns: the partitions that were dropped.
    @discardableResult
    public func keepHouse() async throws -> [String] {
        _ = try await database.query("SELECT wireroom.make_partitions()")
        _ = try await database.query("DELETE FROM wireroom.source_activity WHERE hour < now() - interval '90 days'")
        guard configuration.monthsOfCaptures > 0 else { return [] }
        return try await database.query(
            "SELECT wireroom.drop_captures($1::int) AS dropped", [.int(Int64(configuration.monthsOfCaptures))]
        ).first?.decode("dropped") ?? []
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
