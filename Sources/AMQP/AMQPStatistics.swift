/// What a consumer has done since it was made.
///
/// `delivered` = `acknowledged` + `rejected` + `lost` + the deliveries still in hand.
public struct AMQPConsumerStatistics: Sendable, Hashable {
    /// Messages the broker has delivered, redeliveries included.
    public internal(set) var delivered = 0
    /// Deliveries acknowledged.
    public internal(set) var acknowledged = 0
    /// Deliveries rejected, or given back to the queue.
    public internal(set) var rejected = 0
    /// Deliveries whose connection ended before they were settled: the broker delivers them again.
    public internal(set) var lost = 0
    /// Connections made after the first one.
    public internal(set) var reconnects = 0
    /// Whether the consumer is registered with the broker right now, or could be and is paused.
    public internal(set) var isConnected = false
    /// How often the broker has cancelled the consumer, for instance because the queue was deleted.
    public internal(set) var serverCancels = 0
    /// How often a quiet subscription was made anew on a fresh channel.
    public internal(set) var renewals = 0
}

/// What a publisher has done since it was made.
///
/// `confirmed` + `nacked` + `returned` + `unknown` + the publications still waiting = everything given to `publish`.
public struct AMQPPublisherStatistics: Sendable, Hashable {
    /// Publications confirmed.
    public internal(set) var confirmed = 0
    /// Publications refused by the broker.
    public internal(set) var nacked = 0
    /// Publications that no queue took.
    public internal(set) var returned = 0
    /// Publications whose fate is unknown.
    public internal(set) var unknown = 0
    /// Publications sent and not yet settled.
    public internal(set) var inFlight = 0
    /// Publications accepted and not yet sent.
    public internal(set) var waiting = 0
    /// Connections made after the first one.
    public internal(set) var reconnects = 0
    /// Whether the publisher can publish right now, leaving blocks aside.
    public internal(set) var isConnected = false
    /// Whether the broker has asked publishers to pause (memory or disk alarm).
    public internal(set) var isBlocked = false
}

/// How full a queue is.
public struct AMQPQueueStatus: Sendable, Hashable {
    /// Messages ready for delivery (those unacknowledged are not counted).
    public let messageCount: Int
    /// Consumers registered on the queue.
    public let consumerCount: Int

    /// Makes a status.
    public init(messageCount: Int, consumerCount: Int) {
        self.messageCount = messageCount
        self.consumerCount = consumerCount
    }
}
