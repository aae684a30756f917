internal import CRabbitMQ
internal import Glibc

/// The library's connection object. Freed, with its socket, when the last owner lets go.
@safe struct LibraryConnection: ~Copyable {
    let raw: OpaquePointer

    init() throws(AMQPError) {
        guard let raw = unsafe amqp_new_connection() else {
            throw AMQPError(.connectionFailed, "no memory for a connection")
        }
        unsafe self.raw = unsafe raw
    }

    deinit {
        // Closes the socket too, without a word to the broker.
        _ = unsafe amqp_destroy_connection(raw)
    }
}

/// A second descriptor of the library's socket, which stays open when the library closes its own: it does so when
/// heartbeats fail to come and when a login fails, and the number may then be another file's at once.
struct LinkDescriptor: ~Copyable {
    let number: Int32

    init(duplicating descriptor: Int32) throws(AMQPError) {
        number = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard number >= 0 else {
            throw AMQPError(.connectionFailed, "no descriptor for a connection: errno \(errno)")
        }
    }

    deinit {
        close(number)
    }
}

/// One logged-in connection to the broker with one channel.
///
/// It is confined to its owner's queue and never waits for input: ``nextEvent()`` reads what is there. Sends may wait
/// for the socket, at most as long as the watchdog allows. After any error the link is of no use and must be dropped.
final class BrokerLink {
    /// The one channel used.
    static let channel: amqp_channel_t = 1
    static let frameMaximum: Int32 = 131_072
    /// How many frames are read before the owner may do something else: a broker that never pauses gets no more.
    private static let framesPerTurn = 512
    /// After how many frames the library's copies of them are given back. It can be done right after a frame only: at the
    /// end of a turn the next one has often come in part, and then nothing is given back.
    private static let framesPerRelease = 32
    /// How much may come in during one turn: more than a turn reads and the kernel holds. The rest the library has skipped.
    private static let bytesPerTurn = 128 << 20

    private let library: LibraryConnection
    private let ownDescriptor: LinkDescriptor
    private let watchdog: SendWatchdog
    private let arena = WireArena()
    private var assembler = FrameAssembler()
    private var names = NameCache()
    private var isReading = false
    private var framesRead = 0
    private var framesHeld = 0
    /// The socket. It stays open as long as the link lives.
    var descriptor: Int32 { ownDescriptor.number }
    /// Counts the links of one owner, from 1.
    let generation: UInt64
    /// The heartbeat interval agreed upon, in seconds; 0 when there are none.
    let heartbeatSeconds: Int
    /// What the broker says about itself.
    let serverProperties: AMQPTable

    init(
        library: consuming LibraryConnection, descriptor: consuming LinkDescriptor, generation: UInt64,
        sendTimeout: Duration
    ) {
        let raw = unsafe library.raw
        self.library = library
        self.generation = generation
        heartbeatSeconds = Int(unsafe amqp_get_heartbeat(raw))
        watchdog = SendWatchdog(
            descriptor: descriptor.number, limit: sendTimeout, byteLimit: Self.bytesPerTurn,
            interval: .milliseconds(100))
        ownDescriptor = descriptor
        serverProperties = unsafe amqp_get_server_properties(raw).map { unsafe FrameDecoder.table($0.pointee) } ?? [:]
    }

    deinit {
        // Before the descriptor is closed, whose number may be used again at once.
        watchdog.retire()
    }

    // MARK: Reading

    /// Reads the next event that is already there, driving heartbeats on the way.
    ///
    /// Call it until it returns nil, then ``finishReading()``. Reading may send a heartbeat, which may block like any
    /// send: the watchdog's clock runs from the first read to the last.
    ///
    /// Closes of the broker are answered here; a close of the connection is thrown.
    ///
    /// - Returns: nil when nothing more has come, or enough has been read for one turn.
    func nextEvent() throws(AMQPError) -> LinkEvent? {
        if !isReading {
            isReading = true
            watchdog.arm()
        }
        while framesRead < Self.framesPerTurn {
            var frame = unsafe amqp_frame_t()
            var noWait = timeval(tv_sec: 0, tv_usec: 0)
            let status = unsafe amqp_simple_wait_frame_noblock(library.raw, &frame, &noWait)
            if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
            try check(status)
            framesRead += 1
            let inbound = unsafe try FrameDecoder.decode(&frame, names: &names)
            releaseFrames()
            guard let inbound, let event = try assembler.accept(inbound) else { continue }
            if try answer(event) { continue }
            return event
        }
        return nil
    }

    /// Gives the memory of frames that have been copied out back to the library's pools, now and then.
    private func releaseFrames() {
        framesHeld += 1
        guard framesHeld == Self.framesPerRelease else { return }
        framesHeld = 0
        unsafe amqp_maybe_release_buffers(library.raw)
    }

    /// Ends a turn of reading.
    ///
    /// - Returns: whether more may be there already, which no readiness of the socket announces: the owner reads again soon.
    func finishReading() -> Bool {
        defer { framesRead = 0 }
        isReading = false
        watchdog.disarm()
        unsafe amqp_maybe_release_buffers(library.raw)
        return framesRead == Self.framesPerTurn
    }

    /// Answers what must be answered.
    ///
    /// - Returns: whether the event is dealt with.
    private func answer(_ event: LinkEvent) throws(AMQPError) -> Bool {
        switch event {
        case .connectionClosed(let replyCode, let replyText):
            var answer = amqp_connection_close_ok_t()
            // The answer is a courtesy: the connection is over whether it arrives or not.
            try? unsafe send(AMQP_CONNECTION_CLOSE_OK_METHOD, &answer, channel: 0)
            throw .closedByBroker(.connection, replyCode: replyCode, text: replyText)
        case .connectionCloseConfirmed:
            throw AMQPError(.closed, "the connection was closed as asked")
        case .channelClosed:
            var answer = amqp_channel_close_ok_t()
            unsafe try send(AMQP_CHANNEL_CLOSE_OK_METHOD, &answer)
            return false
        case .flow(let isActive):
            var answer = amqp_channel_flow_ok_t(active: isActive ? 1 : 0)
            unsafe try send(AMQP_CHANNEL_FLOW_OK_METHOD, &answer)
            return true
        default:
            return false
        }
    }

    // MARK: Sending

    /// Whether the socket takes bytes right now.
    var isWritable: Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&state, 1, 0) != 0
    }

    /// Sends several methods as few segments as possible, under one watchdog period.
    func corked(_ body: () throws(AMQPError) -> Void) throws(AMQPError) {
        setCork(true)
        watchdog.arm()
        defer {
            setCork(false)
            if !isReading { watchdog.disarm() }
        }
        try body()
    }

    private func setCork(_ isOn: Bool) {
        #if os(Linux)
            var value: Int32 = isOn ? 1 : 0
            // Only a matter of speed: without the option the segments are smaller.
            _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    /// Sends one publication; call inside ``corked(_:)``, after reading.
    func publish(_ publication: AMQPPublication) throws(AMQPError) {
        defer { arena.reset() }
        var properties = unsafe arena.properties(publication.message.properties)
        let exchange = unsafe arena.bytes(publication.exchange)
        let routingKey = unsafe arena.bytes(publication.routingKey)
        let status = unsafe publication.message.body.withUnsafeBytes { body in
            // The library copies the body frame by frame into its send buffer and keeps no pointer.
            unsafe amqp_basic_publish(
                library.raw, Self.channel, exchange, routingKey, publication.isMandatory ? 1 : 0, 0, &properties,
                amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress)))
        }
        try check(status)
    }

    /// Acknowledges or rejects; call inside ``corked(_:)``.
    func settle(_ frame: DeliveryLedger.Settlement, as settlement: DeliverySettlement) throws(AMQPError) {
        let multiple: amqp_boolean_t = frame.multiple ? 1 : 0
        switch settlement {
        case .acknowledge:
            try check(unsafe amqp_basic_ack(library.raw, Self.channel, frame.number, multiple))
        case .reject(let requeue):
            try check(unsafe amqp_basic_nack(library.raw, Self.channel, frame.number, multiple, requeue ? 1 : 0))
        }
    }

    /// Sends one method whose fields may point into the arena that `body` is lent.
    func request<Fields: BitwiseCopyable>(
        _ id: amqp_method_number_t, channel: amqp_channel_t = BrokerLink.channel, _ fields: (WireArena) -> Fields
    ) throws(AMQPError) {
        defer { arena.reset() }
        var wire = fields(arena)
        unsafe try send(id, &wire, channel: channel)
    }

    private func send(
        _ id: amqp_method_number_t, _ fields: UnsafeMutableRawPointer, channel: amqp_channel_t = BrokerLink.channel
    ) throws(AMQPError) {
        watchdog.arm()
        defer { if !isReading { watchdog.disarm() } }
        try check(unsafe amqp_send_method(library.raw, channel, id, fields))
    }

    // MARK: Status

    private func check(_ status: Int32, file: StaticString = #fileID, line: UInt = #line) throws(AMQPError) {
        guard status != AMQP_STATUS_OK.rawValue else { return }
        throw .library(status, file: file, line: line)
    }
}

/// How a delivery ends.
enum DeliverySettlement: Sendable {
    case acknowledge
    case reject(requeue: Bool)
}

extension AMQPError {
    /// Maps a status of the library to our codes: the one place where that is done.
    static func library(_ status: Int32, file: StaticString = #fileID, line: UInt = #line) -> AMQPError {
        let text = unsafe String(cString: amqp_error_string2(status))
        let code: Code =
            switch status {
            case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED.rawValue, AMQP_STATUS_SSL_ERROR.rawValue,
                AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED.rawValue, AMQP_STATUS_SSL_PEER_VERIFY_FAILED.rawValue,
                AMQP_STATUS_SSL_CONNECTION_FAILED.rawValue, AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION.rawValue,
                AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD.rawValue:
                .connectionFailed
            case AMQP_STATUS_TIMEOUT.rawValue: .timeout
            case AMQP_STATUS_BAD_AMQP_DATA.rawValue, AMQP_STATUS_UNKNOWN_CLASS.rawValue,
                AMQP_STATUS_UNKNOWN_METHOD.rawValue, AMQP_STATUS_TABLE_TOO_BIG.rawValue,
                AMQP_STATUS_INVALID_PARAMETER.rawValue, AMQP_STATUS_WRONG_METHOD.rawValue:
                .invalidFrame
            default: .connectionClosed
            }
        return AMQPError(code, "\(text) (library status \(status))", file: file, line: line)
    }
}
