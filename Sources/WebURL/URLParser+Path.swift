extension URLParser {
    /// Parses what follows an authority: a path that may be missing.
    mutating func parsePathStart(_ input: ArraySlice<UInt8>) -> Bool {
        guard let first = input.first else { return parts.isSpecial ? parsePath(input) : true }
        if isSeparator(first) { return parsePath(input.dropFirst()) }
        if !parts.isSpecial, Self.isEndOfPath(first) { return parseTail(input) }
        return parsePath(input)
    }

    /// Parses path segments up to a query or fragment. The slash before the first segment is already consumed.
    mutating func parsePath(_ input: ArraySlice<UInt8>) -> Bool {
        let separatesAtBackslash = parts.isSpecial
        var start = input.startIndex
        while true {
            let end =
                input[start...].firstIndex { byte in
                    byte == UInt8(ascii: "/") || Self.isEndOfPath(byte)
                        || separatesAtBackslash && byte == UInt8(ascii: "\\")
                } ?? input.endIndex
            let isLast = end == input.endIndex || Self.isEndOfPath(input[end])
            addSegment(input[start..<end], isLast: isLast)
            if isLast { return parseTail(input[end...]) }
            start = end + 1
        }
    }

    private mutating func addSegment(_ segment: ArraySlice<UInt8>, isLast: Bool) {
        switch DotSegment(segment) {
        case .double:
            parts.shortenPath()
            if isLast { parts.appendSegment([]) }
        case .single:
            if isLast { parts.appendSegment([]) }
        case nil:
            let isDrive = parts.isFile && parts.path.isEmpty && Self.isWindowsDriveLetter(segment)
            parts.appendSegment(segment)
            if isDrive { parts.path[2] = UInt8(ascii: ":") }
        }
    }

    /// Parses `?query` and `#fragment`, or nothing.
    mutating func parseTail(_ input: ArraySlice<UInt8>) -> Bool {
        let hash = input.firstIndex(of: UInt8(ascii: "#")) ?? input.endIndex
        if input.first == UInt8(ascii: "?") {
            var query: [UInt8] = []
            query.append(input[..<hash].dropFirst(), encoding: parts.isSpecial ? .specialQuery : .query)
            parts.query = query
        }
        if hash < input.endIndex {
            var fragment: [UInt8] = []
            fragment.append(input[(hash + 1)...], encoding: .fragment)
            parts.fragment = fragment
        }
        return true
    }

    /// Parses the path of a URL such as `mailto:`; a space directly before a query or fragment is encoded, others are
    /// kept.
    mutating func parseOpaquePath(_ input: ArraySlice<UInt8>) -> Bool {
        let end = input.firstIndex(where: Self.isEndOfPath) ?? input.endIndex
        parts.hasOpaquePath = true
        parts.path.append(input[..<end], encoding: .control)
        if end < input.endIndex, parts.path.last == UInt8(ascii: " ") {
            parts.path.removeLast()
            parts.path.appendPercentEncoded(UInt8(ascii: " "))
        }
        return parseTail(input[end...])
    }

    // MARK: File URLs

    /// Parses what follows `file:`, or a reference relative to a file URL.
    mutating func parseFile(_ input: ArraySlice<UInt8>) -> Bool {
        parts.host = []
        let fileBase = base.flatMap { $0.isFile ? $0 : nil }
        if let first = input.first, Self.isSlash(first) {
            return parseAfterFileSlash(input.dropFirst(), base: fileBase)
        }
        guard let fileBase else { return parsePath(input) }
        parts.host = fileBase.host
        parts.path = fileBase.path
        guard let first = input.first, !Self.isEndOfPath(first) else {
            if input.first != UInt8(ascii: "?") { parts.query = fileBase.query }
            return parseTail(input)
        }
        if Self.startsWithWindowsDriveLetter(input) { parts.path = [] } else { parts.shortenPath() }
        return parsePath(input)
    }

    private mutating func parseAfterFileSlash(_ input: ArraySlice<UInt8>, base: URLParts?) -> Bool {
        if let first = input.first, Self.isSlash(first) { return parseFileHost(input.dropFirst()) }
        if let base {
            parts.host = base.host
            let drive = base.path.prefix(3)
            let hasDrive =
                drive.count == 3 && drive[2] == UInt8(ascii: ":") && drive[1].isASCIIAlpha
                && (base.path.count == 3 || base.path[3] == UInt8(ascii: "/"))
            if hasDrive, !Self.startsWithWindowsDriveLetter(input) { parts.path = Array(drive) }
        }
        return parsePath(input)
    }

    private mutating func parseFileHost(_ input: ArraySlice<UInt8>) -> Bool {
        let end = input.firstIndex { Self.isSlash($0) || Self.isEndOfPath($0) } ?? input.endIndex
        let host = input[..<end]
        if Self.isWindowsDriveLetter(host) { return parsePath(input) }
        if !host.isEmpty {
            guard let parsed = HostParser.parse(host, isSpecial: true) else { return false }
            parts.host = parsed.elementsEqual("localhost".utf8) ? [] : parsed
        }
        return parsePathStart(input[end...])
    }

    private static func isWindowsDriveLetter(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count == 2, let first = bytes.first, let last = bytes.last else { return false }
        return first.isASCIIAlpha && (last == UInt8(ascii: ":") || last == UInt8(ascii: "|"))
    }

    private static func startsWithWindowsDriveLetter(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard isWindowsDriveLetter(bytes.prefix(2)) else { return false }
        guard let third = bytes.dropFirst(2).first else { return true }
        return isSlash(third) || isEndOfPath(third)
    }
}

/// A path segment that names the same or the parent folder, with its dots plain or percent-encoded.
private enum DotSegment {
    case single, double

    init?(_ segment: ArraySlice<UInt8>) {
        var dots = 0
        var rest = segment
        while let first = rest.first {
            if first == UInt8(ascii: ".") {
                rest = rest.dropFirst()
            } else if rest.count >= 3, rest.prefix(3).map(\.asciiLowercased).elementsEqual("%2e".utf8) {
                rest = rest.dropFirst(3)
            } else {
                return nil
            }
            dots += 1
            if dots > 2 { return nil }
        }
        switch dots {
        case 1: self = .single
        case 2: self = .double
        default: return nil
        }
    }
}
