internal import Foundation
internal import Model
internal import Postgres

/// What a look at the running line finds: what stands still, since when, what it holds up, and what to do.
///
/// Every question is an index lookup, a scan of a table that stays small, or one of a bounded number of the newest rows, so
/// that it may be asked while the line is in trouble.
struct LineFindings {
    /// How many of the newest lines of the ledger, and of the newest URLs, are looked at.
    static let newest = 20_000

    let connection: PostgresConnection

    /// Looks at everything.
    func read() async throws -> [Finding] {
        // A table that somebody holds must not hold up the answer to who does.
        _ = try await connection.query("SET lock_timeout = '2s'")
        var findings: [Finding] = []
        let parts: [(subject: String, read: () async throws -> [Finding])] = [
            ("sessions", sessions), ("pause", pauses), ("workers", workers), ("stage", stages), ("leases", releases),
            ("retries", attempts), ("quarantine", quarantine), ("outbox", outbox), ("replication", slots),
            ("partitions", partitions), ("sources", sources),
        ]
        for part in parts {
            do {
                findings += try await part.read()
            } catch let error as PostgresError where error.sqlState != nil {
                findings.append(
                    Finding(subject: part.subject, level: .warning, message: "cannot be looked at: \(error.message)"))
            }
        }
        return findings
    }

    // MARK: Stages

    private func pauses() async throws -> [Finding] {
        let rows = try await connection.query(
            """
            SELECT stage, changed_at, changed_by FROM wireroom.stage_control WHERE is_paused
            ORDER BY array_position(ARRAY['crawl', 'parse', 'classify', 'index'], stage)
            """)
        return try rows.map { row in
            let stage = try row.decode("stage", as: String.self)
            let name = try row.decode("changed_by", as: String?.self) ?? "somebody"
            return Finding(
                subject: "pause", level: .warning, message: "stage \(stage) was paused by \(name)",
                since: try row.decode("changed_at"), advice: "`wireroom resume stage \(stage)`, unless it is meant")
        }
    }

    private func workers() async throws -> [Finding] {
        let rows = try await connection.query(
            """
            SELECT c.stage, n.alive, n.versions, n.lost, n.first_lost, n.newest_lost, l.worker, l.seen_at, l.stopped_at
            FROM wireroom.stage_control AS c
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE w.is_alive) AS alive,
                       array_agg(DISTINCT w.version) FILTER (WHERE w.is_alive) AS versions,
                       count(*) FILTER (WHERE NOT w.is_alive AND w.seen_at > now() - interval '15 minutes') AS lost,
                       min(w.seen_at) FILTER (WHERE NOT w.is_alive AND w.seen_at > now() - interval '15 minutes') AS first_lost,
                       (array_agg(w.worker ORDER BY w.seen_at DESC) FILTER (WHERE NOT w.is_alive))[1] AS newest_lost
                FROM (SELECT worker, version, seen_at, seen_at > now() - interval '30 seconds' AS is_alive
                      FROM wireroom.worker WHERE stage = c.stage AND stopped_at IS NULL) AS w
            ) AS n
            LEFT JOIN LATERAL (
                SELECT worker, seen_at, stopped_at FROM wireroom.worker WHERE stage = c.stage ORDER BY seen_at DESC LIMIT 1
            ) AS l ON true
            ORDER BY array_position(ARRAY['crawl', 'parse', 'classify', 'index'], c.stage)
            """)
        var findings: [Finding] = []
        var versions: Set<String> = []
        for row in rows {
            let stage = try row.decode("stage", as: String.self)
            versions.formUnion(try row.decode("versions", as: [String]?.self) ?? [])
            if try row.decode("alive", as: Int.self) == 0 {
                findings.append(try Self.missing(stage, row))
            } else if try row.decode("lost", as: Int.self) > 0 {
                let lost = try row.decode("lost", as: Int.self)
                let name = try row.decode("newest_lost", as: String?.self) ?? ""
                findings.append(
                    Finding(
                        subject: "workers", level: .warning,
                        message: "\(TerminalText.count(lost, "worker")) of \(stage) fell silent within 15 minutes, "
                            + "the newest is \(name)",
                        since: try row.decode("first_lost"),
                        advice: "if it still runs it hangs: restart it; if it ended, its last log line says why"))
            }
        }
        if versions.count > 1 {
            findings.append(
                Finding(
                    subject: "workers", level: .warning,
                    message: "of several versions: \(versions.sorted().joined(separator: ", "))",
                    advice: "replace the older ones"))
        }
        guard findings.isEmpty else { return findings }
        return [Finding(subject: "workers", level: .ok, message: "every stage has one")]
    }

    private static func missing(_ stage: String, _ row: PostgresRow) throws -> Finding {
        let advice = "start wireroom-\(stage); its last log line and exit code say why it ended"
        guard let worker = try row.decode("worker", as: String?.self) else {
            return Finding(
                subject: "workers", level: .warning, message: "\(stage) has none, and never had one", advice: advice)
        }
        if let stopped = try row.decode("stopped_at", as: Date?.self) {
            return Finding(
                subject: "workers", level: .warning, message: "\(stage) has none: \(worker) was stopped",
                since: stopped, advice: advice)
        }
        return Finding(
            subject: "workers", level: .warning, message: "\(stage) has none: \(worker) fell silent",
            since: try row.decode("seen_at"), advice: "if it still runs it hangs: restart it; else \(advice)")
    }

    private func stages() async throws -> [Finding] {
        let rows = try await connection.query(
            """
            SELECT o.stage, o.pending, o.oldest, e.settled, c.is_paused
            FROM (SELECT stage, count(*) AS pending, min(opened_at) AS oldest FROM wireroom.open_message GROUP BY stage) AS o
            JOIN wireroom.stage_control AS c USING (stage)
            LEFT JOIN (SELECT stage, max(happened_at) AS settled
                       FROM (SELECT stage, outcome, happened_at FROM wireroom.stage_event
                             ORDER BY stage_event_id DESC LIMIT \(Self.newest)) AS newest
                       WHERE outcome IN ('done', 'drop', 'quarantine') GROUP BY stage) AS e USING (stage)
            WHERE o.oldest < now() - interval '1 minute'
            ORDER BY array_position(ARRAY['crawl', 'parse', 'classify', 'index'], o.stage)
            """)
        return try rows.compactMap { row in
            let stage = try row.decode("stage", as: String.self)
            let pending = TerminalText.count(try row.decode("pending", as: Int.self), "message")
            let oldest = try row.decode("oldest", as: Date.self)
            guard try !row.decode("is_paused", as: Bool.self) else { return nil }
            let settled = try row.decode("settled", as: Date?.self) ?? .distantPast
            if Date().timeIntervalSince(settled) > 60 {
                return Finding(
                    subject: "stage", level: .warning, message: "\(stage) settles nothing, with \(pending) waiting",
                    since: max(settled, oldest),
                    advice: "`wireroom tail --stage \(stage)`, `/readyz` and the log of its workers")
            }
            guard Date().timeIntervalSince(oldest) > 3600 else { return nil }
            return Finding(
                subject: "stage", level: .warning, message: "\(stage) is behind: the oldest of \(pending) waits",
                since: oldest, advice: "more workers of \(stage), unless the oldest wait for another attempt")
        }
    }

    private func releases() async throws -> [Finding] {
        let row = try await connection.query(
            """
            SELECT count(*) AS expired, min(lease_until) AS since, (array_agg(DISTINCT leased_by))[1:3] AS workers
            FROM wireroom.host WHERE lease_until < now() - interval '1 minute'
            """
        ).first
        guard let row, try row.decode("expired", as: Int.self) > 0 else { return [] }
        let expired = try row.decode("expired", as: Int.self)
        let workers = try row.decode("workers", as: [String?]?.self)?.compactMap(\.self) ?? []
        return [
            Finding(
                subject: "leases", level: .warning,
                message: "\(TerminalText.count(expired, "lease")) ran out and nobody took the hosts up again: "
                    + workers.joined(separator: ", "),
                since: try row.decode("since"), advice: "look at the crawl workers: they died, hang or are paused")
        ]
    }
}
