internal import Compression
internal import Crawling
public import Foundation
internal import TextEncoding

/// One document that an operator brings in.
public struct ImportedDocument: Sendable, Equatable {
    /// Its address: the web address where one is known, else a `file:` URL.
    public var url: String
    /// The bytes.
    public var body: [UInt8]
    /// The media type, where it is known.
    public var contentType: String?
    /// The encoding, where it is known.
    public var charset: String?
    /// HTTP status, where there was one.
    public var status: Int?
    /// When it was fetched from its outlet, as far as that is known.
    public var fetchedAt: Date?
    /// What feeds and sitemaps said of it, as JSON; from archives of our own.
    public var evidence: String?
}

/// What came of one piece of the input.
public enum ImportItem: Sendable {
    /// A document.
    case document(ImportedDocument)
    /// Something that holds no document.
    case skipped(String)
    /// Something that cannot be read.
    case failed(String)
}

/// Reads files and folders of documents: text, HTML, gzip, WARC, JSON lines. One document at a time is in memory.
public struct DocumentReader: Sendable {
    /// The most bytes that a document may have.
    public static let maximumBytes = 32 << 20

    /// The field of a WARC `metadata` record in which an export keeps what feeds said of a document.
    static let evidenceField = "wireroomEvidence"

    /// The most bytes of a line of JSON lines: a document in which every byte is escaped.
    static let maximumLineBytes = 64 << 20

    /// Makes a reader.
    public init() {}

    /// Reads a file, or everything in a folder in the order of the names.
    ///
    /// - Parameter take: called with each item; an error that it throws ends the reading.
    public func read(_ path: String, take: (ImportItem) async throws -> Void) async throws {
        var isFolder: ObjCBool = false
        // The pointer that ObjCBool travels by lives as long as the call.
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            try await take(.failed("\(path): no such file or folder"))
            return
        }
        guard isFolder.boolValue else { return try await readFile(path, take: take) }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }.sorted()
        } catch {
            try await take(.failed("\(path): \(error.localizedDescription)"))
            return
        }
        for name in names { try await read(path + "/" + name, take: take) }
    }

    private func readFile(_ path: String, take: (ImportItem) async throws -> Void) async throws {
        let name = path.lowercased()
        let plainName = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
        let suffix = plainName.split(separator: "/").last?.split(separator: ".").dropFirst().last.map(String.init) ?? ""
        do {
            switch suffix {
            case "warc": try await readWARC(path, take: take)
            case "jsonl", "ndjson": try await readLines(path, take: take)
            case "txt", "text", "md", "html", "htm", "xhtml", "":
                let document = try document(path, isHTML: suffix.contains("htm"))
                if let kind = ContentSniffer.kindWithoutText(document.body, contentType: nil) {
                    try await take(.skipped("\(path): is \(kind), whatever its name says"))
                } else {
                    try await take(.document(document))
                }
            default: try await take(.skipped("\(path): .\(suffix) is none of txt, html, gz, warc, jsonl"))
            }
        } catch let error as DocumentReaderError {
            try await take(.failed("\(path): \(error.message)"))
        }
    }

    private func document(_ path: String, isHTML: Bool) throws(DocumentReaderError) -> ImportedDocument {
        let url = URL(fileURLWithPath: path).standardizedFileURL
        // Only a hint: a file without a date is read all the same.
        let modified = try? url.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate
        return ImportedDocument(
            url: url.absoluteString, body: try bytes(of: path), contentType: isHTML ? "text/html" : nil, charset: nil,
            fetchedAt: modified)
    }

    private func bytes(of path: String) throws(DocumentReaderError) -> [UInt8] {
        let raw: [UInt8]
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            if let size = attributes[.size] as? Int, size > Self.maximumBytes {
                throw DocumentReaderError("has \(size) bytes, more than \(Self.maximumBytes)")
            }
            raw = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch let error as DocumentReaderError {
            throw error
        } catch {
            throw DocumentReaderError(error.localizedDescription)
        }
        guard Gzip.isGzip(raw) else { return raw }
        do {
            return try Gzip.decompress(raw, maximumBytes: Self.maximumBytes)
        } catch {
            throw DocumentReaderError(error.message)
        }
    }

    // MARK: WARC

    private func readWARC(_ path: String, take: (ImportItem) async throws -> Void) async throws {
        guard let file = FileHandle(forReadingAtPath: path) else { throw DocumentReaderError("cannot be opened") }
        defer { try? file.close() }  // it was only read
        do {
            var reader = try WARCReader()
            // A document waits for the record behind it, which may say more of it.
            var pending: (record: WARCRecord, item: ImportItem)?
            func next(_ record: WARCRecord) async throws {
                if record.kind == .metadata, let earlier = pending, case .document(var document) = earlier.item,
                    record.headers["WARC-Refers-To"] == earlier.record.identifier
                {
                    document.evidence = Self.evidence(in: record)
                    pending?.item = .document(document)
                    return
                }
                if let item = pending?.item { try await take(item) }
                pending = Self.item(of: record, in: path).map { (record, $0) }
            }
            while let chunk = try file.read(upToCount: 1 << 18), !chunk.isEmpty {
                reader.append([UInt8](chunk))
                while let record = try reader.next() { try await next(record) }
            }
            try reader.finish()
            while let record = try reader.next() { try await next(record) }
            if let item = pending?.item { try await take(item) }
        } catch let error as WARCError {
            throw DocumentReaderError(error.message)
        }
    }

    /// What a record brings; `nil` for records that are about others, and for revisits, whose body is in an earlier record.
    private static func item(of record: WARCRecord, in path: String) -> ImportItem? {
        guard let url = record.targetURI, url.hasPrefix("http") || url.hasPrefix("file:") else { return nil }
        switch record.kind {
        case .response where url.hasPrefix("http"):
            guard let response = record.response(maximumBodyBytes: maximumBytes) else {
                return .failed("\(path): the record of \(url) holds no HTTP answer")
            }
            guard (200...299).contains(response.status), response.undecodedEncoding == nil else {
                return .skipped("\(path): \(url) has status \(response.status)")
            }
            return document(
                url, response.body, response.contentType, status: response.status, record.date, in: path)
        case .resource where !record.isCapped:
            return document(url, record.block, record.headers["Content-Type"], status: nil, record.date, in: path)
        default: return nil
        }
    }

    private static func document(
        _ url: String, _ body: [UInt8], _ contentType: String?, status: Int?, _ date: Date?, in path: String
    ) -> ImportItem {
        if let kind = ContentSniffer.kindWithoutText(body, contentType: contentType) {
            return .skipped("\(path): \(url) is \(kind)")
        }
        return .document(
            ImportedDocument(
                url: url, body: body, contentType: contentType == "application/octet-stream" ? nil : contentType,
                charset: nil, status: status, fetchedAt: date))
    }

    /// The evidence in a metadata record, where it is JSON.
    private static func evidence(in record: WARCRecord) -> String? {
        let name = evidenceField + ":"
        let lines = String(decoding: record.block, as: UTF8.self).split(whereSeparator: \.isNewline)
        guard let line = lines.first(where: { $0.hasPrefix(name) }) else { return nil }
        let text = String(line.dropFirst(name.count).drop { $0 == " " })
        // Whatever is no JSON is somebody else's field.
        return (try? JSONSerialization.jsonObject(with: Data(text.utf8))) == nil ? nil : text
    }

    // MARK: JSON lines

    /// One line: a body under `html`, `text` or `body`, or a `path`; and what is known of it.
    private struct Line: Decodable {
        var id: String?
        var url: String?
        var path: String?
        var html: String?
        var text: String?
        var body: String?
        var content_type: String?
        var charset: String?
        var fetched_at: String?
    }

    private func readLines(_ path: String, take: (ImportItem) async throws -> Void) async throws {
        var file = try LineFile(path: path, maximumLineBytes: Self.maximumLineBytes)
        var number = 0
        while let line = try file.next() {
            number += 1
            if line.allSatisfy({ $0 <= 0x20 }) { continue }
            do {
                guard line.count <= Self.maximumLineBytes else {
                    throw DocumentReaderError("is longer than \(Self.maximumLineBytes) bytes")
                }
                try await take(.document(try document(line: line, number: number, of: path)))
            } catch let error as DocumentReaderError {
                try await take(.failed("\(path), line \(number): \(error.message)"))
            }
        }
    }

    private func document(line: [UInt8], number: Int, of path: String) throws(DocumentReaderError) -> ImportedDocument {
        let record: Line
        do {
            record = try JSONDecoder().decode(Line.self, from: Data(line))
        } catch {
            throw DocumentReaderError("not a JSON object with texts")
        }
        let name = URL(fileURLWithPath: path).standardizedFileURL.absoluteString
        let body: [UInt8]
        if let text = record.html ?? record.text ?? record.body {
            body = Array(text.utf8)
        } else if let file = record.path {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            body = try bytes(of: URL(fileURLWithPath: file, relativeTo: folder).path)
        } else {
            throw DocumentReaderError("has none of html, text, body, path")
        }
        return ImportedDocument(
            url: record.url ?? "\(name)#\(record.id ?? String(number))", body: body,
            contentType: record.content_type ?? (record.html != nil ? "text/html" : nil),
            charset: record.html ?? record.text ?? record.body == nil ? record.charset : "utf-8",
            fetchedAt: record.fetched_at.flatMap { FeedDateParser.parse($0) })
    }
}

/// Why one input cannot be read.
struct DocumentReaderError: Error {
    let message: String

    init(_ message: String) { self.message = message }
}
