extension HTMLDocument {
    /// Parses a page, however broken, in time linear to its size.
    ///
    /// - Parameters:
    ///   - utf8: The page as UTF-8; what its `<meta>` says about the encoding does not matter any more.
    ///   - limits: What bounds time and memory.
    public init(parsing utf8: [UInt8], limits: HTMLLimits = HTMLLimits()) {
        var parser = HTMLParser(utf8, limits: limits)
        parser.run()
        self = parser.finish()
    }
}

/// Splits a page into tags and text (HTML standard, section 13.2.5) and hands them to an ``HTMLTreeBuilder``.
struct HTMLParser {
    /// How many tags are read between two questions whether to stop.
    private static let checkInterval = 4096

    private let bytes: [UInt8]
    private let shouldStop: (@Sendable () -> Bool)?
    private var end: Int
    /// Whether the page has a NUL anywhere, which hardly any has.
    private let hasNULs: Bool
    private var position = 0
    private var builder: HTMLTreeBuilder
    private var decoded: [UInt8] = []
    /// Elements for which no end tag is left, so that each is searched for only once.
    private var unclosed: Set<HTMLTag> = []

    init(_ bytes: [UInt8], limits: HTMLLimits) {
        self.bytes = bytes
        shouldStop = limits.shouldStop
        end = min(bytes.count, limits.maximumBytes, Int(Int32.max) / 4)
        hasNULs = ByteScan.first(0, in: bytes, 0..<end) < end
        builder = HTMLTreeBuilder(limits: limits, byteCount: end)
    }

    consuming func finish() -> HTMLDocument { builder.finish(isCut: end < bytes.count) }

    mutating func run() {
        var untilCheck = Self.checkInterval
        while position < end, !builder.isFull {
            untilCheck -= 1
            if untilCheck == 0 {
                untilCheck = Self.checkInterval
                if let shouldStop, shouldStop() {
                    end = position
                    return
                }
            }
            let start = position
            position = ByteScan.first(0x3C, in: bytes, start..<end)
            if position > start { text(start..<position) }
            if position < end { markup() }
        }
    }

    // MARK: - Text

    private mutating func text(_ range: Range<Int>) {
        guard let ampersand = firstReference(in: range) else { return builder.appendText(bytes[range]) }
        decode(range, from: ampersand)
        builder.appendText(decoded)
    }

    /// Where the first ampersand or NUL stands.
    private func firstReference(in range: Range<Int>) -> Int? {
        guard hasNULs else {
            let position = ByteScan.first(0x26, in: bytes, range)
            return position < range.upperBound ? position : nil
        }
        var position = range.lowerBound
        while position < range.upperBound {
            if bytes[position] == 0x26 || bytes[position] == 0 { return position }
            position += 1
        }
        return nil
    }

    /// Puts the range with its character references replaced into ``decoded``.
    private mutating func decode(_ range: Range<Int>, from first: Int) {
        decoded.removeAll(keepingCapacity: true)
        decoded.append(contentsOf: bytes[range.lowerBound..<first])
        var position = first
        while position < range.upperBound {
            let byte = bytes[position]
            if byte == 0x26, let (scalar, length) = HTMLReference.match(bytes, position + 1, range.upperBound) {
                decoded.append(contentsOf: String(scalar).utf8)
                position += length + 1
            } else {
                if byte != 0 { decoded.append(byte) }
                position += 1
            }
        }
    }

    // MARK: - Markup

    /// Handles what begins with `<`.
    private mutating func markup() {
        guard position + 1 < end else {
            builder.appendText(bytes[position..<end])
            position = end
            return
        }
        let next = bytes[position + 1]
        if (next | 0x20) &- 0x61 < 26 {
            startTag()
        } else if next == 0x2F {
            endTag()
        } else if next == 0x21 || next == 0x3F {
            comment()
        } else {
            builder.appendText(bytes[position..<(position + 1)])
            position += 1
        }
    }

    private mutating func comment() {
        if position + 3 < end, bytes[position + 1] == 0x21, bytes[position + 2] == 0x2D, bytes[position + 3] == 0x2D {
            var search = position + 4
            if search < end, bytes[search] == 0x3E {
                position = search + 1
                return
            }
            search = max(search - 2, position + 2)
            while search + 2 < end {
                if bytes[search] == 0x2D, bytes[search + 1] == 0x2D, search >= position + 4 || search == position + 2 {
                    if bytes[search + 2] == 0x3E, search >= position + 4 {
                        position = search + 3
                        return
                    }
                    if search + 3 < end, bytes[search + 2] == 0x21, bytes[search + 3] == 0x3E {
                        position = search + 4
                        return
                    }
                }
                search += 1
            }
            position = end
            return
        }
        skip(past: 0x3E)
    }

    private mutating func skip(past byte: UInt8) {
        position = min(ByteScan.first(byte, in: bytes, position..<end) + 1, end)
    }

    private mutating func endTag() {
        position += 2
        guard position < end, (bytes[position] | 0x20) &- 0x61 < 26 else { return skip(past: 0x3E) }
        let key = name()
        skip(past: 0x3E)
        builder.endElement(HTMLTag.named(key), name: key.packed)
    }

    /// Reads a tag's name.
    private mutating func name() -> NameTable.Key {
        var key = NameTable.Key()
        while position < end {
            let byte = bytes[position]
            if byte <= 0x20 || byte == 0x2F || byte == 0x3E { break }
            key.append(byte)
            position += 1
        }
        return key
    }

    private mutating func startTag() {
        position += 1
        let key = name()
        let tag = HTMLTag.named(key)
        // Whether the tag closes itself stands at its end, but it only matters for elements without a tag of their own.
        let isSelfClosing = tag == .other && closesItself()
        let wantsAttributes = builder.startElement(tag, name: key.packed, isSelfClosing: isSelfClosing)
        let isEmpty = attributes(isWanted: wantsAttributes)
        guard !isEmpty || tag != .svg else { return builder.endElement(tag, name: key.packed) }
        rawText(of: tag, key: key, hasNode: wantsAttributes)
    }

    /// Whether the tag that starts here ends in `/>`.
    private func closesItself() -> Bool {
        var ahead = position
        while ahead < end, bytes[ahead] != 0x3E, ahead - position < 4096 { ahead += 1 }
        return ahead < end && ahead > position && bytes[ahead - 1] == 0x2F
    }

    // MARK: - Attributes

    /// Reads attributes up to the tag's end.
    ///
    /// - Returns: Whether the tag ends in `/>`.
    private mutating func attributes(isWanted: Bool) -> Bool {
        var isEmpty = false
        while position < end {
            let byte = bytes[position]
            if byte == 0x3E {
                position += 1
                return isEmpty
            }
            if byte <= 0x20 {
                position += 1
            } else if byte == 0x2F {
                isEmpty = position + 1 < end && bytes[position + 1] == 0x3E
                position += 1
            } else {
                attribute(isWanted: isWanted)
            }
        }
        return isEmpty
    }

    private mutating func attribute(isWanted: Bool) {
        var key = NameTable.Key()
        // An equals sign at the start belongs to the name, so something is always read.
        repeat {
            key.append(bytes[position])
            position += 1
        } while position < end && !isAttributeNameEnd(bytes[position])
        skipSpace()
        var value = position..<position
        if position < end, bytes[position] == 0x3D {
            position += 1
            skipSpace()
            value = attributeValue()
        }
        guard isWanted, let raw = HTMLAttributeName.names.value(key), let name = HTMLAttributeName(rawValue: raw) else {
            return
        }
        if let reference = firstReference(in: value) {
            decode(value, from: reference)
            builder.appendAttribute(name, decoded[...])
        } else {
            builder.appendAttribute(name, bytes[value])
        }
    }

    private func isAttributeNameEnd(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == 0x3D || byte == 0x3E || byte == 0x2F
    }

    private mutating func skipSpace() {
        while position < end, bytes[position] <= 0x20 { position += 1 }
    }

    private mutating func attributeValue() -> Range<Int> {
        guard position < end else { return position..<position }
        let quote = bytes[position]
        if quote == 0x22 || quote == 0x27 {
            let start = position + 1
            position = start
            while position < end, bytes[position] != quote { position += 1 }
            defer { position = min(position + 1, end) }
            return start..<position
        }
        let start = position
        while position < end, bytes[position] > 0x20, bytes[position] != 0x3E { position += 1 }
        return start..<position
    }

    // MARK: - Raw text

    /// Reads the content of elements whose content is not markup, up to their end tag.
    private mutating func rawText(of tag: HTMLTag, key: NameTable.Key, hasNode: Bool) {
        let keepsReferences: Bool
        switch tag {
        case .script, .style, .iframe, .noframes, .svg: keepsReferences = true
        case .title, .textarea: keepsReferences = false
        default: return
        }
        let start = position
        let close = unclosed.contains(tag) ? end : endTag(named: key)
        if close == end { unclosed.insert(tag) }
        // An element that is never closed would take the rest of the page with it.
        guard close < end || tag == .script || tag == .style else {
            if tag == .svg { builder.endElement(tag, name: key.packed) }
            return
        }
        position = close
        if hasNode {
            if tag == .script {
                builder.setScript(bytes[start..<close])
            } else if !keepsReferences, close > start {
                text(start..<close)
            }
        }
        if position < end {
            skip(past: 0x3E)
        }
        builder.endElement(tag, name: key.packed)
    }

    /// Where the end tag of a name stands, or the end of the page.
    private func endTag(named key: NameTable.Key) -> Int {
        let last = end - key.count - 1
        var search = position
        while search < last {
            search = ByteScan.first(0x3C, in: bytes, search..<last)
            if search < last, bytes[search + 1] == 0x2F, matches(key, at: search + 2) { return search }
            search += 1
        }
        return end
    }

    private func matches(_ key: NameTable.Key, at start: Int) -> Bool {
        var found = NameTable.Key()
        for offset in 0..<key.count { found.append(bytes[start + offset]) }
        guard found.packed == key.packed else { return false }
        let after = start + key.count
        return after >= end || bytes[after] <= 0x20 || bytes[after] == 0x2F || bytes[after] == 0x3E
    }
}
