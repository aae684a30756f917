/// Reads whole numbers of any width, in either form.
enum IntegerForm {
    static func decode<Value: FixedWidthInteger>(_ bytes: Span<UInt8>, as format: PostgresFormat) -> Value? {
        guard format.isBinary else { return text(bytes) }
        switch format.type {
        case PostgresType.xid8: return bytes.bigEndian(at: 0, as: UInt64.self).flatMap(Value.init(exactly:))
        case PostgresType.int8: return bytes.bigEndian(at: 0, as: Int64.self).flatMap(Value.init(exactly:))
        case PostgresType.int4: return bytes.bigEndian(at: 0, as: Int32.self).flatMap(Value.init(exactly:))
        case PostgresType.int2: return bytes.bigEndian(at: 0, as: Int16.self).flatMap(Value.init(exactly:))
        case PostgresType.oid, PostgresType.xid:
            return bytes.bigEndian(at: 0, as: UInt32.self).flatMap(Value.init(exactly:))
        case PostgresType.numeric: return NumericForm.text(bytes).flatMap { Value($0) }
        default: return nil
        }
    }

    private static func text<Value: FixedWidthInteger>(_ bytes: Span<UInt8>) -> Value? {
        bytes.count <= 40 ? Value(bytes.text) : nil
    }
}

extension Int: PostgresDecodable {
    public static func decode(_ bytes: Span<UInt8>, as format: PostgresFormat) -> Int? {
        IntegerForm.decode(bytes, as: format)
    }
}

extension Int16: PostgresDecodable {
    public static func decode(_ bytes: Span<UInt8>, as format: PostgresFormat) -> Int16? {
        IntegerForm.decode(bytes, as: format)
    }
}

extension Int32: PostgresDecodable {
    public static func decode(_ bytes: Span<UInt8>, as format: PostgresFormat) -> Int32? {
        IntegerForm.decode(bytes, as: format)
    }
}

extension Int64: PostgresDecodable {
    public static func decode(_ bytes: Span<UInt8>, as format: PostgresFormat) -> Int64? {
        IntegerForm.decode(bytes, as: format)
    }
}

extension UInt8: PostgresDecodable {
    public static func decode(_ bytes: Span<UInt8>, as format: PostgresFormat) -> UInt8? {
        IntegerForm.decode(bytes, as: format)
    }

    /// Reads `bytea`, or an array of small numbers.
    public static func decodeArray(_ bytes: Span<UInt8>, as format: PostgresFormat) -> [UInt8]? {
        if format.type == PostgresType.bytea {
            return format.isBinary ? bytes.copy : ByteaForm.decodeText(bytes)
        }
        guard PostgresType.element(ofArray: format.type) != nil else { return nil }
        return format.isBinary
            ? ArrayForm.binary(bytes, of: UInt8.self) : ArrayForm.text(bytes, type: format.type, of: UInt8.self)
    }
}

extension Double: PostgresDecodable {
    public static func decode(_ bytes: Span<UInt8>, as format: PostgresFormat) -> Double? {
        guard format.isBinary else { return isNumber(format.type) ? Double(bytes.text) : nil }
        switch format.type {
        case PostgresType.float8: return bytes.bigEndian(at: 0, as: UInt64.self).map(Double.init(bitPattern:))
        case PostgresType.float4:
            return bytes.bigEndian(at: 0, as: UInt32.self).map { Double(Float(bitPattern: $0)) }
        case PostgresType.numeric: return NumericForm.text(bytes).flatMap(Double.init)
        default: return IntegerForm.decode(bytes, as: format).map { (value: Int64) in Double(value) }
        }
    }

    private static func isNumber(_ type: UInt32) -> Bool {
        switch type {
        case PostgresType.float8, PostgresType.float4, PostgresType.numeric, PostgresType.int2, PostgresType.int4,
            PostgresType.int8, PostgresType.oid, PostgresType.xid, PostgresType.xid8:
            true
        default: false
        }
    }
}

extension Float: PostgresDecodable {
    public static func decode(_ bytes: Span<UInt8>, as format: PostgresFormat) -> Float? {
        Double.decode(bytes, as: format).map(Float.init)
    }
}

/// Reads `numeric`: digits to the base 10,000 with a weight, a sign and a display scale.
enum NumericForm {
    private static let negative: UInt16 = 0x4000
    private static let notANumber: UInt16 = 0xC000
    private static let positiveInfinity: UInt16 = 0xD000
    private static let negativeInfinity: UInt16 = 0xF000

    /// The exact decimal text, as the server would write it; nil when the bytes are not a numeric.
    static func text(_ bytes: Span<UInt8>) -> String? {
        guard let count: Int16 = bytes.bigEndian(at: 0), let weight: Int16 = bytes.bigEndian(at: 2),
            let sign: UInt16 = bytes.bigEndian(at: 4), let scale: Int16 = bytes.bigEndian(at: 6), count >= 0,
            scale >= 0,
            bytes.count >= 8 + 2 * Int(count)
        else { return nil }
        switch sign {
        case notANumber: return "NaN"
        case positiveInfinity: return "Infinity"
        case negativeInfinity: return "-Infinity"
        default: break
        }
        var text: [UInt8] = sign == negative ? [UInt8(ascii: "-")] : []
        let groups = (0..<Int(count)).map { Int(bytes.bigEndian(at: 8 + 2 * $0, as: UInt16.self) ?? 0) }
        func group(_ index: Int) -> Int { groups.indices.contains(index) ? groups[index] : 0 }
        text.append(contentsOf: String(weight < 0 ? 0 : group(0)).utf8)
        if weight > 0 {
            for index in 1...Int(weight) { append(group(index), to: &text) }
        }
        if scale > 0 {
            text.append(UInt8(ascii: "."))
            var fraction: [UInt8] = []
            var index = Int(weight) + 1
            while fraction.count < Int(scale) {
                append(group(index), to: &fraction)
                index += 1
            }
            text.append(contentsOf: fraction.prefix(Int(scale)))
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func append(_ group: Int, to text: inout [UInt8]) {
        for divisor in [1000, 100, 10, 1] { text.append(UInt8(ascii: "0") + UInt8(group / divisor % 10)) }
    }
}
