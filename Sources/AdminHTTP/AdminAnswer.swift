/// What a listener answers.
public struct AdminAnswer: Sendable, Equatable {
    /// The status code.
    public var status: Int
    /// The media type of the body.
    public var contentType: String
    /// The body.
    public var body: [UInt8]

    /// Makes an answer.
    public init(status: Int = 200, contentType: String = "text/plain; charset=utf-8", body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// Makes an answer of one line.
    public init(status: Int, line: String) {
        self.init(status: status, body: [UInt8]("\(line)\n".utf8))
    }

    /// The answer as it goes over the wire; the connection ends with it.
    ///
    /// - Parameter isHeadOnly: leaves the body out, as the method HEAD wants it.
    func encoded(isHeadOnly: Bool) -> [UInt8] {
        let lines = [
            "HTTP/1.1 \(status) \(Self.phrases[status] ?? "Status")", "Content-Type: \(contentType)",
            "Content-Length: \(body.count)", "Cache-Control: no-store", "X-Content-Type-Options: nosniff",
            status == 405 ? "Allow: GET, HEAD" : nil, "Connection: close",
        ]
        let head = lines.compactMap { $0 }.joined(separator: "\r\n") + "\r\n\r\n"
        return [UInt8](head.utf8) + (isHeadOnly ? [] : body)
    }

    private static let phrases = [
        200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
        431: "Request Header Fields Too Large", 503: "Service Unavailable", 505: "HTTP Version Not Supported",
    ]
}
