import Foundation
import Postgres
import Testing

extension DatabaseTests {
    struct DecodingTests {
        private func row(_ sql: String) async throws -> PostgresRow {
            try await TestDatabase.withConnection { try #require(try await $0.query(sql).first) }
        }

        private func expectFailure<Value: PostgresDecodable>(
            _ row: PostgresRow, _ column: String, as type: Value.Type, _ phrase: String
        ) {
            let error = #expect(throws: PostgresError.self) { try row.decode(column, as: type) }
            #expect(error?.code == .decodingFailed)
            #expect(error?.message.contains("\"\(column)\"") == true)
            #expect(error?.message.contains(phrase) == true)
        }

        @Test func namesTheColumn() async throws {
            let row = try await row("SELECT NULL::int AS nothing, 'x' AS word, 70000 AS large, ARRAY[1, NULL] AS list")
            expectFailure(row, "nothing", as: Int.self, "NULL")
            expectFailure(row, "word", as: Int.self, "Int")
            expectFailure(row, "word", as: Date.self, "Date")
            expectFailure(row, "word", as: UUID.self, "UUID")
            expectFailure(row, "word", as: Bool.self, "Bool")
            expectFailure(row, "large", as: Int16.self, "Int16")
            expectFailure(row, "list", as: [Int].self, "Array<Int>")
            expectFailure(row, "absent", as: Int.self, "no column")
        }

        @Test func refusesColumnsOutOfRange() async throws {
            let row = try await row("SELECT 1")
            #expect(throws: PostgresError.self) { try row.decode(1, as: Int.self) }
            #expect(throws: PostgresError.self) { try row.decode(-1, as: Int.self) }
        }

        @Test func refusesArraysOfSeveralDimensions() async throws {
            let row = try await row("SELECT ARRAY[[1,2],[3,4]] AS grid")
            expectFailure(row, "grid", as: [Int].self, "Array<Int>")
        }

        @Test func rowsOutliveTheirConnection() async throws {
            let rows = try await TestDatabase.withConnection {
                try await $0.query("SELECT g FROM generate_series(1, 1000) g")
            }
            #expect(rows.count == 1000)
            #expect(try rows.reversed().first?.decode(0) == 1000)
            #expect(rows.columns.map(\.name) == ["g"])
        }

        @Test func countsAffectedRows() async throws {
            try await TestDatabase.withConnection { connection async throws in
                try await connection.script("CREATE TEMP TABLE t (a int)")
                let inserted = try await connection.query("INSERT INTO t SELECT generate_series(1, 7)")
                #expect(inserted.affectedRows == 7)
                #expect(inserted.isEmpty)
                #expect(try await connection.query("DELETE FROM t WHERE a > $1", [4]).affectedRows == 3)
                #expect(try await connection.query("SELECT 1 WHERE false").isEmpty)
            }
        }
    }
}
