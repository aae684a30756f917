/// The head of a request, as far as a listener cares: the method and the path (RFC 9112, section 3).
struct AdminRequest: Equatable {
    /// What bytes from a client are so far.
    enum Reading: Equatable {
        /// The head is not complete.
        case incomplete
        /// No request that is served; the answer says why.
        case refused(AdminAnswer)
        /// A request.
        case request(AdminRequest)
    }

    /// Whether only the head of the answer is wanted.
    var isHeadOnly: Bool
    /// The path, without the query.
    var path: String

    /// Reads the head of a request.
    ///
    /// - Parameter maximumBytes: the largest head that is accepted.
    static func read(_ bytes: [UInt8], maximumBytes: Int) -> Reading {
        guard let end = endOfHead(bytes), end <= maximumBytes else {
            guard bytes.count >= maximumBytes else { return .incomplete }
            return .refused(AdminAnswer(status: 431, line: "the request's head is too large"))
        }
        let line = bytes[..<(bytes.firstIndex(of: newline) ?? 0)]
        let parts = (line.last == carriageReturn ? line.dropLast() : line).split(
            separator: space, omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ $0.allSatisfy { (0x21...0x7E).contains($0) } }),
            parts[2].starts(with: "HTTP/".utf8), parts[1].first == slash
        else {
            return .refused(AdminAnswer(status: 400, line: "this is no HTTP request"))
        }
        guard parts[2].elementsEqual("HTTP/1.1".utf8) || parts[2].elementsEqual("HTTP/1.0".utf8) else {
            return .refused(AdminAnswer(status: 505, line: "HTTP/1.1, please"))
        }
        let isHeadOnly = parts[0].elementsEqual("HEAD".utf8)
        guard isHeadOnly || parts[0].elementsEqual("GET".utf8) else {
            return .refused(AdminAnswer(status: 405, line: "only GET and HEAD are served here"))
        }
        let path = parts[1].prefix { $0 != UInt8(ascii: "?") }
        return .request(AdminRequest(isHeadOnly: isHeadOnly, path: String(decoding: path, as: UTF8.self)))
    }

    private static let newline = UInt8(ascii: "\n"), carriageReturn = UInt8(ascii: "\r")
    private static let space = UInt8(ascii: " "), slash = UInt8(ascii: "/")

    /// Where the empty line ends that ends a head; bare line feeds are taken for line ends, too.
    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        var isEmpty = false
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case newline:
                if isEmpty { return index + 1 }
                isEmpty = true
            case carriageReturn: break
            default: isEmpty = false
            }
        }
        return nil
    }
}
