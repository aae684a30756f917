public import AMQP
import AdminHTTP
import ArgumentParser
public import CoreMetrics
import Foundation
public import Logging
public import Model
public import Operations
public import Pipeline
public import Postgres
public import ServiceLifecycle
import UnixSignals

/// What a worker's `main` composes: settings, connections, and the services around its stage.
///
/// Settings read here: `database.url`, `database.role` (default `wireroom_<stage>`; `none` keeps the login's own role),
/// `database.connections` (1 to 64, default 4), `broker.url`, `broker.prefix` (default `wireroom`), `worker.name`,
/// `worker.prefetch` (1 to 2000), `worker.batch` (1 to 1000, default 128), `worker.documents-mb` (1 to 1,000,000, default 64:
/// megabytes of documents in memory at once), `worker.startup-seconds` (0 to 3600, default 60: how long to
/// wait for broker and database), `worker.stop-seconds` (1 to 3600, default 30: how long a stop may take), `admin.listen`
/// (where metrics and health are served; default 127.0.0.1 and the stage's port, `none` for nowhere), `trace.otlp-endpoint`
/// (where spans go; default nowhere).
public struct WorkerApplication: Sendable {
    /// Version of the programs, as it stands in the ledger.
    public static let version = "0.1.0"

    /// The settings that the application was made with.
    public let settings: Settings
    /// The program's logger.
    public let logger: Logger
    /// The pool of database connections, in the stage's role.
    public let database: PostgresPool
    /// Where the broker is.
    public let broker: AMQPConfiguration
    /// The queues.
    public let topology: Topology
    /// How the stage loop runs.
    public let runner: StageRunnerConfiguration
    private let registry: PrometheusRegistry
    private let health = HealthBoard()
    private let admin: AdminPort
    private let spans: SpanExporter?
    private let stage: StageName
    private let startupTimeout: Duration
    private let stopTimeout: Duration

    /// Reads the settings and opens nothing yet.
    ///
    /// - Parameters:
    ///   - flags: the stage's own flags, by settings key.
    ///   - metrics: what the stage measures besides the metrics that all have.
    /// - Throws: `SettingsError` naming the key.
    public init(
        stage: StageName, options: WorkerOptions, flags: [String: String] = [:], defaultPrefetch: Int,
        metrics: [MetricDescription] = []
    ) async throws {
        Allocator.limitArenas()
        settings = try await Settings(flags: options.settings.merging(flags) { $1 }, file: options.config)
        var logger = try Logger.make(label: "wireroom-\(stage.rawValue)", settings: settings)
        let host = ProcessInfo.processInfo.hostName
        let name =
            settings.text("worker.name") ?? "\(host)-\(stage.rawValue)-\(ProcessInfo.processInfo.processIdentifier)"
        logger[metadataKey: "stage"] = "\(stage.rawValue)"
        logger[metadataKey: "worker"] = "\(name)"
        self.stage = stage
        self.logger = logger
        registry = PrometheusRegistry(
            StageMetrics.descriptions + LineObserver.descriptions + WorkerMonitor.descriptions
                + SpanExporter.descriptions
                + metrics)
        admin = try AdminPort(settings, stage: stage)
        spans = try Self.spanExporter(settings, stage: stage, worker: name, metrics: registry, logger: logger)
        broker = try Self.brokerConfiguration(settings, name: name)
        let connections = try settings.integer("database.connections", default: 4, in: 1...64)
        database = PostgresPool(
            try Self.databaseConfiguration(settings, name: name, role: "wireroom_\(stage.rawValue)"),
            maximumConnections: connections, logger: logger)
        topology = Topology(prefix: settings.text("broker.prefix") ?? "wireroom")
        runner = StageRunnerConfiguration(
            worker: name, version: Self.version,
            prefetch: try settings.integer("worker.prefetch", default: defaultPrefetch, in: 1...2000),
            maximumBatch: try settings.integer("worker.batch", default: 128, in: 1...1000),
            documentBytes: try settings.integer("worker.documents-mb", default: 64, in: 1...1_000_000) << 20)
        startupTimeout = .seconds(try settings.integer("worker.startup-seconds", default: 60, in: 0...3600))
        stopTimeout = .seconds(try settings.integer("worker.stop-seconds", default: 30, in: 1...3600))
    }

    /// Where metrics go.
    public var metrics: any MetricsFactory { registry }

    /// Reads `broker.url`.
    public static func brokerConfiguration(_ settings: Settings, name: String) throws -> AMQPConfiguration {
        guard let url = settings.secret("broker.url") else {
            throw SettingsError(key: "broker.url", message: "is not set")
        }
        do {
            var configuration = try AMQPConfiguration(url: url)
            configuration.connectionName = name
            return configuration
        } catch {
            throw SettingsError(key: "broker.url", message: error.message)
        }
    }

    private static func spanExporter(
        _ settings: Settings, stage: StageName, worker: String, metrics: any MetricsFactory, logger: Logger
    ) throws -> SpanExporter? {
        guard let endpoint = settings.text("trace.otlp-endpoint") else { return nil }
        return try SpanExporter(
            endpoint: endpoint,
            resource: [
                "service.name": "wireroom-\(stage.rawValue)", "service.version": version,
                "service.instance.id": worker,
            ], metrics: metrics, logger: logger)
    }

    /// Reads `database.url` and `database.role`.
    ///
    /// - Parameter role: the role to take when the settings name none; `nil` keeps the login's own.
    public static func databaseConfiguration(
        _ settings: Settings, name: String, role: String?
    ) throws -> PostgresConfiguration {
        guard let url = settings.secret("database.url") else {
            throw SettingsError(key: "database.url", message: "is not set")
        }
        do {
            var configuration = try PostgresConfiguration(url: url)
            configuration.applicationName = name
            let chosen = settings.text("database.role") ?? role
            configuration.role = chosen == "none" ? nil : chosen
            return configuration
        } catch {
            throw SettingsError(key: "database.url", message: error.message)
        }
    }

    /// Runs the stage until SIGTERM or SIGINT, then stops cleanly.
    ///
    /// - Parameters:
    ///   - stage: the stage.
    ///   - services: what runs beside it.
    /// - Throws: `TopologyError` or ``StartupError`` when it cannot start, else whatever stopped the stage.
    public func run(_ stage: some Stage, with services: [any Service] = []) async throws {
        let listener = try admin.open(AdminPages(registry: registry, health: health), logger: logger)
        await listener?.start()
        do {
            try await runStage(stage, with: services)
        } catch {
            // With its time, and as JSON where the log is: the line that the program ends with has neither.
            logger.error("The worker ends with an error", error: error)
            await listener?.close()
            throw error
        }
        await listener?.close()
    }

    private func runStage(_ stage: some Stage, with services: [any Service]) async throws {
        Meter(
            label: "wireroom.build.info",
            dimensions: [("stage", self.stage.rawValue), ("version", Self.version)], factory: registry
        ).set(1)
        logger.notice(
            "Starting",
            metadata: ["version": "\(Self.version)", "broker": "\(broker)", "database": "\(databaseDescription)"])
        try await waitUntilReady()
        let stageRunner = StageRunner(
            stage: stage, configuration: runner, topology: topology, broker: broker, database: database,
            metrics: registry, spans: spans, logger: logger)
        let presence = WorkerRegistry(
            stage: self.stage, worker: runner.worker, version: Self.version, database: database, logger: logger
        ) {
            let data = try? JSONEncoder().encode(stageRunner.statistics)  // a struct of numbers always encodes
            return data.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        }
        let drainer = QuarantineDrainer(
            stage: self.stage, topology: topology, broker: broker, database: database, logger: logger)
        let observer = LineObserver(
            worker: runner.worker, topology: topology, broker: broker, database: database, metrics: registry,
            logger: logger)
        let publishers = services.compactMap { $0 as? any PublishingService }
        let monitor = WorkerMonitor(
            health: health, database: database, metrics: registry, publishers: publishers, logger: logger
        ) {
            await stageRunner.connections
        }
        // What is stopped last stands first; spans come until the stage has stopped.
        var all: [any Service] = []
        if let spans { all.append(spans) }
        all += [presence, monitor, drainer, observer] as [any Service]
        all += services
        all.append(stageRunner)
        let members = all.map { service in
            ServiceGroupConfiguration.ServiceConfiguration(
                service: service, successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .gracefullyShutdownGroup)
        }
        var configuration = ServiceGroupConfiguration(services: members, logger: logger)
        configuration.gracefulShutdownSignals = [.sigterm, .sigint]
        configuration.maximumGracefulShutdownDuration = stopTimeout
        configuration.maximumCancellationDuration = .seconds(15)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch  where Self.isCancellation(error) {
            throw StopTimeoutError(limit: stopTimeout)
        }
        await database.close()
        logger.notice(
            "Stopped",
            metadata: ["done": "\(stageRunner.statistics.done)", "received": "\(stageRunner.statistics.received)"])
    }

    private var databaseDescription: String {
        // Was read before.
        (try? Self.databaseConfiguration(settings, name: runner.worker, role: nil).redactedDescription) ?? ""
    }

    /// Waits for database, migrations, broker and queues: they may be starting at the same time as this worker.
    private func waitUntilReady() async throws {
        let deadline = ContinuousClock.now + startupTimeout
        while true {
            health.beat()
            do {
                try await check()
                health.clear("start")
                return
            } catch {
                health.set("start", isGood: false, detail: StartupError(cause: error).message)
                guard Self.mayPass(error), ContinuousClock.now < deadline else { throw StartupError(cause: error) }
                logger.info("Not everything is there yet, waiting", error: error)
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func check() async throws {
        let result = try await database.query(
            "SELECT coalesce(max(version), 0) AS version FROM wireroom.schema_migration")
        let version = try result.first?.decode("version", as: Int.self) ?? 0
        guard version >= StartupError.neededMigration else {
            throw StartupError(
                message:
                    "the database is at migration \(version), this program needs \(StartupError.neededMigration); run `wireroom migrate`"
            )
        }
        let administration = try await AMQPAdministration.connect(broker, logger: logger)
        do {
            try await topology.verify([stage], on: administration)
            await administration.close()
        } catch {
            await administration.close()
            throw error
        }
    }

    /// Nothing but the end of the stop's time cancels the services.
    private static func isCancellation(_ error: any Error) -> Bool {
        switch error {
        case let error as PostgresError: error.code == .cancelled
        case let error as AMQPError: error.code == .cancelled
        default: error is CancellationError
        }
    }

    private static func mayPass(_ error: any Error) -> Bool {
        switch error {
        case let error as PostgresError: error.isRetriable || StartupError.isSetUpMissing(error)
        case let error as AMQPError: error.isRetriable
        case is TopologyError, is StartupError: true
        default: false
        }
    }
}

/// A worker was told to stop and could not finish what it had in hand in time.
public struct StopTimeoutError: Error, CustomStringConvertible {
    /// How much time it had: `worker.stop-seconds`.
    public var limit: Duration

    public var description: String {
        "could not finish its work in hand within \(limit) of being told to stop; the broker will deliver that work again"
    }
}

/// A worker could not start.
public struct StartupError: Error, CustomStringConvertible {
    /// The newest migration that the programs of this version need.
    public static let neededMigration = 14

    /// What is wrong, and what to do.
    public var message: String

    init(message: String) { self.message = message }

    init(cause: any Error) {
        if let error = cause as? StartupError {
            self = error
        } else if let error = cause as? PostgresError, Self.isSetUpMissing(error) {
            message = "the database is not set up: \(error.message); run `wireroom migrate`"
        } else {
            message = "\(cause)"
        }
    }

    /// Whether the database, its tables, its roles or their rights are missing, which migrating makes.
    static func isSetUpMissing(_ error: PostgresError) -> Bool {
        switch error.sqlState {
        // no such database, schema or table; no right yet
        case "3D000", "3F000", "42P01", "42501": true
        // no such role, said while connecting
        case "22023": error.code == .connectionFailed
        default: false
        }
    }

    public var description: String { "cannot start: \(message)" }
}
