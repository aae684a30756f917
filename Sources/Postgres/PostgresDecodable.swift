/// How a field of a result is written.
public struct PostgresFormat: Sendable, Hashable {
    /// The server's number of the type (`pg_type.oid`).
    public let type: UInt32

    /// Whether the field has the binary form of its type, or the text form.
    public let isBinary: Bool

    /// Makes a format.
    public init(type: UInt32, isBinary: Bool) {
        self.type = type
        self.isBinary = isBinary
    }
}

/// A type that can be read from a field of a result.
///
/// The module's own conformances are `Bool`, `Int`, `Int16`, `Int32`, `Int64`, `UInt8`, `Double`, `Float`, `String`,
/// `[UInt8]`, `Date`, `UUID`, arrays of them and optionals of them.
public protocol PostgresDecodable: Sendable {
    /// Reads a field that is not NULL.
    ///
    /// - Returns: nil when the field is of a type this one cannot be read from, or out of range.
    static func decode(_ bytes: Span<UInt8>, as format: PostgresFormat) -> Self?

    /// What NULL becomes; nil where NULL is an error.
    static var postgresNull: Self? { get }

    /// Reads a field that holds an array of this type.
    static func decodeArray(_ bytes: Span<UInt8>, as format: PostgresFormat) -> [Self]?
}

extension PostgresDecodable {
    /// NULL is an error.
    public static var postgresNull: Self? { nil }

    /// Reads a one-dimensional array; nil for one with more dimensions.
    public static func decodeArray(_ bytes: Span<UInt8>, as format: PostgresFormat) -> [Self]? {
        format.isBinary
            ? ArrayForm.binary(bytes, of: Self.self) : ArrayForm.text(bytes, type: format.type, of: Self.self)
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    public static func decode(_ bytes: Span<UInt8>, as format: PostgresFormat) -> Wrapped?? {
        guard let value = Wrapped.decode(bytes, as: format) else { return nil }
        return .some(.some(value))
    }

    public static var postgresNull: Wrapped?? { .some(.none) }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    public static func decode(_ bytes: Span<UInt8>, as format: PostgresFormat) -> [Element]? {
        Element.decodeArray(bytes, as: format)
    }
}
