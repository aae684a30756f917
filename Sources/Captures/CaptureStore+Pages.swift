public import Foundation
public import Postgres

/// Which captures are meant.
public struct CaptureFilter: Sendable, Equatable {
    /// Of this source.
    public var sourceID: Int64?
    /// Stored from then on.
    public var since: Date?
    /// Stored before.
    public var until: Date?

    /// Makes a filter that takes everything.
    public init(sourceID: Int64? = nil, since: Date? = nil, until: Date? = nil) {
        self.sourceID = sourceID
        self.since = since
        self.until = until
    }
}

/// A capture with what the store knows of it.
public struct StoredCapture: Sendable {
    /// A capture that a revisit refers to.
    public struct Original: Sendable, Equatable {
        /// Where it is stored.
        public var pointer: CapturePointer
        /// The URL that answered.
        public var finalURL: String
        /// When it was fetched.
        public var fetchedAt: Date
    }

    /// Where it is stored.
    public var pointer: CapturePointer
    /// The capture; without a body where it is a revisit.
    public var capture: Capture
    /// SHA-256 of the body.
    public var digest: [UInt8]
    /// Whether the body is that of an earlier capture.
    public var isRevisit: Bool
    /// That earlier capture, while it is still there.
    public var original: Original?
}

extension PostgresCaptureStore {
    /// Reads captures in the order in which they were stored.
    ///
    /// - Parameter pointer: the last one of the page before.
    /// - Returns: captures, or why one of them cannot be had. Fewer than `limit` are the last ones.
    public func page(
        after pointer: CapturePointer?, _ filter: CaptureFilter, limit: Int, from database: PostgresPool
    ) async throws -> [(pointer: CapturePointer, stored: Result<StoredCapture, CaptureError>)] {
        let after = Date(timeIntervalSince1970: Double(pointer?.capturedAtMilliseconds ?? 0) / 1000)
        return try await database.query(
            """
            SELECT c.*, o.capture_id AS original_id, o.captured_at AS original_at, o.final_url AS original_url,
                   o.fetched_at AS original_fetched_at
            FROM wireroom.capture AS c
            LEFT JOIN wireroom.capture AS o ON c.revisit_of IS NOT NULL AND o.capture_id = c.revisit_of AND o.body IS NOT NULL
            WHERE (c.captured_at, c.capture_id) > ($1::timestamptz, $2::bigint)
              AND ($3::timestamptz IS NULL OR c.captured_at >= $3) AND ($4::timestamptz IS NULL OR c.captured_at < $4)
              AND ($5::bigint IS NULL OR EXISTS (
                  SELECT 1 FROM wireroom.url AS u WHERE u.url_id = c.url_id AND u.source_id = $5))
            ORDER BY c.captured_at, c.capture_id LIMIT $6
            """,
            [
                .date(max(after, filter.since ?? after)), .int(pointer?.captureID ?? -1), .optional(filter.since),
                .optional(filter.until), .optional(filter.sourceID), .int(Int64(limit)),
            ]
        ).map { row in
            let pointer = try Self.pointer(row, "capture_id", "captured_at")
            return (pointer, try Self.stored(row, pointer))
        }
    }

    private static func pointer(_ row: PostgresRow, _ number: String, _ time: String) throws -> CapturePointer {
        let seconds = try row.decode(time, as: Date.self).timeIntervalSince1970
        return CapturePointer(
            captureID: try row.decode(number), capturedAtMilliseconds: Int64((seconds * 1000).rounded()))
    }

    private static func stored(
        _ row: PostgresRow, _ pointer: CapturePointer
    ) throws -> Result<StoredCapture, CaptureError> {
        let isRevisit = try row.decode("codec", as: String.self) == "revisit"
        var original: StoredCapture.Original?
        if try row.decode("original_id", as: Int64?.self) != nil {
            original = StoredCapture.Original(
                pointer: try Self.pointer(row, "original_id", "original_at"), finalURL: try row.decode("original_url"),
                fetchedAt: try row.decode("original_fetched_at"))
        }
        let digest = try row.decode("digest", as: [UInt8].self)
        return try read(row, hasBody: !isRevisit).map {
            StoredCapture(pointer: pointer, capture: $0, digest: digest, isRevisit: isRevisit, original: original)
        }
    }
}
