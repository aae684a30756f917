import AMQP
import CoreMetrics
import Foundation
import Logging
import Model
import Postgres
import Synchronization

/// Writes what the stage has processed: one transaction for all that is ready, then the publications, then the acks.
///
/// While one batch is written the next one gathers, so batches grow with the load and a lone message never waits.
actor StageCommitter<S: Stage> {
    private let stage: S
    private let configuration: StageRunnerConfiguration
    private let database: PostgresPool
    private let publisher: ConfirmedPublisher
    private let routing: Routing
    private let ledger: Ledger
    private let acknowledge: @Sendable (LaneKind, [AMQPDeliveryTag]) async throws -> Void
    private let statistics: StageCounter
    private let metrics: StageMetrics
    private let spans: (any SpanRecorder)?
    private let logger: Logger

    private var pending: [SettledDelivery<S>] = []
    private var isFinished = false
    private var waiter: CheckedContinuation<Void, Never>?

    init(
        stage: S, configuration: StageRunnerConfiguration, database: PostgresPool, publisher: ConfirmedPublisher,
        routing: Routing,
        statistics: StageCounter, metrics: StageMetrics, spans: (any SpanRecorder)?, logger: Logger,
        acknowledge: @escaping @Sendable (LaneKind, [AMQPDeliveryTag]) async throws -> Void
    ) {
        self.stage = stage
        self.configuration = configuration
        self.database = database
        self.publisher = publisher
        self.routing = routing
        self.ledger = Ledger(stage: S.Input.stage, worker: configuration.worker, version: configuration.version)
        self.statistics = statistics
        self.metrics = metrics
        self.spans = spans
        self.logger = logger
        self.acknowledge = acknowledge
    }

    /// Hands over a message that is ready to be written.
    func submit(_ settled: SettledDelivery<S>) {
        pending.append(settled)
        wake()
    }

    /// Says that nothing more will be submitted; ``run()`` returns once all is written.
    func finish() {
        isFinished = true
        wake()
    }

    private func wake() {
        waiter?.resume()
        waiter = nil
    }

    /// Writes batches until ``finish()``.
    func run() async throws {
        while true {
            if pending.isEmpty {
                if isFinished { return }
                await withTaskCancellationHandler {
                    await withCheckedContinuation { waiter = $0 }
                } onCancel: {
                    // The handler is synchronous; finishing is harmless when the loop is gone already.
                    Task { await self.finish() }
                }
                continue
            }
            let batch = Array(pending.prefix(configuration.maximumBatch))
            pending.removeFirst(batch.count)
            try await commit(batch)
        }
    }

    private func commit(_ batch: [SettledDelivery<S>]) async throws {
        for part in try await write(batch) {
            try await publisher.publish(part.publications)
            for lane in [LaneKind.main, .suspect] {
                let tags = part.items.filter { $0.lane == lane }.map(\.delivery.tag)
                if !tags.isEmpty { try await acknowledge(lane, tags) }
            }
            report(part)
        }
    }

    /// Writes a batch, in one transaction or, where some message's values are refused, each message in its own.
    ///
    /// - Returns: what was written together.
    private func write(_ batch: [SettledDelivery<S>]) async throws -> [Written] {
        var patience = PatienceLadder()
        var batch = batch
        while true {
            try Task.checkCancellation()
            do {
                return [try await writeTogether(batch)]
            } catch {
                switch BatchTrouble(error) {
                case .passing:
                    logger.warning("The database does not take the batch, trying again", error: error)
                    try await Task.sleep(for: patience.next())
                case .fatal: throw error
                case .messages where batch.count > 1:
                    var written: [Written] = []
                    for item in batch { written += try await write([item]) }
                    return written
                case .messages:
                    guard case .persist = batch[0].work else { throw error }
                    batch[0].work = .end(.failed(error))
                }
            }
        }
    }

    private func writeTogether(_ batch: [SettledDelivery<S>]) async throws -> Written {
        let started = ContinuousClock.now
        let results = try await database.withTransaction { [stage, ledger, routing] transaction in
            let values = batch.compactMap { item in
                if case .persist(let value) = item.work { value } else { nil }
            }
            var persisted = values.isEmpty ? [] : try await stage.persist(values, in: transaction)[...]
            precondition(persisted.count == values.count, "a stage gives one result for each message")
            let results = batch.map { item in
                var result =
                    switch item.work {
                    case .persist: persisted.removeFirst()
                    case .end(let outcome): StageResult(outcome)
                    }
                result.outcome = routing.settled(result.outcome, state: item.state)
                return result
            }
            try await ledger.record(Self.entries(batch, results), in: transaction)
            return results
        }
        metrics.batchTime.record(since: started)
        metrics.batchSize.record(batch.count)
        statistics.count(results.map(\.outcome))
        for result in results { metrics.settle(result.outcome) }
        log(batch, results)
        let publications = zip(batch, results).flatMap { item, result in
            result.publications.map { $0.publication(in: routing.topology) }
                + [routing.onward(result.outcome, state: item.state, message: item.delivery.message)].compactMap { $0 }
        }
        return Written(items: batch, outcomes: results.map(\.outcome), publications: publications)
    }

    /// What was written together, with what is to be published for it.
    private struct Written {
        var items: [SettledDelivery<S>]
        var outcomes: [StageOutcome]
        var publications: [AMQPPublication]
    }

    /// Tells how long acknowledged messages took.
    private func report(_ part: Written) {
        let now = Date()
        for item in part.items {
            if let made = item.producedAt { metrics.latency.record(seconds: now.timeIntervalSince(made)) }
        }
        guard let spans else { return }
        spans.record(zip(part.items, part.outcomes).map { $0.span(outcome: $1, stage: S.Input.stage, endedAt: now) })
    }

    private static func entries(_ batch: [SettledDelivery<S>], _ results: [StageResult]) -> [LedgerEntry] {
        let now = ContinuousClock.now
        return zip(batch, results).map { item, result in
            LedgerEntry(
                messageID: item.messageID, round: item.state.round, urlID: item.urlID, outcome: result.outcome,
                attempt: item.state.attempt, durationMilliseconds: (now - item.started).milliseconds,
                followers: result.publications.compactMap(\.follower))
        }
    }

    private func log(_ batch: [SettledDelivery<S>], _ results: [StageResult]) {
        for (item, result) in zip(batch, results) {
            let level: Logger.Level =
                switch result.outcome {
                case .quarantine: .warning
                case .retry: .info
                case .done, .drop, .snooze: .debug
                }
            logger.log(
                level: level, "Message settled",
                metadata: [
                    "message.id": "\(item.messageID)", "outcome": "\(result.outcome.name)",
                    "attempt": "\(item.state.attempt)",
                    "reason": "\(result.outcome.reason ?? "")", "detail": "\(result.outcome.detail ?? "")",
                ])
        }
    }
}

/// Statistics that several tasks add to.
final class StageCounter: Sendable {
    private let counts = Mutex(StageStatistics())

    var snapshot: StageStatistics { counts.withLock { $0 } }

    func count(_ outcomes: [StageOutcome]) {
        counts.withLock { counts in
            outcomes.forEach { counts.count($0) }
            counts.batches += 1
        }
    }

    func receive(_ number: Int) { counts.withLock { $0.received += number } }
    func redeliver(_ number: Int) { counts.withLock { $0.redelivered += number } }
    func suspect(_ number: Int) { counts.withLock { $0.suspected += number } }
}
