/// A set of ASCII bytes that must be percent-encoded in one part of a URL (URL standard, section 1.3).
///
/// Every byte above 0x7E is a member of every set, so a set applies to UTF-8 bytes without decoding them.
struct PercentEncodeSet: Sendable {
    private let low: UInt64
    private let high: UInt64

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// The set that `self` and the ASCII characters of `characters` make together.
    private func adding(_ characters: StaticString) -> PercentEncodeSet {
        var low = low
        var high = high
        for byte in "\(characters)".utf8 {
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
        }
        return PercentEncodeSet(low: low, high: high)
    }

    func contains(_ byte: UInt8) -> Bool {
        guard byte < 0x7F else { return true }
        return byte < 64 ? low >> UInt64(byte) & 1 == 1 : high >> UInt64(byte & 63) & 1 == 1
    }

    static let control = PercentEncodeSet(low: 0xFFFF_FFFF, high: 0)
    static let fragment = control.adding(" \"<>`")
    static let query = control.adding(" \"#<>")
    static let specialQuery = query.adding("'")
    static let path = query.adding("?^`{}")
    static let userinfo = path.adding("/:;=@[\\]|")
}

extension [UInt8] {
    /// Appends `bytes`, writing the members of `set` as `%XX`.
    mutating func append(_ bytes: ArraySlice<UInt8>, encoding set: PercentEncodeSet) {
        for byte in bytes {
            if set.contains(byte) { appendPercentEncoded(byte) } else { append(byte) }
        }
    }

    mutating func appendPercentEncoded(_ byte: UInt8) {
        append(UInt8(ascii: "%"))
        append(HexDigit.upper(byte >> 4))
        append(HexDigit.upper(byte & 15))
    }
}

/// Conversions between ASCII hexadecimal digits and their values.
enum HexDigit {
    /// The upper-case digit for a value of 0 to 15.
    static func upper(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    /// The value of an ASCII hexadecimal digit of either case, or `nil`.
    static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// Percent-decoding as the URL standard defines it.
enum PercentDecoding {
    /// Replaces each `%XX` by its byte; a `%` that two hexadecimal digits do not follow stays as it is.
    static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%"), index + 2 < bytes.endIndex,
                let first = HexDigit.value(of: bytes[index + 1]), let second = HexDigit.value(of: bytes[index + 2])
            {
                output.append(first << 4 | second)
                index += 3
            } else {
                output.append(byte)
                index += 1
            }
        }
        return output
    }
}

extension UInt8 {
    var isASCIIAlpha: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
    var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var asciiLowercased: UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self }
}
