/// The host parser of the URL standard (section 3.5).
enum HostParser {
    /// The serialised host, or `nil` for failure. `isSpecial` chooses between a domain and an opaque host.
    static func parse(_ input: ArraySlice<UInt8>, isSpecial: Bool) -> [UInt8]? {
        if input.first == UInt8(ascii: "[") {
            guard input.last == UInt8(ascii: "]"), input.count > 2 else { return nil }
            guard let value = IPv6Syntax.parse(input.dropFirst().dropLast()) else { return nil }
            return Array("[\(IPv6Syntax.format(value))]".utf8)
        }
        return isSpecial ? parseDomain(input) : parseOpaque(input)
    }

    private static func parseOpaque(_ input: ArraySlice<UInt8>) -> [UInt8]? {
        guard !input.contains(where: isForbiddenInHost) else { return nil }
        var output: [UInt8] = []
        output.append(input, encoding: .control)
        return output
    }

    private static func parseDomain(_ input: ArraySlice<UInt8>) -> [UInt8]? {
        let decoded = PercentDecoding.decode(input)
        guard let ascii = DomainToASCII.convert(decoded), !ascii.isEmpty, !ascii.contains(where: isForbiddenInDomain)
        else {
            return nil
        }
        guard IPv4Syntax.endsInNumber(ascii) else { return ascii }
        return IPv4Syntax.parse(ascii).map { Array(IPv4Syntax.format($0).utf8) }
    }

    private static func isForbiddenInHost(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00, 0x09, 0x0A, 0x0D, 0x20, UInt8(ascii: "#"), UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "<"),
            UInt8(ascii: ">"), UInt8(ascii: "?"), UInt8(ascii: "@"), UInt8(ascii: "["), UInt8(ascii: "\\"),
            UInt8(ascii: "]"), UInt8(ascii: "^"), UInt8(ascii: "|"):
            true
        default: false
        }
    }

    private static func isForbiddenInDomain(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == 0x7F || byte == UInt8(ascii: "%") || isForbiddenInHost(byte)
    }
}
