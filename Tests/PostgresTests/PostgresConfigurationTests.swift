import Foundation
import Postgres
import Testing

struct PostgresConfigurationTests {
    @Test(arguments: [
        "postgres://user:hunter2%zz@host/db", "host=h password=hunter2 oops", "host=h password='hunter2",
        "postgres://user:hunter2@[::1/db", "password=hunter2 nonsense=\"hunter2",
        "postgres://user:pass@host/db?hunter2=1", "hunter2",
    ])
    func malformedStringsDoNotLeakThePassword(url: String) throws {
        let error = #expect(throws: PostgresError.self) {
            let configuration = try PostgresConfiguration(url: url)
            Issue.record("accepted as \(configuration)")
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(error.map { "\($0) \($0.debugDescription)" }?.contains("hunter2") == false)
    }

    @Test func showsEverythingButThePassword() throws {
        let configuration = try PostgresConfiguration(
            url: "postgresql://me:hunter2@db.example:6432/news?sslmode=verify-full&application_name=tests")
        #expect(configuration.redactedDescription == "postgres://me@db.example:6432/news?sslmode=verify-full")
        #expect(configuration.applicationName == "tests")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hunter2"))
        }
    }

    @Test func readsKeywordStrings() throws {
        let configuration = try PostgresConfiguration(url: "host=/run/socket dbname=news user=me password='a b'")
        #expect(configuration.redactedDescription == "postgres://me@/run/socket/news")
        #expect(configuration.connectTimeout == .seconds(10))
        #expect(try PostgresConfiguration(url: "connect_timeout=3").connectTimeout == .seconds(3))
        #expect(configuration.applicationName == "wireroom")
    }

    @Test func refusedConnectionsAreRetriable() async throws {
        let configuration = try PostgresConfiguration(url: "postgres://me:hunter2@127.0.0.1:1/news")
        let error = try await postgresError {
            try await PostgresConnection.connect(configuration, logger: TestDatabase.logger)
        }
        #expect(error.code == .connectionFailed && error.isRetriable)
        #expect(!error.debugDescription.contains("hunter2"))
        #expect(error.shortDescription == "connectionFailed")
    }

    @Test(.enabled(if: TestDatabase.isAvailable, TestDatabase.reason))
    func wrongPasswordsAreNotRetriable() async throws {
        var components = try #require(URLComponents(string: TestDatabase.url))
        components.password = "hunter2"
        let configuration = try PostgresConfiguration(url: try #require(components.string))
        let error = try await postgresError {
            try await PostgresConnection.connect(configuration, logger: TestDatabase.logger)
        }
        #expect(error.code == .authenticationFailed && !error.isRetriable)
        #expect(error.sqlState == "28P01")
        #expect(!error.debugDescription.contains("hunter2"))
    }

    @Test(.enabled(if: TestDatabase.isAvailable, TestDatabase.reason))
    func unknownDatabasesAreReported() async throws {
        var components = try #require(URLComponents(string: TestDatabase.url))
        components.path = "/no_such_database"
        let configuration = try PostgresConfiguration(url: try #require(components.string))
        let error = try await postgresError {
            try await PostgresConnection.connect(configuration, logger: TestDatabase.logger)
        }
        #expect(error.sqlState == "3D000" && error.action == .giveUp)
    }

    @Test func cancelledConnectingEnds() async throws {
        let configuration = try PostgresConfiguration(url: "postgres://me@127.0.0.1:1/news")
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return try await PostgresConnection.connect(configuration, logger: TestDatabase.logger)
        }
        #expect(try await postgresError { try await task.value }.code == .cancelled)
    }
}
