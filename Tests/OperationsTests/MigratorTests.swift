import Foundation
import Logging
import Postgres
import TestSupport
import Testing

@testable import Operations

@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(2)), .serialized)
struct MigratorTests {
    /// Made-up migrations beyond those of the project, which a test's database has already.
    private static let first = Migration(
        version: 9001, name: "first",
        sql: "CREATE TABLE wireroom.sample (id int); INSERT INTO wireroom.sample VALUES (1);")
    private static let second = Migration(version: 9002, name: "second", sql: "INSERT INTO wireroom.sample VALUES (2);")
    private static let broken = Migration(
        version: 9003, name: "broken",
        sql: "INSERT INTO wireroom.sample VALUES (3); INSERT INTO wireroom.no_such_table VALUES (1);")

    private func migrator(_ migrations: [Migration]) -> Migrator {
        Migrator(migrations: migrations, logger: TestServices.logger)
    }

    private func apply(_ migrations: [Migration], _ line: TestServices.Line) async throws -> [Int] {
        try await line.database.withConnection { try await migrator(migrations).apply(to: $0) }.map(\.version)
    }

    private func status(
        _ migrations: [Migration], _ line: TestServices.Line
    ) async throws -> [Int: MigrationStatus.State] {
        let all = try await line.database.withConnection { try await migrator(migrations).status(of: $0) }
        return Dictionary(uniqueKeysWithValues: all.filter { $0.version > 9000 }.map { ($0.version, $0.state) })
    }

    @Test func appliesEachOnceInOrder() async throws {
        try await TestServices.withLine { line async throws in
            #expect(try await apply([Self.second, Self.first], line) == [9001, 9002])
            #expect(try await apply([Self.second, Self.first], line) == [])
            #expect(try await line.number("SELECT count(*) FROM wireroom.sample") == 2)
            #expect(try await status([Self.first, Self.second], line) == [9001: .applied, 9002: .applied])
        }
    }

    @Test func twoAtTheSameTimeApplyEachOnce() async throws {
        try await TestServices.withLine { line in
            let versions = try await withThrowingTaskGroup(of: [Int].self) { group in
                for _ in 0..<3 { group.addTask { try await self.apply([Self.first, Self.second], line) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(versions.sorted() == [9001, 9002])
            #expect(try await line.number("SELECT count(*) FROM wireroom.sample") == 2)
        }
    }

    @Test func aChangedFileIsRefusedByName() async throws {
        try await TestServices.withLine { line in
            _ = try await apply([Self.first], line)
            var changed = Self.first
            changed.sql += " "
            let error = await #expect(throws: MigrationError.self) {
                _ = try await apply([changed, Self.second], line)
            }
            #expect(error?.message.contains("9001_first") == true)
            #expect(try await status([changed, Self.second], line) == [9001: .changed, 9002: .pending])
            #expect(try await line.number("SELECT count(*) FROM wireroom.sample") == 1)
        }
    }

    @Test func tellsPendingAndUnknownOnes() async throws {
        try await TestServices.withLine { line in
            _ = try await apply([Self.first], line)
            #expect(try await status([Self.second], line) == [9001: .unknown, 9002: .pending])
            // A newer program's migration is no hindrance.
            #expect(try await apply([Self.second], line) == [9002])
        }
    }

    /// A sequence keeps its count when the migration is rolled back.
    private static func yielding(times: Int) -> Migration {
        Migration(
            version: 9004, name: "yielding",
            sql: """
                INSERT INTO wireroom.sample VALUES (4);
                DO $$ BEGIN
                    IF nextval('wireroom.tries') <= \(times) THEN
                        RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected';
                    END IF;
                END $$;
                """)
    }

    @Test(arguments: [1, 4]) func oneThatGaveWayToAWorkerIsTriedAgain(times: Int) async throws {
        try await TestServices.withLine { line in
            _ = try await line.database.query("CREATE SEQUENCE wireroom.tries")
            #expect(try await apply([Self.first, Self.yielding(times: times)], line) == [9001, 9004])
            #expect(try await line.number("SELECT count(*) FROM wireroom.sample") == 2)
            #expect(try await line.number("SELECT last_value FROM wireroom.tries") == times + 1)
        }
    }

    @Test func oneThatAlwaysHasToGiveWayEndsWithItsName() async throws {
        try await TestServices.withLine { line in
            _ = try await line.database.query("CREATE SEQUENCE wireroom.tries")
            let error = await #expect(throws: MigrationError.self) {
                _ = try await apply([Self.first, Self.yielding(times: 100)], line)
            }
            #expect(error?.message.contains("9004_yielding") == true)
            #expect(try await line.number("SELECT last_value FROM wireroom.tries") == 5)
            #expect(try await line.number("SELECT count(*) FROM wireroom.sample") == 1)
        }
    }

    @Test func aFailingOneNamesItselfAndLeavesNothing() async throws {
        try await TestServices.withLine { line async throws in
            let error = await #expect(throws: (any Error).self) {
                _ = try await apply([Self.first, Self.second, Self.broken], line)
            }
            let words = error.map { "\($0)" } ?? ""
            #expect(words.contains("9003_broken"))
            #expect(words.contains("no_such_table"))
            #expect(try await line.number("SELECT count(*) FROM wireroom.sample") == 2)
            #expect(
                try await status([Self.first, Self.second, Self.broken], line) == [
                    9001: .applied, 9002: .applied, 9003: .pending,
                ])
            // The lock is free again.
            #expect(try await apply([Self.first, Self.second], line) == [])
        }
    }

    // MARK: Folders

    private func folder(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "migrations-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // the temporary folder is cleared sometime anyway
        for (name, text) in files {
            try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
        try body(folder.path)
    }

    @Test(arguments: [
        ["one.sql": ""], ["0001.sql": ""], ["0001_a.sql": "", "0001_b.sql": ""], ["readme.md": ""], [:],
    ])
    func aFolderThatMakesNoSenseIsRefused(files: [String: String]) throws {
        try folder(files) { path in
            let error = #expect(throws: MigrationError.self) { try Migrator(folder: path, logger: TestServices.logger) }
            #expect(error?.message.contains(path) == true)
        }
    }

    @Test func aMissingFolderIsRefused() {
        #expect(throws: MigrationError.self) { try Migrator(folder: "/no/such/folder", logger: TestServices.logger) }
    }

    @Test func checksumsAreThoseOfTheText() {
        #expect(
            Migration(version: 1, name: "a", sql: "").checksum
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }
}
