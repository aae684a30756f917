public import WebURL

/// One request: GET, or POST where it has a body.
public struct FetchRequest: Sendable {
    /// The URL to fetch; its fragment is not sent.
    public var url: ParsedURL
    /// Further headers, in order. A name or value with a control character makes the request fail.
    public var headers: [(name: String, value: String)] = []
    /// The most body bytes that are kept, counted after decompression. A longer body is cut, see
    /// ``FetchResponse/isTruncated``.
    public var maximumBytes: Int
    /// An entity tag for `If-None-Match`, quotes included.
    public var ifNoneMatch: String?
    /// A date for `If-Modified-Since`, as the server gave it.
    public var ifModifiedSince: String?
    /// Accepts any TLS certificate. Only for sources whose operator decided so.
    public var allowsInvalidCertificate = false
    /// A transfer that has not begun by then fails with ``FetchError/Code/timeout`` instead of sending a request.
    ///
    /// The clock goes on while a process is stopped, so a request that was made under a licence that ends is not sent late.
    public var latestStart: ContinuousClock.Instant?
    /// A text to send by POST. Its type is a header of its own.
    public var body: String?
    /// The `Accept` header.
    public var acceptHeader = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

    /// Makes a request for `url` that keeps at most `maximumBytes` of the decoded body.
    public init(url: ParsedURL, maximumBytes: Int = 10 * 1024 * 1024) {
        self.url = url
        self.maximumBytes = maximumBytes
    }

    /// All header lines but those that libcurl writes; throws when one could break out of its line.
    func headerLines() throws(FetchError) -> [String] {
        var fields = [(name: "Accept", value: acceptHeader)]
        if let ifNoneMatch { fields.append((name: "If-None-Match", value: ifNoneMatch)) }
        if let ifModifiedSince { fields.append((name: "If-Modified-Since", value: ifModifiedSince)) }
        fields += headers
        var lines: [String] = []
        for field in fields {
            guard Self.isToken(field.name), field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
            else {
                throw FetchError(
                    .invalidRequest, "A request header has a name or value that HTTP does not allow.", url: url)
            }
            // libcurl reads "Name:" as an order to remove the header, and "Name;" as an empty one.
            lines.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        return lines
    }

    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0) }
    }
}
