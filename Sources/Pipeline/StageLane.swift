import AMQP

/// Where a delivery came from.
enum LaneKind: Sendable {
    /// The stage's own queue.
    case main
    /// The suspect queue: one message at a time.
    case suspect
}

/// A message that is through with its processing and waits to be written.
struct SettledDelivery<S: Stage>: Sendable {
    /// What is to be written.
    enum Work: Sendable {
        /// The stage persists this.
        case persist(ProcessedMessage<S.Input, S.Processed>)
        /// There is nothing of the stage's own to write.
        case end(StageOutcome)
    }

    let delivery: AMQPDelivery
    let lane: LaneKind
    let state: DeliveryState
    let messageID: String
    let urlID: Int64?
    let started: ContinuousClock.Instant
    var work: Work
}
