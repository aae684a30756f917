/// A message that the broker sent us, with what came along.
///
/// A class, because it passes through several hands and a message's properties are dear to copy.
/// Proof of `Sendable`: only the assembler changes it, and only until the message is whole and the event is handed out.
final class InboundMessage: @unchecked Sendable {
    let deliveryNumber: UInt64
    let isRedelivered: Bool
    let exchange: String
    let routingKey: String
    /// The subscription that a delivery is for.
    let consumerTag: String
    var message = AMQPMessage(body: [])

    init(
        deliveryNumber: UInt64 = 0, isRedelivered: Bool = false, exchange: String = "", routingKey: String = "",
        consumerTag: String = ""
    ) {
        self.deliveryNumber = deliveryNumber
        self.isRedelivered = isRedelivered
        self.exchange = exchange
        self.routingKey = routingKey
        self.consumerTag = consumerTag
    }
}

/// What a link reports to its owner, one complete thing at a time.
enum LinkEvent: Sendable {
    case delivery(InboundMessage)
    case returned(InboundMessage, replyCode: Int, replyText: String)
    case got(InboundMessage)
    case gotNothing
    case acknowledged(UInt64, multiple: Bool)
    case refused(UInt64, multiple: Bool)
    case blocked(reason: String)
    case unblocked
    case channelOpened
    case channelClosed(replyCode: Int, replyText: String)
    /// Our own close of the channel is done.
    case channelCloseConfirmed
    case connectionClosed(replyCode: Int, replyText: String)
    case connectionCloseConfirmed
    case flow(isActive: Bool)
    case consumerCancelled
    case cancelConfirmed
    case consuming
    case prefetchSet
    case confirmsSelected
    case queueDeclared(AMQPQueueStatus)
    case queuePurged(Int)
    /// A request was done that reports nothing back.
    case done
    /// A method that this client has no use for.
    case unknown(UInt32)
}

/// One frame, copied out of the library's memory.
enum InboundFrame: Sendable {
    case event(LinkEvent)
    /// A method that is followed by a header and a body: the event is complete but for its message.
    case content(LinkEvent, InboundMessage)
    case header(bodySize: UInt64, AMQPProperties)
    case body([UInt8])
}
