/// Classes and folding of Unicode scalars, as the scanners for dates, bylines and lines need them.
enum TextScalars {
    /// The value of a decimal digit of the scripts that news use, full-width forms included.
    static func digit(_ scalar: Unicode.Scalar) -> Int? {
        let value = scalar.value
        if value < 0x80 { return value >= 0x30 && value <= 0x39 ? Int(value - 0x30) : nil }
        for zero in [0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xFF10] as [UInt32] where value >= zero && value < zero + 10 {
            return Int(value - zero)
        }
        return nil
    }

    static func isHan(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2FA1F, 0x3007: true
        default: false
        }
    }

    /// Whether the scalar is written without spaces between words: Han and kana.
    static func isSpacelessScript(_ scalar: Unicode.Scalar) -> Bool {
        isHan(scalar) || (0x3040...0x30FF).contains(scalar.value)
    }

    /// Letters and the marks that belong to them.
    static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        if value < 0x80 { return (value | 0x20) >= 0x61 && (value | 0x20) <= 0x7A }
        if value < 0xC0 { return value == 0xAA || value == 0xB5 || value == 0xBA }
        if value >= 0x2000 && value < 0x2C00 { return false }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
        case .nonspacingMark, .spacingMark: return true
        default: return false
        }
    }

    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        case 0x2000...0x200A: true
        default: false
        }
    }

    /// Invisible scalars without a meaning for the text: zero-width spaces, direction marks, soft hyphen, NUL, controls.
    static func isIgnorable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x08, 0x0E...0x1F, 0x7F...0x84, 0x86...0x9F: true
        case 0xAD, 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    /// Upper-case by the letter's own property; scripts without case are never upper.
    static func isUpper(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        if value < 0x80 { return value >= 0x41 && value <= 0x5A }
        return scalar.properties.isUppercase
    }

    static func isLower(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        if value < 0x80 { return value >= 0x61 && value <= 0x7A }
        // Georgian letters count as lower case in Unicode, but names and sentences have no capitals.
        return scalar.properties.isLowercase && !(0x10D0...0x10FF).contains(value)
    }

    /// Appends the scalar in lower case and without its accent; Arabic and Persian letter forms are unified.
    static func appendFolded(_ scalar: Unicode.Scalar, to text: inout String) {
        let value = scalar.value
        if value < 0x80 {
            let lower = value >= 0x41 && value <= 0x5A ? value + 0x20 : value
            text.unicodeScalars.append(Unicode.Scalar(lower) ?? scalar)
            return
        }
        if (0x300...0x36F).contains(value) || (0x591...0x5C7).contains(value) || (0x64B...0x652).contains(value) {
            return
        }
        if value == 0x640 || value == 0x200C || value == 0x200D { return }
        for lower in scalar.properties.lowercaseMapping.unicodeScalars where !(0x300...0x36F).contains(lower.value) {
            if let base = accents[lower] { text += base } else { text.unicodeScalars.append(lower) }
        }
    }

    /// The text folded for look-ups.
    static func folded(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars { appendFolded(scalar, to: &result) }
        return result
    }

    private static let accents: [Unicode.Scalar: String] = {
        let groups: [(String, String)] = [
            ("a", "àáâãäåāăąạảấầẩẫậắằẳẵặǎª"), ("c", "çćčĉċ"), ("d", "ďđð"), ("e", "èéêëēĕėęěẹẻẽếềểễệə"), ("g", "ğĝġģ"),
            ("h", "ĥħ"), ("i", "ìíîïĩīĭįıịỉ"), ("j", "ĵ"), ("k", "ķ"), ("l", "ĺļľŀł"), ("n", "ñńņňŉ"),
            ("o", "òóôõöøōŏőơọỏốồổỗộớờởỡợº"), ("r", "ŕŗř"), ("s", "śŝşšș"), ("ss", "ß"), ("t", "ţťŧț"),
            ("u", "ùúûüũūŭůűųưụủứừửữự"), ("w", "ŵ"), ("y", "ýÿŷỳỵỷỹ"), ("z", "źżž"), ("ae", "æ"), ("oe", "œ"),
            ("е", "ё"), ("α", "ά"), ("ε", "έ"), ("η", "ή"), ("ι", "ίϊΐ"), ("ο", "ό"), ("υ", "ύϋΰ"), ("ω", "ώ"),
            ("σ", "ς"),
            ("ا", "أإآٱ"), ("ي", "ىیئ"), ("ك", "ک"), ("ه", "ةەہ"),
        ]
        var table: [Unicode.Scalar: String] = [:]
        for (base, letters) in groups {
            for scalar in letters.unicodeScalars { table[scalar] = base }
        }
        return table
    }()
}
