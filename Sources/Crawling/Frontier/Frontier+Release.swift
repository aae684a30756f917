internal import Model
internal import Pipeline
internal import Postgres

extension Frontier {
    /// Gives a lease to hosts that may be contacted and have something due, and puts the leases' messages into the outbox.
    ///
    /// Any number of workers may call it at once: hosts that another one is just releasing are passed over. Its cost is that
    /// of the hosts it looks at, at most `hostsPerRelease`, however many hosts and URLs there are: `host.ready_at` says when
    /// a host is worth a look.
    ///
    /// - Returns: how many leases were given.
    public func release() async throws -> Int {
        try await collectWakes()
        guard try await !isStagePaused() else { return 0 }
        return try await database.withTransaction { transaction in
            try await Self.followIndexes(in: transaction)
            let candidates = try await candidates(in: transaction)
            guard !candidates.isEmpty else { return 0 }
            let leases = try await lease(candidates, in: transaction)
            guard !leases.isEmpty else { return 0 }
            _ = try await transaction.pipeline([
                try OutboxRelay.insertion(leases.map { Envelope($0, urlID: nil) })
            ])
            return leases.count
        }
    }

    /// How many captures the parse stage has not been told of yet, because the broker or its queue takes nothing.
    ///
    /// - Parameter limit: where counting ends.
    func unsentCaptures(atMost limit: Int) async throws -> Int {
        try await database.query(
            """
            SELECT count(*) AS n FROM (SELECT 1 FROM wireroom.outbox WHERE stage = 'parse' LIMIT $1) AS o
            """, [.int(Int64(limit))]
        ).first?.decode("n", as: Int.self) ?? 0
    }

    /// Whether an operator wants no leases to be given.
    private func isStagePaused() async throws -> Bool {
        try await database.query("SELECT is_paused FROM wireroom.stage_control WHERE stage = 'crawl'").first?
            .decode("is_paused", as: Bool.self) ?? false
    }

    /// Makes the planner walk the indexes of `host` and `url` in their order for the rest of a transaction.
    ///
    /// It expects every host to have the mean number of URLs; on one with millions it would gather and sort them all for the
    /// first. And for a thousand hosts by their numbers it would rather read the whole table.
    static func followIndexes(in transaction: PostgresConnection) async throws {
        _ = try await transaction.query(
            """
            SELECT set_config(name, 'off', true) FROM unnest(ARRAY['jit', 'enable_bitmapscan', 'enable_sort', 'enable_seqscan',
                'enable_hashjoin', 'enable_mergejoin']) AS s (name)
            """)
    }

    /// Brings what the triggers on `url` noted into the hosts' rows. A host whose row is in use keeps its notes for later.
    private func collectWakes() async throws {
        _ = try await database.query(
            """
            WITH taken AS (
                SELECT w.ctid AS place, w.host_id, w.due_at FROM wireroom.host_wake AS w LIMIT 20000 FOR UPDATE SKIP LOCKED
            ), earliest AS (
                SELECT host_id, min(due_at) AS due_at FROM taken GROUP BY host_id
            ), held AS (
                SELECT h.host_id, e.due_at FROM wireroom.host AS h JOIN earliest AS e ON e.host_id = h.host_id
                FOR UPDATE OF h SKIP LOCKED
            ), woken AS (
                UPDATE wireroom.host AS h SET ready_at = held.due_at FROM held
                WHERE h.host_id = held.host_id AND NOT h.is_paused AND (h.ready_at IS NULL OR h.ready_at > held.due_at)
            )
            DELETE FROM wireroom.host_wake AS w USING taken, held WHERE w.ctid = taken.place AND held.host_id = taken.host_id
            """)
    }

    /// Locks hosts that are worth a look, the longest waiting first, and the groups that they belong to.
    private func candidates(in transaction: PostgresConnection) async throws -> [Int64] {
        let rows = try await transaction.query(
            """
            SELECT h.host_id, coalesce(h.delay_group, CASE WHEN $2 THEN h.server_address END) AS delay_group
            FROM wireroom.host AS h WHERE h.ready_at <= now() ORDER BY h.ready_at LIMIT $1 FOR UPDATE SKIP LOCKED
            """,
            [.int(Int64(configuration.hostsPerRelease)), .bool(configuration.sharesDelayByAddress)])
        var hosts: [(hostID: Int64, group: String?)] = []
        for row in rows { hosts.append((try row.decode("host_id"), try row.decode("delay_group"))) }
        let groups = Set(hosts.compactMap(\.group)).sorted()
        guard !groups.isEmpty else { return hosts.map(\.hostID) }
        // Of one group only one worker may release a host at a time, or two would each see the other's host as free.
        let locked = try await transaction.query(
            """
            SELECT g.name FROM unnest($1::text[]) AS g (name)
            WHERE pg_try_advisory_xact_lock(hashtextextended('wireroom.delay_group ' || g.name, 0))
            """, [.textArray(groups)])
        var own: Set<String> = []
        for row in locked { own.insert(try row.decode("name")) }
        return hosts.filter { host in host.group.map(own.contains) ?? true }.map(\.hostID)
    }

    /// Gives leases to those of the locked hosts that are free and have something due, and notes when to look at the others.
    ///
    /// A statement of its own behind the lock: it sees what was committed before the lock was had.
    private func lease(_ hosts: [Int64], in transaction: PostgresConnection) async throws -> [CrawlLease] {
        try await transaction.query(
            """
            WITH host AS (
                SELECT h.*, coalesce(h.delay_group, CASE WHEN $4 THEN h.server_address END) AS shared,
                       wireroom.open_lane(h.visit_day, h.visits_today, h.operator_daily_budget, $3) AS open_lane
                FROM wireroom.host AS h WHERE h.host_id = ANY ($1::bigint[])
            ), judged AS (
                SELECT h.host_id, h.shared,
                       CASE WHEN h.is_paused THEN NULL
                            WHEN u.due_at IS NOT NULL THEN greatest(h.next_allowed_at, h.blocked_until, h.lease_until, u.due_at)
                            -- The day's budget is spent, at least for the backfill: there may be more tomorrow.
                            WHEN h.open_lane < 1 THEN ((now() AT TIME ZONE 'UTC')::date + 1)::timestamp AT TIME ZONE 'UTC'
                            END AS free_at,
                       -- Another host of the group: looked at again every two seconds, since its lease may end at any time.
                       CASE WHEN h.shared IS NOT NULL AND EXISTS (
                           SELECT 1 FROM wireroom.host AS o
                           WHERE (o.delay_group = h.shared OR $4 AND o.delay_group IS NULL AND o.server_address = h.shared)
                             AND o.host_id <> h.host_id AND (o.next_allowed_at > now() OR o.lease_until > now()))
                           THEN now() + interval '2 s' END AS group_at
                FROM host AS h
                LEFT JOIN LATERAL (
                    SELECT min(e.due_at) AS due_at FROM generate_series(0, h.open_lane) AS l (lane) CROSS JOIN LATERAL (
                        SELECT u.due_at FROM wireroom.url AS u LEFT JOIN wireroom.source AS s USING (source_id)
                        WHERE u.host_id = h.host_id AND u.lane = l.lane AND u.due_at IS NOT NULL
                          AND coalesce(s.state, 'active') = 'active'
                        ORDER BY u.due_at LIMIT 1
                    ) AS e
                ) AS u ON true
            ), decided AS (
                SELECT host_id, CASE
                    WHEN free_at > now() OR free_at IS NULL THEN free_at
                    WHEN group_at IS NOT NULL THEN group_at
                    WHEN shared IS NOT NULL AND row_number() OVER (
                        PARTITION BY shared, free_at <= now() AND group_at IS NULL ORDER BY host_id) > 1 THEN now() + interval '2 s'
                    ELSE '-infinity'::timestamptz END AS look_at
                FROM judged
            ), postponed AS (
                UPDATE wireroom.host AS h SET ready_at = d.look_at FROM decided AS d
                WHERE h.host_id = d.host_id AND d.look_at IS DISTINCT FROM '-infinity'::timestamptz
            )
            UPDATE wireroom.host AS h SET lease_no = h.lease_no + 1, lease_claimed = false, leased_by = NULL,
                lease_until = now() + make_interval(secs => $2), ready_at = now() + make_interval(secs => $2)
            FROM decided AS d WHERE h.host_id = d.host_id AND d.look_at = '-infinity'::timestamptz
            RETURNING h.host_id, h.lease_no
            """,
            [
                .intArray(hosts), .double(configuration.leasePatience.seconds), .int(Int64(configuration.dailyBudget)),
                .bool(configuration.sharesDelayByAddress),
            ]
        ).map { row in CrawlLease(hostID: try row.decode("host_id"), leaseNumber: try row.decode("lease_no")) }
    }
}
