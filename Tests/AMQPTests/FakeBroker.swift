import Foundation
import Glibc
import Synchronization

/// A server on loopback that says what a test wants it to say, in the place of a broker.
final class FakeBroker: Sendable {
    private struct State {
        var descriptors: [Int32] = []
        var isClosed = false
    }

    let port: Int
    private let listener: Int32
    private let state = Mutex(State())

    /// Starts listening on a free port.
    ///
    /// - Parameter serve: plays the broker on one connection, which ends with it; runs on a queue of its own, and may block. The
    ///   number counts the connections from 1.
    init(_ serve: @escaping @Sendable (FakeBrokerConnection, Int) throws -> Void) throws {
        (listener, port) = try Loopback.listen()
        DispatchQueue(label: "broker.accept").async { [self] in accept(serve) }
    }

    private func accept(_ serve: @escaping @Sendable (FakeBrokerConnection, Int) throws -> Void) {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { break }
            let number = state.withLock { state in
                guard !state.isClosed else { return 0 }
                state.descriptors.append(descriptor)
                return state.descriptors.count
            }
            guard number > 0 else {
                Glibc.close(descriptor)
                break
            }
            DispatchQueue(label: "broker.connection").async {
                try? serve(FakeBrokerConnection(descriptor), number)  // it ends when the peer goes
                _ = shutdown(descriptor, Int32(SHUT_RDWR))
            }
        }
        Glibc.close(listener)
    }

    /// Connections taken so far.
    var connectionCount: Int { state.withLock { $0.descriptors.count } }

    /// Stops listening and ends all connections. The descriptors of a test's few connections are left to the process.
    func close() {
        let descriptors = state.withLock { state in
            state.isClosed = true
            return state.descriptors
        }
        _ = shutdown(listener, Int32(SHUT_RDWR))
        for descriptor in descriptors { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
}

/// The broker's end of one connection. All calls block.
struct FakeBrokerConnection: Sendable {
    struct PeerIsGone: Error {}

    struct Frame {
        let type: UInt8
        let channel: UInt16
        let payload: [UInt8]

        /// Class and method of a method frame; else nil.
        var method: [UInt16]? {
            guard type == 1 else { return nil }
            return [UInt16(payload[0]) << 8 | UInt16(payload[1]), UInt16(payload[2]) << 8 | UInt16(payload[3])]
        }
    }

    let descriptor: Int32

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Sends bytes.
    func send(_ bytes: [UInt8]) throws {
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress! + start, $0.count - start, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw PeerIsGone() }
            start += count
        }
    }

    /// Sends the same bytes again and again until the peer goes, or until it has taken so many.
    ///
    /// - Returns: how many it took.
    func flood(_ bytes: [UInt8], limit: Int) -> Int {
        let piece = Array(repeatElement(bytes, count: max(1, (1 << 16) / bytes.count)).joined())
        var count = 0
        while count < limit {
            do { try send(piece) } catch { break }  // that is the end of it
            count += piece.count
        }
        return count
    }

    func read(_ count: Int) throws -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        var start = 0
        while start < count {
            let received = unsafe result.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress! + start, $0.count - start, 0)
            }
            guard received > 0 else { throw PeerIsGone() }
            start += received
        }
        return result
    }

    func nextFrame() throws -> Frame {
        let head = try read(7)
        let size = head[3...6].reduce(0) { $0 << 8 | Int($1) }
        let payload = try read(size + 1)
        return Frame(type: head[0], channel: UInt16(head[1]) << 8 | UInt16(head[2]), payload: payload.dropLast())
    }

    /// Skips frames until this method comes.
    ///
    /// - Returns: its fields.
    @discardableResult
    func expect(_ classID: UInt16, _ methodID: UInt16) throws -> [UInt8] {
        while true {
            let frame = try nextFrame()
            if frame.method == [classID, methodID] { return Array(frame.payload[4...]) }
        }
    }

    /// Waits until the peer goes.
    func awaitEnd() {
        while (try? read(1)) != nil {}  // the error is the end
    }

    // MARK: A broker that behaves

    func readProtocolHeader() throws { _ = try read(8) }

    func logIn(tune: [UInt8] = Wire.tune()) throws {
        try readProtocolHeader()
        try send(Wire.start)
        try expect(10, 11)
        try send(tune)
        try expect(10, 40)
        try send(Wire.openOK)
    }

    func openChannel() throws {
        try expect(20, 10)
        try send(Wire.channelOpenOK)
    }

    /// Everything up to the subscription.
    ///
    /// - Returns: its tag.
    @discardableResult
    func startConsumer() throws -> String {
        try logIn()
        try openChannel()
        try expect(60, 10)
        try send(Wire.method(60, 11))
        let fields = try expect(60, 20)
        let queueEnd = 3 + Int(fields[2])
        let tag = Array(fields[(queueEnd + 1)...].prefix(Int(fields[queueEnd])))
        try send(Wire.method(60, 21, [UInt8(tag.count)] + tag))
        return String(decoding: tag, as: UTF8.self)
    }

    /// Everything up to the confirms.
    func startPublisher() throws {
        try logIn()
        try openChannel()
        try expect(85, 10)
        try send(Wire.method(85, 11))
    }

    /// Answers requests and confirms publications until the peer goes.
    func serve() throws {
        var published: UInt64 = 0
        while true {
            let frame = try nextFrame()
            switch frame.method {
            case [10, 50]: try send(Wire.method(10, 51, channel: 0))
            case [20, 10]: try send(Wire.channelOpenOK)
            case [20, 40]: try send(Wire.method(20, 41))
            case [50, 10]: try send(Wire.queueDeclared())
            case [60, 10]: try send(Wire.method(60, 11))
            case nil where frame.type == 3:
                published += 1
                try send(Wire.acknowledge(published))
            default: break
            }
        }
    }
}
