/// Inserts the same rows in several ways and compares each with `psql \copy`, in one run and on one server.
///
///     WIREROOM_TEST_DATABASE_URL=… bench-postgres [rows] [batch] [rounds]
///
/// Prints one JSON object: rows a second by method (the median of the rounds), and each relative to `\copy`.

import Foundation
import Logging
import Postgres

/// The rows, by column.
struct Rows {
    var ids: [Int64] = []
    var urls: [String] = []
    var titles: [String?] = []
    var dates: [Date] = []
    var scores: [Double] = []

    init(count: Int) {
        let words = ["river", "élection", "budget", "\"quoted\"", "tab\tbed", "harbour", "minister", "naïve", "storm"]
        for index in 0..<count {
            ids.append(Int64(index))
            urls.append("https://news\(index % 97).example/2024/05/\(index)/a-headline-of-usual-length-\(index * 7919)")
            let title = (0..<9).map { words[(index &* 31 &+ $0 &* $0) % words.count] }.joined(separator: " ")
            titles.append(index % 50 == 0 ? nil : title)
            dates.append(Date(timeIntervalSince1970: 1_700_000_000 + Double(index)))
            scores.append(Double(index) / 7)
        }
    }

    func row(_ index: Int) -> [PostgresValue] {
        [.int(ids[index]), .text(urls[index]), .optional(titles[index]), .date(dates[index]), .double(scores[index])]
    }

    func columns(_ range: Range<Int>) -> [PostgresValue] {
        [
            .intArray(ids[range].map { $0 }), .textArray(urls[range].map { $0 }), .textArray(Array(titles[range])),
            .dateArray(dates[range].map { $0 }), .doubleArray(scores[range].map { $0 }),
        ]
    }

    /// The rows in COPY's text form, for psql.
    func text() -> String {
        let formatter = ISO8601DateFormatter()
        return ids.indices.map { index in
            let title = titles[index].map { $0.replacing("\t", with: "\\t") } ?? "\\N"
            return
                "\(ids[index])\t\(urls[index])\t\(title)\t\(formatter.string(from: dates[index]))\t\(scores[index])\n"
        }.joined()
    }
}

struct Report: Encodable {
    var rows: Int
    var batch: Int
    var rounds: Int
    var rowsPerSecond: [String: Double]
    var relativeToPsqlCopy: [String: Double]
    var roundTripMicroseconds: Double
}

struct Failure: Error, CustomStringConvertible {
    let description: String
}

/// The way psql does it: a process of its own, from a file.
func copyWithPsql(url: String, file: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["psql", "-q", "-v", "ON_ERROR_STOP=1", url, "-c", "\\copy bench_rows from '\(file)'"]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(description: "psql failed") }
}

/// One run. Not at the top level of the file, where every closure would belong to the main actor.
struct Benchmark {
    let url: String
    let count: Int
    let batch: Int
    let rounds: Int
    private let rows: Rows
    private let clock = ContinuousClock()

    init(url: String, count: Int, batch: Int, rounds: Int) {
        (self.url, self.count, self.batch, self.rounds) = (url, count, max(1, batch), max(1, rounds))
        rows = Rows(count: count)
    }

    func run() async throws -> Report {
        let name = "bench-postgres-\(ProcessInfo.processInfo.processIdentifier).tsv"
        let file = NSTemporaryDirectory() + name
        try rows.text().write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }  // a file left in the temporary folder does no harm
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(url: url), logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        try await connection.script(
            """
            DROP TABLE IF EXISTS bench_rows;
            CREATE TABLE bench_rows (id int8 PRIMARY KEY, url text, title text, published timestamptz, score float8)
            """)
        var times: [String: [Double]] = [:]
        for _ in 0..<rounds {
            for method in Method.allCases {
                times[method.rawValue, default: []].append(try await time(method, connection, file: file))
            }
        }
        let roundTrip = try await measureRoundTrip(connection)
        try await connection.script("DROP TABLE bench_rows")
        await connection.close()
        let rates = times.mapValues { Double(count) / $0.sorted()[$0.count / 2] }
        return Report(
            rows: count, batch: batch, rounds: rounds, rowsPerSecond: rates,
            relativeToPsqlCopy: rates.mapValues { $0 / (rates[Method.psqlCopy.rawValue] ?? .nan) },
            roundTripMicroseconds: roundTrip)
    }

    private enum Method: String, CaseIterable {
        case psqlCopy, copy, unnest, pipeline
    }

    private func time(_ method: Method, _ connection: PostgresConnection, file: String) async throws -> Double {
        try await connection.script("TRUNCATE bench_rows")
        let time = try await clock.measure { try await insert(method, connection, file: file) }
        let stored = try await connection.query("SELECT count(*) FROM bench_rows").first?.decode(0, as: Int.self)
        guard stored == count else { throw Failure(description: "\(method) stored \(stored ?? 0) rows") }
        return time / .seconds(1)
    }

    private func insert(_ method: Method, _ connection: PostgresConnection, file: String) async throws {
        let ranges = stride(from: 0, to: count, by: batch).map { $0..<min($0 + batch, count) }
        switch method {
        case .psqlCopy: try copyWithPsql(url: url, file: file)
        case .copy:
            let columns = ["id", "url", "title", "published", "score"]
            let source = rows
            _ = try await connection.copy(
                into: "bench_rows", columns: columns, rows: (0..<count).lazy.map { source.row($0) })
        case .unnest:
            let sql = """
                INSERT INTO bench_rows
                SELECT * FROM unnest($1::int8[], $2::text[], $3::text[], $4::timestamptz[], $5::float8[])
                """
            for range in ranges { _ = try await connection.query(sql, rows.columns(range)) }
        case .pipeline:
            let sql = "INSERT INTO bench_rows VALUES ($1, $2, $3, $4, $5)"
            for range in ranges {
                _ = try await connection.pipeline(range.map { PostgresStatement(sql, rows.row($0)) })
            }
        }
    }

    private func measureRoundTrip(_ connection: PostgresConnection) async throws -> Double {
        let trips = 2000
        let time = try await clock.measure {
            for _ in 0..<trips { _ = try await connection.query("SELECT $1::int8", [1]) }
        }
        return time / .microseconds(1) / Double(trips)
    }
}

let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
guard let url = ProcessInfo.processInfo.environment["WIREROOM_TEST_DATABASE_URL"] else {
    throw Failure(description: "WIREROOM_TEST_DATABASE_URL is not set")
}
let benchmark = Benchmark(
    url: url, count: numbers.first ?? 100_000, batch: numbers.dropFirst().first ?? 1000,
    rounds: numbers.dropFirst(2).first ?? 3)
let report = try await benchmark.run()
let encoder = JSONEncoder()
encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
FileHandle.standardOutput.write(try encoder.encode(report) + Data("\n".utf8))
