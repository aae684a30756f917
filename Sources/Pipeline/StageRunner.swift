public import AMQP
public import CoreMetrics
import Foundation
public import Logging
public import Model
public import Postgres
public import ServiceLifecycle
import Synchronization

/// The stage loop: consume, process, persist, publish with confirms, acknowledge. One loop for all four stages.
///
/// A message is acknowledged only after its effects are committed and everything that follows from it is confirmed. So a
/// worker may die at any point: the message comes again, its effects are written again over themselves, and its
/// publications are sent again under the same identities.
///
/// A redelivered message was in the hand of a worker that died, and so were its neighbours. The first time each is worked
/// like any other: most workers die of something else. The second time each goes through the suspect lane, one at a
/// time, so that the one that kills workers is found and quarantined alone.
///
/// `run()` ends with a graceful shutdown once everything in hand is written, or with an error that no retry can cure.
public final class StageRunner<S: Stage>: Service {
    private let stage: S
    private let configuration: StageRunnerConfiguration
    private let database: PostgresPool
    private let consumer: AMQPConsumer
    private let suspects: AMQPConsumer
    private let publisher: AMQPPublisher
    private let routing: Routing
    private let counter = StageCounter()
    private let logger: Logger
    private let metrics: StageMetrics
    private let spans: (any SpanRecorder)?
    private let pause = StagePause()
    private let memory: MemoryBudget
    private let loader: StageLoader<S>
    /// What the suspect lane has taken and not acknowledged yet.
    private let suspectInHand = Mutex<AMQPDelivery?>(nil)

    /// Makes a runner; nothing happens before `run()`.
    ///
    /// - Parameters:
    ///   - subscriptionRenewal: after how long without a delivery a subscription is made anew; see `AMQPConsumer`.
    ///   - metrics: where ``StageMetrics`` go.
    ///   - spans: takes a span for each message that was settled.
    public init(
        stage: S, configuration: StageRunnerConfiguration, topology: Topology, broker: AMQPConfiguration,
        database: PostgresPool, subscriptionRenewal: Duration = .seconds(30),
        metrics: any MetricsFactory = NOOPMetricsHandler.instance, spans: (any SpanRecorder)? = nil, logger: Logger
    ) {
        self.stage = stage
        self.configuration = configuration
        self.database = database
        memory = MemoryBudget(limit: configuration.documentBytes)
        self.logger = logger
        self.spans = spans
        loader = StageLoader(stage: stage, database: database, warnings: RareWarnings(logger))
        let name = S.Input.stage
        self.metrics = StageMetrics(stage: name, factory: metrics)
        routing = Routing(topology: topology, stage: name, worker: configuration.worker)
        consumer = AMQPConsumer(
            configuration: broker, queue: topology.stageQueue(name), prefetch: configuration.prefetch,
            subscriptionRenewal: subscriptionRenewal, logger: logger)
        suspects = AMQPConsumer(
            configuration: broker, queue: topology.suspectQueue(name), prefetch: 1,
            subscriptionRenewal: subscriptionRenewal, logger: logger)
        publisher = AMQPPublisher(configuration: broker, logger: logger)
    }

    /// What this worker has done so far.
    public var statistics: StageStatistics { counter.snapshot }

    /// How the runner stands with the broker at this moment.
    public var connections: StageConnections {
        get async {
            let counts = counter.snapshot
            metrics.inFlight.set(counts.inHand)
            return StageConnections(
                consumer: await consumer.statistics, suspects: await suspects.statistics,
                publisher: await publisher.statistics, isPaused: pause.value)
        }
    }

    public func run() async throws {
        let consumer = consumer
        let suspects = suspects
        let publisher = publisher
        await lookForPause()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await consumer.run() }
            group.addTask { try await suspects.run() }
            group.addTask { try await publisher.run() }
            do {
                try await withGracefulShutdownHandler {
                    try await StagePause.$current.withValue(self.pause) { try await self.workObeyingPauses() }
                } onGracefulShutdown: {
                    // The handler is synchronous. Once consuming has stopped, the lanes run dry and `work()` returns.
                    Task { await Self.stop(consumer, self.logger) }
                    Task { await Self.stop(suspects, self.logger) }
                }
            } catch {
                if (error as? PostgresError)?.action == .giveUp { await acquitSuspect() }
                await Self.close(consumer, suspects, publisher)
                throw error
            }
            await Self.close(consumer, suspects, publisher)
            try await group.waitForAll()
        }
    }

    /// Works, and looks meanwhile once a second whether the stage is to stand still.
    private func workObeyingPauses() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(1))  // cancelled: the loop's condition ends it
                    await self.lookForPause()
                }
                return false
            }
            group.addTask {
                try await self.work()
                return true
            }
            while let isWork = try await group.next(), !isWork {}
            group.cancelAll()
        }
    }

    /// Looks whether an operator wants the stage to stand still, and obeys. While the database does not answer, everything
    /// stays as it is.
    private func lookForPause() async {
        let isWanted: Bool
        do {
            let row = try await database.query(
                "SELECT is_paused FROM wireroom.stage_control WHERE stage = $1", [.text(S.Input.stage.rawValue)]
            ).first
            isWanted = try row?.decode("is_paused") ?? false
        } catch {
            return logger.debug("Whether the stage is paused cannot be read now", error: error)
        }
        guard pause.set(isWanted) else { return }
        metrics.isPaused.set(isWanted ? 1 : 0)
        logger.notice(isWanted ? "The stage is paused: nothing more is taken from its queue" : "The stage goes on")
        for lane in [consumer, suspects] {
            if isWanted { await lane.pauseConsuming() } else { await lane.resumeConsuming() }
        }
    }

    /// Puts what the suspect lane has in hand back to the lane's end as if it had never been delivered: this worker ends for
    /// a reason that is not the message's, and every other delivery counts as a death of its making.
    private func acquitSuspect() async {
        do {
            try await suspects.stopConsuming(handingOutRest: true)
            var deliveries = suspectInHand.withLock { [$0].compactMap(\.self) }
            while case let rest = try await suspects.nextBatch(limit: 1, lingering: .zero), !rest.isEmpty {
                deliveries += rest
            }
            let results = try await publisher.publish(deliveries.map { routing.suspected($0.message) })
            let confirmed = zip(deliveries, results).compactMap { delivery, result in
                if case .confirmed = result { delivery.tag } else { nil }
            }
            try await suspects.acknowledge(confirmed)
        } catch {
            logger.warning("A message of the suspect lane counts as delivered once more", error: error)
        }
    }

    /// Stops a consumer. What the broker has sent by then is still worked off, so that a clean stop redelivers nothing; only
    /// after an error it goes back.
    private static func stop(_ consumer: AMQPConsumer, afterError: Bool = false, _ logger: Logger) async {
        do {
            try await consumer.stopConsuming(handingOutRest: !afterError)
        } catch {
            logger.debug("The consumer was not connected when it was stopped", error: error)
        }
    }

    private static func close(_ consumer: AMQPConsumer, _ suspects: AMQPConsumer, _ publisher: AMQPPublisher) async {
        // At once, because a broker that does not answer costs each of them its patience.
        async let consumerClosed: Void = consumer.close()
        async let suspectsClosed: Void = suspects.close()
        async let publisherClosed: Void = publisher.close()
        _ = await (consumerClosed, suspectsClosed, publisherClosed)
    }

    /// Runs both lanes and the committer until the lanes are dry.
    private func work() async throws {
        let confirmed = ConfirmedPublisher(publisher: publisher, metrics: metrics, logger: logger)
        let committer = StageCommitter(
            stage: stage, configuration: configuration, database: database, publisher: confirmed, routing: routing,
            statistics: counter, metrics: metrics, spans: spans, logger: logger
        ) { lane, tags in
            if lane == .suspect { self.suspectInHand.withLock { $0 = nil } }
            try await (lane == .main ? self.consumer : self.suspects).acknowledge(tags)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await committer.run() }
            group.addTask {
                try await withThrowingTaskGroup(of: Void.self) { lanes in
                    lanes.addTask { try await self.drain(.main, committer, confirmed) }
                    lanes.addTask { try await self.drain(.suspect, committer, confirmed) }
                    // Not `waitForAll()`, which lets the other tasks run on after an error: it would never return.
                    while try await lanes.next() != nil {}
                }
                await committer.finish()
            }
            while try await group.next() != nil {}
        }
    }

    /// Takes batches from a lane until it is stopped; returns once every message taken was submitted.
    private func drain(_ lane: LaneKind, _ committer: StageCommitter<S>, _ confirmed: ConfirmedPublisher) async throws {
        let source = lane == .main ? consumer : suspects
        let limit = lane == .main ? configuration.maximumBatch : 1
        try await withThrowingDiscardingTaskGroup { group in
            while true {
                let deliveries = try await source.nextBatch(limit: limit, lingering: .zero)
                guard !deliveries.isEmpty else { break }
                if lane == .suspect { suspectInHand.withLock { $0 = deliveries.first } }
                group.addTask {
                    do {
                        try await self.handle(deliveries, lane, committer, confirmed)
                    } catch {
                        // The group cancels the other tasks and not this loop, which would wait for deliveries for ever.
                        await Self.stop(source, afterError: true, self.logger)
                        throw error
                    }
                }
            }
        }
    }

    private func handle(
        _ deliveries: [AMQPDelivery], _ lane: LaneKind, _ committer: StageCommitter<S>, _ confirmed: ConfirmedPublisher
    ) async throws {
        var fresh = deliveries
        if lane == .main {
            let again = deliveries.count(where: \.wasDeliveredBefore)
            counter.redeliver(again)
            metrics.redelivered.increment(by: again)
            let suspicious = deliveries.filter(\.isSuspect)
            if !suspicious.isEmpty {
                fresh.removeAll(where: \.isSuspect)
                try await confirmed.publish(suspicious.map { routing.suspected($0.message) })
                counter.suspect(suspicious.count)
                metrics.suspected.increment(by: suspicious.count)
                try await consumer.acknowledge(suspicious.map(\.tag))
            }
        }
        counter.receive(fresh.count)
        (lane == .main ? metrics.received : metrics.receivedSuspects).increment(by: fresh.count)
        var readable: [(SettledDelivery<S>, StageMessage<S.Input>)] = []
        for delivery in fresh {
            switch open(delivery, lane) {
            case .end(let settled): await committer.submit(settled)
            case .next(var settled, let message):
                let deaths = delivery.deliveryCount ?? 0
                if lane == .suspect, deaths >= Routing.maximumDeaths, try await !loader.hasEnded(settled) {
                    settled.work = .end(
                        .quarantine(.crashedWorker, detail: "delivered \(deaths) times without an answer"))
                    await committer.submit(settled)
                } else {
                    readable.append((settled, message))
                }
            }
        }
        guard !readable.isEmpty else { return }
        let sizes = try await loader.sizes(readable.map(\.1))
        for portion in memory.portions(of: sizes) {
            try await work(on: readable[portion], bytes: sizes[portion].reduce(0, +), committer)
        }
    }

    /// Loads and processes messages whose documents fit into the memory together.
    private func work(
        on portion: ArraySlice<(SettledDelivery<S>, StageMessage<S.Input>)>, bytes: Int, _ committer: StageCommitter<S>
    ) async throws {
        let share = try await memory.take(bytes)
        let steps = try await loader.load(portion.map(\.1))
        await withDiscardingTaskGroup { group in
            for ((settled, message), step) in zip(portion, steps) {
                var settled = settled
                settled.memory = share
                group.addTask { [settled] in await self.process(step, message, settled, committer) }
            }
        }
    }

    private enum Opened {
        case end(SettledDelivery<S>)
        case next(SettledDelivery<S>, StageMessage<S.Input>)
    }

    /// Reads the envelope and the headers; what cannot be read ends here.
    private func open(_ delivery: AMQPDelivery, _ lane: LaneKind) -> Opened {
        let state = DeliveryState(headers: delivery.message.properties.headers)
        let started = ContinuousClock.now
        func ended(_ outcome: StageOutcome, _ id: String?, _ urlID: Int64?) -> Opened {
            .end(
                SettledDelivery(
                    delivery: delivery, lane: lane, state: state,
                    messageID: id ?? MessageIdentity.fallback(delivery.message), urlID: urlID,
                    started: started, work: .end(outcome)))
        }
        do {
            var envelope = try Envelope<S.Input>(decoding: delivery.message.body)
            guard MessageIdentity.isStorable(envelope.id) else {
                return ended(.quarantine(.malformedMessage, detail: "its id cannot be stored"), nil, envelope.urlID)
            }
            if state.round == 0 { metrics.wait.record(seconds: Date().timeIntervalSince(envelope.producedAt)) }
            // What follows from this message continues its trace from this piece of work.
            let origin = TraceContext(envelope.trace)
            let trace = origin?.child() ?? .make()
            envelope.trace = trace.traceparent
            let settled = SettledDelivery<S>(
                delivery: delivery, lane: lane, state: state, messageID: envelope.id, urlID: envelope.urlID,
                started: started, producedAt: envelope.producedAt, trace: trace, parentSpanID: origin?.spanID,
                work: .end(.done))
            return .next(settled, StageMessage(envelope: envelope, attempt: state.attempt))
        } catch {
            return ended(.quarantine(error.reason, detail: error.message), nil, nil)
        }
    }

    private func process(
        _ step: StageStep<S.Loaded>, _ message: StageMessage<S.Input>, _ settled: SettledDelivery<S>,
        _ committer: StageCommitter<S>
    ) async {
        var settled = settled
        switch step {
        case .end(let outcome):
            settled.work = .end(outcome)
        case .next(let loaded):
            let started = ContinuousClock.now
            defer { metrics.work.record(since: started) }
            do {
                switch try await stage.process(loaded, message: message) {
                case .end(let outcome): settled.work = .end(outcome)
                case .next(let value): settled.work = .persist(ProcessedMessage(message: message, value: value))
                }
            } catch is CancellationError {
                return  // The worker is being stopped hard: the message stays unacknowledged and comes again.
            } catch {
                settled.work = .end(.retry(.stageError, detail: String(describing: error)))
            }
        }
        await committer.submit(settled)
    }
}

extension AMQPDelivery {
    /// Whether a worker had it in hand before and did not answer.
    var wasDeliveredBefore: Bool { isRedelivered || (deliveryCount ?? 0) > 0 }

    /// Whether so many workers did that it may be to blame.
    var isSuspect: Bool { deliveryCount.map { $0 >= Routing.deathsOfSuspects } ?? isRedelivered }
}
