/// Decodes the character references that data inside pages still carries after parsing, such as in JSON-LD.
enum HTMLEntities {
    private static let named: [String: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "ndash": "–", "mdash": "—",
        "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "laquo": "«", "raquo": "»", "hellip": "…", "bdquo": "„",
        "sbquo": "‚", "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß",
        "eacute": "é", "egrave": "è", "ecirc": "ê", "agrave": "à", "aacute": "á", "iacute": "í", "oacute": "ó",
        "uacute": "ú", "ntilde": "ñ", "ccedil": "ç", "atilde": "ã", "otilde": "õ", "acirc": "â", "ocirc": "ô",
        "euro": "€",
        "copy": "©", "reg": "®", "deg": "°", "middot": "·", "bull": "•",
    ]

    /// The text with references replaced; what is not a reference stays.
    static func decoded(_ text: String) -> String {
        guard text.utf8.contains(0x26) else { return text }
        var result = ""
        result.reserveCapacity(text.utf8.count)
        var rest = text[...]
        while let ampersand = rest.utf8.firstIndex(of: 0x26) {
            result += rest[..<ampersand]
            rest = rest[ampersand...]
            let window = rest.utf8.prefix(12)
            if let semicolon = window.firstIndex(of: 0x3B),
                let character = character(rest[rest.index(after: ampersand)..<semicolon])
            {
                result += character
                rest = rest[rest.index(after: semicolon)...]
            } else {
                result += "&"
                rest = rest.dropFirst()
            }
        }
        result += rest
        return result
    }

    private static func character(_ name: Substring) -> String? {
        guard name.utf8.first == 0x23 else { return named[String(name)] }
        let digits = name.dropFirst()
        let code =
            digits.utf8.first == 0x78 || digits.utf8.first == 0x58
            ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return code.flatMap(Unicode.Scalar.init).map { String($0) }
    }

    /// Whether the text holds markup, and the text without it: tags become spaces or, for blocks, line ends.
    static func withoutTags(_ text: String) -> String {
        guard text.utf8.contains(0x3C) else { return text }
        var result: [UInt8] = []
        let bytes = Array(text.utf8)
        var position = 0
        while position < bytes.count {
            if bytes[position] == 0x3C, position + 1 < bytes.count,
                bytes[position + 1] == 0x2F || (bytes[position + 1] | 0x20) &- 0x61 < 26,
                let close = bytes[position...].firstIndex(of: 0x3E)
            {
                let name = bytes[position + 1] == 0x2F ? bytes[min(position + 2, bytes.count - 1)] : bytes[position + 1]
                result.append(name | 0x20 == 0x70 || name | 0x20 == 0x62 ? 0x0A : 0x20)
                position = close + 1
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
