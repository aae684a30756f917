/// UTF-8 decoding with a count of what was wrong.
enum UTF8Decoding {
    /// Decodes, putting one U+FFFD for each maximal ill-formed subsequence as the standard asks.
    static func decode(_ bytes: ArraySlice<UInt8>) -> (text: String, replacements: Int) {
        if let text = String(validating: bytes, as: UTF8.self) { return (text, 0) }
        let text = String(decoding: bytes, as: UTF8.self)
        return (text, countReplacements(text.utf8) - countReplacements(bytes))
    }

    /// How many times the three bytes of U+FFFD occur.
    static func countReplacements(_ bytes: some Sequence<UInt8>) -> Int {
        var count = 0
        var before: UInt8 = 0
        var last: UInt8 = 0
        for byte in bytes {
            if byte == 0xBD, last == 0xBF, before == 0xEF { count += 1 }
            before = last
            last = byte
        }
        return count
    }

    /// Counts well-formed multi-byte sequences and bytes that belong to none.
    static func census(_ bytes: ArraySlice<UInt8>) -> (sequences: Int, invalid: Int) {
        var sequences = 0
        var invalid = 0
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            guard byte >= 0x80 else {
                index += 1
                continue
            }
            let length = byte >= 0xF0 && byte <= 0xF4 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 0
            // A sequence that the end of the input cuts off is nobody's fault.
            guard length > 0, byte <= 0xF4 else {
                invalid += 1
                index += 1
                continue
            }
            var next = index + 1
            while next < bytes.endIndex, next < index + length, bytes[next] & 0xC0 == 0x80 { next += 1 }
            if next == index + length { sequences += 1 } else if next < bytes.endIndex { invalid += 1 }
            index = next
        }
        return (sequences, invalid)
    }
}

/// UTF-16 and UTF-32 decoding.
enum WideDecoding {
    static func decodeUTF16(_ bytes: ArraySlice<UInt8>, bigEndian: Bool) -> (text: String, replacements: Int) {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2 + 1)
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            let first = UInt16(bytes[index])
            let second = UInt16(bytes[index + 1])
            units.append(bigEndian ? first << 8 | second : second << 8 | first)
            index += 2
        }
        let isOdd = index < bytes.endIndex
        let original = units.count { $0 == 0xFFFD }
        if isOdd { units.append(0xFFFD) }
        let text = String(decoding: units, as: UTF16.self)
        return (text, UTF8Decoding.countReplacements(text.utf8) - original)
    }

    static func decodeUTF32(_ bytes: ArraySlice<UInt8>, bigEndian: Bool) -> (text: String, replacements: Int) {
        var text = String.UnicodeScalarView()
        var replacements = 0
        var index = bytes.startIndex
        while index < bytes.endIndex {
            var value: UInt32 = 0
            let isComplete = index + 4 <= bytes.endIndex
            for offset in 0..<4 where isComplete {
                value |= UInt32(bytes[index + offset]) << UInt32(bigEndian ? 24 - 8 * offset : 8 * offset)
            }
            if isComplete, let scalar = Unicode.Scalar(value) {
                text.append(scalar)
            } else {
                text.append("\u{FFFD}")
                replacements += 1
            }
            index += 4
        }
        return (String(text), replacements)
    }
}
