import AMQP
import Logging

/// Publishes until the broker has confirmed everything.
///
/// A refused publication (a full queue), a returned one (a missing queue) and one of unknown fate are sent again after a
/// while. The message that they follow from stays unacknowledged meanwhile: so a full queue holds back the stage before it.
struct ConfirmedPublisher: Sendable {
    let publisher: AMQPPublisher
    private let metrics: StageMetrics
    private let warnings: RareWarnings

    init(publisher: AMQPPublisher, metrics: StageMetrics, logger: Logger) {
        self.publisher = publisher
        self.metrics = metrics
        warnings = RareWarnings(logger)
    }

    /// Returns once every publication is confirmed.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    func publish(_ publications: [AMQPPublication]) async throws {
        var remaining = publications
        guard !publications.isEmpty else { return }
        let started = ContinuousClock.now
        defer { metrics.publishTime.record(since: started) }
        var patience = PatienceLadder()
        while !remaining.isEmpty {
            let results = try await publisher.publish(remaining)
            var problem = ""
            remaining = zip(remaining, results).compactMap { publication, result in
                metrics.publish(result.name)
                switch result {
                case .confirmed: return nil
                case .nacked: problem = "refused"
                case .returned(_, let text): problem = "returned: \(text)"
                case .unknown(let error): problem = error.shortDescription
                }
                return publication
            }
            guard let first = remaining.first else { return }
            warnings.warn(
                "Publications are not confirmed yet, trying again",
                metadata: ["queue.name": "\(first.routingKey)", "count": "\(remaining.count)", "problem": "\(problem)"])
            try await Task.sleep(for: patience.next())
        }
    }
}

extension AMQPPublishResult {
    /// The result's name in metrics.
    fileprivate var name: String {
        switch self {
        case .confirmed: "confirmed"
        case .nacked: "nacked"
        case .returned: "returned"
        case .unknown: "unknown"
        }
    }
}
