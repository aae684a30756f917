import Foundation
import Postgres
import Testing

extension DatabaseTests {
    struct ValueRoundTripTests {
        private static let instant = Date(timeIntervalSince1970: 1_714_979_289.123456)
        private static let uuid = UUID(uuidString: "0123ABCD-4567-89EF-0011-223344556677") ?? UUID()
        private static let awkward = "naïve \u{1F680} \"quoted\" 'single' back\\slash {brace}, comma\ttab\r\nline NULL"

        /// Sends a value with its type prepared (binary result), unprepared (text result) and by COPY, and reads it
        /// thrice.
        private func expect<Value: PostgresDecodable & Equatable>(
            _ value: PostgresValue, _ type: String, reads expected: Value,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            try await TestDatabase.withConnection { connection async throws in
                let sql = "SELECT $1::\(type) AS field"
                let binary = try #require(try await connection.query(sql, [value]).first)
                #expect(try binary.decode("field") == expected, "binary", sourceLocation: sourceLocation)
                let unprepared = PostgresStatement(sql, [value], isPrepared: false)
                let text = try #require(try await connection.query(unprepared).first)
                #expect(try text.decode(0) == expected, "text", sourceLocation: sourceLocation)
                try await connection.script("CREATE TEMP TABLE copied (field \(type))")
                let count = try await connection.copy(into: "copied", columns: ["field"], rows: [[value]])
                #expect(count == 1, sourceLocation: sourceLocation)
                let copied = try #require(try await connection.query("SELECT field FROM copied").first)
                #expect(try copied.decode("field") == expected, "copy", sourceLocation: sourceLocation)
            }
        }

        @Test(arguments: [
            "bool", "int8", "float8", "text", "bytea", "timestamptz", "uuid", "jsonb", "text[]", "numeric",
        ])
        func passesNull(type: String) async throws {
            try await expect(.null, type, reads: String?.none)
        }

        @Test func passesBooleans() async throws {
            try await expect(true, "bool", reads: true)
            try await expect(false, "bool", reads: false)
        }

        @Test(arguments: [0, 1, -1, Int64.max, Int64.min])
        func passesLongIntegers(number: Int64) async throws {
            try await expect(.int(number), "int8", reads: number)
        }

        @Test func passesShorterIntegers() async throws {
            try await expect(.int(-32_768), "int2", reads: Int16.min)
            try await expect(.int(2_147_483_647), "int4", reads: Int32.max)
            try await expect(.int(7), "int4", reads: 7)
            try await expect(.text("18446744073709551615"), "xid8", reads: "18446744073709551615")
        }

        @Test(arguments: [0, -1.5, .pi, 1e300, Double.leastNonzeroMagnitude, .infinity, -.infinity])
        func passesNumbers(number: Double) async throws {
            try await expect(.double(number), "float8", reads: number)
        }

        @Test func readsNotANumber() async throws {
            try await TestDatabase.withConnection { connection async throws in
                let row = try #require(try await connection.query("SELECT $1::float8 AS n", [.double(.nan)]).first)
                #expect(try row.decode("n", as: Double.self).isNaN)
            }
        }

        @Test(arguments: [
            "0", "1", "-1", "0.1", "10000", "123456789.000100", "0.00000001", "-99999.99", "1e20", "NaN", "Infinity",
            "-Infinity", "12345678901234567890.123456789",
        ])
        func readsNumericExactly(text: String) async throws {
            try await TestDatabase.withConnection { connection async throws in
                let sql = "SELECT $1::numeric AS n, $1::numeric::text AS t"
                let row = try #require(try await connection.query(sql, [.text(text)]).first)
                #expect(try row.decode("n", as: String.self) == row.decode("t", as: String.self))
            }
        }

        @Test func readsNumericAsNumber() async throws {
            try await expect(.text("-1234.5"), "numeric", reads: -1234.5)
            try await expect(.text("42"), "numeric", reads: 42)
        }

        @Test(arguments: ["", " ", awkward, "\\N", "\\.", String(repeating: "é", count: 100_000)])
        func passesText(text: String) async throws {
            try await expect(.text(text), "text", reads: text)
        }

        @Test func passesOtherTextTypes() async throws {
            try await expect("wire", "varchar(10)", reads: "wire")
            try await expect("ab", "char(4)", reads: "ab  ")
            try await expect("name", "name", reads: "name")
            try await expect("x", "\"char\"", reads: "x")
            try await expect("1 day 02:03:04", "interval", reads: "1 day 02:03:04")
            try await expect("'a':1 'b':2", "tsvector", reads: "'a':1 'b':2")
            try await expect("[1,5)", "int4range", reads: "[1,5)")
            try await expect("10.0.0.0/8", "cidr", reads: "10.0.0.0/8")
        }

        @Test func passesBytes() async throws {
            try await expect(.bytes([]), "bytea", reads: [UInt8]())
            try await expect(.bytes(Array(0...255)), "bytea", reads: [UInt8](0...255))
        }

        @Test func passesInstants() async throws {
            try await expect(.date(Self.instant), "timestamptz", reads: Self.instant)
            try await expect(.date(.distantFuture), "timestamptz", reads: Date.distantFuture)
            try await expect(.date(.distantPast), "timestamptz", reads: Date.distantPast)
            try await expect(
                "0044-03-15 12:00:00+00 BC", "timestamptz", reads: Date(timeIntervalSince1970: -63_517_780_800))
            try await expect("2024-05-06", "date", reads: Date(timeIntervalSince1970: 1_714_953_600))
            try await expect("2024-05-06 00:00:00.5", "timestamp", reads: Date(timeIntervalSince1970: 1_714_953_600.5))
        }

        @Test func writesTextFormsLikeTheServer() async throws {
            try await TestDatabase.withConnection { connection async throws in
                try await connection.script("SET TimeZone TO 'UTC'")
                let sql = """
                    SELECT v.i, v.i::text, v.d, v.d::text, v.n, v.n::text, v.b, v.b::text, v.a, v.a::text,
                      v.u, v.u::text
                    FROM (VALUES (timestamptz '2024-02-29 23:59:59.000001+00', date '1999-12-31', 1e15::float8,
                      '\\x00ff'::bytea,
                      ARRAY['a', NULL, 'NULL', '', 'x y', 'q"q', 'b\\s', 'c,c'], '\(Self.uuid.uuidString)'::uuid))
                      AS v(i, d, n, b, a, u)
                    """
                let row = try #require(try await connection.query(sql).first)
                for column in stride(from: 0, to: 12, by: 2) where column != 4 {
                    #expect(try row.decode(column, as: String.self) == row.decode(column + 1, as: String.self))
                }
            }
        }

        @Test func passesUUIDsAndJSON() async throws {
            try await expect(.uuid(Self.uuid), "uuid", reads: Self.uuid)
            try await expect(.json("{\"a\": [1, \"\\\\\"]}"), "jsonb", reads: "{\"a\": [1, \"\\\\\"]}")
            try await expect(.json("{\"b\" :  1}"), "json", reads: "{\"b\" :  1}")
        }

        @Test func passesArrays() async throws {
            try await expect(.boolArray([true, nil, false]), "bool[]", reads: [true, nil, false])
            try await expect(.intArray([1, nil, .max]), "int8[]", reads: [1, nil, Int64.max])
            try await expect(.intArray([1, 2]), "int4[]", reads: [1, 2])
            try await expect(.doubleArray([1.5, nil]), "float8[]", reads: [1.5, nil])
            try await expect(
                .textArray(["", nil, "NULL", Self.awkward]), "text[]", reads: ["", nil, "NULL", Self.awkward])
            try await expect(.bytesArray([[], nil, [0, 92, 34]]), "bytea[]", reads: [[UInt8](), nil, [0, 92, 34]])
            try await expect(.dateArray([Self.instant, nil]), "timestamptz[]", reads: [Self.instant, nil])
            try await expect(.uuidArray([nil, Self.uuid]), "uuid[]", reads: [nil, Self.uuid])
            try await expect(.jsonArray(["{\"a\": \"q\\\"\"}", nil]), "jsonb[]", reads: ["{\"a\": \"q\\\"\"}", nil])
            try await expect(.textArray(["1.50", nil]), "numeric[]", reads: ["1.50", nil])
        }

        @Test func passesEmptyArrays() async throws {
            try await expect(.textArray([]), "text[]", reads: [String]())
            try await expect(.intArray([]), "int8[]", reads: [Int]())
            try await expect(.jsonArray([]), "jsonb[]", reads: [String]())
        }

        @Test func passesEnumsAndDomains() async throws {
            try await TestDatabase.withSchema { schema in
                try await TestDatabase.withConnection { connection async throws in
                    try await connection.script(
                        """
                        CREATE TYPE \(schema).lane AS ENUM ('live', 'back fill');
                        CREATE DOMAIN \(schema).small AS int4
                        """
                    )
                    let sql = """
                        SELECT $1::\(schema).lane AS lane, $2::\(schema).small AS small, true AS flag, now() AS moment,
                        ARRAY['live', NULL]::\(schema).lane[] AS lanes
                        """
                    let row = try #require(try await connection.query(sql, ["back fill", "5"]).first)
                    #expect(try row.decode("lane") == "back fill")
                    #expect(try row.decode("small") == 5)
                    #expect(try row.decode("flag") == true)
                    #expect(try row.decode("moment", as: Date.self) > Self.instant)
                    #expect(try row.decode("lanes") == ["live", nil])
                }
            }
        }

        @Test func preparesAgainWhenTypesChange() async throws {
            try await TestDatabase.withConnection { connection async throws in
                try await connection.script("CREATE TEMP TABLE t (a int4, b text)")
                let sql = "INSERT INTO t VALUES ($1, $2)"
                for values: [PostgresValue] in [[nil, nil], [1, nil], [nil, "x"], [2, "y"], ["3", "z"]] {
                    _ = try await connection.query(sql, values)
                }
                let rows = try await connection.query("SELECT a, b FROM t")
                #expect(try rows.map { try $0.decode("a", as: Int?.self) } == [nil, 1, nil, 2, 3])
                #expect(try rows.map { try $0.decode("b", as: String?.self) } == [nil, nil, "x", "y", "z"])
            }
        }

        @Test func refusesZeroBytesInText() async throws {
            try await TestDatabase.withConnection { connection async throws in
                for value: PostgresValue in ["a\u{0}b", .textArray(["a\u{0}b"]), .json("\u{0}")] {
                    let error = try await postgresError { try await connection.query("SELECT $1::text", [value]) }
                    #expect(error.sqlState == "22021")
                    #expect(error.action == .badData)
                }
            }
        }

        @Test func readsUnderAnotherDateStyle() async throws {
            try await TestDatabase.withConnection { connection async throws in
                try await connection.script("SET TimeZone TO 'Asia/Kathmandu'")
                let statement = PostgresStatement(
                    "SELECT '2024-05-06 07:08:09.123456+00'::timestamptz", isPrepared: false)
                let row = try #require(try await connection.query(statement).first)
                #expect(try row.decode(0) == Self.instant)
            }
        }
    }
}
