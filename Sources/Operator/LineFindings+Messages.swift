internal import Foundation
internal import Postgres

/// Messages that fail, were put away, or are not taken.
extension LineFindings {
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
}
