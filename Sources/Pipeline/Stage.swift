public import AMQP
public import Model
public import Postgres

/// What a stage makes of a message. The loop counts each message exactly once, by this.
public enum StageOutcome: Sendable, Equatable {
    /// The work is done, now or before.
    case done
    /// There is nothing to do, for a reason that is no error.
    case drop(DropReason, detail: String? = nil)
    /// The attempt failed and uses up one of the ladder's rungs.
    case retry(RetryReason, detail: String? = nil)
    /// Not now: comes again after the delay without using up an attempt.
    case snooze(Duration)
    /// A human has to look at it.
    case quarantine(QuarantineReason, detail: String? = nil)
}

/// A message in a stage's hand.
public struct StageMessage<Payload: MessagePayload>: Sendable {
    /// The message.
    public var envelope: Envelope<Payload>
    /// Which attempt this is, from 1.
    public var attempt: Int

    /// Makes a message.
    public init(envelope: Envelope<Payload>, attempt: Int = 1) {
        self.envelope = envelope
        self.attempt = attempt
    }

    /// The pointers.
    public var payload: Payload { envelope.payload }
}

/// Where a message stands after a step of a stage.
public enum StageStep<Value: Sendable>: Sendable {
    /// Goes on with a value.
    case next(Value)
    /// Ends here.
    case end(StageOutcome)
}

/// What a stage wants to be written for one message.
public struct ProcessedMessage<Payload: MessagePayload, Processed: Sendable>: Sendable {
    /// The message.
    public var message: StageMessage<Payload>
    /// What was made of it.
    public var value: Processed

    /// Pairs a message with what was made of it.
    public init(message: StageMessage<Payload>, value: Processed) {
        self.message = message
        self.value = value
    }
}

/// What became of a message after its effects were written.
public struct StageResult: Sendable {
    /// The outcome.
    public var outcome: StageOutcome
    /// What to send on once the transaction is committed.
    public var publications: [OutgoingMessage]

    /// Makes a result.
    public init(_ outcome: StageOutcome = .done, publications: [OutgoingMessage] = []) {
        self.outcome = outcome
        self.publications = publications
    }
}

/// A message for another stage, or a notice for downstream listeners.
public struct OutgoingMessage: Sendable {
    enum Destination: Sendable {
        case stage(StageName)
        case event(routingKey: String)
    }

    /// What a message for another stage is about, for the count of open messages.
    struct Follower: Sendable {
        var stage: StageName
        var messageID: String
        var urlID: Int64?
    }

    let destination: Destination
    let message: AMQPMessage
    /// Set for messages for another stage.
    let follower: Follower?

    /// A message for the stage that consumes its payload. Its trace travels in the header `traceparent`, too.
    public static func next<Payload: MessagePayload>(_ envelope: Envelope<Payload>) throws -> OutgoingMessage {
        let properties = AMQPProperties(
            contentType: "application/json", headers: [Header.traceParent: .string(envelope.trace)],
            messageID: envelope.id, type: Payload.type, appID: "wireroom")
        return OutgoingMessage(
            destination: .stage(Payload.stage),
            message: AMQPMessage(properties: properties, body: try envelope.encoded()),
            follower: Follower(stage: Payload.stage, messageID: envelope.id, urlID: envelope.urlID))
    }

    /// A notice on the events exchange, which nobody has to listen to.
    ///
    /// - Parameters:
    ///   - routingKey: the topic, such as `article.indexed`.
    ///   - json: the notice's body.
    public static func event(routingKey: String, json: [UInt8]) -> OutgoingMessage {
        let properties = AMQPProperties(contentType: "application/json", type: routingKey, appID: "wireroom")
        return OutgoingMessage(
            destination: .event(routingKey: routingKey), message: AMQPMessage(properties: properties, body: json),
            follower: nil)
    }

    /// The publication in a topology's names.
    public func publication(in topology: Topology) -> AMQPPublication {
        switch destination {
        case .stage(let stage):
            AMQPPublication(exchange: "", routingKey: topology.stageQueue(stage), message: message, isMandatory: true)
        case .event(let key):
            AMQPPublication(exchange: topology.eventsExchange, routingKey: key, message: message, isMandatory: false)
        }
    }
}

/// A stage: turns messages into rows and further messages. It knows nothing of queues.
///
/// The loop calls ``sizes(of:from:)`` and ``load(_:from:)`` for a batch, ``process(_:message:)`` for each message concurrently, and
/// ``persist(_:in:)`` for whatever is ready, in one transaction. Any message may come again after its effects were
/// committed: effects are upserts, and work that is done already still gives its publications.
public protocol Stage: Sendable {
    /// The messages that it consumes.
    associatedtype Input: MessagePayload
    /// What a message's pointers lead to.
    associatedtype Loaded: Sendable
    /// What is to be written.
    associatedtype Processed: Sendable

    /// How many bytes each message's document has, so that the loop loads no more of them than the worker's memory is meant for.
    ///
    /// - Returns: one number for each message, in their order; 0 where there is no document, or none worth counting.
    func sizes(of messages: [StageMessage<Input>], from database: PostgresPool) async throws -> [Int]

    /// Reads what a batch of messages points to, in one query where possible.
    ///
    /// - Returns: one step for each message, in their order.
    func load(_ messages: [StageMessage<Input>], from database: PostgresPool) async throws -> [StageStep<Loaded>]

    /// Does the work on one message. An error is a failed attempt.
    @concurrent func process(_ loaded: Loaded, message: StageMessage<Input>) async throws -> StageStep<Processed>

    /// Writes a batch.
    ///
    /// - Returns: one result for each message, in their order.
    func persist(
        _ batch: [ProcessedMessage<Input, Processed>], in transaction: PostgresConnection
    ) async throws -> [StageResult]
}

extension Stage {
    /// Messages without a document of their own.
    public func sizes(of messages: [StageMessage<Input>], from database: PostgresPool) async throws -> [Int] {
        [Int](repeating: 0, count: messages.count)
    }
}
