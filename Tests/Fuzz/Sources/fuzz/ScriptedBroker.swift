import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A broker on loopback that takes one connection, says all that it has to say at once, and listens until the peer goes.
struct ScriptedBroker {
    private let listener: Int32
    let host: String
    let port: Int

    /// - Parameter number: which of the many brokers this is. They take turns on the addresses of loopback, because the system
    ///   keeps the port of a connection that has ended for a minute.
    init(number: Int) {
        let host = "127.1.\(number / 250 % 250).\(number % 250 + 1)"
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr(host)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 && listen(listener, 4) == 0
                    && getsockname(listener, generic, &length) == 0
            }
        }
        precondition(isBound, "there is a free port")
        self.host = host
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    /// Returns once the peer has gone. Whoever connects after the first is refused.
    func play(_ script: [UInt8]) {
        let connection = accept(listener, nil, nil)
        close(listener)
        guard connection >= 0 else { return }
        // The answers count for nothing: the peer may go at any time.
        _ = script.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        _ = shutdown(connection, Int32(SHUT_WR))
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while buffer.withUnsafeMutableBytes({ recv(connection, $0.baseAddress, $0.count, 0) }) > 0 {}
        close(connection)
    }
}

/// Makes frames of any bytes: the fuzzer finds its way through sizes and end octets without being told their rules.
struct FrameMaker {
    private static let methods: [(UInt16, UInt16)] = [
        (10, 10), (10, 20), (10, 30), (10, 41), (10, 50), (10, 51), (10, 60), (10, 61), (20, 11), (20, 20), (20, 21),
        (20, 40), (20, 41), (40, 11), (40, 21), (50, 11), (50, 21), (50, 31), (50, 41), (60, 11), (60, 21), (60, 30),
        (60, 31), (60, 50), (60, 60), (60, 71), (60, 72), (60, 80), (60, 111), (60, 120), (85, 11), (90, 11),
    ]
    private static let tags = ["wireroom-1", "wireroom-1-stand-in", "wireroom-2", "x"]

    private var input: ArraySlice<UInt8>

    /// All frames that these bytes stand for.
    static func frames(_ input: ArraySlice<UInt8>) -> [UInt8] {
        var maker = FrameMaker(input: input)
        var result: [UInt8] = []
        while !maker.input.isEmpty { result += maker.next() }
        return result
    }

    static func frame(_ type: UInt8, _ channel: UInt16, _ payload: [UInt8]) -> [UInt8] {
        [type] + bytes(channel) + bytes(UInt32(payload.count)) + payload + [0xCE]
    }

    static func method(_ classID: UInt16, _ methodID: UInt16, _ fields: [UInt8] = []) -> [UInt8] {
        frame(1, classID == 10 ? 0 : 1, bytes(classID) + bytes(methodID) + fields)
    }

    static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        (0..<(value.bitWidth / 8)).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    static func short(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }

    private mutating func byte() -> UInt8 { input.popFirst() ?? 0 }

    /// A piece whose length comes before it.
    private mutating func piece() -> [UInt8] {
        let length = Int(byte())
        defer { input = input.dropFirst(length) }
        return Array(input.prefix(length))
    }

    private mutating func next() -> [UInt8] {
        switch byte() % 12 {
        case 0:
            let (classID, methodID) = Self.methods[Int(byte()) % Self.methods.count]
            return Self.method(classID, methodID, piece())
        case 1:
            let tag = Self.short(Self.tags[Int(byte()) % Self.tags.count])
            return Self.method(
                60, 60, tag + Self.bytes(UInt64(byte())) + [byte() & 1] + Self.short("") + Self.short("q"))
        case 2: return Self.frame(2, 1, [0, 60, 0, 0] + Self.bytes(UInt64(byte())) + piece())
        case 3: return Self.frame(3, 1, piece())
        case 4: return Self.method(60, byte() & 1 == 0 ? 80 : 120, Self.bytes(UInt64(byte())) + [byte() & 3])
        case 5: return Self.method(50, 11, Self.short("q") + Self.bytes(UInt32(byte())) + Self.bytes(UInt32(byte())))
        case 6: return Self.frame(byte(), UInt16(byte() & 3), piece())
        case 7: return piece()
        case 8: return Self.frame(8, 0, [])
        case 9: return Self.method(60, 50, [1, 56] + Self.short("NO") + Self.short("") + Self.short("q"))
        case 10: return Self.method(60, 21, Self.short(Self.tags[Int(byte()) % Self.tags.count]))
        default:
            // A whole message with a table in its headers.
            let number = UInt64(byte())
            let table = piece()
            let properties = [0x20, 0] + Self.bytes(UInt32(table.count)) + table
            return Self.method(60, 60, Self.short(Self.tags[0]) + Self.bytes(number) + [0, 0, 1, 0x71])
                + Self.frame(2, 1, [0, 60, 0, 0] + Self.bytes(UInt64(1)) + properties) + Self.frame(3, 1, [7])
        }
    }
}
