import Captures
import Fetch
import Foundation
import Model
import Synchronization
import TestSupport
import WebURL

@testable import Crawling

/// Websites on a local port under made-up host names, and a crawler that runs leases against them.
struct LeaseFixture {
    static let hosts = ["courier.test", "www.courier.test", "ledger.test", "elsewhere.test"]

    let frontier: FrontierFixture
    let site: Site
    let fetcher: FetchClient

    /// What the websites were asked.
    final class Site: Sendable {
        struct Request: Sendable {
            var url: String
            var head: String
            var at: ContinuousClock.Instant
        }

        let port: Int
        private let server: TestServer
        private let recorder: Recorder

        init(_ pages: [String: [ServerStep]]) throws {
            let recorder = Recorder()
            server = try TestServer { head in
                let lines = head.split(whereSeparator: \.isNewline)
                let path = lines.first?.split(separator: " ").dropFirst().first.map(String.init) ?? "/"
                let host = lines.first { $0.lowercased().hasPrefix("host:") }?.dropFirst(5).drop { $0 == " " } ?? ""
                recorder.note(Request(url: host + path, head: head, at: .now))
                return pages[host + path] ?? pages[path] ?? [.answer("404 Not Found")]
            }
            self.recorder = recorder
            port = server.port
        }

        var requests: [Request] { recorder.all }
        /// The URLs that were asked for, robots.txt left out.
        var pages: [String] { requests.map(\.url).filter { !$0.hasSuffix("/robots.txt") } }
    }

    private final class Recorder: Sendable {
        private let requests = Mutex<[Site.Request]>([])
        func note(_ request: Site.Request) { requests.withLock { $0.append(request) } }
        var all: [Site.Request] { requests.withLock { $0 } }
    }

    /// Serves pages by path, or by host and path, and gives a body a crawler for them.
    static func run(
        _ pages: [String: [ServerStep]], configure: (inout CrawlConfiguration) -> Void = { _ in },
        resolving overrides: [String: String] = [:],
        _ body: (LeaseFixture) async throws -> Void
    ) async throws {
        try await TestServices.withLine { line in
            let site = try Site(pages)
            let frontier = FrontierFixture(line, configure)
            var fetch = FetchConfiguration(userAgent: frontier.configuration.userAgent)
            fetch.addressPolicy = AddressPolicy(
                allowing: [AddressRange("127.0.0.0/8")].compactMap(\.self), allowsInternalNames: true)
            for host in hosts { fetch.resolveOverrides["\(host):80"] = "127.0.0.1:\(site.port)" }
            fetch.resolveOverrides["closed.test:80"] = "127.0.0.1:1"
            fetch.resolveOverrides.merge(overrides) { $1 }
            let fetcher = FetchClient(fetch, logger: TestServices.logger)
            do {
                try await body(LeaseFixture(frontier: frontier, site: site, fetcher: fetcher))
            } catch {
                await fetcher.close()
                throw error
            }
            await fetcher.close()
        }
    }

    var runner: LeaseRunner {
        LeaseRunner(
            configuration: frontier.configuration, frontier: frontier.frontier, fetcher: fetcher,
            discoverer: Discoverer(configuration: frontier.configuration), logger: TestServices.logger)
    }

    /// Adds URLs without a source.
    func request(_ urls: [String]) async throws {
        _ = try await frontier.frontier.request(try urls.map { try FrontierFixture.url($0) })
        // They come in the order given.
        for (number, url) in urls.enumerated() {
            try await frontier.execute(
                "UPDATE wireroom.url SET due_at = now() - interval '\(100 - number) s' WHERE url = '\(url)'")
        }
    }

    /// Releases one host, runs its lease and closes it.
    @discardableResult
    func lease() async throws -> LeaseRunner.Report {
        let host = try await frontier.lease()
        let report = try await runner.run(host)
        try await frontier.close(host, delay: report.delay)
        return report
    }

    /// State and reason of a URL.
    func end(_ url: String) async throws -> String {
        try await frontier.text("SELECT concat_ws(' ', state, reason) FROM wireroom.url WHERE url = '\(url)'")
    }
}
