import Foundation
import Logging
import Postgres
import Testing

/// The tests that need a server. One at a time: together they would take all its connections.
@Suite(
    .serialized, .enabled(if: TestDatabase.isAvailable, TestDatabase.reason), .timeLimit(.minutes(1)))
struct DatabaseTests {}

/// The server the integration tests use; absent unless `WIREROOM_TEST_DATABASE_URL` names one.
enum TestDatabase {
    static let url = ProcessInfo.processInfo.environment["WIREROOM_TEST_DATABASE_URL"] ?? ""
    /// Without TLS: requests to cancel are not sent from an encrypted connection.
    static let plainURL = url + (url.contains("?") ? "&" : "?") + "sslmode=disable"
    static let isAvailable = !url.isEmpty
    static let reason: Comment = "WIREROOM_TEST_DATABASE_URL is not set: start a server with scripts/services"
    static let logger = Logger(label: "postgres.tests") { _ in SwiftLogNoOpLogHandler() }

    static func configuration() throws -> PostgresConfiguration {
        try PostgresConfiguration(url: url)
    }

    static func withConnection<Value>(
        url: String = url,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(url: url), logger: logger)
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    static func withPool<Value>(
        maximum: Int, _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        let pool = PostgresPool(try configuration(), maximumConnections: maximum, logger: logger)
        do {
            let value = try await body(pool)
            await pool.close()
            return value
        } catch {
            await pool.close()
            throw error
        }
    }

    /// Runs a body with a schema of its own, which is dropped afterwards.
    static func withSchema<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let name = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        try await withConnection { try await $0.script("CREATE SCHEMA \(name)") }
        let drop: () async throws -> Void = {
            try await withConnection { try await $0.script("DROP SCHEMA \(name) CASCADE") }
        }
        do {
            let value = try await body(name)
            try await drop()
            return value
        } catch {
            try await drop()
            throw error
        }
    }

    /// Waits until a condition that the server shows holds, by asking it, at most 500 times.
    static func waitUntil(_ sql: String, _ values: [PostgresValue], on connection: PostgresConnection) async throws {
        for _ in 0..<500 {
            let result = try await connection.query(sql, values)
            if try result.first?.decode(0, as: Bool.self) == true { return }
            _ = try await connection.query("SELECT pg_sleep(0.01)::text")
        }
        Issue.record("the condition never held: \(sql)")
    }
}

/// The ``PostgresError`` a body throws.
func postgresError<Value>(
    _ body: () async throws -> Value, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> PostgresError {
    let error = await #expect(throws: PostgresError.self, sourceLocation: sourceLocation) { _ = try await body() }
    return try #require(error, sourceLocation: sourceLocation)
}
