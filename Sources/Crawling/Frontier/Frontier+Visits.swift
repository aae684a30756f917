internal import Captures
internal import Foundation
internal import Model
internal import Pipeline
internal import Postgres

/// The lease was given to someone else.
struct LeaseLost: Error {}

extension Frontier {
    /// Writes a visit: the URL's new state, its capture with the message for the parse stage, what it led to, and what it
    /// says of the host. All of it or nothing, and nothing if the lease is no longer ours.
    ///
    /// - Returns: how many URLs were new.
    /// - Throws: ``LeaseLost``.
    @discardableResult
    func record(
        _ visit: Visit, of url: LeasedURL, on host: LeasedHost, delay: Duration, signal: HostSignal?
    ) async throws -> Int {
        try await database.withTransaction { transaction in
            try await renew(host, response: visit.response, delay: delay, signal: signal, counts: true, in: transaction)
            let added = try await admit(
                visit.discovered, sourceID: url.source?.sourceID, from: url.urlID, in: transaction)
            var visit = visit
            if let twin = visit.twin, try await !claimTwin(twin, of: url, in: transaction) {
                visit.result = .dropped(.twin, "the same page as \(twin.url)")
            }
            var captureID: Int64?
            if case .captured(let prepared) = visit.result {
                captureID = try await store(prepared, urlID: url.urlID, in: transaction)
            }
            try await remember(visit.links, on: url, in: transaction)
            try await hurry(visit.stale, in: transaction)
            try await update(url, visit, newItems: added, captureID: captureID, in: transaction)
            return added
        }
    }

    private func store(
        _ prepared: PreparedCapture, urlID: Int64, in transaction: PostgresConnection
    ) async throws -> Int64? {
        guard let pointer = try await captures.store([prepared], in: transaction).first else { return nil }
        let envelope = Envelope(
            ParseCapture(captureID: pointer.captureID, capturedAtMilliseconds: pointer.capturedAtMilliseconds),
            urlID: urlID)
        _ = try await transaction.pipeline([try OutboxRelay.insertion([envelope])])
        return pointer.captureID
    }

    /// Holds the host's row, checks the fence, and writes what was learnt of the host.
    private func renew(
        _ host: LeasedHost, response: Duration?, delay: Duration, signal: HostSignal?, counts: Bool,
        in transaction: PostgresConnection
    ) async throws {
        let result = try await transaction.query(
            """
            UPDATE wireroom.host SET lease_until = now() + make_interval(secs => $3 + coalesce(operator_delay_ms, 0) / 500.0),
                next_allowed_at = now() + make_interval(secs => $4),
                last_response_ms = coalesce($5::int, last_response_ms),
                blocked_until = CASE WHEN $6::float8 IS NULL THEN blocked_until ELSE now() + make_interval(secs => $6::float8) END,
                blocked_reason = coalesce($7, blocked_reason),
                backoff_level = coalesce($8::int, backoff_level), last_incident_at = coalesce($9::timestamptz, last_incident_at),
                visits_today = CASE WHEN visit_day = (now() AT TIME ZONE 'UTC')::date THEN visits_today ELSE 0 END
                    + CASE WHEN $10 THEN 1 ELSE 0 END,
                visit_day = (now() AT TIME ZONE 'UTC')::date
            WHERE host_id = $1 AND lease_no = $2
            """,
            [
                .int(host.hostID), .int(host.leaseNumber), .double(configuration.leaseHold.seconds),
                .double(delay.seconds), .optional(response?.milliseconds), .optional(signal?.block?.seconds),
                .optional(signal?.reason), .optional(signal.map { Int64($0.backoff.level) }),
                .optional(signal?.backoff.lastIncident), .bool(counts),
            ])
        guard result.affectedRows == 1 else { throw LeaseLost() }
    }

    /// Writes what robots.txt said, and the sitemaps that it names.
    func record(_ robots: FetchedRobots, on host: LeasedHost, sitemaps: [DiscoveredURL], sourceID: Int64?) async throws
    {
        try await database.withTransaction { transaction in
            let result = try await transaction.query(
                """
                UPDATE wireroom.host SET robots_text = $3, robots_status = $4::int, robots_fetched_at = now(),
                    robots_expires_at = now() + make_interval(secs => $5), crawl_delay_ms = $6::int,
                    lease_until = now() + make_interval(secs => $7 + coalesce(operator_delay_ms, 0) / 500.0)
                WHERE host_id = $1 AND lease_no = $2
                """,
                [
                    .int(host.hostID), .int(host.leaseNumber), .text(robots.text.filter { $0 != "\0" }),
                    .int(Int64(robots.status)), .double(robots.lifetime.seconds),
                    .optional(robots.crawlDelay?.milliseconds),
                    .double(configuration.leaseHold.seconds),
                ])
            guard result.affectedRows == 1 else { throw LeaseLost() }
            _ = try await admit(sitemaps, sourceID: sourceID, from: nil, in: transaction)
        }
    }

    /// Blocks a host without a visit, because its robots.txt cannot be had.
    func block(_ host: LeasedHost, signal: HostSignal) async throws {
        try await database.withTransaction { transaction in
            try await renew(host, response: nil, delay: .zero, signal: signal, counts: false, in: transaction)
        }
    }

    /// Adds URLs that are not known yet, and their hosts.
    ///
    /// - Parameter spread: feeds, sitemaps and home pages become due at random within this time.
    /// - Returns: how many were new.
    func admit(
        _ urls: [DiscoveredURL], sourceID: Int64?, from discoverer: Int64?, spread: Duration = .zero,
        in transaction: PostgresConnection
    ) async throws -> Int {
        guard !urls.isEmpty else { return 0 }
        // Two statements: the second one sees also those hosts that another worker has just committed.
        let results = try await transaction.pipeline([
            PostgresStatement(
                """
                INSERT INTO wireroom.host (name) SELECT DISTINCT name FROM unnest($1::text[]) AS h (name) ORDER BY name
                ON CONFLICT (name) DO NOTHING
                """, [.textArray(urls.map(\.host))]),
            PostgresStatement(
                """
                INSERT INTO wireroom.url (identity, url, source_id, host_id, kind, lane, due_at, evidence, discovered_from)
                SELECT f.identity, f.url, $7, h.host_id, f.kind, f.lane,
                    now() + make_interval(secs => CASE WHEN f.kind = 'article' THEN 0 ELSE random() * $9 END), f.evidence, $8
                FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::jsonb[])
                    AS f (identity, url, host, kind, lane, evidence)
                JOIN wireroom.host AS h ON h.name = f.host
                ORDER BY f.identity
                ON CONFLICT (identity) DO NOTHING
                """,
                [
                    .bytesArray(urls.map(\.identity)), .textArray(urls.map(\.url)), .textArray(urls.map(\.host)),
                    .textArray(urls.map(\.kind.rawValue)), .intArray(urls.map { Int64($0.lane.rawValue) }),
                    .jsonArray(urls.map(\.evidence)), .optional(sourceID), .optional(discoverer),
                    .double(spread.seconds),
                ]),
        ])
        return results.last?.affectedRows ?? 0
    }

    private func update(
        _ url: LeasedURL, _ visit: Visit, newItems: Int, captureID: Int64?, in transaction: PostgresConnection
    ) async throws {
        let change = URLChange(
            url: url, visit: visit, newItems: newItems, configuration: configuration, jitter: Double.random(in: 0...1))
        _ = try await transaction.query(
            """
            UPDATE wireroom.url SET state = coalesce($2, state), attempts = $4::int,
                -- An article that keeps its state keeps the reason for it.
                reason = CASE WHEN $2 IS NULL AND kind IN ('article', 'document') THEN reason ELSE $3 END,
                due_at = CASE WHEN $5::float8 IS NULL THEN NULL ELSE now() + make_interval(secs => $5::float8) END,
                interval_seconds = coalesce($6::int, interval_seconds), etag = CASE WHEN $7 THEN $8 ELSE etag END,
                last_modified = CASE WHEN $7 THEN $9 ELSE last_modified END, last_status = $10::int, last_error = $11,
                last_fetched_at = now(), last_digest = coalesce($12, last_digest), last_capture_id = coalesce($13, last_capture_id),
                items_seen = coalesce($14::int, items_seen), newest_item_at = greatest(newest_item_at, $15::timestamptz),
                items_per_hour = coalesce($16::float8, items_per_hour),
                full_look_at = CASE WHEN $17 THEN now() ELSE full_look_at END,
                distrusted_until = CASE WHEN $18 THEN now() + make_interval(secs => $19) ELSE distrusted_until END,
                revisits = coalesce($20::int, revisits), priority = CASE WHEN $20::int IS NULL THEN priority ELSE $21::int END,
                hubs = coalesce($22::text[], hubs), refusals = coalesce($23::jsonb, refusals),
                changed_at = now()
            WHERE url_id = $1
            """,
            [
                .int(url.urlID), .optional(change.state), .optional(change.reason), .int(Int64(change.attempts)),
                .optional(change.due?.seconds), .optional(change.interval.map { Int64($0.seconds) }),
                .bool(change.hasValidators),
                .optional(visit.etag), .optional(visit.lastModified), .optional(visit.status.map(Int64.init)),
                .optional(change.error.map { String($0.prefix(500)) }), change.digest.map { .bytes($0) } ?? .null,
                .optional(captureID), .optional(change.items.map(Int64.init)), .optional(change.newest),
                .optional(change.rate), .bool(change.isFullLook), .bool(change.isDistrusted),
                .double(ConditionalTrust.distrust), .optional(change.revisits.map(Int64.init)),
                .int(Int64(Self.revisitPriority)), visit.hubs.map { .textArray($0) } ?? .null,
                visit.refusals.map { .json($0) } ?? .null,
            ])
    }

    /// Revisits of articles come after what is new in their lane.
    static let revisitPriority = -10
}
