import AMQP
import Model

/// Where a message goes after its outcome: a pure function of the outcome and the message's past.
struct Routing: Sendable {
    let topology: Topology
    let stage: StageName
    let worker: String

    /// Deaths of workers that had a message in hand among others after which it takes the suspect lane.
    static let deathsOfSuspects = 2

    /// Deaths in the suspect lane after which a message is quarantined.
    static let maximumDeaths = 3

    /// The outcome that counts: a retry whose ladder is used up is a quarantine.
    func settled(_ outcome: StageOutcome, state: DeliveryState) -> StageOutcome {
        guard case .retry(let reason, let detail) = outcome, state.failures >= topology.rungs.count else {
            return outcome
        }
        return .quarantine(.attemptsExhausted, detail: detail ?? reason.rawValue)
    }

    /// The message's own further way, or `nil` when it ends here.
    func onward(_ outcome: StageOutcome, state: DeliveryState, message: AMQPMessage) -> AMQPPublication? {
        switch outcome {
        case .done, .drop:
            return nil
        case .retry(let reason, let detail):
            let rung = topology.rungs[min(state.failures, topology.rungs.count - 1)]
            return forward(
                message, to: topology.retryQueue(stage, rung), headers: state.failed(detail ?? reason.rawValue).headers)
        case .snooze(let delay):
            guard let rung = topology.rung(atLeast: delay) else { return nil }
            return forward(message, to: topology.retryQueue(stage, rung), headers: state.snoozed().headers)
        case .quarantine(let reason, let detail):
            var headers = state.headers
            headers[Header.reason] = .string(reason.rawValue)
            headers[Header.detail] = detail.map { .string($0.storable()) }
            headers[Header.worker] = .string(worker)
            return forward(message, to: topology.quarantineQueue(stage), headers: headers)
        }
    }

    /// A suspicious message's way into the suspect lane.
    func suspected(_ message: AMQPMessage) -> AMQPPublication {
        forward(
            message, to: topology.suspectQueue(stage),
            headers: DeliveryState(headers: message.properties.headers).headers)
    }

    private func forward(_ message: AMQPMessage, to queue: String, headers: AMQPTable) -> AMQPPublication {
        var properties = message.properties
        properties.headers = headers
        // Only what may be a trace: any other value, however large, would make the message too large to be sent on.
        if case .string(let trace)? = message.properties.headers[Header.traceParent], trace.utf8.count <= 255 {
            properties.headers[Header.traceParent] = .string(trace)
        }
        properties.isPersistent = true
        properties.expiration = nil
        return AMQPPublication(
            exchange: "", routingKey: queue, message: AMQPMessage(properties: properties, body: message.body),
            isMandatory: true)
    }
}
