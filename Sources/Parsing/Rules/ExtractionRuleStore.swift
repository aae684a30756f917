public import Foundation
public import Postgres

/// The operators' rules in PostgreSQL.
public struct ExtractionRuleStore: Sendable {
    /// A rule with what an operator wants to know of it.
    public struct Entry: Sendable {
        /// The rule.
        public var rule: ExtractionRule
        /// The source whose pages it is for.
        public var sourceID: Int64
        /// The source's name.
        public var sourceName: String
        /// Why the rule is there.
        public var note: String?
        /// When it was made.
        public var createdAt: Date
    }

    /// Makes a store.
    public init() {}

    /// Adds a rule.
    ///
    /// - Returns: its number, or `nil` when there is no such source.
    public func add(
        _ action: ExtractionRule.Action, _ selector: ElementSelector, sourceID: Int64, validFrom: Date?,
        validUntil: Date?, note: String?, to database: PostgresPool
    ) async throws -> Int64? {
        try await database.query(
            """
            INSERT INTO wireroom.extraction_rule (source_id, action, selector, valid_from, valid_until, note)
            SELECT source_id, $2, $3, $4::timestamptz, $5::timestamptz, $6 FROM wireroom.source WHERE source_id = $1
            RETURNING rule_id
            """,
            [
                .int(sourceID), .text(action.rawValue), .text(selector.description), .optional(validFrom),
                .optional(validUntil), .optional(note),
            ]
        ).first?.decode("rule_id", as: Int64.self)
    }

    /// Removes a rule.
    ///
    /// - Returns: whether there was one.
    public func remove(_ ruleID: Int64, from database: PostgresPool) async throws -> Bool {
        try await !database.query(
            "DELETE FROM wireroom.extraction_rule WHERE rule_id = $1 RETURNING rule_id", [.int(ruleID)]
        ).isEmpty
    }

    /// All rules, or those of one source, or one rule.
    public func entries(
        sourceID: Int64? = nil, ruleID: Int64? = nil, in database: PostgresPool
    ) async throws -> [Entry] {
        let rows = try await database.query(
            """
            SELECT r.*, s.name AS source_name FROM wireroom.extraction_rule AS r JOIN wireroom.source AS s USING (source_id)
            WHERE ($1::bigint IS NULL OR r.source_id = $1) AND ($2::bigint IS NULL OR r.rule_id = $2) ORDER BY r.rule_id
            """, [.optional(sourceID), .optional(ruleID)])
        return try rows.compactMap { row in
            guard let rule = try Self.rule(row) else { return nil }
            return Entry(
                rule: rule, sourceID: try row.decode("source_id"), sourceName: try row.decode("source_name"),
                note: try row.decode("note"), createdAt: try row.decode("created_at"))
        }
    }

    /// The rules of the sources that URLs belong to, by URL, in the order in which they were made.
    public func rules(
        ofURLs urls: [Int64], from database: PostgresPool
    ) async throws -> [Int64: [ExtractionRule]] {
        let rows = try await database.query(
            """
            SELECT u.url_id, r.* FROM wireroom.url AS u JOIN wireroom.extraction_rule AS r USING (source_id)
            WHERE u.url_id = ANY($1::bigint[]) ORDER BY r.rule_id
            """, [.intArray(urls)])
        var rules: [Int64: [ExtractionRule]] = [:]
        for row in rows {
            if let rule = try Self.rule(row) {
                rules[try row.decode("url_id", as: Int64.self), default: []].append(rule)
            }
        }
        return rules
    }

    /// A row as a rule, or `nil` where a newer program wrote what this one cannot read.
    private static func rule(_ row: PostgresRow) throws -> ExtractionRule? {
        guard let action = ExtractionRule.Action(rawValue: try row.decode("action", as: String.self)),
            let selector = try? ElementSelector(try row.decode("selector", as: String.self))
        else { return nil }
        return ExtractionRule(
            ruleID: try row.decode("rule_id"), action: action, selector: selector,
            validFrom: try row.decode("valid_from"), validUntil: try row.decode("valid_until"))
    }
}
