/// One value of an AMQP field table: a header, a queue argument, a server property.
///
/// The sixteen wire types are folded into nine. Numbers are sent as signed 64-bit integers or doubles; decimals are
/// read as doubles; unsigned 64-bit numbers above `Int64.max` are read as `Int64.max`.
public enum AMQPValue: Sendable, Hashable {
    /// A truth value.
    case bool(Bool)
    /// A whole number.
    case int(Int64)
    /// A floating-point number.
    case double(Double)
    /// A text. Bytes that are not UTF-8 are read with replacement characters.
    case string(String)
    /// Raw bytes.
    case bytes([UInt8])
    /// Seconds since 1970-01-01 UTC.
    case timestamp(Int64)
    /// A nested table.
    case table(AMQPTable)
    /// A list.
    case array([AMQPValue])
    /// No value.
    case null
}

/// An AMQP field table: headers, arguments and properties, by name.
public typealias AMQPTable = [String: AMQPValue]

extension AMQPValue {
    /// The whole number in this value, if it holds one.
    public var intValue: Int64? {
        if case .int(let number) = self { number } else { nil }
    }

    /// The text in this value, if it holds one.
    public var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// How deep tables and arrays may nest, when sent; what is deeper is read as ``null``.
    static let maximumDepth = 16

    /// An upper bound of the encoded size in bytes, or nil when the nesting is deeper than ``maximumDepth``.
    func encodedSizeBound(depth: Int = 0) -> Int? {
        switch self {
        case .null, .bool, .int, .double, .timestamp: return 9
        case .string(let text): return 5 + text.utf8.count
        case .bytes(let bytes): return 5 + bytes.count
        case .table(let table): return table.encodedSizeBound(depth: depth + 1)
        case .array(let values):
            guard depth < Self.maximumDepth else { return nil }
            var size = 5
            for value in values {
                guard let inner = value.encodedSizeBound(depth: depth + 1) else { return nil }
                size += inner
            }
            return size
        }
    }
}

extension AMQPTable {
    /// An upper bound of the encoded size in bytes, or nil when it nests too deep or a key is longer than 255 bytes.
    func encodedSizeBound(depth: Int = 0) -> Int? {
        guard depth < AMQPValue.maximumDepth else { return nil }
        var size = 5
        for (key, value) in self {
            guard key.utf8.count <= 255, let inner = value.encodedSizeBound(depth: depth) else { return nil }
            size += 1 + key.utf8.count + inner
        }
        return size
    }
}
