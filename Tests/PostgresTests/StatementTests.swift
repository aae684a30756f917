import Postgres
import Testing

extension DatabaseTests {
    struct StatementTests {
        @Test func errorsDoNotBreakTheConnection() async throws {
            try await TestDatabase.withConnection { connection async throws in
                for _ in 0..<3 {
                    let syntax = try await postgresError { try await connection.query("SELEC 1") }
                    #expect(syntax.sqlState == "42601" && syntax.action == .giveUp && syntax.code == .queryFailed)
                    let division = try await postgresError { try await connection.query("SELECT 1 / $1", [0]) }
                    #expect(division.sqlState == "22012" && division.action == .badData)
                    #expect(try await connection.query("SELECT 1 AS one").first?.decode("one") == 1)
                }
                #expect(connection.isOpen)
            }
        }

        @Test func namesTheViolatedConstraintWithoutTheRow() async throws {
            try await TestDatabase.withConnection { connection async throws in
                try await connection.script(
                    "CREATE TEMP TABLE t (a text CONSTRAINT a_is_short CHECK (length(a) < 9) PRIMARY KEY)")
                _ = try await connection.query("INSERT INTO t VALUES ($1)", ["secret"])
                let twice = try await postgresError {
                    try await connection.query("INSERT INTO t VALUES ($1)", ["secret"])
                }
                #expect(twice.sqlState == "23505" && twice.constraint == "t_pkey" && twice.action == .badData)
                let long = try await postgresError {
                    try await connection.query("INSERT INTO t VALUES ($1)", ["secret secret"])
                }
                #expect(long.sqlState == "23514" && long.constraint == "a_is_short")
                let number = try await postgresError { try await connection.query("SELECT $1::int", [.text("secret")]) }
                #expect(number.sqlState == "22P02")
                for error in [twice, long, number] { #expect(!error.debugDescription.contains("secret")) }
            }
        }

        @Test func preparesAgainAfterTheTableChanged() async throws {
            try await TestDatabase.withConnection { connection async throws in
                try await connection.script("CREATE TEMP TABLE t AS SELECT 1 AS a")
                #expect(try await connection.query("SELECT * FROM t").columns.count == 1)
                try await connection.script("ALTER TABLE t ADD b text DEFAULT 'new'")
                let result = try await connection.query("SELECT * FROM t")
                #expect(try result.first?.decode("b") == "new")
            }
        }

        @Test func preparesAgainWhatTheServerForgot() async throws {
            try await TestDatabase.withConnection { connection async throws in
                #expect(try await connection.query("SELECT $1::int AS n", [1]).first?.decode("n") == 1)
                try await connection.script("DEALLOCATE ALL")
                #expect(try await connection.query("SELECT $1::int AS n", [2]).first?.decode("n") == 2)
            }
        }

        @Test func keepsTheNumberOfPreparedStatementsBounded() async throws {
            try await TestDatabase.withConnection { connection async throws in
                for number in 0..<300 { _ = try await connection.query("SELECT \(number)") }
                let row = try await connection.query("SELECT count(*) AS n FROM pg_prepared_statements").first
                let count = try #require(try row?.decode("n", as: Int.self))
                #expect(count <= 258)
                #expect(try await connection.query("SELECT 0").first?.decode(0) == 0)
            }
        }

        @Test func runsScripts() async throws {
            try await TestDatabase.withConnection { connection async throws in
                try await connection.script("CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1), (2);; SELECT 1")
                #expect(try await connection.query("SELECT sum(a) AS s FROM t").first?.decode("s") == 3)
                let error = try await postgresError {
                    try await connection.script("INSERT INTO t VALUES (3); SELECT x")
                }
                #expect(error.sqlState == "42703")
                #expect(try await connection.query("SELECT count(*) AS n FROM t").first?.decode("n") == 2)
                try await connection.script("")
            }
        }

        @Test func refusesCopyAsAStatement() async throws {
            try await TestDatabase.withConnection { connection async throws in
                try await connection.script("CREATE TEMP TABLE t (a int)")
                _ = try await postgresError { try await connection.script("COPY t FROM STDIN") }
                _ = try await postgresError {
                    try await connection.query(PostgresStatement("COPY t FROM STDIN", isPrepared: false))
                }
                #expect(try await connection.query("SELECT 1").count == 1)
                _ = try await postgresError { try await connection.script("COPY t TO STDOUT") }
            }
        }

        @Test func runsStatementsOfSeveralTasksInTurn() async throws {
            try await TestDatabase.withConnection { connection async throws in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0..<50 {
                        group.addTask {
                            let row = try await connection.query("SELECT $1::int AS n", [.int(Int64(number))]).first
                            return try #require(try row?.decode("n"))
                        }
                    }
                    var sum = 0
                    for try await number in group { sum += number }
                    #expect(sum == 1225)
                }
            }
        }

        @Test func passesLargeValues() async throws {
            try await TestDatabase.withConnection { connection async throws in
                let text = String(repeating: "wireroom ", count: 1_000_000)
                let row = try await connection.query("SELECT $1::text AS t", [.text(text)]).first
                #expect(try row?.decode("t") == text)
            }
        }

        @Test func limitsTheNumberOfParameters() async throws {
            try await TestDatabase.withConnection { connection async throws in
                let values = [PostgresValue](repeating: 1, count: 65_536)
                let error = try await postgresError { try await connection.query("SELECT 1", values) }
                #expect(error.code == .queryFailed && error.message.contains("65535"))
            }
        }

        @Test func failsAfterClosing() async throws {
            let connection = try await PostgresConnection.connect(
                try TestDatabase.configuration(), logger: TestDatabase.logger)
            await connection.close()
            await connection.close()
            #expect(!connection.isOpen)
            let error = try await postgresError { try await connection.query("SELECT 1") }
            #expect(error.code == .connectionLost && error.isRetriable)
        }
    }
}
