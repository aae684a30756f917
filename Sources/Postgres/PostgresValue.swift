public import Foundation

/// A parameter of a statement, or a field of a row to copy.
///
/// The server learns these types: `bool` boolean, `int` bigint, `double` double precision, `bytes` bytea, `date`
/// timestamptz, `uuid` uuid, the arrays arrays of the same (text for `textArray`, jsonb for `jsonArray`). `null`,
/// `text` and `json` are sent without a type, so that the server infers it from the place of the parameter: `text` is
/// thereby also the way to pass an enum, an interval, a numeric, an inet … Write a cast in the SQL where the place says
/// nothing.
public enum PostgresValue: Sendable, Hashable {
    /// SQL NULL.
    case null
    /// A boolean.
    case bool(Bool)
    /// A 64-bit integer.
    case int(Int64)
    /// A double-precision number.
    case double(Double)
    /// Text, or the text form of any type. Must not contain U+0000.
    case text(String)
    /// Bytes.
    case bytes([UInt8])
    /// A point in time (timestamptz), kept to the microsecond. `distantFuture` and `distantPast` become ±infinity.
    case date(Date)
    /// A UUID.
    case uuid(UUID)
    /// A JSON document in text form.
    case json(String)
    /// An array of booleans; nil elements are NULL.
    case boolArray([Bool?])
    /// An array of 64-bit integers; nil elements are NULL.
    case intArray([Int64?])
    /// An array of double-precision numbers; nil elements are NULL.
    case doubleArray([Double?])
    /// An array of texts; nil elements are NULL. No element may contain U+0000.
    case textArray([String?])
    /// An array of byte strings; nil elements are NULL.
    case bytesArray([[UInt8]?])
    /// An array of points in time; nil elements are NULL.
    case dateArray([Date?])
    /// An array of UUIDs; nil elements are NULL.
    case uuidArray([UUID?])
    /// An array of JSON documents (jsonb); nil elements are NULL.
    case jsonArray([String?])

    /// Text, or NULL for nil.
    public static func optional(_ value: String?) -> Self { value.map(Self.text) ?? .null }
    /// An integer, or NULL for nil.
    public static func optional(_ value: Int64?) -> Self { value.map(Self.int) ?? .null }
    /// An integer, or NULL for nil.
    public static func optional(_ value: Int?) -> Self { value.map { .int(Int64($0)) } ?? .null }
    /// A number, or NULL for nil.
    public static func optional(_ value: Double?) -> Self { value.map(Self.double) ?? .null }
    /// A point in time, or NULL for nil.
    public static func optional(_ value: Date?) -> Self { value.map(Self.date) ?? .null }
    /// A boolean, or NULL for nil.
    public static func optional(_ value: Bool?) -> Self { value.map(Self.bool) ?? .null }
    /// A UUID, or NULL for nil.
    public static func optional(_ value: UUID?) -> Self { value.map(Self.uuid) ?? .null }
    /// Bytes, or NULL for nil.
    public static func optional(_ value: [UInt8]?) -> Self { value.map(Self.bytes) ?? .null }
}

extension PostgresValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral
{
    /// NULL.
    public init(nilLiteral: ()) { self = .null }
    /// A boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// A number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Text.
    public init(stringLiteral value: String) { self = .text(value) }
}
