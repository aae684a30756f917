public import AMQP
public import Captures
internal import Crawling
internal import Digests
internal import Foundation
public import Logging
internal import Model
public import Pipeline
public import Postgres
internal import WebURL

/// Brings documents in from outside: each becomes a capture, and the parse stage takes it from there.
public struct DocumentImporter: Sendable {
    /// How many documents are written in one transaction.
    private static let batchSize = 50

    private let database: PostgresPool
    private let captures: any CaptureStore
    private let relay: OutboxRelay
    private let logger: Logger

    /// What an import came to.
    public struct Report: Sendable, Codable, Equatable {
        /// Documents that were stored and sent to the parse stage.
        public var imported = 0
        /// Documents that were there already, byte for byte.
        public var unchanged = 0
        /// Inputs that hold no document.
        public var skipped: [String] = []
        /// Inputs that cannot be read.
        public var failed: [String] = []
        /// The URLs of the documents that were stored.
        public var urlIDs: [Int64] = []

        enum CodingKeys: String, CodingKey {
            case imported, unchanged, skipped, failed
        }
    }

    /// Makes an importer.
    public init(
        database: PostgresPool, captures: any CaptureStore, topology: Topology, broker: AMQPConfiguration,
        logger: Logger
    ) {
        self.database = database
        self.captures = captures
        self.logger = logger
        relay = OutboxRelay(topology: topology, broker: broker, database: database, logger: logger)
    }

    /// Imports files and folders.
    ///
    /// - Parameter progress: told how many documents were read so far.
    public func run(_ paths: [String], progress: (Int) -> Void) async throws -> Report {
        var report = Report()
        var batch: [[UInt8]: ImportedDocument] = [:]
        var count = 0
        for path in paths {
            try await DocumentReader().read(path) { item in
                switch item {
                case .document(let document):
                    let identity = Self.identity(of: document.url)
                    // An archive may hold several states of one page: each follows the one before.
                    if batch.count >= Self.batchSize || batch[identity] != nil {
                        try await store(batch, &report)
                        batch.removeAll()
                    }
                    batch[identity] = document
                    count += 1
                    progress(count)
                case .skipped(let message): report.skipped.append(message)
                case .failed(let message): report.failed.append(message)
                }
            }
        }
        try await store(batch, &report)
        _ = try await relay.drain()
        return report
    }

    /// The identity under which a document's URL is known.
    static func identity(of url: String) -> [UInt8] {
        if let parsed = ParsedURL(url), let canonical = CanonicalURL(parsed) { return canonical.identity }
        return Array(SHA256Digest.digest(Array(url.utf8)).prefix(16))
    }

    private func store(_ documents: [[UInt8]: ImportedDocument], _ report: inout Report) async throws {
        guard !documents.isEmpty else { return }
        let stored = try await database.withTransaction { transaction in
            let prepared = try await fresh(documents, in: transaction)
            let urls = prepared.map(\.urlID)
            let pointers = try await captures.store(prepared.map(\.capture), in: transaction)
            let envelopes = zip(pointers, urls).map { pointer, urlID in
                Envelope(
                    ParseCapture(captureID: pointer.captureID, capturedAtMilliseconds: pointer.capturedAtMilliseconds),
                    urlID: urlID)
            }
            if !envelopes.isEmpty {
                _ = try await transaction.pipeline([
                    try OutboxRelay.insertion(envelopes),
                    PostgresStatement(
                        """
                        UPDATE wireroom.url AS u SET state = 'captured', reason = NULL, last_digest = c.digest,
                            last_capture_id = c.capture_id, last_fetched_at = now(), changed_at = now()
                        FROM unnest($1::bigint[], $2::bytea[], $3::bigint[]) AS c (url_id, digest, capture_id)
                        WHERE u.url_id = c.url_id
                        """,
                        [
                            .intArray(urls), .bytesArray(prepared.map(\.capture.digest)),
                            .intArray(pointers.map(\.captureID)),
                        ]),
                ])
            }
            return urls
        }
        report.imported += stored.count
        report.unchanged += documents.count - stored.count
        report.urlIDs += stored
        relay.wake()
    }

    /// Makes captures of documents, and leaves out those that are there already: as the last state of their page, or as an
    /// earlier one, fetched at the same time.
    private func fresh(
        _ documents: [[UInt8]: ImportedDocument], in transaction: PostgresConnection
    ) async throws -> [(urlID: Int64, capture: PreparedCapture)] {
        let items = documents.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        let rows = try await transaction.query(
            """
            INSERT INTO wireroom.url AS u (identity, url, kind, state)
            SELECT d.identity, d.url, 'document', 'captured' FROM unnest($1::bytea[], $2::text[]) AS d (identity, url)
            ORDER BY d.identity
            ON CONFLICT (identity) DO UPDATE SET changed_at = now()
            RETURNING u.identity, u.url_id, u.last_digest
            """, [.bytesArray(items.map(\.key)), .textArray(items.map(\.value.url))])
        var known: [[UInt8]: (Int64, [UInt8]?)] = [:]
        for row in rows {
            known[try row.decode("identity")] = (try row.decode("url_id"), try row.decode("last_digest"))
        }
        var prepared: [(urlID: Int64, capture: PreparedCapture)] = []
        var fetchedAt: [Date?] = []
        for (identity, document) in items {
            guard let (urlID, digest) = known[identity] else { continue }
            let capture = try PostgresCaptureStore.prepare(Self.capture(document, urlID: urlID))
            if capture.digest == digest { continue }
            prepared.append((urlID, capture))
            fetchedAt.append(document.fetchedAt)
        }
        guard fetchedAt.contains(where: { $0 != nil }) else { return prepared }
        // Archives keep milliseconds.
        let earlier = try await transaction.query(
            """
            SELECT DISTINCT d.url_id FROM unnest($1::bigint[], $2::bytea[], $3::timestamptz[]) AS d (url_id, digest, fetched_at)
            JOIN wireroom.capture AS c ON c.url_id = d.url_id AND c.digest = d.digest AND c.codec <> 'revisit'
                AND c.fetched_at BETWEEN d.fetched_at - interval '2 ms' AND d.fetched_at + interval '2 ms'
            """,
            [
                .intArray(prepared.map(\.urlID)), .bytesArray(prepared.map(\.capture.digest)), .dateArray(fetchedAt),
            ])
        let stored = Set(try earlier.map { try $0.decode("url_id", as: Int64.self) })
        return prepared.filter { !stored.contains($0.urlID) }
    }

    private static func capture(_ document: ImportedDocument, urlID: Int64) -> Capture {
        Capture(
            urlID: urlID, requestedURL: document.url, finalURL: document.url, origin: .import,
            fetchedAt: document.fetchedAt ?? Date(), body: document.body, status: document.status,
            contentType: document.contentType, charset: document.charset, evidence: document.evidence)
    }
}
