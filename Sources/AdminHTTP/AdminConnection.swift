import Dispatch
import Glibc

/// A descriptor that is closed when the last dispatch source that watches it has ended.
final class SocketDescriptor: Sendable {
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }
}

/// Watches a listening socket until it is released.
final class ArrivalSource {
    private let source: any DispatchSourceRead

    init(_ socket: SocketDescriptor, queue: DispatchQueue, handler: @escaping @Sendable () -> Void) {
        source = DispatchSource.makeReadSource(fileDescriptor: socket.number, queue: queue)
        source.setEventHandler(handler: handler)
        source.setCancelHandler { withExtendedLifetime(socket) {} }
        source.activate()
    }

    deinit {
        source.cancel()
    }
}

/// One client's connection. Confined to the listener's queue.
final class AdminConnection {
    /// What came of an attempt to read.
    enum Arrival {
        /// More has to come.
        case nothing
        /// The client has gone, or the connection is broken.
        case end
        /// A request, or the answer to what is none.
        case reading(AdminRequest.Reading)
    }

    private let socket: SocketDescriptor
    private let queue: DispatchQueue
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var sent = 0
    private var reader: (any DispatchSourceRead)?
    private var writer: (any DispatchSourceWrite)?
    /// Whether the head of a request was read: nothing more is read then.
    private(set) var isAnswering = false
    var isHeadOnly = false

    init(_ socket: SocketDescriptor, queue: DispatchQueue) {
        self.socket = socket
        self.queue = queue
    }

    deinit {
        reader?.cancel()
        writer?.cancel()
    }

    /// Calls a handler on the queue whenever something can be read.
    func watch(_ handler: @escaping @Sendable () -> Void) {
        let source = DispatchSource.makeReadSource(fileDescriptor: socket.number, queue: queue)
        source.setEventHandler(handler: handler)
        hold(source)
        source.activate()
        reader = source
    }

    /// Reads what is there.
    func read(maximumBytes: Int) -> Arrival {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe recv(socket.number, &buffer, buffer.count, 0)
            guard count > 0 else {
                if count < 0, errno == EAGAIN || errno == EINTR { break }
                return .end
            }
            input += buffer[..<count]
            if input.count > maximumBytes { break }
        }
        let reading = AdminRequest.read(input, maximumBytes: maximumBytes)
        guard reading != .incomplete else { return .nothing }
        isAnswering = true
        reader?.cancel()
        reader = nil
        return .reading(reading)
    }

    /// Sends the answer, as far as the socket takes it, and the rest when it takes more.
    ///
    /// - Parameter ended: called when everything is sent, or nothing more can be.
    func send(_ bytes: [UInt8], ended: @escaping @Sendable () -> Void) {
        output = bytes
        guard !push() else { return ended() }
        let source = DispatchSource.makeWriteSource(fileDescriptor: socket.number, queue: queue)
        source.setEventHandler(handler: ended)
        hold(source)
        source.activate()
        writer = source
    }

    /// Sends on.
    ///
    /// - Returns: whether there is nothing more to do.
    func push() -> Bool {
        while sent < output.count {
            let count = unsafe output.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    socket.number, buffer.baseAddress.map { unsafe $0 + sent }, buffer.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return errno != EAGAIN && errno != EINTR }
            sent += count
        }
        shutdown(socket.number, Int32(SHUT_WR))
        return true
    }

    /// Keeps the descriptor open as long as the source may look at it.
    private func hold(_ source: any DispatchSourceProtocol) {
        source.setCancelHandler { [socket] in withExtendedLifetime(socket) {} }
    }
}
