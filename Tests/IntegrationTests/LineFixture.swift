import Foundation
import Pipeline
import TestSupport

/// Worker processes and a website around a test's own queues and database.
struct LineFixture {
    let line: TestServices.Line

    /// The settings of the line's programs. Retries come fast and leases are short, so that a kill is soon made good.
    var environment: [String: String] {
        [
            "WIREROOM_DATABASE_URL": line.databaseURL, "WIREROOM_BROKER_URL": TestServices.brokerURL ?? "",
            "WIREROOM_BROKER_PREFIX": line.topology.prefix, "WIREROOM_CRAWL_CONTACT": "https://example.org/crawler",
            "WIREROOM_CRAWL_ALLOW_ADDRESSES": "127.0.0.0/8", "WIREROOM_CRAWL_DELAY_MS": "20",
            "WIREROOM_CRAWL_MAXIMUM_CRAWL_DELAY_SECONDS": "0", "WIREROOM_CRAWL_LEASE_SECONDS": "4",
            "WIREROOM_CRAWL_TIMEOUT_SECONDS": "3", "WIREROOM_CRAWL_FIRST_BLOCK_SECONDS": "1",
            "WIREROOM_LOG_LEVEL": "info",
        ]
    }

    func worker(_ stage: String, _ more: [String: String] = [:]) throws -> TestProcess {
        try TestProcess("wireroom-\(stage)", environment: environment.merging(more) { $1 })
    }

    /// Runs the operator's command and gives what it wrote.
    func wireroom(_ arguments: [String], _ more: [String: String] = [:]) throws -> (code: Int32, text: String) {
        let process = try TestProcess("wireroom", arguments, environment: environment.merging(more) { $1 })
        return (process.wait(), process.text)
    }
}

/// The demonstration websites on a free port.
struct DemoSite {
    static let hosts = ["courier", "ledger", "bote", "ribera", "valley", "kiosk"].map { "\($0).demo.test" }
    let process: TestProcess
    let port: String
    let log: URL

    static func start() async throws -> DemoSite {
        let log = FileManager.default.temporaryDirectory.appending(path: "demo-\(UUID().uuidString).jsonl")
        let process = try TestProcess(
            "/usr/bin/env",
            ["python3", TestServices.project + "/docker/demo/server.py", "--port", "0", "--quick", "--log", log.path])
        try await process.wait(for: "ready http://127.0.0.1:")
        try await process.wait(for: "\n")
        let address = process.text.split(separator: " ")[1]
        return DemoSite(process: process, port: String(address.split(separator: ":").last ?? ""), log: log)
    }

    /// Names every host's address to the crawler.
    var settings: [String: String] {
        ["WIREROOM_CRAWL_RESOLVE": Self.hosts.map { "\($0):80=127.0.0.1:\(port)" }.joined(separator: ",")]
    }

    /// Requests by host and path.
    func requests() throws -> [String: Int] {
        struct Entry: Decodable {
            var host: String
            var path: String
        }
        var counts: [String: Int] = [:]
        for text in try String(contentsOf: log, encoding: .utf8).split(separator: "\n") {
            let entry = try JSONDecoder().decode(Entry.self, from: Data(text.utf8))
            counts[entry.host + entry.path, default: 0] += 1
        }
        return counts
    }

    func stop() {
        process.kill()
        try? FileManager.default.removeItem(at: log)  // the temporary folder is cleared sometime anyway
    }
}
