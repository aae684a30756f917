/// Reads arrays in the forms of `array_send` and `array_out`.
enum ArrayForm {
    static func binary<Item: PostgresDecodable>(_ bytes: Span<UInt8>, of: Item.Type) -> [Item]? {
        var items: [Item] = []
        let isWhole = forEachBinary(bytes) { field, type in
            let item = field.map { Item.decode(bytes.extracting($0), as: PostgresFormat(type: type, isBinary: true)) }
            guard let value = item ?? Item.postgresNull else { return false }
            items.append(value)
            return true
        }
        return isWhole ? items : nil
    }

    /// Calls `body` with the range of each element (nil for NULL) and the element type until it returns false.
    ///
    /// - Returns: false when `body` did, the array has several dimensions, or the bytes are not an array.
    static func forEachBinary(_ bytes: Span<UInt8>, _ body: (Range<Int>?, UInt32) -> Bool) -> Bool {
        guard let dimensions: Int32 = bytes.bigEndian(at: 0), let type: UInt32 = bytes.bigEndian(at: 8) else {
            return false
        }
        if dimensions == 0 { return true }
        guard dimensions == 1, let count: Int32 = bytes.bigEndian(at: 12), count >= 0 else { return false }
        var offset = 20
        for _ in 0..<count {
            guard let length: Int32 = bytes.bigEndian(at: offset) else { return false }
            offset += 4
            guard length >= 0 else {
                guard body(nil, type) else { return false }
                continue
            }
            let end = offset + Int(length)
            guard end <= bytes.count, body(offset..<end, type) else { return false }
            offset = end
        }
        return true
    }

    /// Reads `{a,"b c",NULL}`. Every type but `box` separates its elements by a comma.
    static func text<Item: PostgresDecodable>(_ bytes: Span<UInt8>, type: UInt32, of: Item.Type) -> [Item]? {
        guard let elements = textElements(bytes) else { return nil }
        let format = PostgresFormat(type: PostgresType.element(ofArray: type) ?? 0, isBinary: false)
        var items: [Item] = []
        items.reserveCapacity(elements.count)
        for element in elements {
            let item = element.map { Item.decode($0.span, as: format) }
            guard let value = item ?? Item.postgresNull else { return nil }
            items.append(value)
        }
        return items
    }

    private static func textElements(_ bytes: Span<UInt8>) -> [[UInt8]?]? {
        let last = bytes.count - 1
        guard last >= 1, bytes[0] == UInt8(ascii: "{"), bytes[last] == UInt8(ascii: "}") else { return nil }
        var elements: [[UInt8]?] = []
        var index = 1
        while index < last {
            var element: [UInt8] = []
            let isQuoted = bytes[index] == UInt8(ascii: "\"")
            if isQuoted { index += 1 }
            while index < last, isQuoted ? bytes[index] != UInt8(ascii: "\"") : bytes[index] != UInt8(ascii: ",") {
                if bytes[index] == UInt8(ascii: "\\") { index += 1 }
                if !isQuoted, bytes[index] == UInt8(ascii: "{") { return nil }
                element.append(bytes[index])
                index += 1
            }
            if isQuoted { index += 1 }
            elements.append(!isQuoted && element.elementsEqual("NULL".utf8) ? nil : element)
            if index < last, bytes[index] != UInt8(ascii: ",") { return nil }
            index += 1
        }
        return elements
    }

    /// The text form of a binary array, as `array_out` writes it.
    static func text(ofBinary bytes: Span<UInt8>) -> String? {
        var text = "{"
        let isWhole = forEachBinary(bytes) { field, type in
            if text.utf8.count > 1 { text += "," }
            guard let field else {
                text += "NULL"
                return true
            }
            let format = PostgresFormat(type: type, isBinary: true)
            guard let element = String.decode(bytes.extracting(field), as: format) else { return false }
            text += quoted(element)
            return true
        }
        return isWhole ? text + "}" : nil
    }

    private static func quoted(_ element: String) -> String {
        let special: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x22, 0x2C, 0x5C, 0x7B, 0x7D]
        let mustQuote =
            element.isEmpty || element.uppercased() == "NULL" || element.utf8.contains { special.contains($0) }
        guard mustQuote else { return element }
        var bytes: [UInt8] = [0x22]
        for byte in element.utf8 {
            if byte == 0x22 || byte == 0x5C { bytes.append(0x5C) }
            bytes.append(byte)
        }
        bytes.append(0x22)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Span<UInt8> {
    /// The integer in network order at an offset; nil when it does not fit.
    func bigEndian<Value: FixedWidthInteger>(at offset: Int, as: Value.Type = Value.self) -> Value? {
        let size = Value.bitWidth / 8
        guard offset >= 0, offset + size <= count else { return nil }
        var value: Value = 0
        for index in offset..<(offset + size) {
            value = (value << 8) | Value(truncatingIfNeeded: self[index])
        }
        return value
    }

    /// The bytes as UTF-8 text.
    var text: String {
        unsafe withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// A copy of the bytes.
    var copy: [UInt8] {
        unsafe withUnsafeBufferPointer { unsafe [UInt8]($0) }
    }
}
