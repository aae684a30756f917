/// An IPv4 or IPv6 address.
public enum IPAddress: Sendable, Hashable {
    /// An IPv4 address, first octet in the highest byte.
    case v4(UInt32)
    /// An IPv6 address, first octet in the highest byte.
    case v6(UInt128)

    /// Reads four decimal octets, or an IPv6 address with or without brackets.
    ///
    /// Short, octal and hexadecimal IPv4 forms are refused: a host in a URL has them normalised by ``ParsedURL``.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        if let value = Self.strictIPv4(bytes[...]) {
            self = .v4(value)
            return
        }
        let isBracketed = bytes.first == UInt8(ascii: "[") && bytes.last == UInt8(ascii: "]") && bytes.count > 2
        let inner = isBracketed ? bytes[1..<(bytes.count - 1)] : bytes[...]
        guard inner.count > 1, let value = IPv6Syntax.parse(inner) else { return nil }
        self = .v6(value)
    }

    /// Makes an address from 4 or 16 bytes in network order; `nil` for any other count.
    public init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self = .v4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16: self = .v6(bytes.reduce(0) { $0 << 8 | UInt128($1) })
        default: return nil
        }
    }

    /// Four decimal octets without leading zeros.
    static func strictIPv4(_ text: ArraySlice<UInt8>) -> UInt32? {
        var address: UInt32 = 0
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy(\.isASCIIDigit) else { return nil }
            guard part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
            let value = part.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - UInt8(ascii: "0")) }
            guard value < 256 else { return nil }
            address = address << 8 | value
        }
        return address
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal, or the compressed lower-case form of IPv6 without brackets.
    public var description: String {
        switch self {
        case .v4(let value): IPv4Syntax.format(value)
        case .v6(let value): IPv6Syntax.format(value)
        }
    }
}

/// A block of addresses in CIDR notation, such as `10.0.0.0/8` or `fc00::/7`.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    /// The first address of the block.
    public let first: IPAddress
    /// How many leading bits all members share: 0 to 32, or 0 to 128.
    public let prefixLength: Int

    /// Reads `address/length`, or a single address. Bits behind the prefix are ignored; `nil` when it is neither.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let head = parts.first, let address = IPAddress(String(head)) else { return nil }
        let width = if case .v4 = address { 32 } else { 128 }
        guard let length = parts.count == 2 ? Int(parts[1]) : width, (0...width).contains(length) else { return nil }
        switch address {
        case .v4(let value): first = .v4(value & ~Self.tail(32 - length))
        case .v6(let value): first = .v6(value & ~Self.tail(128 - length))
        }
        prefixLength = length
    }

    /// Whether `address` lies in the block. An IPv4 block never contains an IPv6 address, mapped or not.
    public func contains(_ address: IPAddress) -> Bool {
        switch (first, address) {
        case (.v4(let base), .v4(let value)): (base ^ value) & ~Self.tail(32 - prefixLength) == 0
        case (.v6(let base), .v6(let value)): (base ^ value) & ~Self.tail(128 - prefixLength) == 0
        default: false
        }
    }

    public var description: String { "\(first)/\(prefixLength)" }

    /// A mask of the lowest `count` bits.
    private static func tail<Value: FixedWidthInteger & UnsignedInteger>(_ count: Int) -> Value {
        count >= Value.bitWidth ? .max : (1 << Value(count)) - 1
    }
}
