public import Foundation
public import Postgres

/// A host as an operator sees it.
public struct HostReport: Sendable, Codable, Equatable {
    /// Host name, with the port where it is not the scheme's own.
    public var name: String
    /// free, leased, waiting (its delay is not over), blocked, paused or spent (its daily budget is).
    public var state: String
    /// URLs that are due.
    public var due: Int
    /// Not contacted before.
    public var nextAllowedAt: Date
    /// Left alone until then.
    public var blockedUntil: Date?
    /// Why it is, or was last, left alone.
    public var blockedReason: String?
    /// Since when it has been paused or blocked, where it is; blocks that follow each other count as one.
    public var heldSince: Date?
    /// The operator who paused or blocked it.
    public var heldBy: String?
    /// Incidents that count for the next block.
    public var incidents: Int
    /// The worker that holds its lease.
    public var leasedBy: String?
    /// What an operator set as delay, in milliseconds.
    public var operatorDelayMilliseconds: Int?
    /// `Crawl-delay` of robots.txt, in milliseconds.
    public var crawlDelayMilliseconds: Int?
    /// How long its last answer took, in milliseconds.
    public var lastResponseMilliseconds: Int?
    /// What an operator set as most visits of a day.
    public var dailyBudget: Int?
    /// URLs visited on this day in UTC.
    public var visitsToday: Int
    /// Hosts of the same group are contacted one at a time.
    public var delayGroup: String?
    /// The address that answered last.
    public var serverAddress: String?
    /// HTTP status of robots.txt; 0 where it cannot be asked for.
    public var robotsStatus: Int?
    /// When robots.txt was fetched.
    public var robotsFetchedAt: Date?
    /// What an operator noted.
    public var note: String?

    enum CodingKeys: String, CodingKey {
        case name, state, due, incidents, note
        case nextAllowedAt = "next_allowed_at"
        case blockedUntil = "blocked_until"
        case blockedReason = "blocked_reason"
        case heldSince = "held_since"
        case heldBy = "held_by"
        case leasedBy = "leased_by"
        case operatorDelayMilliseconds = "operator_delay_ms"
        case crawlDelayMilliseconds = "crawl_delay_ms"
        case lastResponseMilliseconds = "last_response_ms"
        case dailyBudget = "daily_budget"
        case visitsToday = "visits_today"
        case delayGroup = "delay_group"
        case serverAddress = "server_address"
        case robotsStatus = "robots_status"
        case robotsFetchedAt = "robots_fetched_at"
    }
}

/// What an operator orders for a host. What is `nil` stays as it is.
public struct HostOrder: Sendable, Equatable {
    /// A value to set, or to take back.
    public enum Change<Value: Sendable & Equatable>: Sendable, Equatable {
        case set(Value)
        case clear

        var value: Value? { if case .set(let value) = self { value } else { nil } }
    }

    /// The delay in milliseconds; nothing else counts then.
    public var delayMilliseconds: Change<Int>?
    /// The most visits of a day in UTC.
    public var dailyBudget: Change<Int>?
    /// The group whose hosts share one delay.
    public var delayGroup: Change<String>?
    /// Leave it alone until then; clearing ends any block, and forgives what led to it.
    public var blockedUntil: Change<Date>?
    /// Why.
    public var note: Change<String>?

    /// Makes an order that changes nothing.
    public init() {}
}

/// Shows hosts, and gives operators' orders for them; ``PauseOffice`` pauses them.
///
/// Workers heed an order with the next release, and for a lease that runs with its next write: after the page in hand.
public struct HostOffice: Sendable {
    private let database: PostgresPool

    /// Makes an office.
    public init(database: PostgresPool) {
        self.database = database
    }

    /// Which hosts are listed.
    public enum Selection: String, Sendable, CaseIterable {
        /// Those that an operator or trouble keeps from being fetched.
        case held
        /// Those with orders of an operator.
        case ordered
        /// Those that have something due.
        case due
        /// All.
        case all
    }

    /// Lists hosts by name.
    public func list(_ selection: Selection, limit: Int) async throws -> [HostReport] {
        let condition =
            switch selection {
            case .held: "h.is_paused OR h.blocked_until > now()"
            case .ordered:
                """
                h.is_paused OR h.operator_delay_ms IS NOT NULL OR h.operator_daily_budget IS NOT NULL OR h.delay_group IS NOT NULL
                OR h.operator_note IS NOT NULL
                """
            case .due: "h.ready_at <= now() OR h.lease_until > now()"
            case .all: "true"
            }
        return try await read("WHERE \(condition) ORDER BY h.name LIMIT $1", [.int(Int64(limit))])
    }

    /// One host, or `nil` when there is none of that name.
    public func show(_ name: String) async throws -> HostReport? {
        try await read("WHERE h.name = $1", [.text(name)]).first
    }

    /// Gives an order. A host that is not known yet is made, so that the order counts from the first request on.
    ///
    /// - Parameter operatorName: who gives it.
    public func give(_ order: HostOrder, to name: String, by operatorName: String) async throws {
        try await database.withTransaction { transaction in
            _ = try await transaction.query(
                "INSERT INTO wireroom.host (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", [.text(name)])
            _ = try await transaction.query(
                """
                UPDATE wireroom.host SET
                    operator_delay_ms = CASE WHEN $2 THEN $3::int ELSE operator_delay_ms END,
                    operator_daily_budget = CASE WHEN $4 THEN $5::int ELSE operator_daily_budget END,
                    delay_group = CASE WHEN $6 THEN $7 ELSE delay_group END,
                    blocked_until = CASE WHEN $8 THEN $9::timestamptz ELSE blocked_until END,
                    blocked_reason = CASE WHEN $8 THEN CASE WHEN $9::timestamptz IS NULL THEN NULL ELSE 'operator' END
                                     ELSE blocked_reason END,
                    backoff_level = CASE WHEN $8 AND $9::timestamptz IS NULL THEN 0 ELSE backoff_level END,
                    operator_note = CASE WHEN $10 THEN $11 ELSE operator_note END,
                    held_by = CASE WHEN $8 AND $9::timestamptz IS NOT NULL THEN $12 ELSE held_by END
                WHERE name = $1
                """,
                [
                    .text(name), .bool(order.delayMilliseconds != nil),
                    .optional(order.delayMilliseconds?.value.map(Int64.init)), .bool(order.dailyBudget != nil),
                    .optional(order.dailyBudget?.value.map(Int64.init)), .bool(order.delayGroup != nil),
                    .optional(order.delayGroup?.value), .bool(order.blockedUntil != nil),
                    .optional(order.blockedUntil?.value), .bool(order.note != nil),
                    .optional(order.note?.value), .text(operatorName),
                ])
        }
    }

    private func read(_ condition: String, _ values: [PostgresValue]) async throws -> [HostReport] {
        try await database.query(
            """
            SELECT h.*, d.due, CASE WHEN h.visit_day = (now() AT TIME ZONE 'UTC')::date THEN h.visits_today ELSE 0 END AS today,
                   CASE WHEN h.is_paused THEN 'paused' WHEN h.blocked_until > now() THEN 'blocked'
                        WHEN h.lease_until > now() THEN 'leased'
                        WHEN h.visit_day = (now() AT TIME ZONE 'UTC')::date AND h.visits_today >= h.operator_daily_budget THEN 'spent'
                        WHEN h.next_allowed_at > now() THEN 'waiting' ELSE 'free' END AS state
            FROM wireroom.host AS h
            CROSS JOIN LATERAL (
                SELECT count(*) AS due FROM wireroom.url AS u WHERE u.host_id = h.host_id AND u.due_at <= now()
            ) AS d
            \(condition)
            """, values
        ).map { row in
            let state = try row.decode("state", as: String.self)
            let isHeld = ["paused", "blocked"].contains(state)
            let isOrdered = try state == "paused" || row.decode("blocked_reason", as: String?.self) == "operator"
            return HostReport(
                name: try row.decode("name"), state: state, due: try row.decode("due"),
                nextAllowedAt: try row.decode("next_allowed_at"), blockedUntil: try row.decode("blocked_until"),
                blockedReason: try row.decode("blocked_reason"),
                heldSince: isHeld ? try row.decode("held_since") : nil,
                heldBy: isHeld && isOrdered ? try row.decode("held_by") : nil,
                incidents: try row.decode("backoff_level"),
                leasedBy: try row.decode("leased_by"),
                operatorDelayMilliseconds: try row.decode("operator_delay_ms"),
                crawlDelayMilliseconds: try row.decode("crawl_delay_ms"),
                lastResponseMilliseconds: try row.decode("last_response_ms"),
                dailyBudget: try row.decode("operator_daily_budget"), visitsToday: try row.decode("today"),
                delayGroup: try row.decode("delay_group"), serverAddress: try row.decode("server_address"),
                robotsStatus: try row.decode("robots_status"), robotsFetchedAt: try row.decode("robots_fetched_at"),
                note: try row.decode("operator_note"))
        }
    }
}
