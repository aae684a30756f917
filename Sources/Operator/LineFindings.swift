internal import Foundation
internal import Model
internal import Postgres

/// What a look at the running line finds: what stands still, since when, what it holds up, and what to do.
///
/// Every question is an index lookup, a scan of a table that stays small, or one of a bounded number of the newest rows, so
/// that it may be asked while the line is in trouble.
struct LineFindings {
    /// How many of the newest lines of the ledger, and of the newest URLs, are looked at.
    fileprivate static let newest = 20_000

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

extension LineFindings {
    // MARK: Messages

    private static let retriesWorthTelling = 10

    func attempts() async throws -> [Finding] {
        let rows = try await connection.query(
            """
            SELECT stage, reason, count(*) AS number, min(happened_at) AS since,
                   (array_agg(detail ORDER BY stage_event_id DESC))[1] AS detail
            FROM (SELECT * FROM wireroom.stage_event ORDER BY stage_event_id DESC LIMIT \(Self.newest)) AS newest
            WHERE outcome = 'retry' AND happened_at > now() - interval '15 minutes'
            GROUP BY stage, reason HAVING count(*) >= \(Self.retriesWorthTelling)
            ORDER BY number DESC LIMIT 5
            """)
        return try rows.map { row in
            let stage = try row.decode("stage", as: String.self)
            let number = try row.decode("number", as: Int.self)
            let detail = try row.decode("detail", as: String?.self) ?? row.decode("reason", as: String?.self) ?? ""
            return Finding(
                subject: "retries", level: .warning,
                message: "\(TerminalText.count(number, "attempt")) of \(stage) failed within 15 minutes, the newest: "
                    + TerminalText.shortened(detail, to: 160),
                since: try row.decode("since"),
                advice: "mend the cause; retries go on by themselves: `wireroom tail --stage \(stage) --outcome retry`")
        }
    }

    func quarantine() async throws -> [Finding] {
        let rows = try await connection.query(
            """
            SELECT stage, reason, count(*) AS number, min(quarantined_at) AS since, max(quarantined_at) AS newest
            FROM wireroom.quarantine WHERE state = 'held' GROUP BY stage, reason ORDER BY number DESC, stage, reason
            """)
        guard !rows.isEmpty else { return [Finding(subject: "quarantine", level: .ok, message: "0 messages")] }
        return try rows.map { row in
            let number = TerminalText.count(try row.decode("number", as: Int.self), "message")
            let newest = TerminalText.time(try row.decode("newest", as: Date.self))
            let stage = try row.decode("stage", as: String.self)
            let reason = try row.decode("reason", as: String.self)
            return Finding(
                subject: "quarantine", level: .warning,
                message: "\(number) of \(stage): \(reason), the newest at \(newest)", since: try row.decode("since"),
                advice: "`wireroom quarantine list --stage \(stage) --reason \(reason)`")
        }
    }

    func outbox() async throws -> [Finding] {
        let row = try await connection.query(
            """
            SELECT count(*) AS waiting, min(created_at) AS since, (array_agg(DISTINCT stage)) AS stages
            FROM wireroom.outbox WHERE created_at < now() - interval '1 minute'
            """
        ).first
        guard let row, try row.decode("waiting", as: Int.self) > 0 else { return [] }
        let stages = try row.decode("stages", as: [String]?.self) ?? []
        return [
            Finding(
                subject: "outbox", level: .warning,
                message:
                    "\(TerminalText.count(try row.decode("waiting", as: Int.self), "message")) for \(stages.joined(separator: ", ")) are not taken by the broker",
                since: try row.decode("since"),
                advice:
                    "crawl workers send them: their logs say what the broker answers, such as a full or missing queue")
        ]
    }

    // MARK: Database

    /// Sessions that hold up others, and such as have been in a transaction for too long.
    func sessions() async throws -> [Finding] {
        let rows = try await connection.query(
            """
            WITH waiting AS (
                SELECT pid, query_start, pg_blocking_pids(pid) AS blockers FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
            )
            SELECT a.pid::bigint AS pid, a.usename::text AS login, a.application_name AS program, a.state, a.xact_start,
                   (SELECT count(*) FROM waiting AS w WHERE a.pid = ANY (w.blockers)) AS blocked,
                   (SELECT min(w.query_start) FROM waiting AS w WHERE a.pid = ANY (w.blockers)) AS blocked_since
            FROM pg_stat_activity AS a
            WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.xact_start < now() - interval '10 seconds'
              AND a.pid NOT IN (SELECT pid FROM waiting)
            ORDER BY a.xact_start LIMIT 50
            """)
        return try rows.compactMap { row in
            let blocked = try row.decode("blocked", as: Int.self)
            let since = try row.decode("xact_start", as: Date.self)
            guard blocked > 0 || Date().timeIntervalSince(since) > 1800 else { return nil }
            let program = try row.decode("program", as: String?.self) ?? ""
            let who =
                "session \(try row.decode("pid", as: Int.self)) (\(try row.decode("login", as: String?.self) ?? "?"), "
                + "\(program.isEmpty ? "unnamed" : program), \(try row.decode("state", as: String?.self) ?? "?"))"
            return Finding(
                subject: "sessions", level: .warning,
                message: blocked > 0
                    ? "\(who) holds locks, with \(TerminalText.count(blocked, "session")) waiting for them"
                    : "\(who) has a transaction open, which holds back the change feed",
                since: since,
                advice: "ask whose it is, then `SELECT pg_terminate_backend(\(try row.decode("pid", as: Int.self)))`")
        }
    }

    func slots() async throws -> [Finding] {
        let rows = try await connection.query(
            """
            SELECT slot_name::text AS name, active,
                   pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) AS size
            FROM pg_replication_slots
            WHERE NOT pg_is_in_recovery() AND restart_lsn IS NOT NULL
              AND (NOT active OR pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) > 10737418240::numeric)
            ORDER BY restart_lsn
            """)
        return try rows.map { row in
            let name = try row.decode("name", as: String.self)
            let isRead = try row.decode("active", as: Bool.self)
            return Finding(
                subject: "replication", level: .warning,
                message: "slot \(name) holds back \(try row.decode("size", as: String.self)) of write-ahead log"
                    + (isRead ? "" : ", and nobody reads it"),
                advice: "mend its subscriber, or `SELECT pg_drop_replication_slot('\(name)')` before the disk is full")
        }
    }

    func partitions() async throws -> [Finding] {
        let row = try await connection.query(
            """
            SELECT (SELECT count(*) FROM (SELECT FROM wireroom.capture_other LIMIT 1000) AS c) AS stray,
                   (SELECT min(captured_at) FROM (SELECT captured_at FROM wireroom.capture_other LIMIT 1000) AS c) AS since,
                   (SELECT array_agg(to_char(month, 'YYYY-MM') ORDER BY month)
                    FROM (SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n) AS month
                          FROM generate_series(0, 1) AS n) AS m
                    WHERE to_regclass('wireroom.capture_' || to_char(month, 'YYYYMM')) IS NULL) AS missing
            """
        ).first
        guard let row else { return [] }
        let missing = try row.decode("missing", as: [String]?.self) ?? []
        let stray = try row.decode("stray", as: Int.self)
        guard !missing.isEmpty || stray > 0 else { return [] }
        var parts: [String] = []
        if !missing.isEmpty { parts.append("there is none for \(missing.joined(separator: ", "))") }
        if stray > 0 {
            parts.append(
                "\(stray == 1000 ? "1000 or more" : "\(stray)") captures stand outside of them in capture_other")
        }
        return [
            Finding(
                subject: "partitions", level: .warning, message: parts.joined(separator: "; "),
                since: try row.decode("since"),
                advice: "run `SELECT wireroom.make_partitions()` as the owner, or start a crawl worker")
        ]
    }

    // MARK: Sources

    func sources() async throws -> [Finding] { try await silence() + losses() + listings() }

    /// Sources that give far less than they usually do; none where there is nothing to judge yet.
    private func silence() async throws -> [Finding] {
        let row = try await connection.query(
            """
            SELECT count(*) FILTER (WHERE usual_per_day IS NOT NULL) AS judged, count(*) FILTER (WHERE is_silent) AS silent,
                   (array_agg(source_id ORDER BY usual_per_day DESC NULLS LAST) FILTER (WHERE is_silent))[1:5] AS examples
            FROM wireroom.source_health
            """
        ).first
        guard let row, try row.decode("judged", as: Int.self) > 0 else { return [] }
        let silent = try row.decode("silent", as: Int.self)
        let examples = try row.decode("examples", as: [Int64]?.self) ?? []
        return [
            Finding(
                subject: "sources", level: silent == 0 ? .ok : .warning,
                message: silent == 0
                    ? "all give about what they usually do"
                    : "\(silent) give far less than they usually do: \(examples.map(String.init).joined(separator: ", "))"
                        + (silent > examples.count ? " and others" : ""),
                advice: silent == 0
                    ? nil : "look with `wireroom source show ID`; `wireroom source list --silent` has them all")
        ]
    }

    private func losses() async throws -> [Finding] {
        let rows = try await connection.query(
            "SELECT * FROM wireroom.source_loss ORDER BY lost DESC, source_id LIMIT 5")
        return try rows.map { row in
            let source = try row.decode("source_id", as: Int64.self)
            return Finding(
                subject: "sources", level: .warning,
                message:
                    "nothing is left of the newest \(try row.decode("lost", as: Int.self)) articles of source \(source), \(try row.decode("name", as: String.self)): most often \(try row.decode("reason", as: String?.self) ?? "?")",
                since: try row.decode("since"), advice: "`wireroom trace \(try row.decode("example", as: String.self))`"
            )
        }
    }

    /// Feeds and the like whose last look failed. A few of many always do; one by one they are in `feed list --failing`.
    private func listings() async throws -> [Finding] {
        let row = try await connection.query(
            """
            SELECT count(*) AS failing, (array_agg(u.url ORDER BY u.last_fetched_at DESC NULLS LAST))[1] AS example,
                   (array_agg(u.last_error ORDER BY u.last_fetched_at DESC NULLS LAST))[1] AS error
            FROM wireroom.url AS u LEFT JOIN wireroom.source AS s USING (source_id)
            WHERE u.kind IN ('feed', 'sitemap', 'home') AND coalesce(s.state, 'active') = 'active'
              AND u.due_at IS NOT NULL AND (u.attempts > 0 OR u.reason IS NOT NULL)
            """
        ).first
        guard let row, try row.decode("failing", as: Int.self) > 0 else { return [] }
        let failing = try row.decode("failing", as: Int.self)
        let error = try row.decode("error", as: String?.self) ?? "no error"
        return [
            Finding(
                subject: "feeds", level: .warning,
                message:
                    "the last look at \(TerminalText.count(failing, "feed, sitemap or home page", "feeds, sitemaps and home pages")) failed, at last \(try row.decode("example", as: String.self)): \(TerminalText.shortened(error, to: 100))",
                advice: "`wireroom feed list --failing`")
        ]
    }
}
