internal import Digests
public import Foundation
public import Logging
public import Postgres

/// One migration: a numbered SQL file.
public struct Migration: Sendable, Equatable {
    /// The number that its name starts with.
    public var version: Int
    /// The file's name without number and extension.
    public var name: String
    /// The SQL.
    public var sql: String

    /// SHA-256 of the SQL, hexadecimal.
    public var checksum: String {
        SHA256Digest.digest([UInt8](sql.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// Where a migration stands in a database.
public struct MigrationStatus: Sendable, Equatable {
    /// What is known of it.
    public enum State: String, Sendable {
        /// Applied, and the file is still what was applied.
        case applied
        /// Not applied yet.
        case pending
        /// Applied, but the file was changed afterwards.
        case changed
        /// Applied by a newer program: there is no such file.
        case unknown
    }

    /// The number.
    public var version: Int
    /// The name.
    public var name: String
    /// Where it stands.
    public var state: State
    /// When it was applied.
    public var appliedAt: Date?
}

/// Why migrations cannot be read or applied.
public struct MigrationError: Error, CustomStringConvertible {
    /// What is wrong, and what to do.
    public var message: String

    public var description: String { message }
}

/// Applies numbered SQL files, each once and each in a transaction of its own, under a lock of the whole database.
public struct Migrator: Sendable {
    /// How often a migration is tried that is rolled back for the sake of another transaction.
    private static let attempts = 5
    /// "wireroom" in hexadecimal, cut to 63 bits: the advisory lock of migrations.
    private static let lockKey: Int64 = 0x7769_7265_726F_6F6D

    private let migrations: [Migration]
    private let logger: Logger

    /// Takes migrations as they are.
    public init(migrations: [Migration], logger: Logger) {
        self.migrations = migrations.sorted { $0.version < $1.version }
        self.logger = logger
    }

    /// Reads a folder of `NNNN_name.sql` files.
    ///
    /// - Throws: ``MigrationError`` when the folder cannot be read, has none, or two files share a number.
    public init(folder: String, logger: Logger) throws(MigrationError) {
        var migrations: [Migration] = []
        do {
            for file in try FileManager.default.contentsOfDirectory(atPath: folder) where file.hasSuffix(".sql") {
                let stem = file.dropLast(4)
                let digits = stem.prefix { $0.isASCII && $0.isNumber }
                guard let version = Int(digits), stem.dropFirst(digits.count).first == "_" else {
                    throw MigrationError(message: "\(folder)/\(file) is not named NNNN_name.sql")
                }
                let sql = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
                migrations.append(Migration(version: version, name: String(stem.dropFirst(digits.count + 1)), sql: sql))
            }
        } catch let error as MigrationError {
            throw error
        } catch {
            throw MigrationError(message: "cannot read the migrations in \(folder): \(error.localizedDescription)")
        }
        guard !migrations.isEmpty else { throw MigrationError(message: "there are no migrations in \(folder)") }
        guard Set(migrations.map(\.version)).count == migrations.count else {
            throw MigrationError(message: "two migrations in \(folder) have the same number")
        }
        self.init(migrations: migrations, logger: logger)
    }

    /// The folder to read when none is given: the first that exists of `Migrations` in the working folder and
    /// `share/wireroom/Migrations` beside the program's `bin`.
    public static func defaultFolder() -> String {
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let shared = executable.deletingLastPathComponent().deletingLastPathComponent().appending(
            path: "share/wireroom/Migrations")
        return FileManager.default.fileExists(atPath: "Migrations") ? "Migrations" : shared.path
    }

    /// Applies what is pending.
    ///
    /// - Returns: the migrations that were applied, in order.
    /// - Throws: ``MigrationError`` when an applied file was changed or one fails, whose name it says; those before it stay.
    ///   `PostgresError` when the database cannot be asked.
    public func apply(to connection: PostgresConnection) async throws -> [Migration] {
        _ = try await connection.query("SELECT pg_advisory_lock($1)", [.int(Self.lockKey)], deadline: .seconds(600))
        do {
            let applied = try await applyLocked(connection)
            _ = try await connection.query("SELECT pg_advisory_unlock($1)", [.int(Self.lockKey)])
            return applied
        } catch {
            // The lock goes with the session; unlocking is for a caller that keeps the connection.
            _ = try? await connection.query("SELECT pg_advisory_unlock($1)", [.int(Self.lockKey)])
            throw error
        }
    }

    private func applyLocked(_ connection: PostgresConnection) async throws -> [Migration] {
        try await connection.script(
            """
            CREATE SCHEMA IF NOT EXISTS wireroom;
            CREATE TABLE IF NOT EXISTS wireroom.schema_migration (
                version integer PRIMARY KEY,
                name text NOT NULL,
                checksum text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now(),
                duration_ms integer NOT NULL
            );
            """)
        var applied: [Migration] = []
        for status in try await status(of: connection) {
            switch status.state {
            case .applied, .unknown: continue
            case .changed:
                throw MigrationError(
                    message:
                        "migration \(status.version)_\(status.name) was changed after it was applied; restore the file and add a new one"
                )
            case .pending: break
            }
            guard let migration = migrations.first(where: { $0.version == status.version }) else { continue }
            try await apply(migration, to: connection)
            applied.append(migration)
        }
        return applied
    }

    private func apply(_ migration: Migration, to connection: PostgresConnection) async throws {
        logger.notice("Applying a migration", metadata: ["migration": "\(migration.version)_\(migration.name)"])
        var attempt = 1
        while true {
            do {
                return try await applyOnce(migration, to: connection)
            } catch let error as PostgresError
                where error.action == .retryTransaction && attempt < Self.attempts
            {
                // Its locks and those of a worker's transaction stood against each other, and it was the one to go.
                logger.notice("The migration was rolled back, trying again", error: error)
                attempt += 1
            } catch let error as PostgresError {
                throw MigrationError(
                    message: "migration \(migration.version)_\(migration.name) failed and was rolled back: \(error)")
            }
        }
    }

    private func applyOnce(_ migration: Migration, to connection: PostgresConnection) async throws {
        let started = ContinuousClock.now
        try await connection.transaction { transaction in
            try await transaction.script(migration.sql)
            let milliseconds = (ContinuousClock.now - started) / .milliseconds(1)
            _ = try await transaction.query(
                "INSERT INTO wireroom.schema_migration (version, name, checksum, duration_ms) VALUES ($1::int, $2, $3, $4::int)",
                [
                    .int(Int64(migration.version)), .text(migration.name), .text(migration.checksum),
                    .int(Int64(milliseconds)),
                ])
        }
    }

    /// Where every migration stands, those of the folder and those that only the database knows.
    public func status(of connection: PostgresConnection) async throws -> [MigrationStatus] {
        var recorded: [Int: (name: String, checksum: String, at: Date)] = [:]
        let exists = try await connection.query("SELECT to_regclass('wireroom.schema_migration') IS NOT NULL AS known")
        if try exists.first?.decode("known", as: Bool.self) == true {
            for row in try await connection.query(
                "SELECT version, name, checksum, applied_at FROM wireroom.schema_migration")
            {
                recorded[try row.decode("version", as: Int.self)] = (
                    try row.decode("name"), try row.decode("checksum"), try row.decode("applied_at")
                )
            }
        }
        let known = migrations.map { migration in
            guard let record = recorded[migration.version] else {
                return MigrationStatus(version: migration.version, name: migration.name, state: .pending)
            }
            let state: MigrationStatus.State = record.checksum == migration.checksum ? .applied : .changed
            return MigrationStatus(version: migration.version, name: migration.name, state: state, appliedAt: record.at)
        }
        let versions = Set(migrations.map(\.version))
        let foreign = recorded.filter { !versions.contains($0.key) }.map {
            MigrationStatus(version: $0.key, name: $0.value.name, state: .unknown, appliedAt: $0.value.at)
        }
        return (known + foreign).sorted { $0.version < $1.version }
    }
}
