import AMQP
import Foundation
import Model

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
    /// When the message was made; `nil` where that cannot be read.
    var producedAt: Date?
    /// The trace of the work on it.
    var trace = TraceContext.make()
    /// The span that the message came from.
    var parentSpanID: String?
    /// Keeps the memory of its document for it until it is written.
    var memory: MemoryBudget.Share?
    var work: Work
}
