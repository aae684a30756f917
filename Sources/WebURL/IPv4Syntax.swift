/// IPv4 addresses as the URL standard reads them (section 3.5), with octal, hexadecimal and short forms.
enum IPv4Syntax {
    /// Whether a domain must be an IPv4 address: its last label is a number, possibly before one trailing dot.
    static func endsInNumber(_ domain: [UInt8]) -> Bool {
        guard let last = labels(of: domain).last, !last.isEmpty else { return false }
        return last.allSatisfy(\.isASCIIDigit) || number(last) != nil
    }

    /// The address, or `nil` when a part is not a number or out of range.
    static func parse(_ domain: [UInt8]) -> UInt32? {
        let parts = labels(of: domain)
        guard !parts.isEmpty, parts.count <= 4 else { return nil }
        var address: UInt64 = 0
        for (index, part) in parts.enumerated() {
            guard let value = number(part) else { return nil }
            if index < parts.count - 1 {
                guard value < 256 else { return nil }
                address |= value << UInt64(8 * (3 - index))
            } else {
                guard value < 1 << UInt64(8 * (5 - parts.count)) else { return nil }
                address |= value
            }
        }
        return UInt32(truncatingIfNeeded: address)
    }

    /// Dotted decimal notation.
    static func format(_ address: UInt32) -> String {
        "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
    }

    /// The labels of a domain without the empty one behind a trailing dot.
    private static func labels(of domain: [UInt8]) -> [ArraySlice<UInt8>] {
        var labels = domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        return labels
    }

    /// A number in base 8, 10 or 16 by its prefix; values beyond 2^40 are clamped, since they are out of range anyway.
    private static func number(_ text: ArraySlice<UInt8>) -> UInt64? {
        guard !text.isEmpty else { return nil }
        var digits = text
        var radix: UInt64 = 10
        if text.count >= 2, text.first == UInt8(ascii: "0") {
            let isHexadecimal = text.dropFirst().first.map { $0 | 0x20 } == UInt8(ascii: "x")
            radix = isHexadecimal ? 16 : 8
            digits = text.dropFirst(isHexadecimal ? 2 : 1)
        }
        var value: UInt64 = 0
        for byte in digits {
            guard let digit = HexDigit.value(of: byte), UInt64(digit) < radix else { return nil }
            value = min(value * radix + UInt64(digit), 1 << 40)
        }
        return value
    }
}
