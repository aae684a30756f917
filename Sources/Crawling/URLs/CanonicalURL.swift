internal import Digests
public import WebURL

/// The form of a URL that decides whether two URLs name the same page. It is a key, never an address to fetch.
///
/// On top of the URL standard: the fragment, credentials and dots at the end of the host are dropped, percent-encoding is
/// brought to one form, runs of slashes are folded, parameters that only track readers or sessions are removed, the
/// others are sorted by name (repetitions of a name keep their order), and `name=` is the same as `name`.
public struct CanonicalURL: Sendable, Hashable, CustomStringConvertible {
    /// The canonical text, in ASCII.
    public let description: String

    /// The canonical form of `url`; `nil` unless it is HTTP or HTTPS and has a host that is more than dots.
    public init?(_ url: ParsedURL) {
        guard url.isHTTP, let host = url.host.flatMap(Self.canonicalHost) else { return nil }
        var text = Array("\(url.scheme)://".utf8)
        text += host
        if let port = url.port { text += ":\(port)".utf8 }
        Self.appendPath(Array(url.path.utf8), to: &text)
        if let query = url.query.flatMap(Self.canonicalQuery) {
            text.append(UInt8(ascii: "?"))
            text += query
        }
        description = String(decoding: text, as: UTF8.self)
    }

    /// The first 16 bytes of the SHA-256 of the text: the identity of the page.
    ///
    /// In PostgreSQL: `substring(sha256(convert_to(text, 'UTF8')) for 16)`. Pages choose their URLs, so the hash has to
    /// resist those who would want two of them to collide.
    public var identity: [UInt8] {
        Array(SHA256Digest.digest(Array(description.utf8)).prefix(16))
    }

    /// The host without dots at its end, or `nil` when nothing is left. What is left may be a number, which is an address.
    private static func canonicalHost(_ host: String) -> [UInt8]? {
        var bytes = Array(host.utf8)
        guard bytes.last == UInt8(ascii: ".") else { return bytes.isEmpty ? nil : bytes }
        while bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        return ParsedURL(utf8: Array("http://".utf8) + bytes + [UInt8(ascii: "/")])?.host.map { Array($0.utf8) }
    }

    // MARK: Path

    private static func appendPath(_ path: [UInt8], to output: inout [UInt8]) {
        let bytes = withoutSessions(normalized(path[...]))
        for byte in bytes where byte != UInt8(ascii: "/") || output.last != byte { output.append(byte) }
    }

    /// The path without the `;jsessionid=…` of any segment.
    private static func withoutSessions(_ path: [UInt8]) -> [UInt8] {
        guard path.contains(UInt8(ascii: ";")) else { return path }
        let segments = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return Array(segments.map(withoutSession).joined(separator: [UInt8(ascii: "/")]))
    }

    private static func withoutSession(_ segment: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var output: ArraySlice<UInt8> = []
        var isSession = false
        for index in segment.indices {
            if segment[index] == UInt8(ascii: ";") {
                let name = segment[(index + 1)...].prefix(11)
                isSession = String(decoding: name, as: UTF8.self).lowercased() == "jsessionid="
            }
            if !isSession { output.append(segment[index]) }
        }
        // What would be left of `..;jsessionid=1` is a step up, which it was not.
        let isDots = output.elementsEqual(".".utf8) || output.elementsEqual("..".utf8)
        return isDots ? segment : output
    }

    // MARK: Query

    /// The query in canonical form, or `nil` when nothing is left of it.
    private static func canonicalQuery(_ query: String) -> [UInt8]? {
        var parameters: [(name: ArraySlice<UInt8>, text: [UInt8])] = []
        for part in Array(query.utf8).split(separator: UInt8(ascii: "&")) {
            var text = normalized(part)
            if text.last == UInt8(ascii: "="), text.firstIndex(of: UInt8(ascii: "=")) == text.count - 1 {
                text.removeLast()
            }
            let name = text.prefix { $0 != UInt8(ascii: "=") }
            guard !text.isEmpty, !TrackingParameters.contains(name) else { continue }
            parameters.append((name, text))
        }
        guard !parameters.isEmpty else { return nil }
        let sorted = parameters.enumerated().sorted { left, right in
            if left.element.name == right.element.name { return left.offset < right.offset }
            return left.element.name.lexicographicallyPrecedes(right.element.name)
        }
        return Array(sorted.map(\.element.text).joined(separator: [UInt8(ascii: "&")]))
    }

    // MARK: Percent-encoding

    /// One form of percent-encoding: unreserved octets plain, others with upper-case digits, a stray `%` as `%25`.
    private static func normalized(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%"), let value = PercentByte.decode(bytes, at: index) {
                if PercentByte.isUnreserved(value) {
                    output.append(value)
                } else {
                    PercentByte.append(value, to: &output)
                }
                index += 3
                continue
            }
            let isPlain = PercentByte.isUnreserved(byte) || PercentByte.isReserved(byte)
            let isBracket = byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "#")
            if isPlain, !isBracket { output.append(byte) } else { PercentByte.append(byte, to: &output) }
            index += 1
        }
        return output
    }
}
