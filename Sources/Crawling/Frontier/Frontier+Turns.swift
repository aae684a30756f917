internal import Foundation
internal import Postgres

extension Frontier {
    /// A host that is held for requests outside of the released leases.
    struct Turn: Sendable {
        var hostID: Int64
        var leaseNumber: Int64
        /// What an operator set as delay.
        var operatorDelay: Duration?
        /// `Crawl-delay` of the host's robots.txt, as it was last read.
        var crawlDelay: Duration?
        /// How long the host took for its last answer.
        var lastResponse: Duration?
    }

    /// Takes one turn on a host for a single request outside of the released leases, as when a robots.txt is on another host.
    ///
    /// - Returns: what gives the turn back, with the host's delay after it; `nil` when the host is in use, paused or blocked.
    func borrow(_ name: String) async throws -> (@Sendable () async throws -> Void)? {
        guard let turn = try await takeTurn(on: name, as: "robots.txt") else { return nil }
        let delay = delay(after: turn)
        return { try await giveBack([turn], delay: delay) }
    }

    /// Leases a host that is free, like a release and a claim in one.
    ///
    /// - Parameters:
    ///   - holder: what the host's row names as its holder.
    ///   - besides: hosts that the holder has already. With it the host's group counts, as in a release; without it, as for one
    ///     request on behalf of a lease that may be in the same group, it does not.
    /// - Returns: `nil` when the host is in use, paused or blocked, or its delay is not over.
    func takeTurn(on name: String, as holder: String, besides own: [Int64]? = nil) async throws -> Turn? {
        _ = try await database.query(
            "INSERT INTO wireroom.host (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", [.text(name)])
        let row = try await database.withTransaction { transaction in
            if own != nil {
                // As in a release: of one group only one at a time may look whether the others are free.
                _ = try await transaction.query(
                    """
                    SELECT pg_advisory_xact_lock(hashtextextended('wireroom.delay_group ' || g.name, 0)) FROM (
                        SELECT coalesce(delay_group, CASE WHEN $2 THEN server_address END) AS name FROM wireroom.host WHERE name = $1
                    ) AS g WHERE g.name IS NOT NULL
                    """, [.text(name), .bool(configuration.sharesDelayByAddress)])
            }
            return try await transaction.query(
                """
                UPDATE wireroom.host AS h SET lease_no = h.lease_no + 1, lease_claimed = true, leased_by = $3,
                    lease_until = now() + make_interval(secs => $2 + coalesce(h.operator_delay_ms, 0) / 500.0)
                WHERE h.name = $1 AND NOT h.is_paused AND h.next_allowed_at <= now() AND coalesce(h.blocked_until <= now(), true)
                  AND coalesce(h.lease_until <= now(), true)
                  AND ($4::bigint[] IS NULL OR NOT EXISTS (
                      SELECT 1 FROM wireroom.host AS o
                      WHERE (o.delay_group = h.delay_group
                             OR $5 AND o.delay_group IS NULL AND h.delay_group IS NULL AND o.server_address = h.server_address)
                        AND o.host_id <> h.host_id AND o.host_id <> ALL ($4::bigint[])
                        AND (o.next_allowed_at > now() OR o.lease_until > now())))
                RETURNING h.host_id, h.lease_no, h.operator_delay_ms, h.crawl_delay_ms, h.last_response_ms
                """,
                [
                    .text(name), .double(configuration.leaseHold.seconds), .text(holder),
                    own.map { .intArray($0) } ?? .null, .bool(configuration.sharesDelayByAddress),
                ]
            ).first
        }
        return try row.map { row in
            func milliseconds(_ column: String) throws -> Duration? {
                try row.decode(column, as: Int64?.self).map(Duration.milliseconds)
            }
            return Turn(
                hostID: try row.decode("host_id"), leaseNumber: try row.decode("lease_no"),
                operatorDelay: try milliseconds("operator_delay_ms"), crawlDelay: try milliseconds("crawl_delay_ms"),
                lastResponse: try milliseconds("last_response_ms"))
        }
    }

    /// Holds a turn for one more request.
    ///
    /// - Returns: whether the host is still ours, and neither paused nor blocked meanwhile.
    func renew(_ turn: Turn) async throws -> Bool {
        try await database.query(
            """
            UPDATE wireroom.host SET lease_until = now() + make_interval(secs => $3 + coalesce(operator_delay_ms, 0) / 500.0)
            WHERE host_id = $1 AND lease_no = $2 AND NOT is_paused AND coalesce(blocked_until <= now(), true)
            """, [.int(turn.hostID), .int(turn.leaseNumber), .double(configuration.leaseHold.seconds)]
        ).affectedRows == 1
    }

    /// Ends turns; their hosts may be contacted again after the delay.
    func giveBack(_ turns: [Turn], delay: Duration) async throws {
        try await database.withTransaction { transaction in
            try await close(turns.map { ($0.hostID, $0.leaseNumber, delay) }, in: transaction)
        }
    }

    /// How long a host is left alone after a request of a turn.
    func delay(after turn: Turn) -> Duration {
        configuration.politeness.delay(
            operatorDelay: turn.operatorDelay, crawlDelay: turn.crawlDelay, lastResponse: turn.lastResponse)
    }

    /// Why no turn on a host is to be had, in words for an operator, and whether waiting may help.
    func obstacle(on name: String) async throws -> (words: String, mayPass: Bool) {
        let row = try await database.query(
            """
            SELECT is_paused, blocked_reason, to_char(blocked_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS until,
                   coalesce(blocked_until > now(), false) AS is_blocked,
                   CASE WHEN lease_until > now() THEN coalesce(leased_by, 'a worker') END AS holder
            FROM wireroom.host WHERE name = $1
            """, [.text(name)]
        ).first
        guard let row else { return ("\(name) is not known", true) }
        if try row.decode("is_paused") { return ("\(name) is paused; `wireroom resume host \(name)` ends that", false) }
        if try row.decode("is_blocked") {
            let until = try row.decode("until", as: String?.self) ?? ""
            let reason = try row.decode("blocked_reason", as: String?.self) ?? "unknown"
            return (
                "\(name) is left alone until \(until) (\(reason)); `wireroom host unblock \(name)` ends that", false
            )
        }
        if let holder = try row.decode("holder", as: String?.self) {
            return ("\(name) is in the hand of \(holder)", true)
        }
        return ("the delay of \(name), or of its group, is not over", true)
    }
}
