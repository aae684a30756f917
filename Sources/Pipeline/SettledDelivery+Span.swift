import AMQP
import Foundation
import Model

extension SettledDelivery {
    /// The span of the work on the message, from its arrival to its acknowledgement, under OpenTelemetry's names for
    /// messaging. https://opentelemetry.io/docs/specs/semconv/messaging/
    func span(outcome: StageOutcome, stage: StageName, endedAt end: Date) -> MessageSpan {
        let endNanoseconds = Int64(end.timeIntervalSince1970 * 1e9)
        let lasted = (ContinuousClock.now - started).components
        var attributes = [
            "messaging.system": "rabbitmq", "messaging.operation.type": "process",
            "messaging.destination.name": delivery.routingKey, "messaging.message.id": messageID,
            "wireroom.stage": stage.rawValue, "wireroom.outcome": outcome.name, "wireroom.attempt": "\(state.attempt)",
        ]
        attributes["wireroom.reason"] = outcome.reason
        attributes["wireroom.url_id"] = urlID.map(String.init)
        let isError =
            switch outcome {
            case .retry, .quarantine: true
            case .done, .drop, .snooze: false
            }
        return MessageSpan(
            context: trace, parentSpanID: parentSpanID, name: "process \(stage.rawValue)",
            startNanoseconds: endNanoseconds - lasted.seconds * 1_000_000_000 - lasted.attoseconds / 1_000_000_000,
            endNanoseconds: endNanoseconds, isError: isError, attributes: attributes)
    }
}
