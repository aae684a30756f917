import Postgres
import Testing

extension DatabaseTests {
    struct TransactionTests {
        private struct Stop: Error {}

        private func withTable(_ body: (PostgresConnection) async throws -> Void) async throws {
            try await TestDatabase.withConnection(url: TestDatabase.plainURL) { connection async throws in
                try await connection.script("CREATE TEMP TABLE t (a int PRIMARY KEY)")
                try await body(connection)
            }
        }

        private func insert(_ number: Int64, _ connection: PostgresConnection) async throws {
            _ = try await connection.query("INSERT INTO t VALUES ($1)", [.int(number)])
        }

        private func numbers(_ connection: PostgresConnection) async throws -> [Int] {
            try await connection.query("SELECT a FROM t ORDER BY a").map { try $0.decode("a") }
        }

        @Test func commitsAndGivesTheValue() async throws {
            try await withTable { connection async throws in
                let value = try await connection.transaction { connection async throws in
                    try await insert(1, connection)
                    return "done"
                }
                #expect(value == "done")
                #expect(try await numbers(connection) == [1])
            }
        }

        @Test func rollsBackWhenTheBodyThrows() async throws {
            try await withTable { connection async throws in
                await #expect(throws: Stop.self) {
                    try await connection.transaction { connection async throws in
                        try await insert(1, connection)
                        throw Stop()
                    }
                }
                #expect(try await numbers(connection).isEmpty)
            }
        }

        @Test func nestedTransactionsAreSavepoints() async throws {
            try await withTable { connection async throws in
                try await connection.transaction { connection async throws in
                    try await insert(1, connection)
                    _ = try await postgresError {
                        try await connection.transaction { connection async throws in
                            try await insert(2, connection)
                            try await insert(1, connection)
                        }
                    }
                    try await connection.transaction { connection async throws in
                        try await insert(3, connection)
                        await #expect(throws: Stop.self) {
                            try await connection.transaction { connection async throws in
                                try await insert(4, connection)
                                throw Stop()
                            }
                        }
                    }
                }
                #expect(try await numbers(connection) == [1, 3])
            }
        }

        @Test func doesNotTakeAnAbortedTransactionForACommittedOne() async throws {
            try await withTable { connection async throws in
                let error = try await postgresError {
                    try await connection.transaction { connection async throws in
                        try await insert(1, connection)
                        _ = try await postgresError { try await insert(1, connection) }
                    }
                }
                #expect(error.sqlState == "25P02")
                let nested = try await postgresError {
                    try await connection.transaction { connection async throws in
                        try await connection.transaction { connection async throws in
                            _ = try await postgresError { try await connection.query("SELECT 1 / 0") }
                        }
                    }
                }
                #expect(nested.sqlState == "25P02")
                #expect(try await numbers(connection).isEmpty)
            }
        }

        @Test func otherTasksWaitForItsEnd() async throws {
            try await withTable { connection async throws in
                let (entered, enter) = AsyncStream.makeStream(of: Void.self)
                let (left, leave) = AsyncStream.makeStream(of: Void.self)
                let transaction = Task {
                    try await connection.transaction { connection async throws in
                        try await insert(1, connection)
                        enter.yield()
                        for await _ in left { break }
                        try await insert(2, connection)
                    }
                }
                for await _ in entered { break }
                async let outside = numbers(connection)
                async let alsoOutside: Void = connection.transaction { try await insert(3, $0) }
                leave.yield()
                try await transaction.value
                #expect(try await outside.contains(2))
                try await alsoOutside
                #expect(try await numbers(connection) == [1, 2, 3])
            }
        }

        @Test func includesChildTasks() async throws {
            try await withTable { connection async throws in
                await #expect(throws: Stop.self) {
                    try await connection.transaction { connection async throws in
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            for number in 0..<10 { group.addTask { try await insert(Int64(number), connection) } }
                            try await group.waitForAll()
                        }
                        throw Stop()
                    }
                }
                #expect(try await numbers(connection).isEmpty)
            }
        }

        @Test func isRolledBackWithItsTask() async throws {
            try await withTable { connection async throws in
                let (entered, enter) = AsyncStream.makeStream(of: Void.self)
                let task = Task {
                    try await connection.transaction { connection async throws in
                        try await insert(1, connection)
                        enter.yield()
                        _ = try await connection.query("SELECT pg_sleep(30)")
                    }
                }
                for await _ in entered { break }
                task.cancel()
                #expect(try await postgresError { try await task.value }.code == .cancelled)
                #expect(try await numbers(connection).isEmpty)
            }
        }

        @Test func pipelinesTakePart() async throws {
            try await withTable { connection async throws in
                await #expect(throws: Stop.self) {
                    try await connection.transaction { connection async throws in
                        _ = try await connection.pipeline([
                            PostgresStatement("INSERT INTO t VALUES (1)"),
                            PostgresStatement("INSERT INTO t VALUES (2)"),
                        ])
                        throw Stop()
                    }
                }
                #expect(try await numbers(connection).isEmpty)
            }
        }

        @Test func reportsALostConnection() async throws {
            try await withTable { connection async throws in
                let error = try await postgresError {
                    try await connection.transaction { connection async throws in
                        _ = try await connection.query("SELECT pg_terminate_backend(pg_backend_pid())")
                    }
                }
                #expect(error.code == .connectionLost && error.action == .reconnect)
                #expect(!connection.isOpen)
            }
        }

        @Test(arguments: PostgresIsolation.allCases)
        func hasTheIsolationAskedFor(isolation: PostgresIsolation) async throws {
            try await TestDatabase.withConnection(url: TestDatabase.plainURL) { connection async throws in
                let level = try await connection.transaction(isolation: isolation) { connection in
                    try await connection.query("SELECT current_setting('transaction_isolation') AS l").first?
                        .decode("l", as: String.self)
                }
                #expect(level == isolation.rawValue.lowercased())
            }
        }
    }
}
