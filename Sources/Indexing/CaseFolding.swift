/// Lower case without accents, for comparing words across outlets and languages.
enum CaseFolding {
    /// Base letters of U+00C0…U+017F; a full stop where the scalar has none and a digit 1…4 for ae, oe, ss, th.
    private static let latin: [UInt8] = Array(
        ("aaaaaa1ceeeeiiiidnooooo.ouuuuy43aaaaaa1ceeeeiiiidnooooo.ouuuuy4y"
            + "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii11jjkkklllllllllln"
            + "nnnnnnnnoooooo22rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs").utf8)

    /// Whether the scalar is a capital letter.
    static func isUppercase(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x41...0x5A: true
        case ..<0xC0: false
        default: scalar.properties.isUppercase
        }
    }

    /// Appends the folded scalar in UTF-8.
    static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        let value = scalar.value
        if value < 0x80 {
            bytes.append(value >= 0x41 && value <= 0x5A ? UInt8(value) + 32 : UInt8(value))
        } else if value >= 0xC0, value < 0x180 {
            appendLatin(latin[Int(value - 0xC0)], to: &bytes)
        } else if let lower = simpleLowercase(value) {
            appendUTF8(lower, to: &bytes)
        } else {
            bytes.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
        }
    }

    private static func appendLatin(_ letter: UInt8, to bytes: inout [UInt8]) {
        switch letter {
        case UInt8(ascii: "1"): bytes.append(contentsOf: "ae".utf8)
        case UInt8(ascii: "2"): bytes.append(contentsOf: "oe".utf8)
        case UInt8(ascii: "3"): bytes.append(contentsOf: "ss".utf8)
        case UInt8(ascii: "4"): bytes.append(contentsOf: "th".utf8)
        case UInt8(ascii: "."): break
        default: bytes.append(letter)
        }
    }

    /// Cyrillic, Greek and Armenian without a table look-up; `nil` where the properties have to be asked.
    private static func simpleLowercase(_ value: UInt32) -> UInt32? {
        switch value {
        case 0x0410...0x042F: value + 32
        case 0x0401, 0x0451: 0x0435  // ё is mostly printed as е
        case 0x0430...0x0450, 0x0452...0x045F: value
        case 0x0400, 0x0402...0x040F: value + 80
        case 0x0391...0x03A9: value + 32
        case 0x03B1...0x03C1, 0x03C3...0x03C9: value
        case 0x0531...0x0556: value + 48
        case 0x0561...0x0587, 0x0590...0x06FF: value
        default: nil
        }
    }

    private static func appendUTF8(_ value: UInt32, to bytes: inout [UInt8]) {
        guard let scalar = Unicode.Scalar(value), let encoded = UTF8.encode(scalar) else { return }
        bytes.append(contentsOf: encoded)
    }
}

/// A hash that is the same on every machine and in every run: its values are stored.
enum StableHash {
    /// FNV-1a over the bytes with a final mix, so that the low and high bits are equally good.
    static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        return mix(hash)
    }

    /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
