/// The basic URL parser of the URL standard (section 4.4), without state override.
///
/// The standard's character-by-character state machine is written as functions that each consume one part of the input:
/// the results are the same, and every part is scanned a bounded number of times. All structure is ASCII and every
/// percent-encode set holds all bytes above 0x7E, so the parser works on UTF-8 bytes.
struct URLParser {
    var parts = URLParts()
    let base: URLParts?

    /// Parses `bytes`; `nil` is the standard's failure.
    static func parse(_ bytes: [UInt8], base: ParsedURL?) -> URLParts? {
        let input = cleaned(bytes)
        var parser = URLParser(base: base.map(URLParts.init))
        return parser.parseStart(input[...]) ? parser.parts : nil
    }

    /// Trims C0 controls and spaces from both ends and removes tabs and line ends.
    private static func cleaned(_ bytes: [UInt8]) -> [UInt8] {
        guard let first = bytes.firstIndex(where: { $0 > 0x20 }), let last = bytes.lastIndex(where: { $0 > 0x20 })
        else {
            return []
        }
        let trimmed = bytes[first...last]
        let hasBreaks = trimmed.contains { $0 <= 0x0D && isTabOrLineEnd($0) }
        return hasBreaks ? trimmed.filter { !isTabOrLineEnd($0) } : Array(trimmed)
    }

    private static func isTabOrLineEnd(_ byte: UInt8) -> Bool {
        byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    // MARK: Scheme

    private mutating func parseStart(_ input: ArraySlice<UInt8>) -> Bool {
        guard let colon = Self.endOfScheme(input) else { return parseWithoutScheme(input) }
        parts.scheme = input[..<colon].map(\.asciiLowercased)
        let rest = input[(colon + 1)...]
        if parts.isFile { return parseFile(rest) }
        if parts.isSpecial {
            if base?.scheme == parts.scheme, !rest.starts(with: "//".utf8) { return parseRelative(rest) }
            return parseAuthority(rest.drop(while: Self.isSlash))
        }
        if rest.starts(with: "//".utf8) { return parseAuthority(rest.dropFirst(2)) }
        if rest.first == UInt8(ascii: "/") { return parsePath(rest.dropFirst()) }
        return parseOpaquePath(rest)
    }

    /// The index of the colon after a scheme, or `nil` when the input has no scheme.
    private static func endOfScheme(_ input: ArraySlice<UInt8>) -> Int? {
        guard let first = input.first, first.isASCIIAlpha else { return nil }
        let end = input.firstIndex { byte in
            !(byte.isASCIIAlpha || byte.isASCIIDigit || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: "."))
        }
        guard let end, input[end] == UInt8(ascii: ":") else { return nil }
        return end
    }

    private mutating func parseWithoutScheme(_ input: ArraySlice<UInt8>) -> Bool {
        guard let base else { return false }
        if base.hasOpaquePath {
            guard input.first == UInt8(ascii: "#") else { return false }
            parts = base
            return parseTail(input)
        }
        parts.scheme = base.scheme
        return base.isFile ? parseFile(input) : parseRelative(input)
    }

    // MARK: Relative references

    private mutating func parseRelative(_ input: ArraySlice<UInt8>) -> Bool {
        guard let base else { return false }
        if let first = input.first, isSeparator(first) { return parseAfterRelativeSlash(input.dropFirst(), base: base) }
        parts = base
        parts.fragment = nil
        return parseRelativeRest(input)
    }

    private mutating func parseAfterRelativeSlash(_ input: ArraySlice<UInt8>, base: URLParts) -> Bool {
        if parts.isSpecial, let first = input.first, Self.isSlash(first) {
            return parseAuthority(input.drop(while: Self.isSlash))
        }
        if input.first == UInt8(ascii: "/") { return parseAuthority(input.dropFirst()) }
        parts = base
        parts.path = []
        parts.query = nil
        parts.fragment = nil
        return parsePath(input)
    }

    /// Continues after the path of the base was copied: a query, a fragment, nothing, or a path beside the last
    /// segment.
    private mutating func parseRelativeRest(_ input: ArraySlice<UInt8>) -> Bool {
        guard let first = input.first, first != UInt8(ascii: "#") else { return parseTail(input) }
        parts.query = nil
        if first == UInt8(ascii: "?") { return parseTail(input) }
        parts.shortenPath()
        return parsePath(input)
    }

    // MARK: Authority

    /// Parses user information, host and port, then the path.
    private mutating func parseAuthority(_ input: ArraySlice<UInt8>) -> Bool {
        let end = input.firstIndex(where: isEndOfAuthority) ?? input.endIndex
        var hostAndPort = input[..<end]
        if let at = hostAndPort.lastIndex(of: UInt8(ascii: "@")) {
            setCredentials(hostAndPort[..<at])
            hostAndPort = hostAndPort[(at + 1)...]
            guard !hostAndPort.isEmpty else { return false }
        }
        guard parseHostAndPort(hostAndPort) else { return false }
        return parsePathStart(input[end...])
    }

    private mutating func setCredentials(_ userinfo: ArraySlice<UInt8>) {
        let colon = userinfo.firstIndex(of: UInt8(ascii: ":")) ?? userinfo.endIndex
        parts.username.append(userinfo[..<colon], encoding: .userinfo)
        parts.password.append(userinfo[colon...].dropFirst(), encoding: .userinfo)
    }

    private mutating func parseHostAndPort(_ input: ArraySlice<UInt8>) -> Bool {
        var isInBrackets = false
        let colon = input.firstIndex { byte in
            if byte == UInt8(ascii: "[") { isInBrackets = true }
            if byte == UInt8(ascii: "]") { isInBrackets = false }
            return byte == UInt8(ascii: ":") && !isInBrackets
        }
        let host = input[..<(colon ?? input.endIndex)]
        if host.isEmpty, parts.isSpecial || colon != nil { return false }
        guard let parsed = HostParser.parse(host, isSpecial: parts.isSpecial) else { return false }
        parts.host = parsed
        guard let colon else { return true }
        return parsePort(input[(colon + 1)...])
    }

    private mutating func parsePort(_ digits: ArraySlice<UInt8>) -> Bool {
        var value = 0
        for byte in digits {
            guard byte.isASCIIDigit else { return false }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            guard value <= 65_535 else { return false }
        }
        let port = UInt16(value)
        parts.port = digits.isEmpty || port == SpecialScheme.defaultPort(of: parts.scheme) ? nil : port
        return true
    }

    // MARK: Characters

    static func isSlash(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\")
    }

    /// Whether `byte` separates path segments: a backslash does so in special URLs.
    func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") && parts.isSpecial
    }

    private func isEndOfAuthority(_ byte: UInt8) -> Bool {
        isSeparator(byte) || Self.isEndOfPath(byte)
    }

    static func isEndOfPath(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }
}
