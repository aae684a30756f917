/// Releases leases from frontiers of two sizes, and adds discovered URLs most of which are known.
///
///     WIREROOM_TEST_DATABASE_URL=… bench-frontier HOSTS URLS MIGRATIONS
///
/// Makes a database of its own, fills it with a twentieth of the URLs and measures, then with all of them and measures again.
/// 85 % of the URLs are on five hosts, and all are due. Prints one JSON object; what counts are the times with all URLs, and
/// their ratio to those with a twentieth.

import Captures
import Crawling
import Foundation
import Logging
import Model
import Operations
import Postgres
import WebURL

/// What one size came to, in milliseconds.
struct Measurement: Encodable {
    var urls: Int
    var releaseMedian: Double
    var release95: Double
    var claimMedian: Double
    var admissionMedian: Double
    var admissionWorst: Double

    enum CodingKeys: String, CodingKey {
        case urls
        case releaseMedian = "release_1000_median_ms"
        case release95 = "release_1000_p95_ms"
        case claimMedian = "claim_64_median_ms"
        case admissionMedian = "admit_10000_median_ms"
        case admissionWorst = "admit_10000_worst_ms"
    }
}

struct Report: Encodable {
    var benchmark = "frontier"
    var hosts: Int
    var fillSeconds: Double
    var small: Measurement
    var large: Measurement
    /// 95th percentile of the large frontier relative to the small one.
    var growth: Double

    enum CodingKeys: String, CodingKey {
        case benchmark, hosts, small, large, growth
        case fillSeconds = "fill_seconds"
    }
}

struct FrontierBench {
    let database: PostgresPool
    let frontier: Frontier
    let hosts: Int

    func run(_ sql: String) async throws {
        _ = try await database.withConnection { try await $0.query(sql, deadline: .seconds(3600)) }
    }

    func time(_ body: () async throws -> Void) async throws -> Double {
        let begun = ContinuousClock.now
        try await body()
        return (ContinuousClock.now - begun) / .milliseconds(1)
    }

    /// Adds the URLs with these numbers. The triggers, which serve single changes, are off meanwhile.
    func fill(_ numbers: Range<Int>) async throws {
        try await run("ALTER TABLE wireroom.url DISABLE TRIGGER USER")
        let step = 1_000_000
        for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: step) {
            let end = min(start + step, numbers.upperBound)
            try await run(
                """
                INSERT INTO wireroom.url (identity, url, host_id, kind, lane, due_at, discovered_at)
                SELECT decode(md5('bench' || n), 'hex'), 'https://h' || host || '.bench.example/2026/01/' || n || '/the-headline-of-an-article',
                       host, 'article', (n % 7 = 0)::int, now() - make_interval(secs => n % 86400), now()
                FROM (SELECT n, CASE WHEN n % 100 < 85 THEN 1 + n % 5 ELSE 6 + (n::bigint * 7919) % (\(hosts) - 5) END AS host
                      FROM generate_series(\(start), \(end - 1)) AS n) AS u
                """)
        }
        try await run("ALTER TABLE wireroom.url ENABLE TRIGGER USER")
        try await run(
            "UPDATE wireroom.host AS h SET ready_at = now() - interval '1 h' WHERE EXISTS (SELECT FROM wireroom.url AS u WHERE u.host_id = h.host_id)"
        )
        try await run("VACUUM ANALYZE wireroom.url")
        try await run("VACUUM ANALYZE wireroom.host")
        try await run("CHECKPOINT")
    }

    func urls(_ numbers: Range<Int>) throws -> [DiscoveredURL] {
        try numbers.map { number in
            let text = "https://h\(6 + number % 1000).bench.example/known/\(number)/the-headline-of-another-article"
            guard let url = ParsedURL(text), let discovered = Frontier.discovered(url, kind: .article) else {
                throw OperationError("\(text) is no URL")
            }
            return discovered
        }
    }

    /// Measures; `offset` keeps the URLs of two measurements apart.
    func measure(urls count: Int, offset: Int) async throws -> Measurement {
        // The first ones warm the caches, as a line that runs has them.
        var releases: [Double] = []
        for round in 0..<45 {
            // Leases are given back, so that every round has the same to choose from.
            try await run(
                "UPDATE wireroom.host SET lease_until = NULL, ready_at = now() - interval '1 h' WHERE lease_until IS NOT NULL"
            )
            let milliseconds = try await time {
                let given = try await frontier.release()
                guard given >= 900 else { throw OperationError("only \(given) leases were given") }
            }
            if round >= 5 { releases.append(milliseconds) }
        }
        let claims = try await claim()
        var admissions: [Double] = []
        let known = try urls(offset..<(offset + 9_000))
        _ = try await admit(known)
        for round in 0..<10 {
            let new = offset + 10_000 + round * 1_000
            let mixed = try known + urls(new..<(new + 1_000))
            admissions.append(
                try await time {
                    let added = try await admit(mixed)
                    guard added == 1_000 else { throw OperationError("\(added) of 1000 URLs were new") }
                })
        }
        return Measurement(
            urls: count, releaseMedian: releases.percentile(0.5), release95: releases.percentile(0.95),
            claimMedian: claims.percentile(0.5), admissionMedian: admissions.percentile(0.5),
            admissionWorst: admissions.percentile(1))
    }

    private func admit(_ urls: [DiscoveredURL]) async throws -> Int {
        try await frontier.addSource(
            name: "Bench", homepage: "https://h6.bench.example/", language: nil, allowedHosts: [], urls: urls
        ).added
    }

    /// Claims leases 64 at a time, those of the five large hosts first.
    private func claim() async throws -> [Double] {
        let rows = try await database.query(
            "SELECT host_id, lease_no FROM wireroom.host WHERE lease_until > now() AND NOT lease_claimed ORDER BY host_id LIMIT 1280"
        )
        let leases = try rows.map {
            CrawlLease(hostID: try $0.decode("host_id"), leaseNumber: try $0.decode("lease_no"))
        }
        var times: [Double] = []
        for start in stride(from: 0, to: leases.count, by: 64) {
            let batch = Array(leases[start..<min(start + 64, leases.count)])
            times.append(try await time { _ = try await frontier.claim(batch, worker: "bench") })
        }
        return times
    }
}

struct OperationError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension [Double] {
    func percentile(_ share: Double) -> Double {
        let place = Int((Double(count - 1) * share).rounded(.up))
        return (sorted()[place] * 100).rounded() / 100
    }
}

/// Runs the benchmark.
func runBenchmark() async throws {
    guard CommandLine.arguments.count == 4, let hosts = Int(CommandLine.arguments[1]), hosts >= 50_000,
        let urls = Int(CommandLine.arguments[2]),
        let server = ProcessInfo.processInfo.environment["WIREROOM_TEST_DATABASE_URL"],
        let slash = server.lastIndex(of: "/")
    else {
        FileHandle.standardError.write(Data("usage: bench-frontier HOSTS URLS MIGRATIONS, 50000 hosts or more\n".utf8))
        exit(64)
    }
    let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
    let owner = try await PostgresConnection.connect(try PostgresConfiguration(url: server), logger: logger)
    _ = try await owner.query("DROP DATABASE IF EXISTS bench_frontier WITH (FORCE)")
    _ = try await owner.query("CREATE DATABASE bench_frontier")
    let database = PostgresPool(
        try PostgresConfiguration(url: String(server[...slash]) + "bench_frontier"), maximumConnections: 2,
        logger: logger)
    let migrator = try Migrator(folder: CommandLine.arguments[3], logger: logger)
    _ = try await database.withConnection { try await migrator.apply(to: $0) }
    var configuration = CrawlConfiguration(contact: "https://bench.example/")
    configuration.hostsPerRelease = 1_000
    let bench = FrontierBench(
        database: database,
        frontier: Frontier(database: database, captures: PostgresCaptureStore(), configuration: configuration),
        hosts: hosts
    )

    let begun = ContinuousClock.now
    try await bench.run(
        "INSERT INTO wireroom.host (name) SELECT 'h' || n || '.bench.example' FROM generate_series(1, \(hosts)) AS n ORDER BY n"
    )
    try await bench.fill(0..<(urls / 20))
    let small = try await bench.measure(urls: urls / 20, offset: 0)
    try await bench.fill((urls / 20)..<urls)
    // The leases of the first measurement are given back.
    try await bench.run(
        "UPDATE wireroom.host SET lease_until = NULL, lease_claimed = false WHERE lease_until IS NOT NULL")
    try await bench.run("TRUNCATE wireroom.outbox")
    try await bench.run("VACUUM ANALYZE wireroom.host")
    let fillSeconds = (ContinuousClock.now - begun) / .seconds(1)
    let large = try await bench.measure(urls: urls, offset: 100_000)
    let report = Report(
        hosts: hosts, fillSeconds: fillSeconds.rounded(), small: small, large: large,
        growth: (large.release95 / small.release95 * 100).rounded() / 100)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
    await database.close()
    _ = try await owner.query("DROP DATABASE bench_frontier WITH (FORCE)")
    await owner.close()
}

try await runBenchmark()
