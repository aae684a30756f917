/// A URL as the WHATWG URL standard parses it.
///
/// One parser decides what a URL means everywhere in the program: what is fetched, judged by the address policy and
/// stored is always ``href`` of the same value, so no two components can disagree about a host. The text is kept once,
/// as ASCII, with the offsets of its parts.
///
/// Equality and hashing compare ``href``.
public struct ParsedURL: Sendable {
    /// The serialised URL: always ASCII, with percent-encoding and IDNA applied.
    public let href: String

    let layout: Layout

    /// Where the parts of the serialised URL lie, in bytes.
    struct Layout: Sendable {
        var schemeEnd = 0
        var username: Range<Int>?
        var password: Range<Int>?
        var host: Range<Int>?
        var port: UInt16?
        var path = 0..<0
        var query: Range<Int>?
        var fragment: Range<Int>?
        var hasOpaquePath = false
    }

    /// Parses `string`, resolving it against `base` when it is relative.
    ///
    /// Leading and trailing controls and spaces, and tabs and line ends anywhere, are ignored, as the standard says.
    /// Returns `nil` where the standard says failure, and for a relative reference without a base.
    /// Time and memory are linear in the length of the input.
    public init?(_ string: String, base: ParsedURL? = nil) {
        self.init(utf8: Array(string.utf8), base: base)
    }

    /// Parses UTF-8 bytes, as ``init(_:base:)`` does. Invalid UTF-8 is percent-encoded byte by byte, and refused in a
    /// host.
    public init?(utf8 bytes: [UInt8], base: ParsedURL? = nil) {
        guard let parts = URLParser.parse(bytes, base: base) else { return nil }
        (href, layout) = parts.serialized()
    }

    init(parts: URLParts) {
        (href, layout) = parts.serialized()
    }

    func bytes(_ range: Range<Int>) -> Substring.UTF8View {
        let utf8 = href.utf8
        let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
        return utf8[start..<utf8.index(start, offsetBy: range.count)]
    }

    private func text(_ range: Range<Int>) -> String {
        String(Substring(bytes(range)))
    }
}

extension ParsedURL {
    /// The scheme in lower case, without its colon: `https`.
    public var scheme: String { text(0..<layout.schemeEnd) }

    /// The user name, percent-encoded; empty when there is none.
    public var username: String { layout.username.map(text) ?? "" }

    /// The password, percent-encoded; empty when there is none.
    public var password: String { layout.password.map(text) ?? "" }

    /// The host: a domain in ASCII, an IPv4 address, an IPv6 address in brackets, or an opaque host; `nil` when the URL
    /// has none.
    public var host: String? { layout.host.map(text) }

    /// The port, or `nil` when it is absent or the default of the scheme.
    public var port: Int? { layout.port.map(Int.init) }

    /// The port to contact: ``port``, or the default of a special scheme.
    public var effectivePort: Int? { port ?? SpecialScheme.defaultPort(of: scheme.utf8).map(Int.init) }

    /// The path, percent-encoded, beginning with a slash unless it is opaque or empty.
    public var path: String { text(layout.path) }

    /// The query without its question mark, or `nil`. An empty query is not the same as none.
    public var query: String? { layout.query.map(text) }

    /// The fragment without its number sign, or `nil`.
    public var fragment: String? { layout.fragment.map(text) }

    /// Whether the path is opaque, as in `mailto:someone`: such a URL cannot be a base.
    public var hasOpaquePath: Bool { layout.hasOpaquePath }

    /// Whether the scheme is `http` or `https`.
    public var isHTTP: Bool { href.hasPrefix("http:") || href.hasPrefix("https:") }

    /// Whether the URL carries a user name or a password.
    public var hasCredentials: Bool { layout.username != nil || layout.password != nil }

    /// The request target: path and query, never empty for HTTP.
    public var pathAndQuery: String {
        text(layout.path.lowerBound..<(layout.query?.upperBound ?? layout.path.upperBound))
    }

    /// `host` or `host:port`, the port only when it is not the default; empty without a host.
    public var authority: String {
        guard let host else { return "" }
        return port.map { "\(host):\($0)" } ?? host
    }

    /// `scheme://host[:port]` of an HTTP, WebSocket or FTP URL; `nil` for others, whose origin is opaque.
    public var origin: String? {
        guard SpecialScheme.defaultPort(of: scheme.utf8) != nil else { return nil }
        return "\(scheme)://\(authority)"
    }

    /// The host as an address, when it is a literal one.
    public var ipAddress: IPAddress? {
        guard SpecialScheme.isSpecial(scheme.utf8), let host else { return nil }
        return IPAddress(host)
    }

    /// The URL without its fragment: what a server can tell apart.
    public var withoutFragment: ParsedURL {
        guard layout.fragment != nil else { return self }
        var parts = URLParts(self)
        parts.fragment = nil
        return ParsedURL(parts: parts)
    }

    /// The URL without user name and password.
    public var withoutCredentials: ParsedURL {
        guard hasCredentials else { return self }
        var parts = URLParts(self)
        parts.username = []
        parts.password = []
        return ParsedURL(parts: parts)
    }
}

extension ParsedURL: Hashable {
    public static func == (left: ParsedURL, right: ParsedURL) -> Bool {
        left.href == right.href
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(href)
    }
}

extension ParsedURL: CustomStringConvertible {
    /// The URL without credentials, fit for logs and error messages.
    public var description: String { withoutCredentials.href }
}
