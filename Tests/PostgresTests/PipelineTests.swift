import Foundation
import Postgres
import Testing

extension DatabaseTests {
    struct PipelineTests {
        @Test func givesAResultForEachStatement() async throws {
            try await TestDatabase.withConnection { connection async throws in
                let statements = (0..<500).map { PostgresStatement("SELECT $1::int8 AS n", [.int(Int64($0))]) }
                for _ in 0..<2 {
                    let results = try await connection.pipeline(statements)
                    #expect(try results.map { try $0.first?.decode("n", as: Int.self) } == (0..<500).map { $0 })
                }
            }
        }

        @Test func doesNothingWithoutStatements() async throws {
            try await TestDatabase.withConnection { connection async throws in
                #expect(try await connection.pipeline([]).isEmpty)
            }
        }

        @Test(arguments: [true, false])
        func hasNoEffectWhenAStatementFails(isPrepared: Bool) async throws {
            try await TestDatabase.withConnection { connection async throws in
                try await connection.script("CREATE TEMP TABLE t (a int PRIMARY KEY)")
                let statements = [1, 2, 1, 3].map {
                    PostgresStatement("INSERT INTO t VALUES ($1)", [.int($0)], isPrepared: isPrepared)
                }
                let error = try await postgresError { try await connection.pipeline(statements) }
                #expect(error.sqlState == "23505")
                #expect(try await connection.query("SELECT count(*) AS n FROM t").first?.decode("n") == 0)
                #expect(try await connection.pipeline(Array(statements.prefix(2))).count == 2)
            }
        }

        @Test func reportsStatementsThatCannotBePrepared() async throws {
            try await TestDatabase.withConnection { connection async throws in
                let error = try await postgresError {
                    try await connection.pipeline([PostgresStatement("SELECT 1"), PostgresStatement("SELECT nothing")])
                }
                #expect(error.sqlState == "42703")
                #expect(
                    try await connection.pipeline([PostgresStatement("SELECT 1"), PostgresStatement("SELECT 2")]).count
                        == 2)
            }
        }

        @Test func reportsFailuresAtTheCommit() async throws {
            try await TestDatabase.withConnection { connection async throws in
                try await connection.script(
                    "CREATE TEMP TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO t VALUES (1)")
                let error = try await postgresError {
                    try await connection.pipeline([
                        PostgresStatement("INSERT INTO t VALUES (1)"), PostgresStatement("SELECT 1"),
                    ])
                }
                #expect(error.sqlState == "23505")
                #expect(try await connection.query("SELECT count(*) AS n FROM t").first?.decode("n") == 1)
            }
        }

        @Test func survivesLargeTrafficBothWays() async throws {
            try await TestDatabase.withConnection { connection async throws in
                let text = String(repeating: "x", count: 200_000)
                let statements = (0..<100).map { _ in PostgresStatement("SELECT $1::text AS t", [.text(text)]) }
                let results = try await connection.pipeline(statements)
                #expect(try results.allSatisfy { try $0.first?.decode("t", as: String.self).utf8.count == 200_000 })
            }
        }

        @Test func prepareAgainWhenForgotten() async throws {
            try await TestDatabase.withConnection { connection async throws in
                let statements = [PostgresStatement("SELECT 1"), PostgresStatement("SELECT 2")]
                _ = try await connection.pipeline(statements)
                try await connection.script("DEALLOCATE ALL")
                #expect(try await connection.pipeline(statements).count == 2)
            }
        }

        @Test func insertsArraysInBulk() async throws {
            try await TestDatabase.withConnection { connection async throws in
                try await connection.script("CREATE TEMP TABLE t (id int8, title text, day timestamptz)")
                let count = 5000
                let result = try await connection.query(
                    "INSERT INTO t SELECT * FROM unnest($1::int8[], $2::text[], $3::timestamptz[])",
                    [
                        .intArray((0..<count).map { Int64($0) }),
                        .textArray((0..<count).map { $0 % 5 == 0 ? nil : "\"title\" \($0)\\" }),
                        .dateArray((0..<count).map { .init(timeIntervalSince1970: Double($0)) }),
                    ])
                #expect(result.affectedRows == count)
                #expect(try await connection.query("SELECT count(title) AS n FROM t").first?.decode("n") == 4000)
            }
        }
    }
}
