import AMQP
import Foundation
import Logging
import Model
import Pipeline
import Postgres
import Testing

/// The real broker and database that the tests run against, each test with queues and a database of its own.
enum TestServices {
    static let brokerURL = ProcessInfo.processInfo.environment["WIREROOM_TEST_AMQP_URL"]
    static let databaseURL = ProcessInfo.processInfo.environment["WIREROOM_TEST_DATABASE_URL"]
    static let areThere = brokerURL != nil && databaseURL != nil
    static let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    /// What a test works with.
    struct Line: Sendable {
        let broker: AMQPConfiguration
        let topology: Topology
        let database: PostgresPool
        let administration: AMQPAdministration

        func publish(_ message: OutgoingMessage, headers: AMQPTable = [:]) async throws {
            var publication = message.publication(in: topology)
            publication.message.properties.headers = headers
            try await send([publication])
        }

        func publish(raw body: [UInt8], to queue: String) async throws {
            try await send([AMQPPublication(routingKey: queue, message: AMQPMessage(body: body))])
        }

        private func send(_ publications: [AMQPPublication]) async throws {
            let publisher = AMQPPublisher(configuration: broker, logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await publisher.run() }
                for result in try await publisher.publish(publications) { #expect(result.isConfirmed) }
                await publisher.close()
                try await group.waitForAll()
            }
        }

        func messages(in queue: String) async throws -> Int? {
            try await administration.inspectQueue(queue)?.messageCount
        }

        /// Waits until a query gives a number that fits; the test's time limit ends a wait that never comes true.
        func wait(for sql: String, until fits: (Int) -> Bool) async throws {
            while true {
                let row = try await database.query(sql).first
                if let number = try row?.decode(0, as: Int.self), fits(number) { return }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Makes queues and a database, migrates it, and removes both again.
    static func withLine(
        rungs: [Topology.Rung] = [.init(name: "a", delay: .milliseconds(50)), .init(name: "b", delay: .milliseconds(100))],
        _ body: (Line) async throws -> Void
    ) async throws {
        let name = "t" + UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(16)
        let broker = try AMQPConfiguration(url: try #require(brokerURL))
        let server = try #require(databaseURL)
        let owner = try await PostgresConnection.connect(try PostgresConfiguration(url: server), logger: logger)
        _ = try await owner.query("CREATE DATABASE \(name)")
        let slash = try #require(server.lastIndex(of: "/"))
        let own = try PostgresConfiguration(url: server[...slash] + name)
        let administration = try await AMQPAdministration.connect(broker, logger: logger)
        let topology = Topology(prefix: name, rungs: rungs)
        let database = PostgresPool(own, maximumConnections: 4, logger: logger)
        func remove() async throws {
            await database.close()
            try await topology.remove(administration)
            await administration.close()
            _ = try await owner.query("DROP DATABASE \(name) WITH (FORCE)")
            await owner.close()
        }
        do {
            try await migrate(database)
            try await topology.apply(administration)
            try await body(Line(broker: broker, topology: topology, database: database, administration: administration))
        } catch {
            try await remove()
            throw error
        }
        try await remove()
    }

    private static func migrate(_ database: PostgresPool) async throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Migrations")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".sql") }.sorted()
        try await database.withConnection { connection in
            try await connection.script(
                "CREATE SCHEMA IF NOT EXISTS wireroom; CREATE TABLE IF NOT EXISTS wireroom.schema_migration (version integer PRIMARY KEY)")
            for file in files {
                try await connection.script(try String(contentsOf: folder.appending(path: file), encoding: .utf8))
            }
        }
    }
}
