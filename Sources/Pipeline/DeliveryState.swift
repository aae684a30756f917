import AMQP

/// What a message carries about its own past, in headers of ours that travel with it.
struct DeliveryState: Sendable, Equatable {
    /// Failed attempts so far.
    var failures = 0
    /// Snoozes so far.
    var snoozes = 0
    /// What the first failure said.
    var firstError: String?
    /// What the newest failure said.
    var lastError: String?

    init() {}

    init(headers: AMQPTable) {
        func number(_ key: String) -> Int {
            if case .int(let value)? = headers[key] { Int(clamping: min(max(value, 0), 1_000_000)) } else { 0 }
        }
        func text(_ key: String) -> String? {
            if case .string(let value)? = headers[key] { value.storable() } else { nil }
        }
        failures = number(Header.failures)
        snoozes = number(Header.snoozes)
        firstError = text(Header.firstError)
        lastError = text(Header.lastError)
    }

    /// The attempt that is being made, from 1.
    var attempt: Int { failures + 1 }
    /// Grows whenever the message goes round: tells a new attempt from a second copy of the same one.
    var round: Int { failures + snoozes }

    /// The state after one more failure.
    func failed(_ error: String) -> DeliveryState {
        var next = self
        let short = error.storable()
        next.failures += 1
        next.firstError = firstError ?? short
        next.lastError = short
        return next
    }

    /// The state after one more snooze.
    func snoozed() -> DeliveryState {
        var next = self
        next.snoozes += 1
        return next
    }

    /// The headers that carry the state.
    var headers: AMQPTable {
        var headers: AMQPTable = [Header.failures: .int(Int64(failures)), Header.snoozes: .int(Int64(snoozes))]
        headers[Header.firstError] = firstError.map(AMQPValue.string)
        headers[Header.lastError] = lastError.map(AMQPValue.string)
        return headers
    }
}

/// Names of our headers.
enum Header {
    static let failures = "x-wireroom-failures"
    static let snoozes = "x-wireroom-snoozes"
    static let firstError = "x-wireroom-first-error"
    static let lastError = "x-wireroom-last-error"
    static let reason = "x-wireroom-reason"
    static let detail = "x-wireroom-detail"
    static let worker = "x-wireroom-worker"
    /// The message's trace, as the W3C's trace context for AMQP names it.
    static let traceParent = "traceparent"
}
