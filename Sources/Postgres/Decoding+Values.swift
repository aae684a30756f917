public import Foundation

extension Bool: PostgresDecodable {
    public static func decode(_ bytes: Span<UInt8>, as format: PostgresFormat) -> Bool? {
        guard format.type == PostgresType.bool, bytes.count == 1 else { return nil }
        return format.isBinary ? bytes[0] != 0 : bytes[0] == UInt8(ascii: "t")
    }
}

extension Date: PostgresDecodable {
    /// Reads timestamptz, and timestamp and date as UTC.
    public static func decode(_ bytes: Span<UInt8>, as format: PostgresFormat) -> Date? {
        switch format.type {
        case PostgresType.timestamptz, PostgresType.timestamp, PostgresType.date: break
        default: return nil
        }
        guard format.isBinary else {
            return Timestamps.microseconds(text: bytes.text).map(Timestamps.date(microseconds:))
        }
        guard format.type == PostgresType.date else {
            return bytes.bigEndian(at: 0, as: Int64.self).map(Timestamps.date(microseconds:))
        }
        return bytes.bigEndian(at: 0, as: Int32.self).map(Timestamps.date(days:))
    }
}

extension UUID: PostgresDecodable {
    public static func decode(_ bytes: Span<UInt8>, as format: PostgresFormat) -> UUID? {
        guard format.type == PostgresType.uuid else { return nil }
        guard format.isBinary else { return UUID(uuidString: bytes.text) }
        guard bytes.count == 16 else { return nil }
        let b = bytes
        return UUID(
            uuid: (
                b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]
            ))
    }
}

extension String: PostgresDecodable {
    /// Reads any type, in the text form the server gives it; `uuid` in lower case, numbers in their shortest form.
    public static func decode(_ bytes: Span<UInt8>, as format: PostgresFormat) -> String? {
        guard format.isBinary else { return bytes.text }
        switch format.type {
        case PostgresType.jsonb: return bytes.count > 0 ? bytes.extracting(1..<bytes.count).text : nil
        case PostgresType.bool: return bytes.count == 1 ? (bytes[0] != 0 ? "t" : "f") : nil
        case PostgresType.int8, PostgresType.int4, PostgresType.int2, PostgresType.oid, PostgresType.xid:
            return Int64.decode(bytes, as: format).map { String($0) }
        case PostgresType.xid8: return bytes.bigEndian(at: 0, as: UInt64.self).map { String($0) }
        case PostgresType.float8: return Double.decode(bytes, as: format).map { shortest("\($0)") }
        case PostgresType.float4: return Float.decode(bytes, as: format).map { shortest("\($0)") }
        case PostgresType.numeric: return NumericForm.text(bytes)
        case PostgresType.bytea: return ByteaForm.text(bytes)
        case PostgresType.uuid: return UUID.decode(bytes, as: format)?.uuidString.lowercased()
        case PostgresType.timestamptz: return bytes.bigEndian(at: 0).map { Timestamps.text(microseconds: $0) }
        case PostgresType.timestamp: return bytes.bigEndian(at: 0).map { Timestamps.text(microseconds: $0, zone: "") }
        case PostgresType.date: return bytes.bigEndian(at: 0).map { Timestamps.text(days: $0) }
        default:
            return PostgresType.element(ofArray: format.type) == nil ? bytes.text : ArrayForm.text(ofBinary: bytes)
        }
    }

    /// Swift's text of a number in the server's spelling.
    private static func shortest(_ text: String) -> String {
        switch text {
        case "inf": "Infinity"
        case "-inf": "-Infinity"
        case "nan", "-nan": "NaN"
        default: text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        }
    }
}

/// The text form of `bytea`.
enum ByteaForm {
    private static let digits = Array("0123456789abcdef".utf8)

    /// `\x` and hexadecimal digits.
    static func text(_ bytes: Span<UInt8>) -> String {
        var text = Array("\\x".utf8)
        text.reserveCapacity(2 + 2 * bytes.count)
        for index in bytes.indices {
            text.append(digits[Int(bytes[index] >> 4)])
            text.append(digits[Int(bytes[index] & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func decodeText(_ bytes: Span<UInt8>) -> [UInt8]? {
        guard bytes.count >= 2, bytes.count % 2 == 0, bytes[0] == UInt8(ascii: "\\"), bytes[1] == UInt8(ascii: "x")
        else {
            return nil
        }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count / 2 - 1)
        for index in stride(from: 2, to: bytes.count, by: 2) {
            guard let high = nibble(bytes[index]), let low = nibble(bytes[index + 1]) else { return nil }
            result.append(high << 4 | low)
        }
        return result
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
