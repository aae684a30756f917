import Postgres
import Testing

extension DatabaseTests {
    struct CopyTests {
        private struct Stop: Error {}

        private func withTable(_ body: (PostgresConnection) async throws -> Void) async throws {
            try await TestDatabase.withConnection(url: TestDatabase.plainURL) { connection async throws in
                try await connection.script("CREATE TEMP TABLE \"Odd name\" (id int PRIMARY KEY, \"the text\" text)")
                try await body(connection)
                let rows = try await connection.query("SELECT 1 AS one")
                #expect(try rows.first?.decode("one") == 1)
            }
        }

        private func count(_ connection: PostgresConnection) async throws -> Int? {
            try await connection.query("SELECT count(*) AS n FROM \"Odd name\"").first?.decode("n")
        }

        @Test func copiesManyRows() async throws {
            try await withTable { connection async throws in
                let text = String(repeating: "text\t\\ \n", count: 20)
                let rows = (0..<20_000).lazy.map { [PostgresValue.int(Int64($0)), .text(text)] }
                let copied = try await connection.copy(into: "Odd name", columns: ["id", "the text"], rows: rows)
                #expect(copied == 20_000)
                let row = try await connection.query("SELECT min(\"the text\") AS t, max(id) AS m FROM \"Odd name\"")
                    .first
                #expect(try row?.decode("t") == text)
                #expect(try row?.decode("m") == 19_999)
            }
        }

        @Test func copiesNothing() async throws {
            try await withTable { connection async throws in
                let rows: [[PostgresValue]] = []
                #expect(try await connection.copy(into: "Odd name", columns: ["id"], rows: rows) == 0)
            }
        }

        @Test func copiesAnAsynchronousSequence() async throws {
            try await withTable { connection async throws in
                let rows = AsyncStream<[PostgresValue]> { stream in
                    for id in 0..<100 { stream.yield([.int(Int64(id)), nil]) }
                    stream.finish()
                }
                #expect(try await connection.copy(into: "Odd name", columns: ["id", "the text"], rows: rows) == 100)
            }
        }

        @Test func copiesNothingWhenTheServerRefusesARow() async throws {
            try await withTable { connection async throws in
                let rows = (0..<20_000).lazy.map { [PostgresValue.int(Int64($0 == 10_000 ? 0 : $0)), "x"] }
                let error = try await postgresError {
                    try await connection.copy(into: "Odd name", columns: ["id", "the text"], rows: rows)
                }
                #expect(error.sqlState == "23505")
                #expect(try await count(connection) == 0)
            }
        }

        @Test func copiesNothingWhenTheSequenceFails() async throws {
            try await withTable { connection async throws in
                let rows = AsyncThrowingStream<[PostgresValue], any Error> { stream in
                    for id in 0..<100 { stream.yield([.int(Int64(id))]) }
                    stream.finish(throwing: Stop())
                }
                await #expect(throws: Stop.self) {
                    try await connection.copy(into: "Odd name", columns: ["id"], rows: rows)
                }
                #expect(try await count(connection) == 0)
            }
        }

        @Test func refusesRowsOfTheWrongLengthAndUnknownTables() async throws {
            try await withTable { connection async throws in
                let error = try await postgresError {
                    try await connection.copy(into: "Odd name", columns: ["id"], rows: [[1], [2, "x"]])
                }
                #expect(error.message.contains("2 fields"))
                let unknown = try await postgresError {
                    try await connection.copy(into: "nowhere", columns: ["id"], rows: [[1]])
                }
                #expect(unknown.sqlState == "42P01")
                #expect(try await count(connection) == 0)
            }
        }

        @Test func refusesStatementsFromWithinTheRows() async throws {
            try await withTable { connection async throws in
                let rows = AsyncStream<[PostgresValue]>(unfolding: { [connection] in
                    let error = try? await postgresError { try await connection.query("SELECT 1") }
                    return [.int(error?.message.contains("copy is open") == true ? 1 : 0)]
                }).prefix(1)
                #expect(try await connection.copy(into: "Odd name", columns: ["id"], rows: rows) == 1)
                #expect(try await connection.query("SELECT id FROM \"Odd name\"").first?.decode("id") == 1)
            }
        }

        @Test func endsAtItsDeadline() async throws {
            let proxy = try StallingProxy(url: TestDatabase.url)
            defer { proxy.close() }
            var configuration = try PostgresConfiguration(url: proxy.url(for: TestDatabase.url))
            // The beginning of the copy has to fit in as well, also on a machine that does much else.
            configuration.statementDeadline = .seconds(2)
            let connection = try await PostgresConnection.connect(configuration, logger: TestDatabase.logger)
            try await connection.script("CREATE TEMP TABLE t (a bytea)", deadline: .seconds(30))
            let rows = AsyncStream<[PostgresValue]>(unfolding: { [bytes = [UInt8](repeating: 7, count: 1_000_000)] in
                proxy.stall()
                return [.bytes(bytes)]
            })
            let error = try await postgresError {
                try await connection.copy(into: "t", columns: ["a"], rows: rows.prefix(100))
            }
            #expect(error.code == .timeout)
            #expect(!connection.isOpen)
        }

        @Test func isPartOfATransaction() async throws {
            try await withTable { connection async throws in
                await #expect(throws: Stop.self) {
                    try await connection.transaction { connection async throws in
                        _ = try await connection.copy(into: "Odd name", columns: ["id"], rows: [[1]])
                        throw Stop()
                    }
                }
                #expect(try await count(connection) == 0)
            }
        }

        @Test func endsWithItsTask() async throws {
            try await withTable { connection async throws in
                let (started, start) = AsyncStream.makeStream(of: Void.self)
                let task = Task {
                    let rows = AsyncStream<[PostgresValue]>(unfolding: {
                        start.yield()
                        return [1]
                    }).drop { _ in !Task.isCancelled }
                    return try await connection.copy(into: "Odd name", columns: ["id"], rows: rows)
                }
                for await _ in started { break }
                task.cancel()
                let error = try await postgresError { try await task.value }
                #expect(error.code == .cancelled)
                #expect(try await count(connection) == 0)
            }
        }
    }
}
