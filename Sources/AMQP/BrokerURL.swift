/// The parts of a broker URL, percent-decoded.
struct BrokerURL {
    var usesTLS = false
    var user = "guest"
    var password = "guest"
    var host = "localhost"
    var port = 5672
    var virtualHost = "/"
    var parameters: [(name: String, value: String)] = []

    /// Takes a URL apart.
    ///
    /// - Throws: ``AMQPError/Code/invalidConfiguration`` with the name of the part that is wrong, never its text: the
    ///   text may be a password in the wrong place.
    init(parsing url: String) throws(AMQPError) {
        var rest = try Self.afterScheme(of: Array(url.utf8), usesTLS: &usesTLS)
        port = usesTLS ? 5671 : 5672
        if let question = rest.firstIndex(of: UInt8(ascii: "?")) {
            parameters = try Self.parameters(rest[(question + 1)...])
            rest = rest[..<question]
        }
        if let slash = rest.firstIndex(of: UInt8(ascii: "/")) {
            let path = rest[(slash + 1)...]
            if path.contains(UInt8(ascii: "/")), path.count > 1 {
                throw Self.invalid("virtual host (a slash in it is written %2F)")
            }
            if !path.isEmpty { virtualHost = try Self.decode(path, part: "virtual host") }
            rest = rest[..<slash]
        }
        if let at = rest.lastIndex(of: UInt8(ascii: "@")) {
            try parseUser(rest[..<at])
            rest = rest[(at + 1)...]
        }
        try parseAuthority(rest)
    }

    private static func afterScheme(of bytes: [UInt8], usesTLS: inout Bool) throws(AMQPError) -> ArraySlice<UInt8> {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            bytes.dropFirst(colon).starts(with: [UInt8]("://".utf8))
        else { throw invalid("scheme: it must begin with amqp:// or amqps://") }
        switch String(decoding: bytes[..<colon], as: UTF8.self).lowercased() {
        case "amqp": usesTLS = false
        case "amqps": usesTLS = true
        default: throw invalid("scheme: it must be amqp or amqps")
        }
        return bytes[(colon + 3)...]
    }

    private mutating func parseUser(_ text: ArraySlice<UInt8>) throws(AMQPError) {
        if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            user = try Self.decode(text[..<colon], part: "user")
            password = try Self.decode(text[(colon + 1)...], part: "password")
        } else {
            user = try Self.decode(text, part: "user")
        }
    }

    private mutating func parseAuthority(_ text: ArraySlice<UInt8>) throws(AMQPError) {
        var hostBytes = text
        var portBytes: ArraySlice<UInt8>?
        if text.first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { throw Self.invalid("host: ']' is missing") }
            hostBytes = text[(text.startIndex + 1)..<end]
            let tail = text[(end + 1)...]
            guard tail.isEmpty || tail.first == UInt8(ascii: ":") else { throw Self.invalid("port") }
            portBytes = tail.isEmpty ? nil : tail.dropFirst()
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            hostBytes = text[..<colon]
            portBytes = text[(colon + 1)...]
        }
        if !hostBytes.isEmpty { host = try Self.decode(hostBytes, part: "host") }
        if let portBytes, !portBytes.isEmpty {
            port = try Self.number(String(decoding: portBytes, as: UTF8.self), name: "port", in: 1...65535)
        }
    }

    private static func parameters(_ text: ArraySlice<UInt8>) throws(AMQPError) -> [(name: String, value: String)] {
        var result: [(name: String, value: String)] = []
        for pair in text.split(separator: UInt8(ascii: "&")) {
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else {
                throw invalid("parameters: '=' is missing")
            }
            result.append(
                (
                    name: try decode(pair[..<equals], part: "parameters"),
                    value: try decode(pair[(equals + 1)...], part: "parameters")
                ))
        }
        return result
    }

    /// Reads a decimal number within a range.
    static func number(_ text: String, name: String, in range: ClosedRange<Int>) throws(AMQPError) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw invalid("\(name): a number from \(range.lowerBound) to \(range.upperBound) is wanted")
        }
        return number
    }

    private static func decode(_ bytes: ArraySlice<UInt8>, part: String) throws(AMQPError) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            guard bytes[index] == UInt8(ascii: "%") else {
                decoded.append(bytes[index])
                index += 1
                continue
            }
            guard index + 2 < bytes.endIndex, let high = hexadecimal(bytes[index + 1]),
                let low = hexadecimal(bytes[index + 2])
            else { throw invalid("\(part): a broken percent escape") }
            decoded.append(high << 4 | low)
            index += 3
        }
        guard let text = String(validating: decoded, as: UTF8.self), !decoded.contains(0) else {
            throw invalid("\(part): not UTF-8, or a NUL byte")
        }
        return text
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func invalid(_ what: String) -> AMQPError {
        AMQPError(.invalidConfiguration, "invalid broker URL, \(what)")
    }
}
