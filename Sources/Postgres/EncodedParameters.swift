import Foundation

/// The parameters of one statement in wire form, all in one buffer.
///
/// Made on the caller's task, so that the connection's queue has only pointers to compute.
struct EncodedParameters: Sendable {
    /// Where one value lies in ``bytes``; nil for NULL.
    struct Field: Sendable {
        var range: Range<Int>?
        var type: UInt32
        var isBinary: Bool
    }

    private(set) var bytes: [UInt8] = []
    private(set) var fields: [Field] = []

    /// The protocol's limit on the number of parameters.
    static let maximumCount = 65_535

    /// No parameters.
    static let none = EncodedParameters()

    private init() {}

    init(_ values: [PostgresValue]) throws(PostgresError) {
        guard values.count <= Self.maximumCount else {
            throw PostgresError(
                .queryFailed,
                "a statement has \(values.count) parameters, the limit is \(Self.maximumCount): pass arrays",
                sqlState: "54023", action: .giveUp)
        }
        fields.reserveCapacity(values.count)
        bytes.reserveCapacity(values.reduce(256) { $0 + Self.bulk($1) })
        for (index, value) in values.enumerated() {
            try append(value, position: index + 1)
        }
        // A spare byte: an empty buffer has no address, but an empty value is not NULL.
        bytes.append(0)
        guard bytes.count < Int(Int32.max) else {
            throw PostgresError(.queryFailed, "the parameters of a statement exceed 2 GiB", sqlState: "54000")
        }
    }

    /// About how many bytes a value needs, where it may be long: growing step by step would copy them several times.
    private static func bulk(_ value: PostgresValue) -> Int {
        switch value {
        case .text(let text), .json(let text): text.utf8.count + 1
        case .bytes(let bytes): bytes.count
        case .bytesArray(let items): items.reduce(20) { $0 + 4 + ($1?.count ?? 0) }
        case .textArray(let items), .jsonArray(let items): items.reduce(20) { $0 + 5 + ($1?.utf8.count ?? 0) }
        default: 16
        }
    }

    private mutating func append(_ value: PostgresValue, position: Int) throws(PostgresError) {
        switch value {
        case .null: fields.append(Field(range: nil, type: 0, isBinary: false))
        case .text(let text), .json(let text):
            let start = bytes.count
            bytes.append(contentsOf: text.utf8)
            try checkText(from: start, position: position)
            fields.append(Field(range: start..<bytes.count, type: 0, isBinary: false))
            bytes.append(0)  // libpq takes text parameters as C strings
        case .bool(let value): scalar(PostgresType.bool) { $0.appendBool(value) }
        case .int(let value): scalar(PostgresType.int8) { $0.appendBigEndian(value) }
        case .double(let value): scalar(PostgresType.float8) { $0.appendBigEndian(value.bitPattern) }
        case .bytes(let value): scalar(PostgresType.bytea) { $0.append(contentsOf: value) }
        case .date(let value): scalar(PostgresType.timestamptz) { $0.appendBigEndian(Timestamps.microseconds(value)) }
        case .uuid(let value): scalar(PostgresType.uuid) { $0.appendUUID(value) }
        default: try appendArray(value, position: position)
        }
    }

    private mutating func appendArray(_ value: PostgresValue, position: Int) throws(PostgresError) {
        let start = bytes.count
        switch value {
        case .boolArray(let items): array(PostgresType.boolArray, items) { $0.appendBool($1) }
        case .intArray(let items): array(PostgresType.int8Array, items) { $0.appendBigEndian($1) }
        case .doubleArray(let items): array(PostgresType.float8Array, items) { $0.appendBigEndian($1.bitPattern) }
        case .bytesArray(let items): array(PostgresType.byteaArray, items) { $0.append(contentsOf: $1) }
        case .dateArray(let items):
            array(PostgresType.timestamptzArray, items) { $0.appendBigEndian(Timestamps.microseconds($1)) }
        case .uuidArray(let items): array(PostgresType.uuidArray, items) { $0.appendUUID($1) }
        case .textArray(let items):
            try checkText(items, position: position)
            array(PostgresType.textArray, items) { $0.append(contentsOf: $1.utf8) }
        case .jsonArray(let items):
            try checkText(items, position: position)
            array(PostgresType.jsonbArray, items) { bytes, item in
                bytes.append(1)  // version of the jsonb wire form
                bytes.append(contentsOf: item.utf8)
            }
        default: fields.append(Field(range: start..<start, type: 0, isBinary: false))
        }
    }

    private mutating func scalar(_ type: UInt32, _ write: (inout [UInt8]) -> Void) {
        let start = bytes.count
        write(&bytes)
        fields.append(Field(range: start..<bytes.count, type: type, isBinary: true))
    }

    /// Writes a one-dimensional array in the form `array_recv` reads: dimensions, NULL flag, element type, length,
    /// lower bound, then each element behind its length (-1 for NULL).
    private mutating func array<Item>(_ type: UInt32, _ items: [Item?], _ write: (inout [UInt8], Item) -> Void) {
        let start = bytes.count
        bytes.appendBigEndian(Int32(items.isEmpty ? 0 : 1))
        bytes.appendBigEndian(Int32(items.contains { $0 == nil } ? 1 : 0))
        bytes.appendBigEndian(PostgresType.element(ofArray: type) ?? 0)
        if !items.isEmpty {
            bytes.appendBigEndian(Int32(clamping: items.count))
            bytes.appendBigEndian(Int32(1))
        }
        for item in items {
            guard let item else {
                bytes.appendBigEndian(Int32(-1))
                continue
            }
            let lengthIndex = bytes.count
            bytes.appendBigEndian(Int32(0))
            write(&bytes, item)
            bytes.setBigEndian(Int32(clamping: bytes.count - lengthIndex - 4), at: lengthIndex)
        }
        fields.append(Field(range: start..<bytes.count, type: type, isBinary: true))
    }

    private func checkText(from start: Int, position: Int) throws(PostgresError) {
        if bytes[start...].contains(0) { throw Self.zeroByte(position) }
    }

    private func checkText(_ items: [String?], position: Int) throws(PostgresError) {
        for case .some(let item) in items where item.utf8.contains(0) { throw Self.zeroByte(position) }
    }

    /// PostgreSQL cannot store U+0000 in text; a C string would be cut there without a word.
    private static func zeroByte(_ position: Int) -> PostgresError {
        PostgresError(.queryFailed, "parameter $\(position) contains U+0000, which text cannot hold", sqlState: "22021")
    }
}

extension [UInt8] {
    mutating func appendBool(_ value: Bool) { append(value ? 1 : 0) }

    mutating func appendBigEndian<Value: FixedWidthInteger>(_ value: Value) {
        var shift = Value.bitWidth - 8
        while shift >= 0 {
            append(UInt8(truncatingIfNeeded: value >> Value(shift)))
            shift -= 8
        }
    }

    mutating func setBigEndian(_ value: Int32, at index: Int) {
        self[index] = UInt8(truncatingIfNeeded: value >> 24)
        self[index + 1] = UInt8(truncatingIfNeeded: value >> 16)
        self[index + 2] = UInt8(truncatingIfNeeded: value >> 8)
        self[index + 3] = UInt8(truncatingIfNeeded: value)
    }

    mutating func appendUUID(_ value: UUID) {
        let u = value.uuid
        append(contentsOf: [
            u.0, u.1, u.2, u.3, u.4, u.5, u.6, u.7, u.8, u.9, u.10, u.11, u.12, u.13, u.14, u.15,
        ])
    }
}
