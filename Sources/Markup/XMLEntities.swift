/// Resolves references in text and attribute values.
struct XMLEntities: Sendable {
    /// Entities of the document itself whose value is plain text.
    private var declared: [String: String] = [:]
    /// Names that were declared with a value that is not plain text, or that lies outside of the document.
    private var refused: Set<String> = []
    private(set) var isNested = false
    private(set) var isRefused = false
    /// How many bytes declared entities may still add.
    var budget = 0

    private static let maximumDeclarations = 1024
    private static let maximumValueBytes = 1024
    private static let maximumNameBytes = 64

    /// Text with `&amp;`, character references, HTML's named entities and plain declared entities replaced.
    ///
    /// An ampersand that begins no reference stands for itself.
    mutating func resolve(_ slice: ArraySlice<UInt8>, repairs: inout Int) -> String {
        guard var ampersand = slice.firstIndex(of: UInt8(ascii: "&")) else {
            return String(decoding: slice, as: UTF8.self)
        }
        var output: [UInt8] = []
        output.reserveCapacity(slice.count)
        var copied = slice.startIndex
        while true {
            output.append(contentsOf: slice[copied..<ampersand])
            let reference = slice[(ampersand + 1)...].prefix(Self.maximumNameBytes)
            if let (value, length) = replacement(reference) {
                output.append(contentsOf: value.utf8)
                copied = ampersand + 1 + length
            } else {
                repairs += 1
                output.append(UInt8(ascii: "&"))
                copied = ampersand + 1
            }
            guard let next = slice[copied...].firstIndex(of: UInt8(ascii: "&")) else { break }
            ampersand = next
        }
        output.append(contentsOf: slice[copied...])
        return String(decoding: output, as: UTF8.self)
    }

    /// What stands for a reference, and how many bytes behind the ampersand it takes.
    private mutating func replacement(_ reference: ArraySlice<UInt8>) -> (String, Int)? {
        guard let semicolon = reference.firstIndex(of: UInt8(ascii: ";")), semicolon > reference.startIndex else {
            return nil
        }
        let name = reference[..<semicolon]
        let length = name.count + 1
        if name.first == UInt8(ascii: "#") {
            return Self.character(name.dropFirst()).map { (String($0), length) }
        }
        guard name.allSatisfy({ $0 >= 0x80 || Self.isNameByte($0) }) else { return nil }
        let key = String(decoding: name, as: UTF8.self)
        switch key {
        case "amp": return ("&", length)
        case "lt": return ("<", length)
        case "gt": return (">", length)
        case "quot": return ("\"", length)
        case "apos": return ("'", length)
        default: break
        }
        if let value = declared[key], value.utf8.count <= budget {
            budget -= value.utf8.count
            return (value, length)
        }
        if refused.contains(key) {
            isRefused = true
            return ("", length)
        }
        return XMLEntityTable.scalar(named: key).map { (String($0), length) }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A || byte >= 0x30 && byte <= 0x39 || byte == 0x2E || byte == 0x2D
            || byte == 0x5F || byte == 0x3A
    }

    /// The scalar of a character reference's digits; C1 numbers are read as windows-1252, as HTML has it.
    private static func character(_ digits: ArraySlice<UInt8>) -> Unicode.Scalar? {
        let isHexadecimal = digits.first.map { $0 | 0x20 == 0x78 } ?? false
        let text = String(decoding: isHexadecimal ? digits.dropFirst() : digits, as: UTF8.self)
        guard let number = UInt32(text, radix: isHexadecimal ? 16 : 10), number > 0 else { return nil }
        if (0x80..<0xA0).contains(number) { return windows1252[Int(number) - 0x80] }
        return Unicode.Scalar(number)
    }

    private static let windows1252: [Unicode.Scalar] = Array(
        ("\u{20AC}\u{81}\u{201A}\u{192}\u{201E}\u{2026}\u{2020}\u{2021}\u{2C6}\u{2030}\u{160}\u{2039}\u{152}\u{8D}\u{17D}"
            + "\u{8F}\u{90}\u{2018}\u{2019}\u{201C}\u{201D}\u{2022}\u{2013}\u{2014}\u{2DC}\u{2122}\u{161}\u{203A}\u{153}"
            + "\u{9D}\u{17E}\u{178}").unicodeScalars)

    /// Reads a document type declaration.
    ///
    /// - Parameter slice: the document from `<!DOCTYPE` on.
    /// - Returns: the position behind the declaration.
    mutating func readDocumentType(_ slice: ArraySlice<UInt8>) -> Int {
        var index = slice.startIndex + 9
        var isInside = false
        while index < slice.endIndex {
            switch slice[index] {
            case 0x22, 0x27:
                let close = slice[(index + 1)...].firstIndex(of: slice[index])
                index = close ?? slice.endIndex - 1
            case UInt8(ascii: "["): isInside = true
            case UInt8(ascii: "]"): isInside = false
            case UInt8(ascii: ">") where !isInside: return index + 1
            case UInt8(ascii: "<") where XMLReader.matches("<!ENTITY", slice[index...]):
                index = readEntity(slice[index...])
                continue
            default: break
            }
            index += 1
        }
        return slice.endIndex
    }

    /// Reads one `<!ENTITY name "value">`, and answers with the position behind it.
    private mutating func readEntity(_ slice: ArraySlice<UInt8>) -> Int {
        var index = slice.startIndex + 8
        var words: [ArraySlice<UInt8>] = []
        var value: ArraySlice<UInt8>?
        while index < slice.endIndex, slice[index] != UInt8(ascii: ">") {
            let byte = slice[index]
            if byte == 0x22 || byte == 0x27 {
                let close = slice[(index + 1)...].firstIndex(of: byte) ?? slice.endIndex
                value = slice[(index + 1)..<close]
                index = min(slice.endIndex, close + 1)
            } else if XMLReader.isSpace(byte) {
                index += 1
            } else {
                let start = index
                while index < slice.endIndex, !XMLReader.isSpace(slice[index]),
                    ![0x22, 0x27, 0x3E].contains(slice[index])
                {
                    index += 1
                }
                words.append(slice[start..<index])
            }
        }
        declare(words, value)
        return min(slice.endIndex, index + 1)
    }

    private mutating func declare(_ words: [ArraySlice<UInt8>], _ value: ArraySlice<UInt8>?) {
        guard let name = words.first, name.first != UInt8(ascii: "%"), let value else { return }
        guard declared.count + refused.count < Self.maximumDeclarations else { return }
        let key = String(decoding: name, as: UTF8.self)
        guard declared[key] == nil, !refused.contains(key) else { return }
        let isExternal = words.count > 1
        let hasReference = value.enumerated().contains { offset, byte in
            byte == UInt8(ascii: "&") && value.dropFirst(offset + 1).first != UInt8(ascii: "#")
        }
        if hasReference, !isExternal { isNested = true }
        let isPlain = !value.contains { $0 == 0x3C || $0 == 0x25 }
        guard !isExternal, !hasReference, isPlain, value.count <= Self.maximumValueBytes else {
            refused.insert(key)
            return
        }
        var ignored = 0
        declared[key] = resolve(value, repairs: &ignored)
    }
}
