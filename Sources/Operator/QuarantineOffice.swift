public import Foundation
public import Pipeline
public import Postgres

/// A message in quarantine.
public struct QuarantinedMessage: Sendable, Codable, Equatable {
    /// Its number.
    public var quarantineID: Int64
    /// The stage that gave it up.
    public var stage: String
    /// The message's identity.
    public var messageID: String
    /// Why.
    public var reason: String
    /// What happened in words.
    public var detail: String?
    /// What the first failure said.
    public var firstError: String?
    /// How many attempts were made.
    public var attempts: Int
    /// Who gave it up.
    public var worker: String?
    /// The URL that it is about.
    public var url: String?
    /// When it was set aside.
    public var quarantinedAt: Date
    /// held, retried or dropped.
    public var state: String
    /// The message, where it is JSON.
    public var message: String?

    enum CodingKeys: String, CodingKey {
        case quarantineID = "quarantine_id"
        case stage, reason, detail, attempts, worker, url, state, message
        case messageID = "message_id"
        case firstError = "first_error"
        case quarantinedAt = "quarantined_at"
    }
}

/// Which messages of the quarantine are meant.
public struct QuarantineFilter: Sendable, Equatable {
    /// These numbers; empty for all.
    public var ids: [Int64] = []
    /// Only of this stage.
    public var stage: String?
    /// Only for this reason.
    public var reason: String?

    /// Makes a filter that takes everything.
    public init(ids: [Int64] = [], stage: String? = nil, reason: String? = nil) {
        self.ids = ids
        self.stage = stage
        self.reason = reason
    }

    var values: [PostgresValue] { [.intArray(ids), .optional(stage), .optional(reason)] }

    static let condition = """
        (cardinality($1::bigint[]) = 0 OR q.quarantine_id = ANY($1::bigint[])) AND ($2::text IS NULL OR q.stage = $2)
        AND ($3::text IS NULL OR q.reason = $3)
        """
}

/// Looks after the quarantine. Nothing leaves it by itself.
public struct QuarantineOffice: Sendable {
    private let database: PostgresPool

    /// Opens the office.
    public init(database: PostgresPool) {
        self.database = database
    }

    /// Lists messages, newest first.
    public func list(
        _ filter: QuarantineFilter, includingResolved: Bool = false, limit: Int = 100
    ) async throws -> [QuarantinedMessage] {
        try await database.query(
            """
            SELECT q.*, u.url FROM wireroom.quarantine AS q LEFT JOIN wireroom.url AS u USING (url_id)
            WHERE \(QuarantineFilter.condition) AND ($4 OR q.state = 'held') ORDER BY q.quarantine_id DESC LIMIT $5
            """, filter.values + [.bool(includingResolved), .int(Int64(limit))]
        ).map { row in
            QuarantinedMessage(
                quarantineID: try row.decode("quarantine_id"), stage: try row.decode("stage"),
                messageID: try row.decode("message_id"),
                reason: try row.decode("reason"), detail: try row.decode("detail"),
                firstError: try row.decode("first_error"),
                attempts: try row.decode("attempts"), worker: try row.decode("worker"), url: try row.decode("url"),
                quarantinedAt: try row.decode("quarantined_at"), state: try row.decode("state"),
                message: try row.decode("message"))
        }
    }

    /// Sends held messages to their stage again, as new messages; those that are no readable messages stay.
    ///
    /// - Parameter relay: what publishes them.
    /// - Returns: how many were sent.
    public func retry(_ filter: QuarantineFilter, by name: String, relay: OutboxRelay) async throws -> Int {
        let count = try await database.withTransaction { transaction in
            try await transaction.query(
                """
                WITH chosen AS (
                    UPDATE wireroom.quarantine AS q SET state = 'retried', resolved_at = now(), resolved_by = $4
                    WHERE \(QuarantineFilter.condition) AND q.state = 'held'
                      AND jsonb_typeof(q.message -> 'id') = 'string'
                    RETURNING q.quarantine_id, q.stage, q.message, q.url_id
                ), moved AS (
                    UPDATE wireroom.url AS u SET reason = NULL, changed_at = now(),
                        state = CASE c.stage WHEN 'parse' THEN 'captured' WHEN 'classify' THEN 'parsed' WHEN 'index' THEN 'classified'
                                ELSE u.state END
                    FROM chosen AS c WHERE u.url_id = c.url_id
                )
                INSERT INTO wireroom.outbox (message_id, stage, message)
                SELECT (message ->> 'id') || ':q' || quarantine_id, stage,
                       jsonb_set(message, '{id}', to_jsonb((message ->> 'id') || ':q' || quarantine_id))
                FROM chosen ON CONFLICT (message_id) DO NOTHING
                """, filter.values + [.text(name)]
            ).affectedRows
        }
        _ = try await relay.drain()
        return count
    }

    /// Gives held messages up: they stay as rows, and their URLs count as dropped.
    ///
    /// - Returns: how many were dropped.
    public func drop(_ filter: QuarantineFilter, by name: String) async throws -> Int {
        try await database.query(
            """
            WITH chosen AS (
                UPDATE wireroom.quarantine AS q SET state = 'dropped', resolved_at = now(), resolved_by = $4
                WHERE \(QuarantineFilter.condition) AND q.state = 'held' RETURNING q.url_id, q.reason
            ), moved AS (
                UPDATE wireroom.url AS u SET state = 'dropped', reason = c.reason, changed_at = now()
                FROM chosen AS c WHERE u.url_id = c.url_id
            )
            SELECT count(*) AS number FROM chosen
            """, filter.values + [.text(name)]
        ).first?.decode("number", as: Int.self) ?? 0
    }
}
