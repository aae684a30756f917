internal import Compression
internal import TextEncoding

/// An HTTP answer as an archive holds it, with its transfer and content encodings undone.
public struct WARCResponse: Sendable {
    /// The status, 100 to 599.
    public let status: Int
    /// The headers as they were received.
    public let headers: WARCHeaders
    /// The body. Encodings that archives state but have already undone are passed over.
    public let body: [UInt8]
    /// The content encoding that could not be undone, `nil` when the body is plain.
    public let undecodedEncoding: String?
    /// Whether the body is incomplete: cut off, damaged or larger than the limit.
    public let isTruncated: Bool

    /// The value of `Content-Type`.
    public var contentType: String? { headers["Content-Type"] }
    /// The charset that the transport states.
    public var charset: String? { contentType.flatMap { TextDecoder.charset(inContentType: $0) } }

    /// Reads an answer; `nil` when the bytes are none.
    ///
    /// - Parameters:
    ///   - message: status line, headers and body.
    ///   - maximumBodyBytes: the most bytes of the decoded body.
    public init?(message: [UInt8], maximumBodyBytes: Int) {
        guard let (lines, bodyStart) = Self.head(message), let first = lines.first,
            let status = Self.status(first)
        else { return nil }
        self.status = status
        headers = WARCHeaders(lines: lines.dropFirst())
        var isTruncated = false
        var bytes = Array(message[bodyStart...])
        if headers["Transfer-Encoding"]?.lowercased().contains("chunked") == true,
            let (plain, isComplete) = Self.dechunk(bytes)
        {
            bytes = plain
            isTruncated = !isComplete
        }
        let encodings = headers["Content-Encoding"]?.lowercased().split { " ,".contains($0) }.map(String.init) ?? []
        let (decoded, left, isWhole) = Self.decode(bytes, encodings: encodings, maximumBytes: maximumBodyBytes)
        body = decoded.count > maximumBodyBytes ? Array(decoded.prefix(maximumBodyBytes)) : decoded
        undecodedEncoding = left
        self.isTruncated = isTruncated || !isWhole || decoded.count > maximumBodyBytes
    }

    private static let maximumHeadBytes = 256 << 10

    private static func head(_ message: [UInt8]) -> ([ArraySlice<UInt8>], Int)? {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        let end = min(message.count, maximumHeadBytes)
        while let newline = message[start..<end].firstIndex(of: 0x0A) {
            var line = message[start..<newline]
            if line.last == 0x0D { line.removeLast() }
            start = newline + 1
            if line.isEmpty { return (lines, start) }
            lines.append(line)
        }
        return nil
    }

    private static func status(_ line: ArraySlice<UInt8>) -> Int? {
        let words = line.split(separator: 0x20, maxSplits: 2)
        guard words.count >= 2, words[0].starts(with: Array("HTTP/".utf8)) else { return nil }
        return Int(String(decoding: words[1], as: UTF8.self)).flatMap { (100...599).contains($0) ? $0 : nil }
    }

    /// Undoes the chunked encoding; `nil` when the body does not have it, as in archives that store it plain.
    private static func dechunk(_ bytes: [UInt8]) -> (body: [UInt8], isComplete: Bool)? {
        var output: [UInt8] = []
        var position = 0
        while position < bytes.count {
            let window = bytes[position..<min(bytes.count, position + 1024)]
            guard let newline = window.firstIndex(of: 0x0A), let size = chunkSize(bytes[position..<newline]) else {
                return position == 0 ? nil : (output, false)
            }
            if size == 0 { return (output, true) }
            let start = newline + 1
            let end = min(bytes.count, start + size)
            output.append(contentsOf: bytes[start..<end])
            position = end
            // The line end behind the chunk.
            while position < bytes.count, position < end + 2, bytes[position] == 0x0D || bytes[position] == 0x0A {
                position += 1
            }
        }
        return bytes.isEmpty ? ([], true) : (output, false)
    }

    /// The size in a chunk's first line, in hexadecimal; extensions behind a semicolon are passed over.
    private static func chunkSize(_ line: ArraySlice<UInt8>) -> Int? {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 > 0x20 }
        guard !digits.isEmpty, digits.count <= 8 else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: 16).flatMap { $0 >= 0 ? $0 : nil }
    }

    /// Undoes content encodings, the last first.
    private static func decode(
        _ bytes: [UInt8], encodings: [String], maximumBytes: Int
    ) -> (body: [UInt8], left: String?, isWhole: Bool) {
        var body = bytes
        for encoding in encodings.reversed().prefix(4) {
            do {
                switch encoding {
                case "identity": continue
                case "gzip", "x-gzip":
                    guard Gzip.isGzip(body) else { continue }
                    body = try Gzip.decompress(body, maximumBytes: maximumBytes, acceptsTruncation: true)
                case "deflate":
                    body = try Gzip.decompress(body, maximumBytes: maximumBytes, acceptsTruncation: true)
                case "zstd":
                    guard body.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) else { continue }
                    body = try Zstd.decompress(body, maximumBytes: maximumBytes)
                default:
                    // Brotli has no mark to know it by: archives that kept the header but not the encoding hold text.
                    return isText(body) ? (body, nil, true) : (body, encoding, true)
                }
            } catch {
                if encoding == "deflate", isText(body) { continue }
                return error.code == .tooLarge ? ([], nil, false) : (body, encoding, false)
            }
        }
        return (body, nil, true)
    }

    /// Whether bytes begin as a document of text does.
    private static func isText(_ bytes: [UInt8]) -> Bool {
        bytes.prefix(512).allSatisfy { $0 >= 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D || $0 == 0x0C }
            && String(validating: bytes.prefix(512).prefix { $0 < 0x80 }, as: UTF8.self)?.isEmpty == false
    }
}
