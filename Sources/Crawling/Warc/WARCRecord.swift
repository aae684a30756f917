public import Foundation

/// One record of a web archive.
public struct WARCRecord: Sendable {
    /// The kinds of record that the reader's callers tell apart.
    public enum Kind: String, Sendable {
        case warcinfo, response, resource, request, metadata, revisit, conversion, continuation
        /// Any other.
        case other
    }

    /// The version as written, such as `1.1`.
    public let version: String
    /// The kind of the record.
    public let kind: Kind
    /// The record's own headers.
    public let headers: WARCHeaders
    /// The record's block: for a response the whole HTTP answer.
    public let block: [UInt8]
    /// Whether the block was larger than the limit, so that only its beginning is there.
    public let isCapped: Bool

    /// The address that was fetched.
    public var targetURI: String? {
        guard let uri = headers["WARC-Target-URI"] else { return nil }
        // WARC 1.0 was read to ask for angle brackets.
        return uri.hasPrefix("<") && uri.hasSuffix(">") ? String(uri.dropFirst().dropLast()) : uri
    }
    /// The record's identifier.
    public var identifier: String? { headers["WARC-Record-ID"] }
    /// When the record was made.
    public var date: Date? {
        guard let text = headers["WARC-Date"], let second = FeedDateParser.parse(text) else { return nil }
        // Version 1.1 has up to nine digits behind the second.
        guard let point = text.firstIndex(of: ".") else { return second }
        let digits = text[text.index(after: point)...].prefix { ("0"..."9").contains($0) }
        return Double("0.\(digits)").map(second.addingTimeInterval) ?? second
    }

    /// The HTTP answer in the block, decoded; `nil` when the record holds none.
    ///
    /// - Parameter maximumBodyBytes: the most bytes of the decoded body.
    public func response(maximumBodyBytes: Int) -> WARCResponse? {
        let type = headers["Content-Type"]?.lowercased() ?? ""
        guard kind == .response, type.isEmpty || type.hasPrefix("application/http") else { return nil }
        return WARCResponse(message: block, maximumBodyBytes: maximumBodyBytes)
    }
}

/// The headers of a record or an HTTP answer; names are compared without regard to case.
public struct WARCHeaders: Sendable {
    /// Names and values in order, as written.
    public private(set) var fields: [(name: String, value: String)] = []

    /// The first value under a name.
    public subscript(_ name: String) -> String? {
        let wanted = name.lowercased()
        return fields.first { $0.name.lowercased() == wanted }?.value
    }

    /// Headers beyond this number are left out.
    static let maximumFields = 512

    /// Reads the lines behind the first; a line that begins with white space continues the one before.
    init(lines: some Sequence<ArraySlice<UInt8>>) {
        for line in lines {
            guard let first = line.first, fields.count < Self.maximumFields else { continue }
            if first == 0x20 || first == 0x09 {
                guard !fields.isEmpty else { continue }
                fields[fields.count - 1].value += " " + Self.text(line)
            } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
                fields.append((Self.text(line[..<colon]), Self.text(line[(colon + 1)...])))
            }
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self).trimmed ?? ""
    }
}

/// Why an archive cannot be read on.
public struct WARCError: Error, Sendable, CustomStringConvertible {
    /// The kind of a failure; new kinds may be added.
    public struct Code: Sendable, Hashable {
        /// A short name from a fixed set, fit for a metric label.
        public let name: String

        /// The bytes are no web archive.
        public static let corrupt = Code(name: "corrupt")
        /// The archive ends inside a record.
        public static let truncated = Code(name: "truncated")
        /// A record's head is larger than the limit.
        public static let tooLarge = Code(name: "too_large")
    }

    /// The kind of failure.
    public let code: Code
    /// What happened.
    public let message: String
    /// Where it was raised, as file and line.
    public let location: String

    init(_ code: Code, _ message: String, file: String = #fileID, line: Int = #line) {
        self.code = code
        self.message = message
        location = "\(file):\(line)"
    }

    /// Whether the same bytes could succeed later: never.
    public var isRetriable: Bool { false }
    /// A short name from a fixed set, fit for a metric label.
    public var shortDescription: String { code.name }
    /// The message with its kind.
    public var description: String { "warc \(code.name): \(message)" }
}
