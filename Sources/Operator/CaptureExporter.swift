public import Captures
internal import Crawling
internal import Foundation
public import Postgres

/// Writes stored captures into web archives that other tools read.
public struct CaptureExporter: Sendable {
    /// What an export came to.
    public struct Report: Sendable, Codable, Equatable {
        /// The files that were written.
        public var files: [String] = []
        /// Captures with a body.
        public var documents = 0
        /// Captures that refer to an earlier body.
        public var revisits = 0
        /// Bytes of the files.
        public var bytes = 0
        /// Captures that cannot be read.
        public var failed: [String] = []
    }

    private static let pageSize = 50

    private let database: PostgresPool
    private let captures: PostgresCaptureStore
    private let software: String

    /// Makes an exporter.
    ///
    /// - Parameter software: name and version, for the record that each file begins with.
    public init(database: PostgresPool, captures: PostgresCaptureStore, software: String) {
        self.database = database
        self.captures = captures
        self.software = software
    }

    /// Exports captures in the order in which they were stored.
    ///
    /// - Parameters:
    ///   - path: the file, `….warc.gz`. From the second file on, where one is not enough, a number stands before the ending.
    ///   - maximumFileBytes: a new file is begun behind this size.
    ///   - progress: told how many captures were written so far.
    public func run(
        to path: String, _ filter: CaptureFilter, maximumFileBytes: Int, progress: (Int) -> Void
    ) async throws -> Report {
        var report = Report()
        var archive: ArchiveFile?
        var last: CapturePointer?
        while true {
            let page = try await captures.page(after: last, filter, limit: Self.pageSize, from: database)
            for (pointer, result) in page {
                last = pointer
                guard case .success(let stored) = result else {
                    if case .failure(let error) = result { report.failed.append(error.message) }
                    continue
                }
                var file = archive
                if file == nil || (file?.bytes ?? 0) >= maximumFileBytes {
                    try archive?.close()
                    var next = try ArchiveFile(path: Self.name(path, number: report.files.count))
                    report.files.append(next.path)
                    report.bytes += try next.write(information(next.path))
                    file = next
                }
                report.bytes += try file?.write(Self.records(of: stored)) ?? 0
                archive = file
                if stored.isRevisit { report.revisits += 1 } else { report.documents += 1 }
            }
            progress(report.documents + report.revisits)
            guard page.count == Self.pageSize else { break }
        }
        try archive?.close()
        return report
    }

    private func information(_ path: String) throws -> [UInt8] {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return try WARCWriter().information(fileName: name, software: software, date: Date())
    }

    /// `news.warc.gz`, then `news-00002.warc.gz` and so on.
    static func name(_ path: String, number: Int) -> String {
        guard number > 0 else { return path }
        let suffix = [".warc.gz", ".gz", ".warc"].first { path.lowercased().hasSuffix($0) } ?? ""
        let digits = String(number + 1)
        return path.dropLast(suffix.count) + "-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
            + path.suffix(suffix.count)
    }

    private static func key(_ pointer: CapturePointer) -> String {
        "capture \(pointer.captureID) \(pointer.capturedAtMilliseconds)"
    }

    private static func records(of stored: StoredCapture) throws -> [UInt8] {
        let capture = stored.capture
        let document = WARCWriter.Document(
            key: key(stored.pointer), url: capture.finalURL, date: capture.fetchedAt, status: capture.status,
            headers: capture.headers.map { ($0.name, $0.value) }, body: capture.body, digest: stored.digest,
            contentType: capture.contentType, serverAddress: capture.remoteAddress)
        let writer = WARCWriter()
        let main =
            stored.isRevisit
            ? try writer.revisit(
                document,
                of: stored.original.map {
                    WARCWriter.Original(key: key($0.pointer), url: $0.finalURL, date: $0.fetchedAt)
                })
            : try writer.response(document)
        return main + (try writer.metadata(about: document, metadata(of: stored)))
    }

    private static func metadata(of stored: StoredCapture) -> [(name: String, value: String)] {
        let capture = stored.capture
        var fields: [(name: String, value: String)] = [("capture", "\(stored.pointer.captureID)")]
        fields += capture.redirects.map { ("redirectedFrom", $0) }
        if capture.requestedURL != capture.finalURL { fields.append(("requestedURL", capture.requestedURL)) }
        if let duration = capture.durationMilliseconds { fields.append(("fetchTimeMs", "\(duration)")) }
        if let charset = capture.charset { fields.append(("charsetForLinkExtraction", charset)) }
        if let evidence = capture.evidence { fields.append((DocumentReader.evidenceField, evidence)) }
        return fields
    }
}

/// A file that is written record by record.
private struct ArchiveFile {
    let path: String
    private let handle: FileHandle
    private(set) var bytes = 0

    init(path: String) throws {
        // Never over an archive that is there.
        guard !FileManager.default.fileExists(atPath: path) else { throw OperatorError("\(path) is there already") }
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw OperatorError("\(path) cannot be made") }
        self.path = path
        self.handle = handle
    }

    /// Appends bytes, and says how many.
    mutating func write(_ data: [UInt8]) throws -> Int {
        try handle.write(contentsOf: Data(data))
        bytes += data.count
        return data.count
    }

    func close() throws {
        try handle.synchronize()
        try handle.close()
    }
}
