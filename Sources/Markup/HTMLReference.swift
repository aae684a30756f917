/// Character references of HTML.
enum HTMLReference {
    /// The scalar that a reference after an ampersand stands for, and how many bytes it takes, or `nil` when it is none.
    static func match(_ bytes: [UInt8], _ start: Int, _ end: Int) -> (Unicode.Scalar, Int)? {
        guard start < end else { return nil }
        if bytes[start] == 0x23 { return numeric(bytes, start, end) }
        var position = start
        let limit = min(end, start + 32)
        while position < limit, isAlphanumeric(bytes[position]) { position += 1 }
        guard position > start else { return nil }
        let name = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let scalar = named(name) else { return nil }
        if position < end, bytes[position] == 0x3B { return (scalar, position - start + 1) }
        // Old pages leave the semicolon out; in addresses (`&copy=1`) that is no reference.
        guard position < end, bytes[position] != 0x3D, withoutSemicolon.contains(name) else { return nil }
        return (scalar, position - start)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10
    }

    private static func named(_ name: String) -> Unicode.Scalar? {
        switch name {
        case "amp", "AMP": "&"
        case "lt", "LT": "<"
        case "gt", "GT": ">"
        case "quot", "QUOT": "\""
        case "apos": "'"
        case "nbsp": "\u{A0}"
        case "colon": ":"
        case "comma": ","
        case "period": "."
        case "excl": "!"
        case "quest": "?"
        case "lpar": "("
        case "rpar": ")"
        case "sol": "/"
        case "num": "#"
        case "percnt": "%"
        case "dollar": "$"
        case "commat": "@"
        case "semi": ";"
        case "plus": "+"
        case "equals": "="
        case "lowbar": "_"
        case "lbrack", "lsqb": "["
        case "rbrack", "rsqb": "]"
        case "vert", "verbar": "|"
        case "hyphen", "dash": "\u{2010}"
        case "Tab": "\t"
        case "NewLine": "\n"
        case "check": "\u{2713}"
        default: XMLEntityTable.scalar(named: name)
        }
    }

    private static let withoutSemicolon: Set<String> = ["amp", "lt", "gt", "quot", "nbsp", "copy", "reg"]

    /// A reference by number; those that Windows-1252 would have meant are read so, as the standard says.
    private static func numeric(_ bytes: [UInt8], _ start: Int, _ end: Int) -> (Unicode.Scalar, Int)? {
        var position = start + 1
        let isHexadecimal = position < end && bytes[position] | 0x20 == 0x78
        if isHexadecimal { position += 1 }
        let first = position
        var code: UInt32 = 0
        while position < end, let digit = digit(bytes[position], isHexadecimal) {
            code = min(code * (isHexadecimal ? 16 : 10) + digit, 0x110000)
            position += 1
        }
        guard position > first else { return nil }
        if position < end, bytes[position] == 0x3B { position += 1 }
        if code >= 0x80, code < 0xA0 { code = windows[Int(code) - 0x80] }
        let scalar = code == 0 ? "\u{FFFD}" : Unicode.Scalar(code) ?? "\u{FFFD}"
        return (scalar, position - start)
    }

    private static func digit(_ byte: UInt8, _ isHexadecimal: Bool) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte - 0x30)
        case 0x41...0x46 where isHexadecimal: UInt32(byte - 0x37)
        case 0x61...0x66 where isHexadecimal: UInt32(byte - 0x57)
        default: nil
        }
    }

    /// What the numbers 0x80 to 0x9F stand for in Windows-1252.
    private static let windows: [UInt32] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
        0x017D,
        0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153,
        0x9D,
        0x017E, 0x0178,
    ]
}
