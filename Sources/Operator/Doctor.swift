public import AMQP
public import Foundation
public import Logging
internal import Model
internal import Operations
public import Pipeline
public import Postgres

/// One thing that was checked.
public struct Finding: Sendable, Codable, Equatable {
    /// How it is.
    public enum Level: String, Sendable, Codable {
        case ok, warning, failure
    }

    /// What was checked.
    public var subject: String
    /// How it is.
    public var level: Level
    /// What was found.
    public var message: String
    /// Since when it is so, where that is known.
    public var since: Date?
    /// What to do, where something is to be done.
    public var advice: String?

    /// Makes a finding.
    public init(subject: String, level: Level, message: String, since: Date? = nil, advice: String? = nil) {
        self.subject = subject
        self.level = level
        self.message = message
        self.since = since
        self.advice = advice
    }
}

/// Checks everything that Wireroom stands on, and says what to do where something is wrong.
public struct Doctor: Sendable {
    private let logger: Logger

    /// Makes a doctor.
    public init(logger: Logger) {
        self.logger = logger
    }

    /// Checks the database: reachable, its version, the migrations, and what ``LineFindings`` finds
    /// of the running line.
    public func examine(database configuration: PostgresConfiguration, migrations folder: String) async -> [Finding] {
        let connection: PostgresConnection
        do {
            connection = try await PostgresConnection.connect(configuration, logger: logger)
        } catch {
            return [
                Finding(
                    subject: "database", level: .failure, message: "\(configuration): \(error.message)",
                    advice: Self.advice(error))
            ]
        }
        var findings: [Finding] = []
        do {
            findings.append(try await Self.version(connection))
            findings += try await migrations(connection, folder)
            findings += try await Self.contents(connection)
        } catch {
            findings.append(Finding(subject: "database", level: .failure, message: "\(error)"))
        }
        await connection.close()
        return findings
    }

    private static func advice(_ error: PostgresError) -> String {
        switch error.sqlState {
        case "53300":
            "all connections are taken: as its superuser, see who has them in pg_stat_activity; end some, or raise max_connections"
        case "28000", "28P01": "correct the login in database.url, or in pg_hba.conf"
        default: "start PostgreSQL, or correct database.url"
        }
    }

    private static func version(_ connection: PostgresConnection) async throws -> Finding {
        let row = try await connection.query(
            "SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number"
        ).first
        let name = try row?.decode("version", as: String.self) ?? "?"
        let isOld = (try row?.decode("number", as: Int.self) ?? 0) < 140_000
        return Finding(
            subject: "database", level: isOld ? .failure : .ok, message: "PostgreSQL \(name)",
            advice: isOld ? "Wireroom needs PostgreSQL 14 or newer" : nil)
    }

    private func migrations(_ connection: PostgresConnection, _ folder: String) async throws -> [Finding] {
        let migrator: Migrator
        do {
            migrator = try Migrator(folder: folder, logger: logger)
        } catch {
            return [
                Finding(
                    subject: "migrations", level: .warning, message: error.message,
                    advice: "name the folder with --migrations")
            ]
        }
        let status = try await migrator.status(of: connection)
        let pending = status.filter { $0.state == .pending }
        let changed = status.filter { $0.state == .changed }
        if !changed.isEmpty {
            return [
                Finding(
                    subject: "migrations", level: .failure,
                    message:
                        "changed after they were applied: \(changed.map { "\($0.version)_\($0.name)" }.joined(separator: ", "))",
                    advice: "restore the files; put changes into a new migration")
            ]
        }
        if !pending.isEmpty {
            return [
                Finding(
                    subject: "migrations", level: .failure,
                    message: "\(pending.count) of \(status.count) are not applied",
                    advice: "run `wireroom migrate`")
            ]
        }
        return [Finding(subject: "migrations", level: .ok, message: "all \(status.count) applied")]
    }

    private static func contents(_ connection: PostgresConnection) async throws -> [Finding] {
        // Tables that an older schema has not yet are named with the migrations.
        let known = try await connection.query("SELECT to_regclass('wireroom.source_loss') IS NOT NULL AS known")
        guard try known.first?.decode("known", as: Bool.self) == true else { return [] }
        return try await LineFindings(connection: connection).read()
    }

    /// Checks the broker: reachable, its version, the queues.
    public func examine(broker configuration: AMQPConfiguration, topology: Topology) async -> [Finding] {
        let administration: AMQPAdministration
        do {
            administration = try await AMQPAdministration.connect(configuration, logger: logger)
        } catch {
            return [
                Finding(
                    subject: "broker", level: .failure, message: "\(configuration): \(error)",
                    advice: "start RabbitMQ, or correct broker.url")
            ]
        }
        var findings: [Finding] = []
        let properties = await administration.serverProperties
        if case .string(let version)? = properties["version"] {
            let parts = version.split(separator: ".").compactMap { Int($0) }
            let isOld = parts.count < 2 || (parts[0], parts[1]) < (3, 10)
            findings.append(
                Finding(
                    subject: "broker", level: isOld ? .failure : .ok, message: "RabbitMQ \(version)",
                    advice: isOld
                        ? "quorum queues with a time limit and at-least-once dead-lettering need RabbitMQ 3.10 or newer"
                        : nil))
        }
        do {
            try await topology.verify(StageName.allCases, on: administration)
            findings.append(
                Finding(subject: "topology", level: .ok, message: "all \(topology.allQueues.count) queues are there"))
        } catch let error as TopologyError {
            let shown = error.problems.prefix(3).joined(separator: "; ")
            let more = error.problems.count > 3 ? " and \(error.problems.count - 3) more" : ""
            findings.append(
                Finding(
                    subject: "topology", level: .failure, message: shown + more, advice: "run `wireroom topology apply`"
                ))
        } catch {
            findings.append(Finding(subject: "topology", level: .failure, message: "\(error)"))
        }
        await administration.close()
        findings.append(await publishing(configuration))
        return findings
    }

    /// Whether the broker takes messages: with an alarm it answers everything else as usual.
    ///
    /// The messages are for a queue that does not exist, so nobody gets them.
    private func publishing(_ configuration: AMQPConfiguration) async -> Finding {
        let publisher = AMQPPublisher(configuration: configuration, confirmTimeout: .seconds(3), logger: logger)
        let probe = AMQPPublication(
            routingKey: "wireroom.nowhere.\(UUID().uuidString)", message: AMQPMessage(body: []), isMandatory: false)
        let (answer, isBlocked) = await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await publisher.run() }  // what ends it, `publish` says too
            let answer: Result<AMQPPublishResult?, any Error>
            do {
                // A connection is blocked by its first message, which the broker takes still.
                _ = try await publisher.publish([probe])
                answer = .success(try await publisher.publish([probe]).first)
            } catch {
                answer = .failure(error)
            }
            let isBlocked = await publisher.isBlocked
            group.cancelAll()
            return (answer, isBlocked)
        }
        if case .success(.confirmed?) = answer {
            return Finding(subject: "publishing", level: .ok, message: "the broker takes messages")
        }
        return Finding(
            subject: "publishing", level: .failure,
            message: isBlocked
                ? "the broker takes no messages: memory or disk alarm"
                : "the broker takes no messages: \(Self.words(answer))",
            advice: isBlocked
                ? "`rabbitmq-diagnostics alarms`; make room, workers go on by themselves" : "see the broker's log")
    }

    private static func words(_ answer: Result<AMQPPublishResult?, any Error>) -> String {
        switch answer {
        case .success(let result): result.map { "\($0)" } ?? "no answer"
        case .failure(let error): "\(error)"
        }
    }
}
