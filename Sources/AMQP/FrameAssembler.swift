/// Puts method, header and body frames of the one channel together to whole messages.
///
/// A pure state machine: it does no I/O, so that every order of frames can be tested.
struct FrameAssembler {
    /// The largest body accepted, in bytes: the largest that RabbitMQ accepts by default.
    static let maximumBodySize = 128 << 20

    private enum State {
        case idle
        case awaitingHeader(LinkEvent)
        case awaitingBody(LinkEvent, remaining: Int)
    }

    private var state = State.idle
    private var message = AMQPMessage(body: [])

    /// Takes the next frame.
    ///
    /// - Returns: a whole event, or nil while a message is incomplete.
    /// - Throws: ``AMQPError/Code/invalidFrame`` when the frame cannot come here, or a body is too large. The connection is
    ///   of no use after that.
    mutating func accept(_ frame: InboundFrame) throws(AMQPError) -> LinkEvent? {
        switch (state, frame) {
        case (.idle, .event(let event)):
            return event
        case (_, .event(let event)) where event.interruptsContent:
            return event
        case (.idle, .content(let event)):
            state = .awaitingHeader(event)
            return nil
        case (.awaitingHeader(let event), .header(let size, let properties)):
            return try begin(event, size: size, properties: properties)
        case (.awaitingBody(let event, let remaining), .body(let bytes)):
            return try append(bytes, to: event, remaining: remaining)
        default:
            throw AMQPError(.invalidFrame, "the broker sent a frame out of order")
        }
    }

    private mutating func begin(
        _ event: LinkEvent, size: UInt64, properties: AMQPProperties
    ) throws(AMQPError) -> LinkEvent? {
        guard size <= UInt64(Self.maximumBodySize) else {
            throw AMQPError(.invalidFrame, "the broker announced a body of \(size) bytes")
        }
        message = AMQPMessage(properties: properties, body: [])
        guard size == 0 else {
            state = .awaitingBody(event, remaining: Int(size))
            return nil
        }
        return finish(event)
    }

    private mutating func append(
        _ bytes: [UInt8], to event: LinkEvent, remaining: Int
    ) throws(AMQPError) -> LinkEvent? {
        guard bytes.count <= remaining else {
            throw AMQPError(.invalidFrame, "the broker sent more body than it announced")
        }
        if message.body.isEmpty { message.body = bytes } else { message.body.append(contentsOf: bytes) }
        guard bytes.count == remaining else {
            state = .awaitingBody(event, remaining: remaining - bytes.count)
            return nil
        }
        return finish(event)
    }

    private mutating func finish(_ event: LinkEvent) -> LinkEvent {
        state = .idle
        defer { message = AMQPMessage(body: []) }
        switch event {
        case .delivery(var inbound):
            inbound.message = message
            return .delivery(inbound)
        case .returned(var inbound, let replyCode, let replyText):
            inbound.message = message
            return .returned(inbound, replyCode: replyCode, replyText: replyText)
        case .got(var inbound):
            inbound.message = message
            return .got(inbound)
        default:
            return event
        }
    }
}

extension LinkEvent {
    /// Whether the event may come between the frames of a message: those of channel 0, and the end of the channel.
    var interruptsContent: Bool {
        switch self {
        case .blocked, .unblocked, .connectionClosed, .connectionCloseConfirmed, .channelClosed: true
        default: false
        }
    }
}
