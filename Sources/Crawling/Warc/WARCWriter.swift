internal import Compression
internal import Digests
public import Foundation

/// Writes web archives: WARC 1.1 (ISO 28500:2017), each record a gzip member of its own, as other tools expect them.
public struct WARCWriter: Sendable {
    /// An HTTP answer, or a document that came by another way.
    public struct Document: Sendable {
        /// What the record's identifier is made of: the same document gets the same one in every export.
        public var key: String
        /// The address that was fetched.
        public var url: String
        /// When it was fetched.
        public var date: Date
        /// HTTP status; `nil` makes a `resource` record.
        public var status: Int?
        /// Response headers as they came.
        public var headers: [(name: String, value: String)]
        /// The body without transfer and content coding.
        public var body: [UInt8]
        /// SHA-256 of the body.
        public var digest: [UInt8]
        /// The media type.
        public var contentType: String?
        /// The server's address.
        public var serverAddress: String?

        /// Makes a document.
        public init(
            key: String, url: String, date: Date, status: Int?, headers: [(name: String, value: String)] = [],
            body: [UInt8] = [], digest: [UInt8], contentType: String? = nil, serverAddress: String? = nil
        ) {
            self.key = key
            self.url = url
            self.date = date
            self.status = status
            self.headers = headers
            self.body = body
            self.digest = digest
            self.contentType = contentType
            self.serverAddress = serverAddress
        }
    }

    /// What a revisit refers to.
    public struct Original: Sendable {
        /// The key of the document that holds the body.
        public var key: String
        /// Its address.
        public var url: String
        /// When it was fetched.
        public var date: Date

        /// Makes a reference.
        public init(key: String, url: String, date: Date) {
            self.key = key
            self.url = url
            self.date = date
        }
    }

    /// Makes a writer.
    public init() {}

    // MARK: Records

    /// The record that an archive begins with.
    public func information(fileName: String, software: String, date: Date) throws -> [UInt8] {
        let fields = [
            ("software", software), ("format", "WARC File Format 1.1"),
            ("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
            ("robots", "obey"),
        ]
        return try record(
            [
                ("WARC-Type", "warcinfo"), ("WARC-Date", Self.time(date)),
                ("WARC-Record-ID", Self.identifier("warcinfo \(fileName) \(Self.time(date))")),
                ("WARC-Filename", fileName), ("Content-Type", "application/warc-fields"),
            ], Self.fields(fields))
    }

    /// A `response` record, or a `resource` record where there was no HTTP answer.
    public func response(_ document: Document) throws -> [UInt8] {
        let isHTTP = document.status != nil
        let block = isHTTP ? Self.head(document, length: document.body.count) + document.body : document.body
        var headers = common(document, type: isHTTP ? "response" : "resource")
        headers.append(("WARC-Payload-Digest", Self.digestText(document.digest)))
        headers.append(
            (
                "Content-Type",
                isHTTP ? "application/http; msgtype=response" : document.contentType ?? "application/octet-stream"
            ))
        return try record(headers, block)
    }

    /// A `revisit` record: the answer's head without the body that an earlier record holds.
    ///
    /// - Parameter original: `nil` where the earlier capture is not known any more.
    public func revisit(_ document: Document, of original: Original?) throws -> [UInt8] {
        let profile = document.status == 304 ? "server-not-modified" : "identical-payload-digest"
        var headers = common(document, type: "revisit")
        headers.append(("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/\(profile)"))
        headers.append(("WARC-Payload-Digest", Self.digestText(document.digest)))
        if let original {
            headers.append(("WARC-Refers-To", Self.identifier(original.key)))
            headers.append(("WARC-Refers-To-Target-URI", original.url))
            headers.append(("WARC-Refers-To-Date", Self.time(original.date)))
        }
        headers.append(("Content-Type", "application/http; msgtype=response"))
        return try record(headers, Self.head(document, length: nil))
    }

    /// A `metadata` record about a document: names and values, one a line.
    public func metadata(about document: Document, _ fields: [(name: String, value: String)]) throws -> [UInt8] {
        try record(
            [
                ("WARC-Type", "metadata"), ("WARC-Record-ID", Self.identifier("metadata \(document.key)")),
                ("WARC-Date", Self.time(document.date)), ("WARC-Target-URI", document.url),
                ("WARC-Refers-To", Self.identifier(document.key)), ("Content-Type", "application/warc-fields"),
            ], Self.fields(fields.map { ($0.name, $0.value) }))
    }

    // MARK: Pieces

    private func common(_ document: Document, type: String) -> [(String, String)] {
        var headers = [
            ("WARC-Type", type), ("WARC-Record-ID", Self.identifier(document.key)),
            ("WARC-Date", Self.time(document.date)), ("WARC-Target-URI", document.url),
        ]
        if let address = document.serverAddress { headers.append(("WARC-IP-Address", address)) }
        return headers
    }

    private func record(_ headers: [(String, String)], _ block: [UInt8]) throws -> [UInt8] {
        var bytes = Array("WARC/1.1\r\n".utf8)
        let all =
            headers + [
                ("WARC-Block-Digest", Self.digestText(SHA256Digest.digest(block))),
                ("Content-Length", "\(block.count)"),
            ]
        for (name, value) in all { bytes += Array("\(name): \(Self.line(value))\r\n".utf8) }
        bytes += Array("\r\n".utf8) + block + Array("\r\n\r\n".utf8)
        return try Gzip.compress(bytes)
    }

    private static func fields(_ fields: [(String, String)]) -> [UInt8] {
        Array(fields.map { "\($0): \(line($1))\r\n" }.joined().utf8)
    }

    /// Headers that speak of codings which were undone when the body was stored.
    private static let undone: Set<String> = ["content-encoding", "transfer-encoding", "content-length"]

    /// The head of the answer. What spoke of codings and of the coded length is kept under another name, so that a reader
    /// does not undo them a second time.
    private static func head(_ document: Document, length: Int?) -> [UInt8] {
        let status = document.status ?? 200
        var text = "HTTP/1.1 \(status) \(reasonPhrases[status] ?? "")\r\n"
        for (name, value) in document.headers where !name.isEmpty {
            let kept = undone.contains(name.lowercased()) ? "X-Original-\(name)" : name
            text += "\(line(kept)): \(line(value))\r\n"
        }
        if let length { text += "Content-Length: \(length)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    private static let reasonPhrases = [
        200: "OK", 201: "Created", 202: "Accepted", 203: "Non-Authoritative Information", 204: "No Content",
        206: "Partial Content", 226: "IM Used", 304: "Not Modified",
    ]

    /// A value on one line.
    private static func line(_ value: String) -> String {
        let isClean = value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
        return isClean
            ? value : String(value.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) })
    }

    /// `WARC-Date` of version 1.1 may have fractions of a second.
    private static func time(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    private static func digestText(_ digest: [UInt8]) -> String { "sha256:\(base32(digest))" }

    /// RFC 4648, section 6, as archives write their digests. With padding: readers compare the text.
    static func base32(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var text = ""
        var bits = 0
        var count = 0
        for byte in bytes {
            bits = (bits << 8 | Int(byte)) & 0xFFFF
            count += 8
            while count >= 5 {
                text.append(alphabet[bits >> (count - 5) & 31])
                count -= 5
            }
        }
        if count > 0 { text.append(alphabet[bits << (5 - count) & 31]) }
        return text + String(repeating: "=", count: (8 - text.utf8.count % 8) % 8)
    }

    /// A UUID of version 8 (RFC 9562, section 5.8) made of a key's hash.
    static func identifier(_ key: String) -> String {
        var bytes = Array(SHA256Digest.digest(Array("wireroom \(key)".utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        var text = ""
        for (position, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(position) { text += "-" }
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return "<urn:uuid:\(text)>"
    }
}
