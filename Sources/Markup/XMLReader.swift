/// Reads XML as it is found in the wild, one event at a time.
///
/// Feeds and sitemaps are cut off, have bare ampersands, HTML entities, stray end tags and prefixes that nobody declared. A
/// conforming processor must stop at the first such error, and libxml2's recovery silently drops the text behind an
/// ampersand, so this reader is our own: it never fails, repairs what can be repaired and says how often it did
/// (``repairs``). It takes time linear in the input, opens nothing, and knows no external entities; an entity that the
/// document declares is replaced only when its value is plain text.
public struct XMLReader: Sendable {
    let bytes: [UInt8]
    let limits: XMLLimits
    let end: Int
    var position = 0
    /// Open elements, outermost first.
    var open: [OpenElement] = []
    /// Prefix bindings, innermost last, each with the depth at which it was made.
    var bindings: [(prefix: String, namespace: String, depth: Int)] = []
    var pending: [XMLEvent] = []
    var entities = XMLEntities()
    /// Elements beyond the depth limit that are open and left out.
    var skippedDepth = 0

    /// How many errors were repaired so far.
    public internal(set) var repairs = 0
    /// Whether the document broke off inside an element, tag, comment or section.
    public internal(set) var isTruncated = false
    /// Whether the document declares entities that are made of other entities, as attacks do and feeds do not.
    public var hasNestedEntities: Bool { entities.isNested }
    /// Whether a declared entity was used that is not replaced.
    public var hasRefusedEntities: Bool { entities.isRefused }

    struct OpenElement: Sendable {
        let name: XMLName
        /// The name as written, by which the end tag finds it.
        let written: ArraySlice<UInt8>
    }

    /// Makes a reader at the beginning of a document.
    ///
    /// - Parameter utf8: the document; ill-formed UTF-8 comes out as U+FFFD, the XML declaration is passed over.
    public init(utf8: [UInt8], limits: XMLLimits = XMLLimits()) {
        bytes = utf8
        self.limits = limits
        end = min(utf8.count, limits.maximumBytes)
        entities.budget = limits.maximumEntityBytes
        if utf8.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// Text with the references of XML and HTML replaced, as this reader does inside elements.
    ///
    /// Needed where markup was escaped once more, as in the titles of feeds.
    public static func resolvingReferences(in text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
        var entities = XMLEntities()
        var repairs = 0
        return entities.resolve(Array(text.utf8)[...], repairs: &repairs)
    }

    /// The next event; `nil` at the end. Every start has its end.
    public mutating func next() -> XMLEvent? {
        if let event = pending.popLast() { return event }
        while position < end {
            if let event = step() { return event }
            if let event = pending.popLast() { return event }
        }
        return finish()
    }

    /// Closes what the document left open.
    private mutating func finish() -> XMLEvent? {
        guard let last = open.popLast() else { return nil }
        isTruncated = true
        repairs += 1
        unbind()
        return .end(last.name, implied: true)
    }

    private mutating func step() -> XMLEvent? {
        guard bytes[position] == UInt8(ascii: "<") else { return text() }
        guard position + 1 < end else {
            position = end
            isTruncated = true
            return nil
        }
        switch bytes[position + 1] {
        case UInt8(ascii: "/"): return endTag()
        case UInt8(ascii: "!"): return declaration()
        // An instruction should end in "?>"; looking for that alone would read on to the end for each one that does not.
        case UInt8(ascii: "?"): skip(past: ">")
        case let byte where Self.isNameStart(byte): return startTag()
        default:
            repairs += 1
            position += 1
            return .text("<")
        }
        return nil
    }

    private mutating func text() -> XMLEvent? {
        let start = position
        while position < end, bytes[position] != UInt8(ascii: "<") { position += 1 }
        // Text outside of the root is white space, or litter.
        guard !open.isEmpty else { return nil }
        return .text(entities.resolve(bytes[start..<position], repairs: &repairs))
    }

    /// A comment, a CDATA section or a document type declaration.
    private mutating func declaration() -> XMLEvent? {
        if matches("<!--") {
            position += 4
            skip(past: "-->")
        } else if matches("<![CDATA[") {
            let start = position + 9
            position = start
            let close = find("]]>", from: start)
            if close == nil { isTruncated = true }
            let stop = close ?? end
            position = min(end, stop + 3)
            guard !open.isEmpty, stop > start else { return nil }
            return .text(String(decoding: bytes[start..<stop], as: UTF8.self))
        } else if matches("<!DOCTYPE") || matches("<!doctype") {
            position = entities.readDocumentType(bytes[position..<end])
        } else {
            repairs += 1
            skip(past: ">")
        }
        return nil
    }

    /// Moves behind the next `mark`, or to the end.
    private mutating func skip(past mark: StaticString) {
        if let found = find(mark, from: position) {
            position = found + mark.utf8CodeUnitCount
        } else {
            isTruncated = true
            position = end
        }
    }

    func matches(_ text: StaticString) -> Bool {
        Self.matches(text, bytes[position..<end])
    }

    static func matches(_ text: StaticString, _ slice: ArraySlice<UInt8>) -> Bool {
        let count = text.utf8CodeUnitCount
        guard slice.count >= count else { return false }
        return text.withUTF8Buffer { wanted in
            for offset in 0..<count where unsafe slice[slice.startIndex + offset] != wanted[offset] { return false }
            return true
        }
    }

    private func find(_ text: StaticString, from start: Int) -> Int? {
        guard start < end else { return nil }
        let first = text.withUTF8Buffer { unsafe $0[0] }
        var index = start
        while let found = bytes[index..<end].firstIndex(of: first) {
            if Self.matches(text, bytes[found..<end]) { return found }
            index = found + 1
        }
        return nil
    }

    static func isNameStart(_ byte: UInt8) -> Bool {
        (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A || byte == 0x5F || byte == 0x3A || byte >= 0x80
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}
