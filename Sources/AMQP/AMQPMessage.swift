/// The properties of a message, as the AMQP `basic` class defines them.
public struct AMQPProperties: Sendable, Hashable {
    /// MIME type of the body, at most 255 bytes.
    public var contentType: String?
    /// Encoding of the body (`zstd`, `gzip`), at most 255 bytes.
    public var contentEncoding: String?
    /// Application headers, at most 64 KiB encoded.
    public var headers: AMQPTable
    /// Whether the broker writes the message to disk. Quorum queues always do.
    public var isPersistent: Bool
    /// What this message answers to, at most 255 bytes.
    public var correlationID: String?
    /// The sender's identity of the message, at most 255 bytes.
    public var messageID: String?
    /// When the message was made, in seconds since 1970-01-01 UTC.
    public var timestamp: Int64?
    /// What kind of message this is, at most 255 bytes.
    public var type: String?
    /// The application that made the message, at most 255 bytes.
    public var appID: String?
    /// Time to live in milliseconds, as decimal text.
    public var expiration: String?
    /// Priority, 0 to 255; quorum queues ignore it before RabbitMQ 4.
    public var priority: UInt8?

    /// Makes properties; what is left out is not sent.
    public init(
        contentType: String? = nil, contentEncoding: String? = nil, headers: AMQPTable = [:], isPersistent: Bool = true,
        correlationID: String? = nil, messageID: String? = nil, timestamp: Int64? = nil, type: String? = nil,
        appID: String? = nil, expiration: String? = nil, priority: UInt8? = nil
    ) {
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.headers = headers
        self.isPersistent = isPersistent
        self.correlationID = correlationID
        self.messageID = messageID
        self.timestamp = timestamp
        self.type = type
        self.appID = appID
        self.expiration = expiration
        self.priority = priority
    }
}

/// A message: properties and body.
public struct AMQPMessage: Sendable, Hashable {
    /// The properties.
    public var properties: AMQPProperties
    /// The body, at most 128 MiB.
    public var body: [UInt8]

    /// Makes a message.
    public init(properties: AMQPProperties = AMQPProperties(), body: [UInt8]) {
        self.properties = properties
        self.body = body
    }
}

/// Names one delivery on one connection.
///
/// It carries the connection's generation, so that a tag of a lost connection is recognised and ignored: the broker
/// delivers that message again, under another tag.
public struct AMQPDeliveryTag: Sendable, Hashable, CustomStringConvertible {
    /// Counts the connections of one consumer, from 1.
    let generation: UInt64
    /// The broker's number, from 1 on each connection.
    let number: UInt64

    /// Makes a tag. Only test doubles of a consumer need this.
    ///
    /// - Parameters:
    ///   - generation: which connection of the consumer the delivery came over.
    ///   - number: the broker's number of the delivery on that connection.
    public init(generation: UInt64, number: UInt64) {
        self.generation = generation
        self.number = number
    }

    /// Generation and number, for logs.
    public var description: String { "\(generation).\(number)" }
}

/// A message as it came from a queue.
public struct AMQPDelivery: Sendable {
    /// What to acknowledge or reject.
    public let tag: AMQPDeliveryTag
    /// The message.
    public let message: AMQPMessage
    /// The exchange it was published to.
    public let exchange: String
    /// The routing key it was published with.
    public let routingKey: String
    /// Whether the broker may have delivered it before.
    public let isRedelivered: Bool

    /// Makes a delivery.
    public init(
        tag: AMQPDeliveryTag, message: AMQPMessage, exchange: String = "", routingKey: String,
        isRedelivered: Bool = false
    ) {
        self.tag = tag
        self.message = message
        self.exchange = exchange
        self.routingKey = routingKey
        self.isRedelivered = isRedelivered
    }

    /// How often a quorum queue has taken the message back before (header `x-delivery-count`); nil from other queues
    /// and on the first delivery by some broker versions.
    public var deliveryCount: Int? {
        message.properties.headers["x-delivery-count"]?.intValue.flatMap { Int(exactly: $0) }
    }
}

/// A message on its way to an exchange.
public struct AMQPPublication: Sendable {
    /// The exchange; empty for the default exchange, which routes by queue name.
    public var exchange: String
    /// The routing key: with the default exchange, the name of the queue.
    public var routingKey: String
    /// The message.
    public var message: AMQPMessage
    /// Whether the broker must send the message back when no queue takes it, instead of dropping it.
    public var isMandatory: Bool

    /// Makes a publication.
    public init(exchange: String = "", routingKey: String, message: AMQPMessage, isMandatory: Bool = true) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.message = message
        self.isMandatory = isMandatory
    }
}

/// What became of a publication: exactly one of these.
public enum AMQPPublishResult: Sendable {
    /// The broker has taken responsibility: it will not lose the message.
    case confirmed
    /// The broker refused the message, for instance because the queue is full.
    case nacked
    /// No queue took the message.
    case returned(replyCode: Int, replyText: String)
    /// Nobody knows: the connection was lost or no answer came in time. Publish it again under the same message id.
    case unknown(AMQPError)

    /// Whether the message is safely with the broker.
    public var isConfirmed: Bool {
        if case .confirmed = self { true } else { false }
    }
}
