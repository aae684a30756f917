internal import Foundation
public import Postgres

/// Watches single URLs on their way through the line.
public struct ArrivalWatcher: Sendable {
    /// How far the URLs are.
    public struct Progress: Sendable, Codable, Equatable {
        /// URLs that are not at their end.
        public var underway: Int
        /// URLs that are searchable.
        public var indexed: Int
        /// URLs that were dropped.
        public var dropped: Int
        /// URLs in quarantine.
        public var quarantined: Int
        /// URLs that could not be fetched, and will be tried again later.
        public var postponed: Int
    }

    private let database: PostgresPool
    private let urlIDs: [Int64]
    private let requestedAt: Date

    /// Starts to watch, by the clock of the database.
    ///
    /// - Parameter urlIDs: the URLs, after they were requested or imported.
    public init(_ urlIDs: [Int64], database: PostgresPool) async throws {
        self.database = database
        self.urlIDs = urlIDs
        requestedAt =
            try await database.query("SELECT clock_timestamp() AS now").first?.decode("now", as: Date.self) ?? Date()
    }

    /// Reads where they are. A URL that waits for its first visit since the request, or for its next stage, is under way.
    public func read() async throws -> Progress {
        let rows = try await database.query(
            """
            SELECT count(*) FILTER (WHERE w.is_underway) AS underway,
                   count(*) FILTER (WHERE NOT w.is_underway AND w.state = 'indexed') AS indexed,
                   count(*) FILTER (WHERE NOT w.is_underway AND w.state = 'dropped') AS dropped,
                   count(*) FILTER (WHERE NOT w.is_underway AND w.state = 'quarantined') AS quarantined,
                   count(*) FILTER (WHERE NOT w.is_underway AND w.state = 'known') AS postponed
            FROM (SELECT state, state IN ('captured', 'parsed', 'classified') OR coalesce(due_at <= $2::timestamptz, false) AS is_underway
                  FROM wireroom.url WHERE url_id = ANY($1::bigint[])) AS w
            """, [.intArray(urlIDs), .date(requestedAt)])
        guard let row = rows.first else { throw OperatorError("the database gave no answer") }
        return Progress(
            underway: try row.decode("underway"), indexed: try row.decode("indexed"),
            dropped: try row.decode("dropped"),
            quarantined: try row.decode("quarantined"), postponed: try row.decode("postponed"))
    }
}
