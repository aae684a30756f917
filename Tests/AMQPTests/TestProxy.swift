import Foundation
import Glibc
import Synchronization

/// A TCP proxy in front of the broker that can cut, stall and forge.
///
/// Each direction of each connection is copied by a blocking loop on a queue of its own.
final class TestProxy: Sendable {
    enum Direction: Sendable {
        case toBroker
        case toClient
    }

    private final class Connection: Sendable {
        let client: Int32
        let broker: Int32
        init(client: Int32, broker: Int32) {
            self.client = client
            self.broker = broker
        }
    }

    private struct State {
        var connections: [Connection] = []
        var stalled: Set<ObjectIdentifier> = []
        var stalledDirections: Set<String> = []
        var bytesToBroker = 0
        var isClosed = false
    }

    let port: Int
    private let listener: Int32
    private let brokerPort: Int
    private let state = Mutex(State())
    private let condition = NSCondition()

    /// Starts listening on a free port of loopback.
    init(brokerPort: Int) throws {
        self.brokerPort = brokerPort
        (listener, port) = try Loopback.listen()
        DispatchQueue(label: "proxy.accept").async { [self] in acceptLoop() }
    }

    private func acceptLoop() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return }
            let broker = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = Loopback.address(port: brokerPort)
            let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    unsafe connect(broker, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard isConnected else {
                Glibc.close(client)
                Glibc.close(broker)
                continue
            }
            let connection = Connection(client: client, broker: broker)
            state.withLock { $0.connections.append(connection) }
            DispatchQueue(label: "proxy.up").async { [self] in copy(connection, .toBroker) }
            DispatchQueue(label: "proxy.down").async { [self] in copy(connection, .toClient) }
        }
    }

    private func copy(_ connection: Connection, _ direction: Direction) {
        let (source, target) =
            direction == .toBroker ? (connection.client, connection.broker) : (connection.broker, connection.client)
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(source, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { break }
            waitWhileStalled(connection, direction)
            if direction == .toBroker { state.withLock { $0.bytesToBroker += count } }
            guard Self.write(buffer[..<count], to: target) else { break }
        }
        _ = shutdown(connection.client, Int32(SHUT_RDWR))
        _ = shutdown(connection.broker, Int32(SHUT_RDWR))
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to target: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func waitWhileStalled(_ connection: Connection, _ direction: Direction) {
        condition.lock()
        while state.withLock({
            $0.stalled.contains(ObjectIdentifier(connection)) && $0.stalledDirections.contains("\(direction)")
        }) {
            condition.wait()
        }
        condition.unlock()
    }

    /// Bytes that clients have sent so far.
    var bytesToBroker: Int { state.withLock { $0.bytesToBroker } }
    /// Connections made so far.
    var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Stops copying on the connections that exist now; later ones are not affected.
    func stall(_ directions: Direction...) {
        state.withLock { state in
            state.stalled.formUnion(state.connections.map { ObjectIdentifier($0) })
            state.stalledDirections = Set(directions.map { "\($0)" })
        }
    }

    /// Copies again.
    func release() {
        condition.lock()
        state.withLock { $0.stalled = [] }
        condition.broadcast()
        condition.unlock()
    }

    /// Ends all connections that exist now.
    func cut() {
        let connections = state.withLock { $0.connections }
        for connection in connections {
            _ = shutdown(connection.client, Int32(SHUT_RDWR))
            _ = shutdown(connection.broker, Int32(SHUT_RDWR))
        }
        release()
    }

    /// Sends bytes to the newest client as if they came from the broker; the broker must be silent meanwhile.
    func forge(_ bytes: [UInt8]) {
        guard let newest = state.withLock({ $0.connections.last }) else { return }
        _ = Self.write(bytes[...], to: newest.client)
    }

    /// Stops listening and ends all connections. The descriptors of a test's few connections are left to the process.
    func close() {
        _ = shutdown(listener, Int32(SHUT_RDWR))
        cut()
    }

    /// A method frame on a channel.
    static func frame(channel: UInt8, classID: UInt8, methodID: UInt8, _ fields: [UInt8] = []) -> [UInt8] {
        [1, 0, channel, 0, 0, 0, UInt8(fields.count + 4), 0, classID, 0, methodID] + fields + [0xCE]
    }

    /// A short string field.
    static func shortString(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
}
