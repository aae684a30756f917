public import AMQP
import Foundation
public import Logging
import Operations
public import Pipeline
public import Postgres

/// The real broker and database that the tests run against, each test with queues and a database of its own.
public enum TestServices {
    /// `WIREROOM_TEST_AMQP_URL`.
    public static let brokerURL = ProcessInfo.processInfo.environment["WIREROOM_TEST_AMQP_URL"]
    /// `WIREROOM_TEST_DATABASE_URL`.
    public static let databaseURL = ProcessInfo.processInfo.environment["WIREROOM_TEST_DATABASE_URL"]
    /// Whether both are set.
    public static let areThere = brokerURL != nil && databaseURL != nil
    /// A logger that writes nothing.
    public static let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    /// Something that a test expected of broker or database did not happen.
    public struct Failure: Error {
        let message: String
    }

    /// What a test works with.
    public struct Line: Sendable {
        /// The broker.
        public let broker: AMQPConfiguration
        /// The test's own queues.
        public let topology: Topology
        /// The test's own database, as its owner.
        public let database: PostgresPool
        /// The URL of that database.
        public let databaseURL: String
        /// A connection for looking at queues.
        public let administration: AMQPAdministration

        /// Publishes a message.
        public func publish(_ message: OutgoingMessage, headers: AMQPTable = [:]) async throws {
            var publication = message.publication(in: topology)
            publication.message.properties.headers = headers
            try await send([publication])
        }

        /// Publishes bytes to a queue.
        public func publish(raw body: [UInt8], to queue: String) async throws {
            try await send([AMQPPublication(routingKey: queue, message: AMQPMessage(body: body))])
        }

        private func send(_ publications: [AMQPPublication]) async throws {
            let publisher = AMQPPublisher(configuration: broker, logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await publisher.run() }
                let results = try await publisher.publish(publications)
                await publisher.close()
                try await group.waitForAll()
                guard results.allSatisfy(\.isConfirmed) else { throw Failure(message: "not confirmed: \(results)") }
            }
        }

        /// How many messages are ready in a queue; `nil` when there is no such queue.
        public func messages(in queue: String) async throws -> Int? {
            try await administration.inspectQueue(queue)?.messageCount
        }

        /// Asks for one number.
        public func number(_ sql: String) async throws -> Int {
            guard let row = try await database.query(sql).first else { throw Failure(message: "no row: \(sql)") }
            return try row.decode(0, as: Int.self)
        }

        /// Waits until a query gives a number that fits; the test's time limit ends a wait that never comes true.
        public func wait(for sql: String, until fits: (Int) -> Bool) async throws {
            while true {
                let row = try await database.query(sql).first
                if let number = try row?.decode(0, as: Int.self), fits(number) { return }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Makes queues and a database, migrates it, and removes both again.
    public static func withLine(
        rungs: [Topology.Rung] = [
            .init(name: "a", delay: .milliseconds(50)), .init(name: "b", delay: .milliseconds(100)),
        ],
        _ body: (Line) async throws -> Void
    ) async throws {
        let name = String("t" + UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(16))
        guard let brokerURL, let server = databaseURL, let slash = server.lastIndex(of: "/") else {
            throw Failure(message: "WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL are not set; run `make test`")
        }
        let broker = try AMQPConfiguration(url: brokerURL)
        let owner = try await PostgresConnection.connect(try PostgresConfiguration(url: server), logger: logger)
        _ = try await owner.query("CREATE DATABASE \(name)")
        let own = String(server[...slash]) + name
        let administration = try await AMQPAdministration.connect(broker, logger: logger)
        let topology = Topology(prefix: name, rungs: rungs)
        let database = PostgresPool(try PostgresConfiguration(url: own), maximumConnections: 4, logger: logger)
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
            try await body(
                Line(
                    broker: broker, topology: topology, database: database, databaseURL: own,
                    administration: administration))
        } catch {
            try await remove()
            throw error
        }
        try await remove()
    }

    /// The checkout that the tests were built from.
    public static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private static func migrate(_ database: PostgresPool) async throws {
        let migrator = try Migrator(folder: project + "/Migrations", logger: logger)
        _ = try await database.withConnection { try await migrator.apply(to: $0) }
    }
}
