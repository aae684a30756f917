internal import Compression
internal import Digests
internal import Foundation
public import Postgres

/// Keeps the bodies of captures. Postgres is one place for them; a folder of WARC segments or an object store can be another.
public protocol CaptureStore: Sendable {
    /// Stores captures.
    ///
    /// - Returns: their pointers, in the captures' order.
    func store(_ captures: [PreparedCapture], in transaction: PostgresConnection) async throws -> [CapturePointer]

    /// How many bytes the captures' bodies have once they are loaded.
    ///
    /// - Returns: one number for each pointer, in their order; 0 where there is no such capture.
    func sizes(of pointers: [CapturePointer], from database: PostgresPool) async throws -> [Int]

    /// Reads captures.
    ///
    /// - Returns: for each pointer, in their order, the capture or why it cannot be had.
    func load(_ pointers: [CapturePointer], from database: PostgresPool) async throws -> [Result<Capture, CaptureError>]
}

/// Why a capture cannot be had.
public struct CaptureError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: String, Sendable {
        /// There is no such capture, or its partition was dropped.
        case missing
        /// The stored bytes cannot be decompressed.
        case corrupt
    }

    /// What is wrong.
    public var code: Code
    /// What happened in words.
    public var message: String

    public var description: String { message }
}

/// Captures in PostgreSQL: one zstd frame a row, in monthly partitions.
public struct PostgresCaptureStore: CaptureStore {
    /// The most bytes that a stored body may have when it is read.
    public static let maximumBytes = 64 << 20

    /// Makes a store.
    public init() {}

    /// SHA-256 of a capture's body.
    public static func digest(of capture: Capture) -> [UInt8] { SHA256Digest.digest(capture.body) }

    /// Compresses a body and takes its digest: the part of storing that needs the processor and no database.
    ///
    /// - Throws: when zstd runs out of memory.
    public static func prepare(_ capture: Capture) throws -> PreparedCapture {
        try prepare(capture, digest: digest(of: capture))
    }

    /// The same with a digest that was taken already by ``digest(of:)``.
    public static func prepare(_ capture: Capture, digest: [UInt8]) throws -> PreparedCapture {
        let compressed = try Zstd.compress(capture.body, level: compressionLevel)
        return PreparedCapture(capture: capture, compressed: compressed, digest: digest)
    }

    /// Of 212 real pages of 99 KB, level 1 makes 22.3 KB in 0.48 ms and level 3 21.4 KB in 0.60 ms: 5 % more for a fifth less
    /// time, and this is the largest part of what a page costs.
    private static let compressionLevel = 1

    /// Makes a capture of an answer that brought the same body as an earlier one, or said that nothing has changed
    /// (HTTP 304): everything is kept but the body.
    ///
    /// - Parameters:
    ///   - original: the capture that holds the body.
    ///   - digest: SHA-256 of that body.
    public static func prepareRevisit(_ capture: Capture, of original: Int64, digest: [UInt8]) -> PreparedCapture {
        PreparedCapture(capture: capture, compressed: [], digest: digest, original: original)
    }

    public func store(
        _ captures: [PreparedCapture], in transaction: PostgresConnection
    ) async throws -> [CapturePointer] {
        guard !captures.isEmpty else { return [] }
        let now = Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))
        let capturedAt = Date(timeIntervalSince1970: Double(now) / 1000)
        let insertions = try Self.portions(of: captures).map { try Self.insertion($0, capturedAt: capturedAt) }
        let rows = try await transaction.pipeline(insertions).flatMap { Array($0) }
        guard rows.count == captures.count else {
            throw CaptureError(
                code: .missing, message: "\(rows.count) of \(captures.count) captures were given a number")
        }
        return try zip(captures, rows).map { prepared, row in
            // The server inserts, and answers, in the order of the arrays. A number of another page's capture would do harm
            // that nobody notices, so this is checked.
            guard try row.decode("url_id", as: Int64.self) == prepared.capture.urlID else {
                throw CaptureError(code: .missing, message: "the numbers of captures came in another order")
            }
            return CapturePointer(captureID: try row.decode("capture_id"), capturedAtMilliseconds: now)
        }
    }

    /// Captures in portions whose bodies are bounded: the server holds a statement's arrays in memory.
    private static func portions(of captures: [PreparedCapture]) -> [ArraySlice<PreparedCapture>] {
        var portions: [ArraySlice<PreparedCapture>] = []
        var start = 0
        var bytes = 0
        for (index, capture) in captures.enumerated() {
            if index > start, bytes + capture.compressed.count > portionBytes {
                portions.append(captures[start..<index])
                (start, bytes) = (index, 0)
            }
            bytes += capture.compressed.count
        }
        return portions + [captures[start...]]
    }

    /// Compressed bytes of one statement, unless a single capture has more: what the server's `work_mem` holds at its default.
    private static let portionBytes = 2 << 20

    private static func insertion(
        _ portion: ArraySlice<PreparedCapture>, capturedAt: Date
    ) throws -> PostgresStatement {
        let captures = portion.map(\.capture)
        return PostgresStatement(
            """
            INSERT INTO wireroom.capture
                (captured_at, url_id, requested_url, final_url, origin, fetched_at, status, headers, redirects, remote_address,
                 content_type, charset, duration_ms, digest, body_length, body, evidence, codec, revisit_of)
            SELECT $1, c.url_id, c.requested_url, c.final_url, c.origin, c.fetched_at, c.status::int, c.headers, c.redirects,
                c.remote_address, c.content_type, c.charset, c.duration_ms::int, c.digest, c.body_length::int, c.body, c.evidence,
                CASE WHEN c.revisit_of IS NULL THEN 'zstd' ELSE 'revisit' END, c.revisit_of
            FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::bigint[], $8::jsonb[], $9::jsonb[],
                        $10::text[], $11::text[], $12::text[], $13::bigint[], $14::bytea[], $15::bigint[], $16::bytea[],
                        $17::jsonb[], $18::bigint[])
                AS c (url_id, requested_url, final_url, origin, fetched_at, status, headers, redirects, remote_address,
                      content_type, charset, duration_ms, digest, body_length, body, evidence, revisit_of)
            RETURNING capture_id, url_id
            """,
            [
                .date(capturedAt), .intArray(captures.map(\.urlID)),
                .textArray(captures.map(\.requestedURL.storable)),
                .textArray(captures.map(\.finalURL.storable)), .textArray(captures.map(\.origin.rawValue)),
                .dateArray(captures.map(\.fetchedAt)), .intArray(captures.map { $0.status.map(Int64.init) }),
                .jsonArray(captures.map { CaptureJSON.headers($0.headers) }),
                .jsonArray(captures.map { CaptureJSON.strings($0.redirects) }),
                .textArray(captures.map(\.remoteAddress)), .textArray(captures.map(\.contentType?.storable)),
                .textArray(captures.map(\.charset?.storable)),
                .intArray(captures.map { $0.durationMilliseconds.map(Int64.init) }),
                .bytesArray(portion.map(\.digest)), .intArray(portion.map { Int64($0.bodyLength) }),
                .bytesArray(portion.map { $0.isRevisit ? nil : $0.compressed }), .jsonArray(captures.map(\.evidence)),
                .intArray(portion.map(\.original)),
            ])
    }

    public func load(
        _ pointers: [CapturePointer], from database: PostgresPool
    ) async throws -> [Result<Capture, CaptureError>] {
        var found: [Int64: Result<Capture, CaptureError>] = [:]
        for row in try await Self.select("c.*", pointers, from: database) {
            found[try row.decode("capture_id", as: Int64.self)] = try Self.read(row)
        }
        return pointers.map { pointer in
            found[pointer.captureID]
                ?? .failure(
                    CaptureError(code: .missing, message: "capture \(pointer.captureID) does not exist (any more)"))
        }
    }

    public func sizes(of pointers: [CapturePointer], from database: PostgresPool) async throws -> [Int] {
        var found: [Int64: Int] = [:]
        for row in try await Self.select("c.capture_id, c.body_length", pointers, from: database) {
            found[try row.decode("capture_id")] = try row.decode("body_length")
        }
        return pointers.map { found[$0.captureID] ?? 0 }
    }

    private static func select(
        _ columns: String, _ pointers: [CapturePointer], from database: PostgresPool
    ) async throws -> [PostgresRow] {
        guard !pointers.isEmpty else { return [] }
        let times = pointers.map(\.capturedAtMilliseconds)
        // A time has a millisecond's grain in messages; the window around it keeps the scan within one partition.
        return Array(
            try await database.query(
                """
                SELECT \(columns) FROM unnest($1::bigint[], $2::timestamptz[]) AS p (capture_id, captured_at)
                JOIN wireroom.capture AS c ON c.capture_id = p.capture_id
                    AND c.captured_at BETWEEN p.captured_at - interval '2 ms' AND p.captured_at + interval '2 ms'
                WHERE c.captured_at BETWEEN $3::timestamptz AND $4::timestamptz
                """,
                [
                    .intArray(pointers.map(\.captureID)),
                    .dateArray(times.map { Date(timeIntervalSince1970: Double($0) / 1000) }),
                    .date(Date(timeIntervalSince1970: Double(times.min()! - 10) / 1000)),
                    .date(Date(timeIntervalSince1970: Double(times.max()! + 10) / 1000)),
                ]))
    }

    /// A row's capture.
    ///
    /// - Parameter hasBody: whether it should have one; a revisit has none.
    static func read(_ row: PostgresRow, hasBody: Bool = true) throws -> Result<Capture, CaptureError> {
        let id = try row.decode("capture_id", as: Int64.self)
        var body: [UInt8] = []
        if hasBody {
            guard let stored = try row.decode("body", as: [UInt8]?.self) else {
                return .failure(CaptureError(code: .corrupt, message: "capture \(id) has no body"))
            }
            do {
                body = try Zstd.decompress(stored, maximumBytes: maximumBytes)
            } catch {
                return .failure(CaptureError(code: .corrupt, message: "capture \(id): \(error.message)"))
            }
        }
        let decoder = JSONDecoder()
        return .success(
            Capture(
                urlID: try row.decode("url_id"), requestedURL: try row.decode("requested_url"),
                finalURL: try row.decode("final_url"),
                origin: Capture.Origin(rawValue: try row.decode("origin")) ?? .import,
                fetchedAt: try row.decode("fetched_at"), body: body, status: try row.decode("status"),
                headers: try decoder.decode(
                    [CaptureHeader].self, from: Data(try row.decode("headers", as: String.self).utf8)),
                redirects: try decoder.decode(
                    [String].self, from: Data(try row.decode("redirects", as: String.self).utf8)),
                remoteAddress: try row.decode("remote_address"), contentType: try row.decode("content_type"),
                charset: try row.decode("charset"), durationMilliseconds: try row.decode("duration_ms"),
                evidence: try row.decode("evidence")))
    }
}

extension String {
    /// The string without NUL, which no PostgreSQL text can hold.
    var storable: String {
        utf8.contains(0) ? String(unicodeScalars.filter { $0.value != 0 }.map(Character.init)) : self
    }
}
