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

/// Held messages that have something in common.
public struct QuarantineGroup: Sendable, Codable, Equatable {
    /// What messages can be grouped by.
    public enum Key: String, Sendable, CaseIterable {
        /// Why they were set aside.
        case reason
        /// Who gave them up.
        case stage
        /// The host of their URL.
        case host
        /// The source of their URL.
        case source

        var expression: String {
            switch self {
            case .reason: "q.stage || ': ' || q.reason"
            case .stage: "q.stage"
            case .host: "t.name"
            case .source: "s.source_id || ' ' || s.name"
            }
        }
    }

    /// What they have in common.
    public var key: String
    /// How many they are.
    public var count: Int
    /// When the first one was set aside.
    public var oldest: Date
    /// When the last one was.
    public var newest: Date
    /// What happened to the last one, in words.
    public var detail: String?

    /// Makes a group.
    public init(key: String, count: Int, oldest: Date, newest: Date, detail: String?) {
        self.key = key
        self.count = count
        self.oldest = oldest
        self.newest = newest
        self.detail = detail
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
    /// Only about URLs of this host.
    public var host: String?
    /// Only about URLs of this source.
    public var sourceID: Int64?

    /// Makes a filter that takes everything.
    public init(
        ids: [Int64] = [], stage: String? = nil, reason: String? = nil, host: String? = nil, sourceID: Int64? = nil
    ) {
        self.ids = ids
        self.stage = stage
        self.reason = reason
        self.host = host
        self.sourceID = sourceID
    }

    var values: [PostgresValue] {
        [.intArray(ids), .optional(stage), .optional(reason), .optional(host), .optional(sourceID)]
    }

    static let condition = """
        (cardinality($1::bigint[]) = 0 OR q.quarantine_id = ANY($1::bigint[])) AND ($2::text IS NULL OR q.stage = $2)
        AND ($3::text IS NULL OR q.reason = $3)
        AND ($4::text IS NULL AND $5::bigint IS NULL OR EXISTS (
            SELECT 1 FROM wireroom.url AS f LEFT JOIN wireroom.host AS h USING (host_id)
            WHERE f.url_id = q.url_id AND ($4 IS NULL OR h.name = lower($4)) AND ($5 IS NULL OR f.source_id = $5)))
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
            WHERE \(QuarantineFilter.condition) AND ($6 OR q.state = 'held') ORDER BY q.quarantine_id DESC LIMIT $7
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

    /// Held messages in groups, the largest first.
    public func groups(_ filter: QuarantineFilter, by key: QuarantineGroup.Key) async throws -> [QuarantineGroup] {
        try await database.query(
            """
            SELECT coalesce(\(key.expression), '–') AS key, count(*) AS number, min(q.quarantined_at) AS oldest,
                   max(q.quarantined_at) AS newest, (array_agg(q.detail ORDER BY q.quarantine_id DESC))[1] AS detail
            FROM wireroom.quarantine AS q LEFT JOIN wireroom.url AS u USING (url_id)
            LEFT JOIN wireroom.host AS t USING (host_id) LEFT JOIN wireroom.source AS s USING (source_id)
            WHERE \(QuarantineFilter.condition) AND q.state = 'held' GROUP BY 1 ORDER BY 2 DESC, 1
            """, filter.values
        ).map { row in
            QuarantineGroup(
                key: try row.decode("key"), count: try row.decode("number", as: Int.self),
                oldest: try row.decode("oldest"), newest: try row.decode("newest"), detail: try row.decode("detail"))
        }
    }

    /// Sends held messages to their stage again in portions, one a second, so that a stage that has just recovered is not
    /// buried under them.
    ///
    /// - Parameters:
    ///   - rate: messages a second at most.
    ///   - sent: called after each portion with the number of all that were sent so far.
    /// - Returns: how many were sent.
    public func retry(
        _ filter: QuarantineFilter, by name: String, relay: () throws -> OutboxRelay, rate: Int,
        sent: (Int) -> Void = { _ in }
    ) async throws -> Int {
        // Oldest first; what arrives meanwhile is left for another time.
        var ids = try await database.query(
            """
            SELECT q.quarantine_id FROM wireroom.quarantine AS q WHERE \(QuarantineFilter.condition) AND q.state = 'held'
            AND jsonb_typeof(q.message -> 'id') = 'string' ORDER BY q.quarantine_id
            """, filter.values
        ).map { try $0.decode("quarantine_id", as: Int64.self) }[...]
        var total = 0
        while !ids.isEmpty {
            total += try await retry(QuarantineFilter(ids: Array(ids.prefix(rate))), by: name, relay: try relay())
            ids = ids.dropFirst(rate)
            sent(total)
            if !ids.isEmpty { try await Task.sleep(for: .seconds(1)) }
        }
        return total
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
                    UPDATE wireroom.quarantine AS q SET state = 'retried', resolved_at = now(), resolved_by = $6
                    WHERE \(QuarantineFilter.condition) AND q.state = 'held'
                      AND jsonb_typeof(q.message -> 'id') = 'string'
                    RETURNING q.quarantine_id, q.stage, q.message, q.url_id
                ), moved AS (
                    UPDATE wireroom.url AS u SET reason = NULL, changed_at = now(),
                        state = CASE c.stage WHEN 'parse' THEN 'captured' WHEN 'classify' THEN 'parsed' WHEN 'index' THEN 'classified'
                                ELSE u.state END
                    FROM chosen AS c WHERE u.url_id = c.url_id
                ), sent AS (
                    INSERT INTO wireroom.outbox (message_id, stage, message)
                    SELECT (message ->> 'id') || ':q' || quarantine_id, stage,
                           jsonb_set(message, '{id}', to_jsonb((message ->> 'id') || ':q' || quarantine_id))
                    FROM chosen ON CONFLICT (message_id) DO NOTHING RETURNING message_id, stage
                ), opened AS (
                    SELECT s.stage, wireroom.open_messages(s.stage, array_agg(s.message_id), array_agg(c.url_id))
                    FROM sent AS s JOIN chosen AS c ON s.message_id = (c.message ->> 'id') || ':q' || c.quarantine_id
                    GROUP BY s.stage
                )
                SELECT (SELECT count(*) FROM sent) AS number, (SELECT count(*) FROM opened) AS stages
                """, filter.values + [.text(name)]
            ).first?.decode("number", as: Int.self) ?? 0
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
                UPDATE wireroom.quarantine AS q SET state = 'dropped', resolved_at = now(), resolved_by = $6
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
