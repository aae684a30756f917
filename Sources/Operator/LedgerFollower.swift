public import Foundation
public import Postgres

/// One line of the ledger, with what it is about.
public struct LedgerLine: Sendable, Codable, Equatable {
    /// The row's number.
    public var eventID: Int64
    /// When the message was settled.
    public var at: Date
    /// The stage.
    public var stage: String
    /// The message.
    public var messageID: String
    /// done, drop, retry, snooze or quarantine.
    public var outcome: String
    /// The reason, where the outcome has one.
    public var reason: String?
    /// What happened in words.
    public var detail: String?
    /// Which attempt it was.
    public var attempt: Int
    /// How long the message was in hand.
    public var milliseconds: Int?
    /// Who settled it.
    public var worker: String
    /// The URL, or for a lease the host.
    public var subject: String?
    /// The source's name.
    public var source: String?

    enum CodingKeys: String, CodingKey {
        case at, stage, outcome, reason, detail, attempt, worker, subject, source
        case eventID = "event_id"
        case messageID = "message_id"
        case milliseconds = "duration_ms"
    }
}

/// Which lines of the ledger are wanted.
public struct LedgerFilter: Sendable, Equatable {
    /// Only of this stage.
    public var stage: String?
    /// Only of this source.
    public var sourceID: Int64?
    /// Only with this outcome.
    public var outcome: String?

    /// Makes a filter.
    public init(stage: String? = nil, sourceID: Int64? = nil, outcome: String? = nil) {
        self.stage = stage
        self.sourceID = sourceID
        self.outcome = outcome
    }
}

/// Follows the ledger.
///
/// Numbers are given before rows are committed, so a lower number may show up after a higher one. The follower looks back
/// over ``patience`` rows each time and remembers what it has shown: each row is given once.
public struct LedgerFollower: Sendable {
    /// How far a row may show up behind the newest one.
    public static let patience: Int64 = 2000

    private let database: PostgresPool
    private let filter: LedgerFilter
    private var floor: Int64 = 0
    private var shown: Set<Int64> = []

    /// Makes a follower.
    public init(database: PostgresPool, filter: LedgerFilter) {
        self.database = database
        self.filter = filter
    }

    /// The last lines that are there, oldest first; what comes later is given by ``next(limit:)``.
    public mutating func start(lines: Int) async throws -> [LedgerLine] {
        let newest = try await highest()
        let last = try await read(
            "e.stage_event_id <= $4 ORDER BY e.stage_event_id DESC LIMIT $5", [.int(newest), .int(Int64(lines))])
        floor = max(0, newest - Self.patience)
        // Everything up to here that can be seen now is the past.
        shown = Set(
            try await database.query(
                "SELECT stage_event_id FROM wireroom.stage_event WHERE stage_event_id > $1 AND stage_event_id <= $2",
                [.int(floor), .int(newest)]
            ).map { try $0.decode("stage_event_id", as: Int64.self) })
        return last.reversed()
    }

    /// What has come since, oldest first.
    public mutating func next(limit: Int = 1000) async throws -> [LedgerLine] {
        let top = try await highest()
        let lines = try await read(
            "e.stage_event_id > $4 AND e.stage_event_id <> ALL($6::bigint[]) ORDER BY e.stage_event_id LIMIT $5",
            [.int(floor), .int(Int64(limit)), .intArray(Array(shown))])
        shown.formUnion(lines.map(\.eventID))
        // With more to come, the next look begins where this one ended.
        let reached = lines.count < limit ? top : lines.last?.eventID ?? top
        floor = max(floor, reached - Self.patience)
        shown = shown.filter { $0 > floor }
        return lines
    }

    private func highest() async throws -> Int64 {
        try await database.query("SELECT coalesce(max(stage_event_id), 0) AS id FROM wireroom.stage_event").first?
            .decode("id", as: Int64.self) ?? 0
    }

    private func read(_ condition: String, _ values: [PostgresValue]) async throws -> [LedgerLine] {
        try await database.query(
            """
            SELECT e.*, s.name AS source,
                   CASE WHEN e.stage = 'crawl' AND e.message_id ~ '^crawl:[0-9]{1,18}:' THEN
                        (SELECT h.name FROM wireroom.host AS h WHERE h.host_id = split_part(e.message_id, ':', 2)::bigint)
                   ELSE u.url END AS subject
            FROM wireroom.stage_event AS e
            LEFT JOIN wireroom.url AS u USING (url_id) LEFT JOIN wireroom.source AS s USING (source_id)
            WHERE ($1::text IS NULL OR e.stage = $1) AND ($2::text IS NULL OR e.outcome = $2)
              AND ($3::bigint IS NULL OR u.source_id = $3) AND \(condition)
            """, [.optional(filter.stage), .optional(filter.outcome), .optional(filter.sourceID)] + values
        ).map { row in
            LedgerLine(
                eventID: try row.decode("stage_event_id"), at: try row.decode("happened_at"),
                stage: try row.decode("stage"), messageID: try row.decode("message_id"),
                outcome: try row.decode("outcome"), reason: try row.decode("reason"), detail: try row.decode("detail"),
                attempt: try row.decode("attempt"), milliseconds: try row.decode("duration_ms"),
                worker: try row.decode("worker"), subject: try row.decode("subject"), source: try row.decode("source"))
        }
    }
}
