import ArgumentParser
import Foundation
import Operations
import Operator

/// `wireroom migrate`
struct Migrate: OperatorCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings the database's tables up to date.",
        discussion: """
            Applies the numbered SQL files that are not applied yet, each in a transaction of its own, under a lock: any number \
            may run at once. A file that was changed after it was applied is an error. The login must own the schema.

            EXAMPLES
              wireroom migrate
              wireroom migrate --status
            """)

    @OptionGroup var options: OperatorOptions

    @Flag(help: "Show where every migration stands, and apply nothing.")
    var status = false

    @Option(
        help: ArgumentHelp(
            "Folder of the SQL files. [default: ./Migrations, else that of the installation]", valueName: "dir"))
    var migrations: String?

    private struct Line: Encodable {
        var version: Int
        var name: String
        var state: String
        var appliedAt: Date?

        enum CodingKeys: String, CodingKey {
            case version, name, state
            case appliedAt = "applied_at"
        }
    }

    func execute(_ session: OperatorSession) async throws {
        let migrator = try Migrator(folder: migrations ?? Migrator.defaultFolder(), logger: session.logger)
        try await session.withConnection { connection in
            if status {
                try show(try await migrator.status(of: connection))
            } else {
                try show(try await migrator.apply(to: connection))
            }
        }
    }

    private func show(_ migrations: [MigrationStatus]) throws {
        var table = TextTable()
        for migration in migrations {
            if options.json {
                try Console.json(
                    Line(
                        version: migration.version, name: migration.name, state: migration.state.rawValue,
                        appliedAt: migration.appliedAt))
            }
            table.add(
                "\(migration.version)", migration.name, migration.state.rawValue, TerminalText.time(migration.appliedAt)
            )
        }
        if !options.json { try table.write() }
    }

    private func show(_ applied: [Migration]) throws {
        for migration in applied {
            if options.json {
                try Console.json(
                    Line(version: migration.version, name: migration.name, state: "applied", appliedAt: nil))
            } else {
                try Console.line("applied \(migration.version) \(migration.name)")
            }
        }
        if applied.isEmpty { Console.note("nothing to do, all migrations are applied") }
    }
}
