public import Foundation
public import WebURL

/// The answer to one request. Redirects are answers too: they are returned, never followed.
public struct FetchResponse: Sendable {
    /// The URL that was fetched.
    public let url: ParsedURL
    /// The HTTP status code.
    public let status: Int
    /// The header fields of the final answer.
    public let headers: HTTPHeaders
    /// The body, with its content encoding (gzip, deflate, br, zstd) undone.
    public let body: [UInt8]
    /// Whether the body was longer than ``FetchRequest/maximumBytes`` and is cut there.
    public let isTruncated: Bool
    /// The address that was connected to; the proxy's with a proxy.
    public let remoteAddress: IPAddress?
    /// `1.0`, `1.1`, `2` or `3`.
    public let httpVersion: String
    /// How long the transfer took.
    public let timings: FetchTimings
    /// Header and body bytes as they came over the wire, before decompression.
    public let wireBytes: Int
    /// Whether an already open connection was used.
    public let reusedConnection: Bool

    /// Makes a response: for stand-ins of a client in the tests of its callers.
    public init(
        url: ParsedURL, status: Int, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = [],
        isTruncated: Bool = false,
        remoteAddress: IPAddress? = nil, httpVersion: String = "1.1", timings: FetchTimings = FetchTimings(),
        wireBytes: Int = 0, reusedConnection: Bool = false
    ) {
        self.url = url
        self.status = status
        self.headers = headers
        self.body = body
        self.isTruncated = isTruncated
        self.remoteAddress = remoteAddress
        self.httpVersion = httpVersion
        self.timings = timings
        self.wireBytes = wireBytes
        self.reusedConnection = reusedConnection
    }

    /// The target of a redirect (301, 302, 303, 307, 308), resolved against ``url``; `nil` for other answers or without
    /// a valid `Location`.
    ///
    /// A fragment of the original URL is inherited when the target has none. Credentials are kept only within one
    /// origin.
    public var redirectTarget: ParsedURL? {
        guard [301, 302, 303, 307, 308].contains(status), let location = headers["Location"] else { return nil }
        guard var target = ParsedURL(location, base: url) else { return nil }
        if target.origin != url.origin { target = target.withoutCredentials }
        guard target.fragment == nil, let fragment = url.fragment else { return target }
        return ParsedURL("#" + fragment, base: target)
    }

    /// How long the server asks to wait (`Retry-After`, in seconds or as a date), never negative; `nil` without a valid
    /// header.
    public func retryAfter(now: Date) -> Duration? {
        guard let value = headers["Retry-After"] else { return nil }
        if let seconds = Int64(value) { return seconds < 0 ? nil : .seconds(min(seconds, 31_536_000)) }
        guard let date = HTTPDate.parse(value) else { return nil }
        return .seconds(max(0, min(date - now.timeIntervalSince1970, 31_536_000)))
    }
}

/// The times of a transfer, each measured from its start.
public struct FetchTimings: Sendable, Hashable {
    /// Until the connection was made; zero when one was reused.
    public let connect: Duration
    /// Until the first byte of the answer.
    public let firstByte: Duration
    /// Until the end.
    public let total: Duration

    /// Makes timings, all zero unless given.
    public init(connect: Duration = .zero, firstByte: Duration = .zero, total: Duration = .zero) {
        self.connect = connect
        self.firstByte = firstByte
        self.total = total
    }
}
