/// Puts method, header and body frames of the one channel together to whole messages.
///
/// A pure state machine: it does no I/O, so that every order of frames can be tested.
struct FrameAssembler {
    /// The largest body accepted, in bytes: the largest that RabbitMQ accepts by default.
    static let maximumBodySize = 128 << 20

    private enum State {
        case idle
        case awaitingHeader(LinkEvent, InboundMessage)
        case awaitingBody(LinkEvent, InboundMessage, remaining: Int)
    }

    private var state = State.idle

    /// Takes the next frame.
    ///
    /// - Returns: a whole event, or nil while a message is incomplete.
    /// - Throws: ``AMQPError/Code/invalidFrame`` when the frame cannot come here, or a body is too large. The
    ///   connection is of no use after that.
    mutating func accept(_ frame: InboundFrame) throws(AMQPError) -> LinkEvent? {
        switch (state, frame) {
        case (.idle, .event(let event)):
            return event
        case (_, .event(let event)) where event.interruptsContent:
            // What was under way on a channel that is closed does not go on on the next one.
            if case .channelClosed = event { state = .idle }
            return event
        case (.idle, .content(let event, let inbound)):
            state = .awaitingHeader(event, inbound)
            return nil
        case (.awaitingHeader(let event, let inbound), .header(let size, let properties)):
            guard size <= UInt64(Self.maximumBodySize) else {
                throw AMQPError(.invalidFrame, "the broker announced a body of \(size) bytes")
            }
            inbound.message.properties = properties
            return proceed(event, inbound, remaining: Int(size))
        case (.awaitingBody(let event, let inbound, let remaining), .body(let bytes)):
            guard bytes.count <= remaining, !bytes.isEmpty else {
                throw AMQPError(.invalidFrame, "the broker sent more body than it announced, or an empty piece of one")
            }
            if inbound.message.body.isEmpty { inbound.message.body = bytes } else { inbound.message.body += bytes }
            return proceed(event, inbound, remaining: remaining - bytes.count)
        default:
            throw AMQPError(.invalidFrame, "the broker sent a frame out of order")
        }
    }

    private mutating func proceed(_ event: LinkEvent, _ inbound: InboundMessage, remaining: Int) -> LinkEvent? {
        guard remaining > 0 else {
            state = .idle
            return event
        }
        state = .awaitingBody(event, inbound, remaining: remaining)
        return nil
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
