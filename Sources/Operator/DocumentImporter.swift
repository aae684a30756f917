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
        var batch: [ImportedDocument] = []
        var count = 0
        for path in paths {
            try await DocumentReader().read(path) { item in
                switch item {
                case .document(let document):
                    batch.append(document)
                    count += 1
                    progress(count)
                    if batch.count >= Self.batchSize {
                        try await store(batch, &report)
                        batch.removeAll()
                    }
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

    private func store(_ documents: [ImportedDocument], _ report: inout Report) async throws {
        // The same address twice in one batch: the later one counts.
        var latest: [[UInt8]: ImportedDocument] = [:]
        for document in documents { latest[Self.identity(of: document.url)] = document }
        guard !latest.isEmpty else { return }
        let items = latest.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        let stored = try await database.withTransaction { [captures] transaction in
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
            var prepared: [PreparedCapture] = []
            var urls: [Int64] = []
            for (identity, document) in items {
                guard let (urlID, digest) = known[identity] else { continue }
                let capture = try PostgresCaptureStore.prepare(Self.capture(document, urlID: urlID))
                if capture.digest == digest { continue }
                prepared.append(capture)
                urls.append(urlID)
            }
            let pointers = try await captures.store(prepared, in: transaction)
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
                        [.intArray(urls), .bytesArray(prepared.map(\.digest)), .intArray(pointers.map(\.captureID))]),
                ])
            }
            return urls
        }
        report.imported += stored.count
        report.unchanged += items.count - stored.count
        report.urlIDs += stored
        relay.wake()
    }

    private static func capture(_ document: ImportedDocument, urlID: Int64) -> Capture {
        Capture(
            urlID: urlID, requestedURL: document.url, finalURL: document.url, origin: .import,
            fetchedAt: document.fetchedAt ?? Date(), body: document.body, status: document.status,
            contentType: document.contentType, charset: document.charset, evidence: document.evidence)
    }
}
