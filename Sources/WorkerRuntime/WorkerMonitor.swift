import AMQP
import CoreMetrics
import Foundation
import Logging
import Model
import Operations
import Pipeline
import Postgres
import ServiceLifecycle

/// Reads every two seconds how a worker stands: its connections, its pool, its process. Sets the gauges, and says on the
/// health board whether the worker can work. Once a minute it gives freed memory back to the system.
struct WorkerMonitor: Service {
    /// The metrics that the monitor sets.
    static let descriptions =
        ProcessFigures.descriptions + [
            MetricDescription(
                "wireroom.build.info", .gauge, labels: ["stage", "version"], help: "Always 1; says what runs here."),
            MetricDescription(
                "wireroom.broker.connected", .gauge, labels: ["connection"],
                help: "Whether a connection to the broker is up: consumer, suspects, publisher."),
            MetricDescription(
                "wireroom.broker.blocked", .gauge, help: "Whether the broker has asked publishers to pause."),
            MetricDescription(
                "wireroom.broker.reconnects", .counter, labels: ["connection"],
                help: "Connections to the broker made after the first one."),
            MetricDescription(
                "wireroom.broker.lost.deliveries", .counter, labels: ["connection"],
                help: "Deliveries whose connection ended before they were settled; they come again."),
            MetricDescription(
                "wireroom.publish.waiting", .gauge, help: "Publications that are not sent, or not confirmed yet."),
            MetricDescription(
                "wireroom.database.connections", .gauge, labels: ["state"],
                help: "Connections of the pool: leased, idle."),
            MetricDescription(
                "wireroom.database.waiting", .gauge, help: "Tasks that wait for a connection of the pool."),
            MetricDescription(
                "wireroom.database.connects", .counter, labels: ["result"],
                help: "Attempts to connect to the database: made, failed."),
            MetricDescription(
                "wireroom.database.up", .gauge, help: "Whether the database answered the last time."),
        ]

    private let health: HealthBoard
    private let database: PostgresPool
    private let connections: @Sendable () async -> StageConnections
    private let factory: any MetricsFactory
    private let publishers: [any PublishingService]
    private let logger: Logger

    init(
        health: HealthBoard, database: PostgresPool, metrics: any MetricsFactory,
        publishers: [any PublishingService] = [], logger: Logger,
        connections: @escaping @Sendable () async -> StageConnections
    ) {
        self.health = health
        self.database = database
        self.connections = connections
        self.publishers = publishers
        self.logger = logger
        factory = metrics
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await self.watchUntilCancelled() }
        health.stop()
    }

    private func watchUntilCancelled() async {
        var totals = FollowedTotals(factory: factory)
        var turn = 0
        while !Task.isCancelled {
            health.beat()
            showProcess(&totals)
            showPool(&totals)
            show(await connections(), await others(), &totals)
            if turn % 5 == 0 { await askDatabase() }
            if turn % 30 == 29 { Allocator.releaseFreed() }
            turn += 1
            try? await Task.sleep(for: .seconds(2))  // cancelled: the loop's condition ends it
        }
    }

    private func gauge(_ name: String, _ dimensions: [(String, String)] = [], _ value: Double) {
        Meter(label: name, dimensions: dimensions, factory: factory).set(value)
    }

    private func showProcess(_ totals: inout FollowedTotals) {
        guard let figures = ProcessFigures.read() else { return }
        totals.follow("process.cpu.seconds", [], figures.cpuSeconds)
        gauge("process.resident.memory.bytes", [], Double(figures.residentBytes))
        gauge("process.virtual.memory.bytes", [], Double(figures.virtualBytes))
        gauge("process.start.time.seconds", [], figures.startSeconds)
        gauge("process.threads", [], Double(figures.threads))
        gauge("process.open.fds", [], Double(figures.openDescriptors))
        gauge("process.max.fds", [], Double(figures.maximumDescriptors))
    }

    private func showPool(_ totals: inout FollowedTotals) {
        let pool = database.statistics
        gauge("wireroom.database.connections", [("state", "leased")], Double(pool.leased))
        gauge("wireroom.database.connections", [("state", "idle")], Double(pool.idle))
        gauge("wireroom.database.waiting", [], Double(pool.waiting))
        totals.follow("wireroom.database.connects", [("result", "made")], Double(pool.connects))
        totals.follow("wireroom.database.connects", [("result", "failed")], Double(pool.connectFailures))
    }

    private func others() async -> [AMQPPublisherStatistics] {
        var statistics: [AMQPPublisherStatistics] = []
        for publisher in publishers { statistics.append(await publisher.publisherStatistics) }
        return statistics
    }

    private func show(
        _ stage: StageConnections, _ others: [AMQPPublisherStatistics], _ totals: inout FollowedTotals
    ) {
        let consumers = [("consumer", stage.consumer), ("suspects", stage.suspects)]
        for (name, consumer) in consumers {
            show(name, isConnected: consumer.isConnected, reconnects: consumer.reconnects, &totals)
            totals.follow("wireroom.broker.lost.deliveries", [("connection", name)], Double(consumer.lost))
        }
        let publisher = stage.publisher
        show("publisher", isConnected: publisher.isConnected, reconnects: publisher.reconnects, &totals)
        let publishers = [publisher] + others
        let isBlocked = publishers.contains(where: \.isBlocked)
        gauge("wireroom.broker.blocked", [], isBlocked ? 1 : 0)
        gauge("wireroom.publish.waiting", [], Double(publishers.reduce(0) { $0 + $1.inFlight + $1.waiting }))
        let up = consumers.filter(\.1.isConnected).count + (publisher.isConnected ? 1 : 0)
        health.set("broker", isGood: up == 3, detail: "\(up) of 3 connections are up")
        health.set(
            "publishing", isGood: !isBlocked,
            detail: isBlocked ? "the broker has asked to pause (memory or disk alarm)" : "not blocked")
        health.set("stage", isGood: true, detail: stage.isPaused ? "paused by an operator" : "working")
    }

    private func show(_ name: String, isConnected: Bool, reconnects: Int, _ totals: inout FollowedTotals) {
        gauge("wireroom.broker.connected", [("connection", name)], isConnected ? 1 : 0)
        totals.follow("wireroom.broker.reconnects", [("connection", name)], Double(reconnects))
    }

    /// A database that hangs must not hold up the watch.
    private func askDatabase() async {
        let answer = await withTaskGroup(of: (any Error)?.self) { group in
            group.addTask { [database] in
                do {
                    _ = try await database.query("SELECT 1")
                    return nil
                } catch {
                    return error
                }
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(3))  // cancelled: there was an answer
                return CancellationError()
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        gauge("wireroom.database.up", [], answer == nil ? 1 : 0)
        let detail = answer.map { ($0 as? PostgresError)?.message ?? "no answer within 3 s" } ?? "answers"
        health.set("database", isGood: answer == nil, detail: detail)
    }
}

/// Counters that follow totals which somebody else counts.
private struct FollowedTotals {
    let factory: any MetricsFactory
    private var counters: [String: (counter: FloatingPointCounter, seen: Double)] = [:]

    init(factory: any MetricsFactory) {
        self.factory = factory
    }

    mutating func follow(_ name: String, _ dimensions: [(String, String)], _ total: Double) {
        let key = "\(name) \(dimensions)"
        let known =
            counters[key] ?? (FloatingPointCounter(label: name, dimensions: dimensions, factory: factory), 0)
        if total > known.seen { known.counter.increment(by: total - known.seen) }
        counters[key] = (known.counter, total)
    }
}
