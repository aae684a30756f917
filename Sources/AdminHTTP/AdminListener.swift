import Dispatch
import Glibc
import QueueExecutor

/// Answers GET and HEAD requests on one port: for metrics and health, and nothing else.
///
/// A request is a path; query, headers and bodies are not looked at. Each connection carries one request. Size, time and
/// number of connections are bounded, so a client that is slow, silent or endless costs a descriptor for a few seconds.
public actor AdminListener {
    /// What a listener bears.
    public struct Limits: Sendable {
        /// Connections at once; more are closed as they come.
        public var connections = 32
        /// Bytes of a request's head.
        public var requestBytes = 8192
        /// How long a connection may last, in all.
        public var patience = Duration.seconds(10)

        /// Makes the default limits.
        public init() {}
    }

    /// What a path is answered with; `nil` for a path that does not exist.
    public typealias Handler = @Sendable (_ path: String) async -> AdminAnswer?

    /// Where it listens, with the port that the system chose where none was asked for.
    public nonisolated let address: AdminAddress
    nonisolated let executor = QueueExecutor(label: "wireroom.admin")
    private let socket: SocketDescriptor
    private let limits: Limits
    private let handler: Handler
    private var arrivals: ArrivalSource?
    private var connections: [UInt64: AdminConnection] = [:]
    private var connectionCount: UInt64 = 0
    /// Given up for a moment when the process has no descriptor left, so that waiting clients can be turned away.
    private var spare: SocketDescriptor?

    /// The listener's private queue.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Takes the port; answers nothing before ``start()``.
    ///
    /// - Throws: ``AdminListenerError`` when the address is not this machine's, or the port is taken.
    public init(
        _ address: AdminAddress, limits: Limits = Limits(), handler: @escaping Handler
    ) throws(AdminListenerError) {
        (socket, self.address) = try Self.listen(address)
        self.limits = limits
        self.handler = handler
    }

    /// Begins to answer.
    public func start() {
        guard arrivals == nil else { return }
        spare = Self.openSpare()
        arrivals = ArrivalSource(socket, queue: executor.queue) { [weak self] in
            self?.assumeIsolated { $0.accept() }
        }
    }

    /// Stops answering and closes all connections.
    public func close() {
        arrivals = nil
        connections = [:]
        shutdown(socket.number, Int32(SHUT_RDWR))
    }

    // MARK: Connections

    private func accept() {
        while true {
            let peer = Glibc.accept(socket.number, nil, nil)
            guard peer >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                if errno == EMFILE || errno == ENFILE { turnAwayOne() }
                return
            }
            let client = SocketDescriptor(peer)
            _ = fcntl(peer, F_SETFD, FD_CLOEXEC)
            guard connections.count < limits.connections, fcntl(peer, F_SETFL, O_NONBLOCK) == 0 else { continue }
            take(client)
        }
    }

    /// Without it, a client that cannot be accepted would be announced again and again.
    private func turnAwayOne() {
        spare = nil
        let peer = Glibc.accept(socket.number, nil, nil)
        if peer >= 0 { _ = SocketDescriptor(peer) }
        spare = Self.openSpare()
    }

    private func take(_ client: SocketDescriptor) {
        connectionCount += 1
        let id = connectionCount
        let connection = AdminConnection(client, queue: executor.queue)
        connections[id] = connection
        connection.watch { [weak self] in self?.assumeIsolated { $0.read(id) } }
        let microseconds = Int(limits.patience / .microseconds(1))
        executor.queue.asyncAfter(deadline: .now() + .microseconds(microseconds)) { [weak self] in
            self?.assumeIsolated { $0.drop(id) }
        }
    }

    private func drop(_ id: UInt64) {
        connections[id] = nil
    }

    private func read(_ id: UInt64) {
        guard let connection = connections[id], !connection.isAnswering else { return }
        switch connection.read(maximumBytes: limits.requestBytes) {
        case .nothing, .reading(.incomplete): break
        case .end: drop(id)
        case .reading(.refused(let answer)): reply(answer, to: id)
        case .reading(.request(let request)):
            connection.isHeadOnly = request.isHeadOnly
            // The source's handler is synchronous, the answer may have to be waited for. The connection's time limit
            // holds for it, too.
            Task { [handler] in
                let answer = await handler(request.path)
                self.reply(answer ?? AdminAnswer(status: 404, line: "there is nothing here"), to: id)
            }
        }
    }

    private func reply(_ answer: AdminAnswer, to id: UInt64) {
        guard let connection = connections[id] else { return }
        connection.send(answer.encoded(isHeadOnly: connection.isHeadOnly)) { [weak self] in
            self?.assumeIsolated { $0.push(id) }
        }
    }

    private func push(_ id: UInt64) {
        guard let connection = connections[id], connection.push() else { return }
        drop(id)
    }

    // MARK: The socket

    private static func openSpare() -> SocketDescriptor? {
        let number = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        return number >= 0 ? SocketDescriptor(number) : nil
    }

    private static func listen(
        _ address: AdminAddress
    ) throws(AdminListenerError) -> (SocketDescriptor, AdminAddress) {
        let family = address.isIPv6 ? AF_INET6 : AF_INET
        let number = Glibc.socket(
            family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw AdminListenerError(address, errno) }
        let socket = SocketDescriptor(number)
        var yes: Int32 = 1
        // A port is free again at once after a restart. Failing costs no more than that.
        unsafe setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard let bound = unsafe address.withSocketAddress({ unsafe bind(number, $0, $1) }) else {
            throw AdminListenerError(address, EADDRNOTAVAIL)
        }
        guard bound == 0, Glibc.listen(number, 64) == 0 else { throw AdminListenerError(address, errno) }
        return (socket, AdminAddress(host: address.host, port: try port(of: number, address)))
    }

    private static func port(of number: Int32, _ address: AdminAddress) throws(AdminListenerError) -> Int {
        var storage = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(number, $0, &size) }
        }
        guard result == 0 else { throw AdminListenerError(address, errno) }
        // The port stands at the same place in both forms of an address.
        return Int(UInt16(bigEndian: storage.sin6_port))
    }
}

/// A listener cannot listen.
public struct AdminListenerError: Error, CustomStringConvertible {
    /// Where it should have listened.
    public let address: AdminAddress
    /// The system's number of the error.
    public let code: Int32

    init(_ address: AdminAddress, _ code: Int32) {
        self.address = address
        self.code = code
    }

    /// Whether another program has the port.
    public var isAddressInUse: Bool { code == EADDRINUSE }

    public var description: String {
        let reason = isAddressInUse ? "the port is taken" : "error \(code) of the system"
        return "cannot listen on \(address): \(reason)"
    }
}
