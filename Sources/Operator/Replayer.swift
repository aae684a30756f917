public import Foundation
public import Model
public import Pipeline
public import Postgres

/// Which articles are worked on again.
public struct ReplayFilter: Sendable, Equatable {
    /// Only of this source.
    public var sourceID: Int64?
    /// Only what was captured at this time or later.
    public var since: Date?
    /// Only what was captured before this time.
    public var until: Date?
    /// Only this URL.
    public var url: String?

    /// Makes a filter that takes everything.
    public init(sourceID: Int64? = nil, since: Date? = nil, until: Date? = nil, url: String? = nil) {
        self.sourceID = sourceID
        self.since = since
        self.until = until
        self.url = url
    }

    var values: [PostgresValue] {
        [
            .optional(sourceID), .optional(since), .optional(until),
            url.map { .bytes(DocumentImporter.identity(of: $0)) } ?? .null,
        ]
    }
}

/// Sends stored captures or articles through the line again, from a stage on; nothing is fetched.
public struct Replayer: Sendable {
    private static let batchSize: Int64 = 1000

    private let database: PostgresPool

    /// Makes a replayer.
    public init(database: PostgresPool) {
        self.database = database
    }

    /// How many messages a replay would send.
    public func count(_ stage: StageName, _ filter: ReplayFilter) async throws -> Int {
        try await database.query(
            "SELECT count(*) AS number FROM (\(try Self.selection(stage))) AS r", filter.values + [.int(0), .int(.max)]
        )
        .first?.decode("number", as: Int.self) ?? 0
    }

    /// Sends everything that the filter takes.
    ///
    /// - Parameters:
    ///   - mark: makes the messages new ones, such as a time; the same mark again sends nothing twice.
    ///   - relay: what publishes them.
    ///   - progress: told how many were sent so far.
    /// - Returns: how many were sent.
    public func run(
        _ stage: StageName, _ filter: ReplayFilter, mark: String, relay: OutboxRelay, progress: (Int) -> Void
    ) async throws -> Int {
        var after: Int64 = 0
        var total = 0
        while true {
            let rows = try await database.withTransaction { [after] transaction in
                let rows = try await transaction.query(
                    try Self.selection(stage), filter.values + [.int(after), .int(Self.batchSize)])
                guard !rows.isEmpty else { return rows }
                _ = try await transaction.pipeline([
                    try Self.supersession(stage, rows), try Self.insertion(stage, rows, mark: mark),
                ])
                return rows
            }
            guard let last = rows.last else { return total }
            after = try last.decode("key", as: Int64.self)
            _ = try await relay.drain()
            total += rows.count
            progress(total)
        }
    }

    private static func selection(_ stage: StageName) throws -> String {
        let condition = """
            ($1::bigint IS NULL OR u.source_id = $1) AND ($2::timestamptz IS NULL OR c.captured_at >= $2)
            AND ($3::timestamptz IS NULL OR c.captured_at < $3) AND ($4::bytea IS NULL OR u.identity = $4)
            """
        switch stage {
        case .crawl: throw OperatorError("the crawl stage cannot be replayed: fetch again with `wireroom crawl URL`")
        case .parse:
            return """
                SELECT c.capture_id AS key, c.url_id, c.capture_id, c.captured_at, NULL::bigint AS article_id, NULL::int AS revision
                FROM wireroom.url AS u JOIN wireroom.capture AS c ON c.capture_id = u.last_capture_id
                WHERE \(condition) AND c.capture_id > $5 ORDER BY c.capture_id LIMIT $6
                """
        case .classify, .index:
            return """
                SELECT c.article_id AS key, c.url_id, c.capture_id, c.captured_at, c.article_id, c.revision
                FROM wireroom.article AS c JOIN wireroom.url AS u USING (url_id)
                WHERE \(condition) AND c.article_id > $5 ORDER BY c.article_id LIMIT $6
                """
        }
    }

    /// Closes the books on what the replay takes the place of: messages of the same documents, for this stage or a later one,
    /// that have no outcome yet. One that was lost with its queue never gets any; one that was not counts as a new one.
    private static func supersession(_ stage: StageName, _ rows: PostgresResult) throws -> PostgresStatement {
        let stages = StageName.allCases.drop { $0 != stage }
        return PostgresStatement(
            """
            SELECT wireroom.settle_messages(o.stage, array_agg(o.message_id), array_agg(o.url_id),
                array_agg('drop'::text), array_agg($3::text), array_agg(false))::text
            FROM wireroom.open_message AS o WHERE o.stage = ANY($1::text[]) AND o.url_id = ANY($2::bigint[])
            GROUP BY o.stage
            """,
            [
                .textArray(stages.map(\.rawValue)), .intArray(try rows.map { try $0.decode("url_id", as: Int64.self) }),
                .text(DropReason.superseded.rawValue),
            ])
    }

    private static func insertion(_ stage: StageName, _ rows: PostgresResult, mark: String) throws -> PostgresStatement
    {
        func envelopes<Payload: MessagePayload>(_ make: (PostgresRow) throws -> Payload) throws -> [Envelope<Payload>] {
            try rows.map { Envelope(try make($0), urlID: try $0.decode("url_id"), replay: mark) }
        }
        switch stage {
        case .crawl, .parse:
            return try OutboxRelay.insertion(
                try envelopes { row in
                    let at = try row.decode("captured_at", as: Date.self).timeIntervalSince1970
                    return ParseCapture(
                        captureID: try row.decode("capture_id"), capturedAtMilliseconds: Int64((at * 1000).rounded()))
                })
        case .classify:
            return try OutboxRelay.insertion(
                try envelopes {
                    ClassifyArticle(articleID: try $0.decode("article_id"), revision: try $0.decode("revision"))
                })
        case .index:
            return try OutboxRelay.insertion(
                try envelopes {
                    IndexArticle(articleID: try $0.decode("article_id"), revision: try $0.decode("revision"))
                })
        }
    }
}
