public import AMQP
public import CoreMetrics
import Foundation
public import Logging
public import Model
public import Postgres
public import ServiceLifecycle

/// Looks at the whole line now and then: queues, pending work, quarantine, leases. One worker at a time does it, whichever
/// comes first, and gives the figures as metrics; the others give none of them.
///
/// The right to look is a row in the database that is renewed with every look and free again when it was not for a while.
public final class LineObserver: Service {
    /// The metrics that the observing worker gives.
    public static let descriptions = [
        MetricDescription(
            "wireroom.queue.messages", .gauge, labels: ["queue", "stage", "kind"],
            help: "Messages ready in a queue of the broker."),
        MetricDescription(
            "wireroom.queue.consumers", .gauge, labels: ["queue", "stage", "kind"], help: "Consumers of a queue."),
        MetricDescription(
            "wireroom.pending.messages", .gauge, labels: ["stage"],
            help: "Messages that were sent to a stage and have no outcome yet, wherever they are."),
        MetricDescription(
            "wireroom.pending.oldest.age.seconds", .gauge, labels: ["stage"],
            help: "Age of the oldest message that a stage has not settled yet, retries included."),
        MetricDescription(
            "wireroom.release.lag.seconds", .gauge, labels: ["lane"],
            help: "How late the oldest due URL is whose host could be contacted right now."),
        MetricDescription(
            "wireroom.leases.outstanding", .gauge, help: "Hosts that are leased to a crawl worker."),
        MetricDescription(
            "wireroom.leases.expired", .gauge, help: "Leases that ran out and were not given again yet."),
        MetricDescription("wireroom.hosts.blocked", .gauge, help: "Hosts that are left alone because of an incident."),
        MetricDescription("wireroom.hosts.paused", .gauge, help: "Hosts that an operator has paused."),
        MetricDescription(
            "wireroom.quarantine.messages", .gauge, labels: ["stage"], help: "Messages that are held in quarantine."),
        MetricDescription("wireroom.outbox.messages", .gauge, help: "Messages that wait to be published."),
        MetricDescription(
            "wireroom.outbox.oldest.age.seconds", .gauge, help: "Age of the oldest message that waits to be published."),
        MetricDescription("wireroom.workers", .gauge, labels: ["stage"], help: "Workers seen in the last 30 seconds."),
        MetricDescription(
            "wireroom.partitions.ahead", .gauge, help: "Coming months for which a partition of captures is there."),
        MetricDescription(
            "wireroom.partitions.strays", .gauge, help: "Captures that no month's partition took, up to 1000."),
        MetricDescription(
            "wireroom.replication.retained.bytes", .gauge,
            help: "Write-ahead log that a replication slot keeps the database from removing."),
        MetricDescription(
            "wireroom.transactions.oldest.age.seconds", .gauge,
            help: "Age of the database's oldest open transaction, which holds back the change feed."),
        MetricDescription("wireroom.database.size.bytes", .gauge, help: "Size of the database."),
        MetricDescription(
            "wireroom.sources.silent", .gauge, help: "Sources that give far less than they usually do."),
        MetricDescription(
            "wireroom.sources.lost", .gauge,
            help: "Sources whose newest ten or more articles were all dropped or quarantined."),
        MetricDescription(
            "wireroom.line.observer", .gauge, help: "Whether this worker looks at the whole line."),
    ]

    /// Which metric a figure of the database is, and what its label is called.
    private static let metrics: [String: (metric: String, label: String?)] = [
        "leases.outstanding": ("wireroom.leases.outstanding", nil),
        "leases.expired": ("wireroom.leases.expired", nil), "hosts.blocked": ("wireroom.hosts.blocked", nil),
        "hosts.paused": ("wireroom.hosts.paused", nil), "release.lag": ("wireroom.release.lag.seconds", "lane"),
        "outbox.messages": ("wireroom.outbox.messages", nil),
        "outbox.oldest": ("wireroom.outbox.oldest.age.seconds", nil),
        "pending.messages": ("wireroom.pending.messages", "stage"),
        "pending.oldest": ("wireroom.pending.oldest.age.seconds", "stage"),
        "quarantine.messages": ("wireroom.quarantine.messages", "stage"), "workers": ("wireroom.workers", "stage"),
        "partitions.ahead": ("wireroom.partitions.ahead", nil),
        "partitions.strays": ("wireroom.partitions.strays", nil),
        "replication.retained": ("wireroom.replication.retained.bytes", nil),
        "transactions.oldest": ("wireroom.transactions.oldest.age.seconds", nil),
        "database.size": ("wireroom.database.size.bytes", nil),
    ]

    /// How often sources are judged: it takes more than a second where there are ten thousand of them.
    private static let judgement: Duration = .seconds(300)

    private let worker: String
    private let topology: Topology
    private let broker: AMQPConfiguration
    private let database: PostgresPool
    private let factory: any MetricsFactory
    private let interval: Duration
    private let patience: Duration
    private let logger: Logger

    /// Makes an observer.
    ///
    /// - Parameters:
    ///   - interval: how often to look.
    ///   - patience: after how long without a look the right to it is lost.
    public init(
        worker: String, topology: Topology, broker: AMQPConfiguration, database: PostgresPool,
        metrics: any MetricsFactory, interval: Duration = .seconds(10), patience: Duration = .seconds(30),
        logger: Logger
    ) {
        self.patience = patience
        self.worker = worker
        self.topology = topology
        self.broker = broker
        self.database = database
        self.interval = interval
        self.logger = logger
        factory = metrics
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.observeUntilCancelled() }
        // So that another worker takes over at once; when this fails, it does so a little later. In a task of its own,
        // because this one may be cancelled.
        let handover = Task { [database, worker] in
            _ = try? await database.query(
                "UPDATE wireroom.line_observation SET observed_at = '-infinity' WHERE observer = $1", [.text(worker)])
        }
        let timer = Task {
            try? await Task.sleep(for: .seconds(2))  // cancelled: it was handed over
            handover.cancel()
        }
        await handover.value
        timer.cancel()
    }

    private func observeUntilCancelled() async {
        var gauges = LineGauges(factory: factory)
        var administration: AMQPAdministration?
        var judgement: (readings: [LineGauges.Reading], until: ContinuousClock.Instant)?
        let isObserver = Meter(label: "wireroom.line.observer", dimensions: [], factory: factory)
        while !Task.isCancelled {
            do {
                let isOurs = try await claim()
                isObserver.set(isOurs ? 1 : 0)
                if isOurs {
                    let judged: (readings: [LineGauges.Reading], until: ContinuousClock.Instant)
                    if let judgement, judgement.until > .now {
                        judged = judgement
                    } else {
                        judged = (try await judgeSources(), .now + Self.judgement)
                    }
                    judgement = judged
                    gauges.show(try await observe(&administration) + judged.readings)
                } else {
                    judgement = nil
                    gauges.clear()
                    await administration?.close()
                    administration = nil
                }
            } catch {
                // Old figures would look like new ones.
                gauges.clear()
                logger.debug("The line cannot be looked at now", error: error)
            }
            try? await Task.sleep(for: interval)  // cancelled: the loop's condition ends it
        }
        gauges.clear()
        await administration?.close()
    }

    /// Takes or renews the right to look.
    private func claim() async throws -> Bool {
        let seconds = Double(patience.milliseconds) / 1000
        return try await database.query(
            """
            UPDATE wireroom.line_observation SET observer = $1, observed_at = now()
            WHERE observer = $1 OR observed_at < now() - make_interval(secs => $2) RETURNING observer
            """, [.text(worker), .double(seconds)]
        ).count == 1
    }

    private func judgeSources() async throws -> [LineGauges.Reading] {
        let row = try await database.query(
            """
            SELECT (SELECT count(*) FROM wireroom.source_health WHERE is_silent) AS silent,
                   (SELECT count(*) FROM wireroom.source_loss) AS lost
            """
        ).first
        return try ["silent", "lost"].map { name in
            LineGauges.Reading(
                name: "wireroom.sources.\(name)", dimensions: [],
                value: Double(try row?.decode(name, as: Int.self) ?? 0))
        }
    }

    private func observe(_ administration: inout AMQPAdministration?) async throws -> [LineGauges.Reading] {
        _ = try await database.query("SELECT wireroom.roll_up_funnel()::text")
        var seen = LineFigures(figures: try await LineFigures.read(from: database))
        do {
            if administration == nil { administration = try await .connect(broker, logger: logger) }
            if let administration { seen.queues = try await queues(administration) }
        } catch {
            logger.debug("The queues cannot be looked at now", error: error)
            await administration?.close()
            administration = nil
        }
        let json = String(decoding: try JSONEncoder().encode(seen), as: UTF8.self)
        _ = try await database.query(
            "UPDATE wireroom.line_observation SET figures = $2::jsonb WHERE observer = $1",
            [.text(worker), .json(json)])
        return readings(seen)
    }

    private func queues(_ administration: AMQPAdministration) async throws -> [LineFigures.Queue] {
        var queues: [LineFigures.Queue] = []
        for queue in topology.allQueues {
            guard let status = try await administration.inspectQueue(queue.name) else { continue }
            queues.append(
                LineFigures.Queue(name: queue.name, ready: status.messageCount, consumers: status.consumerCount))
        }
        return queues
    }

    private func readings(_ seen: LineFigures) -> [LineGauges.Reading] {
        var readings: [LineGauges.Reading] = []
        for figure in seen.figures {
            guard let (metric, label) = Self.metrics[figure.name] else { continue }
            readings.append(
                LineGauges.Reading(
                    name: metric, dimensions: label.map { [($0, figure.label)] } ?? [], value: figure.figure))
        }
        for queue in seen.queues ?? [] {
            guard let place = topology.place(ofQueue: queue.name) else { continue }
            let dimensions = [("queue", queue.name), ("stage", place.stage.rawValue), ("kind", place.kind)]
            readings.append(
                LineGauges.Reading(
                    name: "wireroom.queue.messages", dimensions: dimensions, value: Double(queue.ready)))
            readings.append(
                LineGauges.Reading(
                    name: "wireroom.queue.consumers", dimensions: dimensions, value: Double(queue.consumers)))
        }
        return readings
    }
}

/// The gauges that one look has shown, so that the next one can take away what is no more.
private struct LineGauges {
    struct Reading {
        var name: String
        var dimensions: [(String, String)]
        var value: Double
    }

    let factory: any MetricsFactory
    private var shown: [String: Meter] = [:]

    init(factory: any MetricsFactory) {
        self.factory = factory
    }

    mutating func show(_ readings: [Reading]) {
        var kept: [String: Meter] = [:]
        for reading in readings {
            let key = "\(reading.name) \(reading.dimensions)"
            let meter =
                shown.removeValue(forKey: key)
                ?? Meter(label: reading.name, dimensions: reading.dimensions, factory: factory)
            meter.set(reading.value)
            kept[key] = meter
        }
        clear()
        shown = kept
    }

    mutating func clear() {
        for meter in shown.values { meter.destroy() }
        shown = [:]
    }
}

extension Topology {
    /// Whose queue it is and what for: `stage`, `suspect`, `retry` or `quarantine`.
    public func place(ofQueue name: String) -> (stage: StageName, kind: String)? {
        for stage in StageName.allCases {
            if name == stageQueue(stage) { return (stage, "stage") }
            if name == suspectQueue(stage) { return (stage, "suspect") }
            if name == quarantineQueue(stage) { return (stage, "quarantine") }
            if rungs.contains(where: { retryQueue(stage, $0) == name }) { return (stage, "retry") }
        }
        return nil
    }
}
