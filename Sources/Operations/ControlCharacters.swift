/// The characters by which a text from outside could command a terminal or turn what stands beside it.
public enum ControlCharacters {
    /// Whether a character is one: C0 and C1 controls and DEL (ECMA-48, section 5), line and paragraph separator, and the
    /// embeddings, overrides and isolates of the bidirectional algorithm (UAX #9, section 2), which would turn the
    /// direction of writing for whatever follows.
    public static func contains(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// The text with a space for each of them, line ends aside where they are kept.
    public static func replaced(in text: String, keepingLineEnds: Bool) -> String {
        guard text.unicodeScalars.contains(where: contains) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            result.append(contains(scalar) && !(keepingLineEnds && scalar == "\n") ? " " : scalar)
        }
        return String(result)
    }

    /// A JSON text with all of them as `\u` escapes.
    ///
    /// JSON forbids only those below U+0020 in its strings (RFC 8259, section 7) and allows none of the others outside of
    /// them, so the text means the same.
    ///
    /// - Parameter json: JSON in UTF-8, without line ends.
    public static func escaped(inJSON json: [UInt8]) -> [UInt8] {
        guard var start = first(in: json, from: 0) else { return json }
        var result: [UInt8] = []
        result.reserveCapacity(json.count + 64)
        var copied = 0
        while true {
            let length = json[start] == 0x7F ? 1 : json[start] == 0xC2 ? 2 : 3
            let scalar =
                String(decoding: json[start..<start + length], as: UTF8.self).unicodeScalars.first?.value ?? 0xFFFD
            result += json[copied..<start]
            let digits = String(scalar, radix: 16)
            result += Array("\\u".utf8) + [UInt8](repeating: 0x30, count: 4 - digits.utf8.count) + Array(digits.utf8)
            copied = start + length
            guard let next = first(in: json, from: copied) else { break }
            start = next
        }
        return result + json[copied...]
    }

    /// Where the next one begins, those below U+0020 aside.
    private static func first(in bytes: [UInt8], from start: Int) -> Int? {
        var position = start
        while position < bytes.count {
            switch bytes[position] {
            case 0x7F: return position
            case 0xC2:
                if position + 1 < bytes.count, (0x80..<0xA0).contains(bytes[position + 1]) { return position }
            case 0xE2:
                if position + 2 < bytes.count,
                    bytes[position + 1] == 0x80 && (0xA8...0xAE).contains(bytes[position + 2])
                        || bytes[position + 1] == 0x81 && (0xA6...0xA9).contains(bytes[position + 2])
                {
                    return position
                }
            default: break
            }
            position += 1
        }
        return nil
    }
}
