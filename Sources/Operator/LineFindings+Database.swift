internal import Foundation
internal import Postgres

/// Sessions, replication and partitions.
extension LineFindings {
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
}
