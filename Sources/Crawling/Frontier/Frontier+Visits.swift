internal import Captures
internal import Foundation
internal import Model
internal import Pipeline
internal import Postgres

/// The lease was given to someone else.
struct LeaseLost: Error {}

/// A visit with the URL and the host that it belongs to.
struct VisitEntry: Sendable {
    var visit: Visit
    var url: LeasedURL
    var host: LeasedHost
    /// How long the host is left alone after it.
    var delay: Duration
    var signal: HostSignal?
}

extension Frontier {
    /// Writes one visit; see ``record(_:)``.
    ///
    /// - Throws: ``LeaseLost``.
    @discardableResult
    func record(
        _ visit: Visit, of url: LeasedURL, on host: LeasedHost, delay: Duration, signal: HostSignal?
    ) async throws -> RecordedVisit {
        let entry = VisitEntry(visit: visit, url: url, host: host, delay: delay, signal: signal)
        guard let recorded = try await record([entry]).first ?? nil else { throw LeaseLost() }
        return recorded
    }

    /// Writes visits of different hosts in one transaction. Of each: the URL's new state, its capture with the message for
    /// the parse stage, what it led to, and what it says of the host. All of it or nothing, and nothing of a visit whose
    /// lease is no longer ours.
    ///
    /// - Returns: for each visit, in their order, what became of it; `nil` where the lease was lost.
    func record(_ entries: [VisitEntry]) async throws -> [RecordedVisit?] {
        try await database.withTransaction { transaction in
            let orders = try await renew(entries.map(HostRenewal.init), in: transaction)
            let held = entries.indices.filter { orders[$0] != nil }
            let added = try await admit(
                held.map { place in
                    let entry = entries[place]
                    return Findings(
                        urls: entry.visit.discovered, sourceID: entry.url.source?.sourceID,
                        discoverer: entry.url.urlID)
                }, in: transaction)
            var kept = held.map { entries[$0] }
            for place in kept.indices { try await settle(&kept[place], in: transaction) }
            let captureIDs = try await store(kept, in: transaction)
            var recorded = [RecordedVisit?](repeating: nil, count: entries.count)
            for (position, place) in held.enumerated() {
                recorded[place] = orders[place].map { RecordedVisit(added: added[position], orders: $0) }
            }
            let changes = zip(kept, added).map { entry, added in
                URLChange(
                    url: entry.url, visit: entry.visit, newItems: added, configuration: configuration,
                    jitter: Double.random(in: 0...1))
            }
            try await update(kept, changes, captureIDs: captureIDs, in: transaction)
            return recorded
        }
    }

    /// What a visit says of other rows: a twin of its page, links of a watched page, sitemaps that changed.
    private func settle(_ entry: inout VisitEntry, in transaction: PostgresConnection) async throws {
        if let twin = entry.visit.twin, try await !claimTwin(twin, of: entry.url, in: transaction) {
            entry.visit.result = .dropped(.twin, "the same page as \(twin.url)")
        }
        try await remember(entry.visit.links, on: entry.url, in: transaction)
        try await hurry(entry.visit.stale, in: transaction)
    }

    /// Stores what the visits captured, with the messages for the parse stage.
    ///
    /// - Returns: for each visit the capture that holds its body, `nil` where there is no new one.
    private func store(_ entries: [VisitEntry], in transaction: PostgresConnection) async throws -> [Int64?] {
        var prepared: [(place: Int, capture: PreparedCapture)] = []
        for (place, entry) in entries.enumerated() {
            switch entry.visit.result {
            case .captured(let capture): prepared.append((place, capture))
            case .unchanged:
                guard let answer = entry.visit.revisit, let original = entry.url.lastCaptureID,
                    let digest = entry.url.lastDigest
                else { continue }
                prepared.append(
                    (place, PostgresCaptureStore.prepareRevisit(answer, of: original, digest: digest)))
            default: continue
            }
        }
        var captureIDs = [Int64?](repeating: nil, count: entries.count)
        guard !prepared.isEmpty else { return captureIDs }
        let pointers = try await captures.store(prepared.map(\.capture), in: transaction)
        var envelopes: [Envelope<ParseCapture>] = []
        for (stored, pointer) in zip(prepared, pointers) where !stored.capture.isRevisit {
            captureIDs[stored.place] = pointer.captureID
            envelopes.append(
                Envelope(
                    ParseCapture(captureID: pointer.captureID, capturedAtMilliseconds: pointer.capturedAtMilliseconds),
                    urlID: entries[stored.place].url.urlID))
        }
        if !envelopes.isEmpty { _ = try await transaction.pipeline([try OutboxRelay.insertion(envelopes)]) }
        return captureIDs
    }

    /// What a write says of its host.
    private struct HostRenewal {
        var host: LeasedHost
        var delay: Duration = .zero
        var response: Duration?
        var signal: HostSignal?
        var serverAddress: String?
        /// Whether it counts against the host's daily budget.
        var isVisit = false

        init(host: LeasedHost, signal: HostSignal?) {
            self.host = host
            self.signal = signal
        }

        init(_ entry: VisitEntry) {
            self.init(host: entry.host, signal: entry.signal)
            delay = entry.delay
            response = entry.visit.response
            serverAddress = entry.visit.serverAddress
            isVisit = true
        }
    }

    /// Holds the hosts' rows, checks the fences, and writes what was learnt of the hosts.
    ///
    /// - Returns: for each host what an operator wants of it by now, `nil` where the lease is not ours any more.
    private func renew(_ hosts: [HostRenewal], in transaction: PostgresConnection) async throws -> [HostOrders?] {
        let rows = try await transaction.query(
            """
            UPDATE wireroom.host AS h
            SET lease_until = now() + make_interval(secs => $3 + coalesce(h.operator_delay_ms, 0) / 500.0),
                next_allowed_at = now() + make_interval(secs => r.delay),
                last_response_ms = coalesce(r.response_ms::int, h.last_response_ms),
                blocked_until = greatest(h.blocked_until, now() + make_interval(secs => r.block)),
                blocked_reason = coalesce(r.reason, h.blocked_reason),
                backoff_level = coalesce(r.level::int, h.backoff_level),
                last_incident_at = coalesce(r.incident_at, h.last_incident_at),
                server_address = coalesce(r.address, h.server_address),
                visits_today = CASE WHEN h.visit_day = (now() AT TIME ZONE 'UTC')::date THEN h.visits_today ELSE 0 END
                    + r.is_visit::int,
                visit_day = (now() AT TIME ZONE 'UTC')::date
            FROM unnest($1::bigint[], $2::bigint[], $4::float8[], $5::bigint[], $6::float8[], $7::text[], $8::bigint[],
                        $9::timestamptz[], $10::text[], $11::bool[])
                AS r (host_id, lease_no, delay, response_ms, block, reason, level, incident_at, address, is_visit)
            WHERE h.host_id = r.host_id AND h.lease_no = r.lease_no
            RETURNING h.host_id, h.lease_no, h.is_paused OR coalesce(h.blocked_until > now(), false) AS must_stop, h.operator_delay_ms
            """,
            [
                .intArray(hosts.map(\.host.hostID)), .intArray(hosts.map(\.host.leaseNumber)),
                .double(configuration.leaseHold.seconds), .doubleArray(hosts.map(\.delay.seconds)),
                .intArray(hosts.map { $0.response?.milliseconds }),
                .doubleArray(hosts.map { $0.signal?.block?.seconds }), .textArray(hosts.map { $0.signal?.reason }),
                .intArray(hosts.map { $0.signal.map { Int64($0.backoff.level) } }),
                .dateArray(hosts.map { $0.signal?.backoff.lastIncident }), .textArray(hosts.map(\.serverAddress)),
                .boolArray(hosts.map(\.isVisit)),
            ])
        // By number of the lease and of the host: an older lease of the same host may be in the same batch.
        var orders: [[Int64]: HostOrders] = [:]
        for row in rows {
            let lease: [Int64] = [try row.decode("host_id"), try row.decode("lease_no")]
            orders[lease] = HostOrders(
                mustStop: try row.decode("must_stop"),
                operatorDelay: try row.decode("operator_delay_ms", as: Int64?.self).map { .milliseconds($0) })
        }
        return hosts.map { orders[[$0.host.hostID, $0.host.leaseNumber]] }
    }

    /// Writes what robots.txt said, and the sitemaps that it names.
    func record(
        _ robots: FetchedRobots, on host: LeasedHost, delay: Duration = .zero, sitemaps: [DiscoveredURL],
        sourceID: Int64?
    ) async throws {
        try await database.withTransaction { transaction in
            let result = try await transaction.query(
                """
                UPDATE wireroom.host SET robots_text = $3, robots_status = $4::int, robots_fetched_at = now(),
                    robots_expires_at = now() + make_interval(secs => $5), crawl_delay_ms = $6::int,
                    lease_until = now() + make_interval(secs => $7 + coalesce(operator_delay_ms, 0) / 500.0),
                    next_allowed_at = now() + make_interval(secs => $8)
                WHERE host_id = $1 AND lease_no = $2
                """,
                [
                    .int(host.hostID), .int(host.leaseNumber), .text(robots.text.filter { $0 != "\0" }),
                    .int(Int64(robots.status)), .double(robots.lifetime.seconds),
                    .optional(robots.crawlDelay?.milliseconds),
                    .double(configuration.leaseHold.seconds), .double(delay.seconds),
                ])
            guard result.affectedRows == 1 else { throw LeaseLost() }
            _ = try await admit(sitemaps, sourceID: sourceID, from: nil, in: transaction)
        }
    }

    /// Blocks a host without a visit, because its robots.txt cannot be had.
    func block(_ host: LeasedHost, signal: HostSignal, delay: Duration = .zero) async throws {
        try await database.withTransaction { transaction in
            var renewal = HostRenewal(host: host, signal: signal)
            renewal.delay = delay
            guard try await renew([renewal], in: transaction)[0] != nil else { throw LeaseLost() }
        }
    }

    /// URLs that one page, feed or sitemap led to.
    struct Findings {
        var urls: [DiscoveredURL]
        var sourceID: Int64?
        var discoverer: Int64?
    }

    /// Adds URLs that are not known yet, and their hosts.
    ///
    /// - Parameter spread: feeds, sitemaps and home pages become due at random within this time.
    /// - Returns: how many were new.
    func admit(
        _ urls: [DiscoveredURL], sourceID: Int64?, from discoverer: Int64?, spread: Duration = .zero,
        in transaction: PostgresConnection
    ) async throws -> Int {
        let findings = Findings(urls: urls, sourceID: sourceID, discoverer: discoverer)
        return try await admit([findings], spread: spread, in: transaction)[0]
    }

    /// Adds URLs that are not known yet, and their hosts. Findings of one call have different discoverers.
    ///
    /// - Parameter spread: feeds, sitemaps and home pages become due at random within this time.
    /// - Returns: for each finding how many were new.
    func admit(
        _ findings: [Findings], spread: Duration = .zero, in transaction: PostgresConnection
    ) async throws -> [Int] {
        let urls = findings.flatMap(\.urls)
        guard !urls.isEmpty else { return findings.map { _ in 0 } }
        // Two statements: the second one sees also those hosts that another worker has just committed. In the order of the
        // identities, whoever found them, so that two workers never wait for each other in a circle.
        let results = try await transaction.pipeline([
            PostgresStatement(
                """
                INSERT INTO wireroom.host (name) SELECT DISTINCT name FROM unnest($1::text[]) AS h (name)
                WHERE NOT EXISTS (SELECT 1 FROM wireroom.host AS k WHERE k.name = h.name) ORDER BY name
                ON CONFLICT (name) DO NOTHING
                """, [.textArray(urls.map(\.host))]),
            PostgresStatement(
                """
                INSERT INTO wireroom.url (identity, url, source_id, host_id, kind, lane, priority, due_at, evidence, discovered_from)
                SELECT f.identity, f.url, f.source_id, h.host_id, f.kind, f.lane, f.priority,
                    now() + make_interval(secs => CASE WHEN f.kind = 'article' THEN 0 ELSE random() * $9 END), f.evidence,
                    f.discovered_from
                FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::jsonb[], $7::bigint[], $8::bigint[],
                            $10::smallint[])
                    AS f (identity, url, host, kind, lane, evidence, source_id, discovered_from, priority)
                JOIN wireroom.host AS h ON h.name = f.host
                ORDER BY f.identity
                ON CONFLICT (identity) DO NOTHING
                RETURNING discovered_from
                """,
                [
                    .bytesArray(urls.map(\.identity)), .textArray(urls.map(\.url)), .textArray(urls.map(\.host)),
                    .textArray(urls.map(\.kind.rawValue)), .intArray(urls.map { Int64($0.lane.rawValue) }),
                    .jsonArray(urls.map(\.evidence)),
                    .intArray(findings.flatMap { finding in finding.urls.map { _ in finding.sourceID } }),
                    .intArray(findings.flatMap { finding in finding.urls.map { _ in finding.discoverer } }),
                    .double(spread.seconds), .intArray(urls.map { Int64($0.priority) }),
                ]),
        ])
        guard let inserted = results.last else { return findings.map { _ in 0 } }
        var added: [Int64?: Int] = [:]
        for row in inserted { added[try row.decode("discovered_from", as: Int64?.self), default: 0] += 1 }
        return findings.map { $0.urls.isEmpty ? 0 : added[$0.discoverer] ?? 0 }
    }

    private func update(
        _ entries: [VisitEntry], _ changes: [URLChange], captureIDs: [Int64?], in transaction: PostgresConnection
    ) async throws {
        guard !entries.isEmpty else { return }
        _ = try await transaction.query(
            """
            UPDATE wireroom.url AS u SET state = coalesce(c.state, u.state), attempts = c.attempts::int,
                -- An article that keeps its state keeps the reason for it.
                reason = CASE WHEN c.state IS NULL AND u.kind IN ('article', 'document') THEN u.reason ELSE c.reason END,
                -- Of what failed before that was noted it stays unknown.
                failing_since = CASE WHEN u.kind IN ('article', 'document') OR c.attempts = 0 AND c.reason IS NULL THEN NULL
                                     WHEN u.attempts > 0 OR u.reason IS NOT NULL THEN u.failing_since
                                     ELSE coalesce(u.failing_since, now()) END,
                due_at = now() + make_interval(secs => c.due),
                interval_seconds = coalesce(c.interval_seconds::int, u.interval_seconds),
                etag = CASE WHEN c.has_validators THEN c.etag ELSE u.etag END,
                last_modified = CASE WHEN c.has_validators THEN c.last_modified ELSE u.last_modified END,
                last_status = c.status::int, last_error = c.error, last_fetched_at = now(),
                last_digest = coalesce(c.digest, u.last_digest), last_capture_id = coalesce(c.capture_id, u.last_capture_id),
                items_seen = coalesce(c.items::int, u.items_seen), newest_item_at = greatest(u.newest_item_at, c.newest),
                items_per_hour = coalesce(c.rate, u.items_per_hour),
                full_look_at = CASE WHEN c.is_full_look THEN now() ELSE u.full_look_at END,
                distrusted_until = CASE WHEN c.is_distrusted THEN now() + make_interval(secs => $21) ELSE u.distrusted_until END,
                revisits = coalesce(c.revisits::int, u.revisits),
                priority = CASE WHEN c.revisits IS NULL THEN u.priority ELSE $22::int END,
                hubs = coalesce(string_to_array(c.hubs, E'\\n'), u.hubs), refusals = coalesce(c.refusals, u.refusals),
                robots_directives = coalesce(string_to_array(c.directives, ','), u.robots_directives), changed_at = now()
            FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::float8[], $6::bigint[], $7::bool[], $8::text[],
                        $9::text[], $10::bigint[], $11::text[], $12::bytea[], $13::bigint[], $14::bigint[], $15::timestamptz[],
                        $16::text[], $17::float8[], $18::bool[], $19::bool[], $20::bigint[], $23::text[], $24::jsonb[])
                AS c (url_id, state, reason, attempts, due, interval_seconds, has_validators, etag, last_modified, status, error,
                      digest, capture_id, items, newest, directives, rate, is_full_look, is_distrusted, revisits, hubs, refusals)
            WHERE u.url_id = c.url_id
            """,
            [
                .intArray(entries.map(\.url.urlID)), .textArray(changes.map(\.state)),
                .textArray(changes.map(\.reason)),
                .intArray(changes.map { Int64($0.attempts) }), .doubleArray(changes.map { $0.due?.seconds }),
                .intArray(changes.map { $0.interval.map { Int64($0.seconds) } }),
                .boolArray(changes.map(\.hasValidators)), .textArray(entries.map(\.visit.etag)),
                .textArray(entries.map(\.visit.lastModified)),
                .intArray(entries.map { $0.visit.status.map(Int64.init) }),
                .textArray(changes.map { $0.error.map { String($0.prefix(500)) } }), .bytesArray(changes.map(\.digest)),
                .intArray(captureIDs), .intArray(changes.map { $0.items.map(Int64.init) }),
                .dateArray(changes.map(\.newest)),
                .textArray(entries.map { $0.visit.robotsDirectives?.joined(separator: ",") }),
                .doubleArray(changes.map(\.rate)), .boolArray(changes.map(\.isFullLook)),
                .boolArray(changes.map(\.isDistrusted)), .intArray(changes.map { $0.revisits.map(Int64.init) }),
                .double(ConditionalTrust.distrust), .int(Int64(Self.revisitPriority)),
                .textArray(entries.map { $0.visit.hubs?.joined(separator: "\n") }),
                .jsonArray(entries.map(\.visit.refusals)),
            ])
    }

    /// Revisits of articles come after what is new in their lane.
    static let revisitPriority = -10
}
