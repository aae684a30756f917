public import Foundation
public import Postgres

/// How much came to a stage, and what became of it.
///
/// For parse, classify and index the unit is a message, counted on the day on which it was sent to the stage. For crawl it is
/// an article's URL, counted on the day of its discovery, by its state now. In each row, `entered` is the sum of `done`,
/// `dropped`, `quarantined` and `pending`.
public struct FunnelRow: Sendable, Codable, Equatable {
    /// The day, in UTC; `nil` when all days are summed up.
    public var day: String?
    /// The source's number; `nil` for documents without one, and when all sources are summed up.
    public var sourceID: Int64?
    /// The source's name.
    public var source: String?
    /// The stage.
    public var stage: String
    /// What came to the stage.
    public var entered = 0
    /// What went on.
    public var done = 0
    /// What was dropped.
    public var dropped = 0
    /// What was quarantined.
    public var quarantined = 0
    /// What has no outcome yet.
    public var pending = 0
    /// Failed attempts that were tried again; not part of the sum.
    public var retried = 0
    /// Drops and quarantines by their reason.
    public var reasons: [String: Int] = [:]

    enum CodingKeys: String, CodingKey {
        case day, source, stage, done, dropped, quarantined, pending, retried, reasons
        case entered = "in"
        case sourceID = "source_id"
    }

    /// Whether the counts add up.
    public var addsUp: Bool { entered == done + dropped + quarantined + pending }
}

/// How the counts of the funnel are grouped.
public struct FunnelGrouping: Sendable, Equatable {
    /// One row for each day.
    public var byDay: Bool
    /// One row for each source.
    public var bySource: Bool

    /// Makes a grouping.
    public init(byDay: Bool = false, bySource: Bool = false) {
        self.byDay = byDay
        self.bySource = bySource
    }
}

/// Reads the funnel.
public struct FunnelReader: Sendable {
    private let database: PostgresPool

    /// Makes a reader.
    public init(database: PostgresPool) {
        self.database = database
    }

    /// Reads the funnel from a day on.
    ///
    /// - Parameters:
    ///   - since: the first day, in UTC.
    ///   - sourceID: only of this source.
    /// - Returns: rows by day, source and stage, in the order of the line.
    public func read(since: Date, sourceID: Int64? = nil, grouping: FunnelGrouping) async throws -> [FunnelRow] {
        // In one statement, and so at one moment.
        let rows = try await database.query(
            """
            WITH counted AS (
                SELECT day, source_id, stage, outcome, reason, number FROM wireroom.funnel
                UNION ALL SELECT day, source_id, stage, outcome, reason, number FROM wireroom.funnel_delta
                UNION ALL SELECT day, source_id, stage, 'pending', '', 1 FROM wireroom.open_message
            ), page AS (
                SELECT (u.discovered_at AT TIME ZONE 'UTC')::date AS day, coalesce(u.source_id, 0) AS source_id,
                       CASE WHEN u.last_capture_id IS NOT NULL THEN 'done' WHEN u.state = 'dropped' THEN 'drop'
                            WHEN u.state = 'quarantined' THEN 'quarantine' ELSE 'pending' END AS outcome,
                       CASE WHEN u.last_capture_id IS NULL THEN coalesce(u.reason, '') ELSE '' END AS reason
                FROM wireroom.url AS u
                WHERE u.kind IN ('article', 'document') AND u.discovered_at >= $1
                  AND ($2::bigint IS NULL OR u.source_id = $2)
            ), everything AS (
                SELECT * FROM counted WHERE day >= ($1 AT TIME ZONE 'UTC')::date AND ($2::bigint IS NULL OR source_id = $2)
                UNION ALL
                SELECT day, source_id, 'crawl', outcome, reason, count(*) FROM page GROUP BY 1, 2, 4, 5
                UNION ALL
                SELECT day, source_id, 'crawl', 'in', '', count(*) FROM page GROUP BY 1, 2
            )
            SELECT CASE WHEN $3 THEN e.day::text END AS day, CASE WHEN $4 THEN nullif(e.source_id, 0) END AS source_id,
                   CASE WHEN $4 THEN s.name END AS source, e.stage, e.outcome, e.reason, sum(e.number)::bigint AS number
            FROM everything AS e LEFT JOIN wireroom.source AS s ON s.source_id = e.source_id
            GROUP BY 1, 2, 3, 4, 5, 6
            ORDER BY 1, 2, array_position(ARRAY['crawl', 'parse', 'classify', 'index'], e.stage), e.outcome, e.reason
            """,
            [.date(since), .optional(sourceID), .bool(grouping.byDay), .bool(grouping.bySource)])
        var result: [FunnelRow] = []
        for row in rows {
            let day = try row.decode("day", as: String?.self)
            let source = try row.decode("source_id", as: Int64?.self)
            let stage = try row.decode("stage", as: String.self)
            if result.last.map({ ($0.day, $0.sourceID, $0.stage) != (day, source, stage) }) ?? true {
                result.append(
                    FunnelRow(day: day, sourceID: source, source: try row.decode("source"), stage: stage))
            }
            result[result.count - 1].add(
                try row.decode("outcome"), reason: try row.decode("reason"), try row.decode("number", as: Int.self))
        }
        return result
    }
}

extension FunnelRow {
    fileprivate mutating func add(_ outcome: String, reason: String, _ number: Int) {
        switch outcome {
        case "in": entered += number
        case "done": done += number
        case "drop": dropped += number
        case "quarantine": quarantined += number
        case "pending": pending += number
        case "retry": retried += number
        default: return
        }
        if outcome == "drop" || outcome == "quarantine" { reasons[reason, default: 0] += number }
    }
}
