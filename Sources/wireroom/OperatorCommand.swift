import AMQP
import ArgumentParser
import Foundation
import Logging
import Operations
import Pipeline
import Postgres
import WorkerRuntime

/// A subcommand that has settings, and may talk to broker and database.
protocol OperatorCommand: AsyncParsableCommand {
    /// The flags that all have.
    var options: OperatorOptions { get }
    /// Settings given by the subcommand's own flags.
    var settings: [String: String] { get }
    /// Does the work.
    func execute(_ session: OperatorSession) async throws
}

extension OperatorCommand {
    var settings: [String: String] { [:] }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)  // A reader that has gone shows as a failed write.
        do {
            let session = try await OperatorSession(
                flags: options.settings.merging(settings) { $1 }, file: options.config)
            try await execute(session)
        } catch {
            throw CommandFailure.report(error)
        }
    }
}

/// Settings, logger and topology of one run, and what opens broker and database.
///
/// Settings read here: `database.url`, `database.role` (default: the login's own), `broker.url`, `broker.prefix` (default
/// `wireroom`), `log.level` (default `warning`), `log.format`.
struct OperatorSession {
    /// The settings.
    let settings: Settings
    /// The logger.
    let logger: Logger
    /// The queues.
    let topology: Topology
    /// What the operator is called in the ledger: the login's name and the process.
    let name: String

    /// Reads the settings and opens nothing.
    init(flags: [String: String], file: String?) async throws {
        var settings = try await Settings(flags: flags, file: file)
        if settings.text("log.level") == nil {
            settings = try await Settings(
                flags: flags.merging(["log.level": "warning"]) { first, _ in first }, file: file)
        }
        self.settings = settings
        logger = try Logger.make(label: "wireroom", settings: settings)
        topology = Topology(prefix: settings.text("broker.prefix") ?? "wireroom")
        name = "\(NSUserName())-wireroom-\(ProcessInfo.processInfo.processIdentifier)"
    }

    /// Where the broker is.
    func broker() throws -> AMQPConfiguration {
        try WorkerApplication.brokerConfiguration(settings, name: name)
    }

    /// Where the database is.
    func databaseConfiguration() throws -> PostgresConfiguration {
        try WorkerApplication.databaseConfiguration(settings, name: name, role: nil)
    }

    /// Lends a pool of database connections.
    ///
    /// A pool is patient with a database that is just starting; somebody at a terminal wants to know at once. So the first
    /// connection is made without it.
    func withDatabase<Result>(_ body: (PostgresPool) async throws -> Result) async throws -> Result {
        try await withConnection { _ in }
        let pool = PostgresPool(try databaseConfiguration(), maximumConnections: 4, logger: logger)
        do {
            let result = try await body(pool)
            await pool.close()
            return result
        } catch {
            await pool.close()
            throw error
        }
    }

    /// Lends a connection to the database.
    func withConnection<Result>(_ body: (PostgresConnection) async throws -> Result) async throws -> Result {
        let connection = try await PostgresConnection.connect(try databaseConfiguration(), logger: logger)
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Lends a connection to the broker.
    func withBroker<Result>(_ body: (AMQPAdministration) async throws -> Result) async throws -> Result {
        let administration = try await AMQPAdministration.connect(try broker(), logger: logger)
        do {
            let result = try await body(administration)
            await administration.close()
            return result
        } catch {
            await administration.close()
            throw error
        }
    }
}
