import Foundation

/// Writes rows in COPY's text form: tabs between fields, `\N` for NULL, backslash escapes.
struct CopyEncoder {
    private(set) var bytes: [UInt8] = []
    private let columnCount: Int

    /// A chunk is handed over once it has this many bytes.
    static let chunkSize = 128 * 1024

    init(columnCount: Int) {
        self.columnCount = columnCount
        bytes.reserveCapacity(Self.chunkSize + 16 * 1024)
    }

    var isChunkFull: Bool { bytes.count >= Self.chunkSize }

    mutating func takeChunk() -> [UInt8] {
        let chunk = bytes
        bytes.removeAll(keepingCapacity: false)
        bytes.reserveCapacity(Self.chunkSize + 16 * 1024)
        return chunk
    }

    mutating func append(_ row: [PostgresValue]) throws(PostgresError) {
        guard row.count == columnCount else {
            throw PostgresError(
                .queryFailed, "a row to copy has \(row.count) fields instead of \(columnCount)", action: .giveUp)
        }
        for (index, value) in row.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "\t")) }
            try append(value)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func append(_ value: PostgresValue) throws(PostgresError) {
        switch value {
        case .null: bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "N")])
        case .int(let number): appendNumber(number)
        default: try appendEscaped(TextForm.text(of: value))
        }
    }

    private mutating func appendNumber(_ number: Int64) {
        bytes.append(contentsOf: String(number).utf8)
    }

    private mutating func appendEscaped(_ text: String) throws(PostgresError) {
        for byte in text.utf8 {
            switch byte {
            case 0x5C: bytes.append(contentsOf: [0x5C, 0x5C])
            case 0x0A: bytes.append(contentsOf: [0x5C, 0x6E])
            case 0x0D: bytes.append(contentsOf: [0x5C, 0x72])
            case 0x09: bytes.append(contentsOf: [0x5C, 0x74])
            case 0: throw PostgresError(.queryFailed, "a row to copy contains U+0000", sqlState: "22021")
            default: bytes.append(byte)
            }
        }
    }
}

/// The text forms of values, as the server's input functions read them.
enum TextForm {
    static func text(of value: PostgresValue) -> String {
        switch value {
        case .null: ""
        case .bool(let value): bool(value)
        case .int(let value): String(value)
        case .double(let value): double(value)
        case .text(let value), .json(let value): value
        case .bytes(let value): ByteaForm.text(value.span)
        case .date(let value): Timestamps.text(microseconds: Timestamps.microseconds(value))
        case .uuid(let value): value.uuidString
        case .boolArray(let items): array(items, bool)
        case .intArray(let items): array(items) { String($0) }
        case .doubleArray(let items): array(items, double)
        case .textArray(let items), .jsonArray(let items): array(items) { quoted($0) }
        case .bytesArray(let items): array(items) { quoted(ByteaForm.text($0.span)) }
        case .dateArray(let items): array(items) { quoted(Timestamps.text(microseconds: Timestamps.microseconds($0))) }
        case .uuidArray(let items): array(items) { $0.uuidString }
        }
    }

    private static func bool(_ value: Bool) -> String { value ? "t" : "f" }

    private static func double(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        return value.isInfinite ? (value > 0 ? "Infinity" : "-Infinity") : "\(value)"
    }

    private static func array<Item>(_ items: [Item?], _ text: (Item) -> String) -> String {
        "{" + items.map { $0.map(text) ?? "NULL" }.joined(separator: ",") + "}"
    }

    private static func quoted(_ element: String) -> String {
        var bytes: [UInt8] = [0x22]
        for byte in element.utf8 {
            if byte == 0x22 || byte == 0x5C { bytes.append(0x5C) }
            bytes.append(byte)
        }
        bytes.append(0x22)
        return String(decoding: bytes, as: UTF8.self)
    }
}
