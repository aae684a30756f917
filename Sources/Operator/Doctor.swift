public import AMQP
internal import Foundation
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
    /// What to do, where something is to be done.
    public var advice: String?

    /// Makes a finding.
    public init(subject: String, level: Level, message: String, advice: String? = nil) {
        self.subject = subject
        self.level = level
        self.message = message
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

    /// Checks the database: reachable, its version, the migrations, partitions for the months to come.
    public func examine(database configuration: PostgresConfiguration, migrations folder: String) async -> [Finding] {
        let connection: PostgresConnection
        do {
            connection = try await PostgresConnection.connect(configuration, logger: logger)
        } catch {
            return [
                Finding(
                    subject: "database", level: .failure, message: "\(configuration): \(error.message)",
                    advice: "start PostgreSQL, or correct database.url")
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
        let known = try await connection.query("SELECT to_regclass('wireroom.quarantine') IS NOT NULL AS known")
        guard try known.first?.decode("known", as: Bool.self) == true else { return [] }
        let row = try await connection.query(
            """
            SELECT (SELECT count(*) FROM wireroom.quarantine WHERE state = 'held') AS held,
                   (SELECT count(*) FROM wireroom.outbox WHERE created_at < now() - interval '5 minutes') AS stale,
                   (SELECT count(*) FROM wireroom.capture_other) AS stray,
                   to_regclass('wireroom.capture_' || to_char(now() AT TIME ZONE 'UTC', 'YYYYMM')) IS NOT NULL AS has_partition,
                   (SELECT array_agg(DISTINCT stage ORDER BY stage) FROM wireroom.worker
                    WHERE stopped_at IS NULL AND seen_at > now() - interval '1 minute') AS stages
            """
        ).first
        guard let row else { return [] }
        var findings: [Finding] = []
        let held = try row.decode("held", as: Int.self)
        findings.append(
            Finding(
                subject: "quarantine", level: held == 0 ? .ok : .warning, message: "\(held) messages",
                advice: held == 0 ? nil : "look with `wireroom quarantine list`"))
        if try row.decode("stale", as: Int.self) > 0 {
            findings.append(
                Finding(
                    subject: "outbox", level: .warning, message: "messages have waited for more than 5 minutes",
                    advice: "start a crawl worker: it sends them; or see why the broker does not confirm"))
        }
        if try !row.decode("has_partition", as: Bool.self) || row.decode("stray", as: Int.self) > 0 {
            findings.append(
                Finding(
                    subject: "partitions", level: .warning,
                    message: "captures of this month have no partition of their own",
                    advice: "run `SELECT wireroom.make_partitions()` as the owner, or start a crawl worker"))
        }
        if let silent = try await silence(connection) { findings.append(silent) }
        let stages = Set(try row.decode("stages", as: [String]?.self) ?? [])
        let missing = StageName.allCases.map(\.rawValue).filter { !stages.contains($0) }
        findings.append(
            Finding(
                subject: "workers", level: missing.isEmpty ? .ok : .warning,
                message: missing.isEmpty
                    ? "every stage has one"
                    : "none was seen in the last minute for: \(missing.joined(separator: ", "))",
                advice: missing.isEmpty ? nil : "start \(missing.map { "wireroom-\($0)" }.joined(separator: ", "))"))
        return findings
    }

    /// Sources that give far less than they usually do; `nil` where there is nothing to judge yet.
    private static func silence(_ connection: PostgresConnection) async throws -> Finding? {
        let row = try await connection.query(
            """
            SELECT count(*) FILTER (WHERE usual_per_day IS NOT NULL) AS judged, count(*) FILTER (WHERE is_silent) AS silent,
                   (array_agg(source_id ORDER BY usual_per_day DESC NULLS LAST) FILTER (WHERE is_silent))[1:5] AS examples
            FROM wireroom.source_health
            """
        ).first
        guard let row, try row.decode("judged", as: Int.self) > 0 else { return nil }
        let silent = try row.decode("silent", as: Int.self)
        let examples = try row.decode("examples", as: [Int64]?.self) ?? []
        return Finding(
            subject: "sources", level: silent == 0 ? .ok : .warning,
            message: silent == 0
                ? "all give about what they usually do"
                : "\(silent) give far less than they usually do: \(examples.map(String.init).joined(separator: ", "))"
                    + (silent > examples.count ? " and others" : ""),
            advice: silent == 0
                ? nil : "look with `wireroom source show ID`; `wireroom source list --silent` has them all")
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
        return findings
    }
}
