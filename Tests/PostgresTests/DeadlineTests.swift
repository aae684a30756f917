import Foundation
import Postgres
import Testing

extension DatabaseTests {
    struct DeadlineTests {
        private let clock = ContinuousClock()

        @Test func cancelsAStatementThatRunsTooLong() async throws {
            try await TestDatabase.withConnection(url: TestDatabase.plainURL) { connection async throws in
                let start = clock.now
                let error = try await postgresError {
                    try await connection.query("SELECT pg_sleep(30)", [], deadline: .milliseconds(100))
                }
                #expect(error.code == .timeout && error.isRetriable)
                #expect(clock.now - start < .seconds(20))
                #expect(connection.isOpen)
                #expect(try await connection.query("SELECT 1 AS one").first?.decode("one") == 1)
            }
        }

        @Test func shortStatementsDoNotInheritAnEarlierDeadline() async throws {
            try await TestDatabase.withConnection(url: TestDatabase.plainURL) { connection async throws in
                _ = try await connection.query("SELECT 1", [], deadline: .milliseconds(200))
                _ = try await connection.query("SELECT pg_sleep(0.5)::text", [], deadline: .seconds(20))
                let error = try await postgresError {
                    try await connection.query("SELECT pg_sleep(30)", [], deadline: .milliseconds(50))
                }
                #expect(error.code == .timeout)
            }
        }

        @Test func dropsAConnectionWhoseServerStopped() async throws {
            let proxy = try StallingProxy(url: TestDatabase.url)
            defer { proxy.close() }
            var configuration = try PostgresConfiguration(url: proxy.url(for: TestDatabase.url))
            configuration.statementDeadline = .milliseconds(100)
            let connection = try await PostgresConnection.connect(configuration, logger: TestDatabase.logger)
            #expect(try await connection.query("SELECT 1 AS one", [], deadline: .seconds(10)).first?.decode("one") == 1)
            proxy.stall()
            let start = clock.now
            let waiting = Task { try await connection.query("SELECT 2") }
            let error = try await postgresError {
                try await connection.query("SELECT 1 AS one", [], deadline: .milliseconds(100))
            }
            // Whichever of the two came first has a deadline; the other falls with the connection.
            #expect(error.code == .timeout || error.code == .connectionLost)
            waiting.cancel()
            _ = try await postgresError { try await waiting.value }
            #expect(clock.now - start < .seconds(20))
            #expect(!connection.isOpen)
            let later = try await postgresError { try await connection.query("SELECT 3") }
            #expect(later.code == .connectionLost && later.isRetriable)
        }

        @Test func givesUpConnectingToAServerThatStopped() async throws {
            let proxy = try StallingProxy(url: TestDatabase.url)
            defer { proxy.close() }
            proxy.stall()
            var configuration = try PostgresConfiguration(url: proxy.url(for: TestDatabase.url))
            configuration.connectTimeout = .milliseconds(200)
            let error = try await postgresError {
                try await PostgresConnection.connect(configuration, logger: TestDatabase.logger)
            }
            #expect(error.code == .timeout)
        }

        @Test func largeSendsToAStoppedServerEnd() async throws {
            let proxy = try StallingProxy(url: TestDatabase.url)
            defer { proxy.close() }
            var configuration = try PostgresConfiguration(url: proxy.url(for: TestDatabase.url))
            configuration.statementDeadline = .milliseconds(300)
            let connection = try await PostgresConnection.connect(configuration, logger: TestDatabase.logger)
            proxy.stall()
            let bytes = [UInt8](repeating: 7, count: 20_000_000)
            let error = try await postgresError { try await connection.query("SELECT length($1)", [.bytes(bytes)]) }
            #expect(error.code == .timeout)
            #expect(!connection.isOpen)
        }

        @Test func cancelsTheStatementOfACancelledTask() async throws {
            try await TestDatabase.withConnection(url: TestDatabase.plainURL) { connection async throws in
                let processID = try #require(
                    try await connection.query("SELECT pg_backend_pid() AS pid").first?.decode("pid", as: Int64.self))
                let task = Task { try await connection.query("SELECT pg_sleep(30)") }
                try await TestDatabase.withConnection { observer in
                    try await TestDatabase.waitUntil(
                        "SELECT state = 'active' AND wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = $1::int",
                        [.int(processID)], on: observer)
                }
                let start = clock.now
                task.cancel()
                let error = try await postgresError { try await task.value }
                #expect(error.code == .cancelled && !error.isRetriable)
                #expect(clock.now - start < .seconds(20))
                #expect(try await connection.query("SELECT 1 AS one").first?.decode("one") == 1)
            }
        }

        @Test func doesNotStartTheStatementOfACancelledTask() async throws {
            try await TestDatabase.withConnection { connection async throws in
                let task = Task {
                    unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                    return try await connection.query("SELECT 1")
                }
                #expect(try await postgresError { try await task.value }.code == .cancelled)
                #expect(try await connection.query("SELECT 1").count == 1)
            }
        }

        @Test func cancellingOneStatementLeavesTheNextAlone() async throws {
            try await TestDatabase.withConnection(url: TestDatabase.plainURL) { connection async throws in
                for _ in 0..<20 {
                    let task = Task { try await connection.query("SELECT pg_sleep(0.001)::text") }
                    await Task.yield()
                    task.cancel()
                    _ = await task.result
                    #expect(try await connection.query("SELECT pg_sleep(0.002)::text").count == 1)
                }
            }
        }

        @Test func noticesALostConnectionWhileIdle() async throws {
            try await TestDatabase.withConnection { connection async throws in
                let processID = try #require(
                    try await connection.query("SELECT pg_backend_pid() AS pid").first?.decode("pid", as: Int64.self))
                try await TestDatabase.withConnection { other in
                    _ = try await other.query("SELECT pg_terminate_backend($1::int)", [.int(processID)])
                }
                // The stream of notifications ends with the connection.
                for await _ in connection.notifications {}
                #expect(!connection.isOpen)
                let error = try await postgresError { try await connection.query("SELECT 1") }
                #expect(error.code == .connectionLost && error.isRetriable)
            }
        }
    }
}
