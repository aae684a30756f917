/// Finds the encoding that a document declares in its own first bytes.
enum DeclarationScanner {
    /// How far the scan looks. The standard says 1,024; outlets put scripts before their declaration.
    static let reach = 8192

    /// The label in an XML declaration, or `nil`.
    static func xmlDeclaration(_ bytes: ArraySlice<UInt8>) -> String? {
        var scan = ByteScan(bytes.prefix(1024))
        scan.skipSpace()
        guard scan.skip("<?xml") else { return nil }
        guard let end = scan.position(of: "?>") ?? scan.position(of: ">") else { return nil }
        var declaration = ByteScan(scan.bytes[scan.index..<end])
        guard declaration.skipPast("encoding") else { return nil }
        declaration.skipSpace()
        guard declaration.skip("=") else { return nil }
        declaration.skipSpace()
        return declaration.quotedValue()
    }

    /// The label in a `<meta>` element, after section 13.2.3.2 of the HTML standard, or `nil`.
    static func meta(_ bytes: ArraySlice<UInt8>) -> String? {
        var scan = ByteScan(bytes.prefix(reach))
        while scan.skipPast("<") {
            if scan.skip("!--") {
                guard scan.skipPast("-->") else { return nil }
            } else if scan.skip("meta"), scan.isAtSpaceOrSlash {
                if let label = metaLabel(&scan) { return label }
            }
        }
        return nil
    }

    /// The `charset` parameter of a `Content-Type` value, or `nil`.
    static func charset(inContentType value: ArraySlice<UInt8>) -> String? {
        var scan = ByteScan(value)
        while scan.skipPast("charset") {
            scan.skipSpace()
            guard scan.skip("=") else { continue }
            scan.skipSpace()
            return scan.quotedValue()
        }
        return nil
    }

    private static func metaLabel(_ scan: inout ByteScan) -> String? {
        var isContentType = false
        var fromContent: String?
        while let attribute = scan.attribute() {
            switch attribute.name {
            case "charset": return attribute.value
            case "http-equiv": isContentType = attribute.value.lowercased() == "content-type"
            case "content":
                if fromContent == nil { fromContent = charset(inContentType: Array(attribute.value.utf8)[...]) }
            default: break
            }
        }
        return isContentType ? fromContent : nil
    }
}

/// A cursor over bytes that are compared as ASCII without regard to case.
struct ByteScan {
    let bytes: ArraySlice<UInt8>
    var index: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    private var current: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

    var isAtSpaceOrSlash: Bool { current.map { $0 <= 0x20 || $0 == 0x2F } ?? false }

    mutating func skipSpace() {
        while let byte = current, byte <= 0x20 { index += 1 }
    }

    /// Steps over `text`, which must be lower case, when it stands here.
    mutating func skip(_ text: StaticString) -> Bool {
        guard matches(text, at: index) else { return false }
        index += text.utf8CodeUnitCount
        return true
    }

    /// Steps behind the next `text`; stays where it is when there is none.
    mutating func skipPast(_ text: StaticString) -> Bool {
        guard let found = position(of: text) else { return false }
        index = found + text.utf8CodeUnitCount
        return true
    }

    func position(of text: StaticString) -> Int? {
        var at = index
        while at + text.utf8CodeUnitCount <= bytes.endIndex {
            if matches(text, at: at) { return at }
            at += 1
        }
        return nil
    }

    private func matches(_ text: StaticString, at start: Int) -> Bool {
        guard start + text.utf8CodeUnitCount <= bytes.endIndex else { return false }
        return text.withUTF8Buffer { wanted in
            for offset in 0..<wanted.count where unsafe lower(bytes[start + offset]) != wanted[offset] { return false }
            return true
        }
    }

    private func lower(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }

    /// A value in quotes, or a bare word up to white space, `;`, `>` or `?`.
    mutating func quotedValue() -> String? {
        guard let first = current else { return nil }
        let isQuoted = first == 0x22 || first == 0x27
        if isQuoted { index += 1 }
        let start = index
        while let byte = current {
            if isQuoted ? byte == first : byte <= 0x20 || [0x22, 0x27, 0x3B, 0x3E, 0x3F].contains(byte) { break }
            index += 1
        }
        let value = bytes[start..<index]
        if isQuoted, index < bytes.endIndex { index += 1 }
        return value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
    }

    /// The next attribute of the tag; `nil` at its end.
    mutating func attribute() -> (name: String, value: String)? {
        while let byte = current, byte <= 0x20 || byte == 0x2F { index += 1 }
        guard let first = current, first != 0x3E else { return nil }
        let start = index
        index += 1
        while let byte = current, byte > 0x20, ![0x2F, 0x3D, 0x3E].contains(byte) { index += 1 }
        let name = String(decoding: bytes[start..<index].map(lower), as: UTF8.self)
        skipSpace()
        guard current == 0x3D else { return (name, "") }
        index += 1
        skipSpace()
        guard let quote = current, quote == 0x22 || quote == 0x27 else {
            let from = index
            while let byte = current, byte > 0x20, byte != 0x3E { index += 1 }
            return (name, String(decoding: bytes[from..<index], as: UTF8.self))
        }
        return (name, quotedValue() ?? "")
    }
}
