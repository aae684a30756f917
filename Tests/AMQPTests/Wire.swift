/// Frames as a broker would send them, or as one never would.
enum Wire {
    /// A frame of any type with any payload, well formed.
    static func frame(type: UInt8, channel: UInt16, _ payload: [UInt8]) -> [UInt8] {
        [type] + bytes(channel) + bytes(UInt32(payload.count)) + payload + [0xCE]
    }

    static func method(_ classID: UInt16, _ methodID: UInt16, _ fields: [UInt8] = [], channel: UInt16 = 1) -> [UInt8] {
        frame(type: 1, channel: channel, bytes(classID) + bytes(methodID) + fields)
    }

    /// - Parameters:
    ///   - size: how large a body it announces.
    ///   - properties: the flags, and the properties that they name.
    static func header(
        size: UInt64, properties: [UInt8] = [0, 0], classID: UInt16 = 60, channel: UInt16 = 1
    ) -> [UInt8] {
        frame(type: 2, channel: channel, bytes(classID) + [0, 0] + bytes(size) + properties)
    }

    static func body(_ content: [UInt8], channel: UInt16 = 1) -> [UInt8] { frame(type: 3, channel: channel, content) }

    static let heartbeat = frame(type: 8, channel: 0, [])

    // MARK: Methods

    static let start = start(properties: table([]))

    static func start(version: [UInt8] = [0, 9], properties: [UInt8], mechanisms: String = "PLAIN") -> [UInt8] {
        method(10, 10, version + properties + longString(mechanisms) + longString("en_US"), channel: 0)
    }

    static func tune(frameMaximum: UInt32 = 131_072, heartbeat: UInt16 = 10) -> [UInt8] {
        method(10, 30, bytes(UInt16(2047)) + bytes(frameMaximum) + bytes(heartbeat), channel: 0)
    }

    static let openOK = method(10, 41, [0], channel: 0)
    static let channelOpenOK = method(20, 11, [0, 0, 0, 0])

    static func connectionClose(_ code: UInt16, _ text: String) -> [UInt8] {
        method(10, 50, bytes(code) + shortString(text) + [0, 0, 0, 0], channel: 0)
    }

    static func channelClose(_ code: UInt16, _ text: String) -> [UInt8] {
        method(20, 40, bytes(code) + shortString(text) + [0, 0, 0, 0])
    }

    static func deliver(_ number: UInt64, to consumerTag: String, channel: UInt16 = 1) -> [UInt8] {
        method(
            60, 60, shortString(consumerTag) + bytes(number) + [0] + shortString("") + shortString("queue"),
            channel: channel)
    }

    /// A delivery with its header and its body.
    static func message(
        _ number: UInt64, to consumerTag: String, properties: [UInt8] = [0, 0], _ content: [UInt8]
    ) -> [UInt8] {
        deliver(number, to: consumerTag) + header(size: UInt64(content.count), properties: properties) + body(content)
    }

    static func acknowledge(_ number: UInt64, multiple: Bool = false) -> [UInt8] {
        method(60, 80, bytes(number) + [multiple ? 1 : 0])
    }

    static func queueDeclared(messages: UInt32 = 0, consumers: UInt32 = 1) -> [UInt8] {
        method(50, 11, shortString("queue") + bytes(messages) + bytes(consumers))
    }

    // MARK: Values

    static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        (0..<(value.bitWidth / 8)).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    static func shortString(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
    static func longString(_ text: String) -> [UInt8] { bytes(UInt32(text.utf8.count)) + Array(text.utf8) }

    /// A table of entries that are encoded already.
    static func table(_ entries: [UInt8]) -> [UInt8] { bytes(UInt32(entries.count)) + entries }

    /// The properties of a message that has nothing but headers.
    static func headers(_ table: [UInt8]) -> [UInt8] { [0x20, 0] + table }

    /// What nests as deep as the bytes allow.
    enum Nesting: CaseIterable {
        case tables, arrays

        /// - Parameter size: the most bytes that it may take.
        func table(size: Int) -> [UInt8] {
            switch self {
            case .tables: Wire.nestedTables(size: 4 + (size - 4) / 7 * 7)
            case .arrays: Wire.nestedArrays(size: size)
            }
        }
    }

    /// A table in a table in a table.
    private static func nestedTables(size: Int) -> [UInt8] {
        var result: [UInt8] = []
        var rest = size - 4
        result += bytes(UInt32(rest))
        while rest >= 7 {
            rest -= 7
            result += [1, 0x6B, UInt8(ascii: "F")] + bytes(UInt32(rest))
        }
        return result
    }

    /// A list in a list in a list in a table.
    private static func nestedArrays(size: Int) -> [UInt8] {
        var result: [UInt8] = []
        var rest = size - 4
        result += bytes(UInt32(rest)) + [1, 0x6B]
        rest -= 2
        while rest >= 5 {
            rest -= 5
            result += [UInt8(ascii: "A")] + bytes(UInt32(rest))
        }
        return result + [UInt8](repeating: UInt8(ascii: "V"), count: rest)
    }
}
