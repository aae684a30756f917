/// Reads JSON the way pages write it: control characters in strings, comments, stray commas and a missing end are taken.
///
/// Depth and the number of values are capped, and each byte is looked at once, so hostile data costs no more than its size.
struct JSONScanner {
    private let bytes: ContiguousArray<UInt8>
    private let end: Int
    private var position: Int
    private var remaining = 100_000
    private static let maximumDepth = 64

    private init(_ bytes: ContiguousArray<UInt8>, _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// The first value in a range of bytes, or `nil` when there is none.
    static func value(in bytes: ContiguousArray<UInt8>, _ range: Range<Int>) -> JSONValue? {
        var scanner = JSONScanner(bytes, range)
        scanner.skipToStart()
        return scanner.value(depth: 0)
    }

    /// Goes to the first bracket: what stands before it is a comment, a byte order mark or an assignment.
    private mutating func skipToStart() {
        while position < end, bytes[position] != 0x7B, bytes[position] != 0x5B { position += 1 }
    }

    private mutating func value(depth: Int) -> JSONValue? {
        skipSpace()
        guard position < end, remaining > 0, depth < Self.maximumDepth else { return nil }
        remaining -= 1
        switch bytes[position] {
        case 0x7B: return object(depth: depth)
        case 0x5B: return array(depth: depth)
        case 0x22: return .string(string())
        default: return word()
        }
    }

    private mutating func object(depth: Int) -> JSONValue {
        position += 1
        var members: [JSONMember] = []
        while true {
            skipSpace()
            guard position < end else { break }
            let byte = bytes[position]
            if byte == 0x7D {
                position += 1
                break
            }
            guard byte == 0x22 else {
                // A comma, or something that does not belong here.
                if byte == 0x5D { break }
                position += 1
                continue
            }
            let name = string()
            skipSpace()
            guard position < end, bytes[position] == 0x3A else { continue }
            position += 1
            guard let value = value(depth: depth + 1) else { break }
            members.append(JSONMember(name: name, value: value))
        }
        return .object(members)
    }

    private mutating func array(depth: Int) -> JSONValue {
        position += 1
        var elements: [JSONValue] = []
        while true {
            skipSpace()
            guard position < end else { break }
            let byte = bytes[position]
            if byte == 0x5D {
                position += 1
                break
            }
            if byte == 0x2C || byte == 0x3A {
                position += 1
                continue
            }
            if byte == 0x7D { break }
            guard let value = value(depth: depth + 1) else { break }
            elements.append(value)
        }
        return .array(elements)
    }

    /// `true`, `false`, `null` or a number; an unknown word is `null`. Always moves on.
    private mutating func word() -> JSONValue {
        let start = position
        position += 1
        while position < end, Self.isWord(bytes[position]) { position += 1 }
        switch bytes[start] {
        case 0x74: return .bool(true)
        case 0x66: return .bool(false)
        case 0x2D, 0x30...0x39:
            return Double(String(decoding: bytes[start..<position], as: UTF8.self)).map(JSONValue.number) ?? .null
        default: return .null
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == 0x2E || byte == 0x2B || byte == 0x2D
    }

    private mutating func skipSpace() {
        while position < end {
            let byte = bytes[position]
            if byte <= 0x20 {
                position += 1
            } else if byte == 0x2F, position + 1 < end, bytes[position + 1] == 0x2A {
                position += 2
                while position + 1 < end, bytes[position] != 0x2A || bytes[position + 1] != 0x2F { position += 1 }
                position = min(position + 2, end)
            } else if byte == 0x2F, position + 1 < end, bytes[position + 1] == 0x2F {
                while position < end, bytes[position] != 0x0A { position += 1 }
            } else {
                return
            }
        }
    }

    private mutating func string() -> String {
        position += 1
        let start = position
        while position < end, bytes[position] != 0x22, bytes[position] != 0x5C { position += 1 }
        guard position < end, bytes[position] == 0x5C else {
            let text = String(decoding: bytes[start..<position], as: UTF8.self)
            position = min(position + 1, end)
            return text
        }
        return escapedString(from: start)
    }

    private mutating func escapedString(from start: Int) -> String {
        var unescaped = ContiguousArray(bytes[start..<position])
        while position < end {
            let byte = bytes[position]
            position += 1
            if byte == 0x22 { break }
            guard byte == 0x5C, position < end else {
                unescaped.append(byte)
                continue
            }
            let escape = bytes[position]
            position += 1
            switch escape {
            case 0x6E, 0x72, 0x74, 0x62, 0x66: unescaped.append(escape == 0x6E ? 0x0A : 0x20)
            case 0x75: appendUnicodeEscape(to: &unescaped)
            default: unescaped.append(escape)
            }
        }
        return String(decoding: unescaped, as: UTF8.self)
    }

    private mutating func appendUnicodeEscape(to unescaped: inout ContiguousArray<UInt8>) {
        guard var code = hexadecimal() else { return }
        if code & 0xFC00 == 0xD800, position + 1 < end, bytes[position] == 0x5C, bytes[position + 1] == 0x75 {
            let saved = position
            position += 2
            if let low = hexadecimal(), low & 0xFC00 == 0xDC00 {
                code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF)
            } else {
                position = saved
            }
        }
        unescaped.append(contentsOf: String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
    }

    private mutating func hexadecimal() -> UInt32? {
        guard position + 4 <= end else { return nil }
        var code: UInt32 = 0
        for offset in 0..<4 {
            let byte = bytes[position + offset]
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x37
            case 0x61...0x66: digit = byte - 0x57
            default: return nil
            }
            code = code << 4 | UInt32(digit)
        }
        position += 4
        return code
    }
}
