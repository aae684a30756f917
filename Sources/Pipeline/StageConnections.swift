public import AMQP

/// How a stage runner stands with the broker.
public struct StageConnections: Sendable {
    /// The consumer of the stage's own queue.
    public let consumer: AMQPConsumerStatistics
    /// The consumer of the suspect lane.
    public let suspects: AMQPConsumerStatistics
    /// The publisher.
    public let publisher: AMQPPublisherStatistics
    /// Whether an operator has paused the stage.
    public let isPaused: Bool
}
