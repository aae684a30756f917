import Fetch
import Operations
import Testing
import WebURL

@testable import Crawling

struct CrawlSettingsTests {
    private func settings(_ values: [String: String]) async throws -> Settings {
        try await Settings(flags: ["crawl.contact": "https://outlet-watch.net/"].merging(values) { $1 }, file: nil)
    }

    @Test func readsEveryKey() async throws {
        let configuration = try CrawlConfiguration(
            settings: try await settings([
                "crawl.delay-ms": "20", "crawl.maximum-crawl-delay-seconds": "5", "crawl.urls-per-lease": "3",
                "crawl.lease-seconds": "9",
                "crawl.feed-interval-seconds": "11", "crawl.feed-interval-maximum-seconds": "12",
                "crawl.first-block-seconds": "2",
                "crawl.parse-backlog": "7", "crawl.share-delay-by-address": "true",
                "crawl.respect-directives": "noindex, noarchive", "crawl.keep-captures-months": "13",
            ]))
        #expect(configuration.minimumDelay == .milliseconds(20) && configuration.maximumCrawlDelay == .seconds(5))
        #expect(configuration.urlsPerLease == 3 && configuration.leaseDuration == .seconds(9))
        #expect(configuration.minimumFeedInterval == .seconds(11) && configuration.maximumFeedInterval == .seconds(12))
        #expect(configuration.firstBlock == .seconds(2) && configuration.maximumParseBacklog == 7)
        #expect(configuration.sharesDelayByAddress)
        #expect(configuration.respectedDirectives == ["noindex", "noarchive"] && configuration.monthsOfCaptures == 13)
        #expect(configuration.userAgent.hasSuffix("(+https://outlet-watch.net/)"))
    }

    @Test(arguments: ["", "me", "ftp://x"]) func theContactHasToBeReachable(contact: String) async throws {
        let settings = try await settings(["crawl.contact": contact])
        let error = #expect(throws: SettingsError.self) { try CrawlConfiguration(settings: settings) }
        #expect(error?.key == "crawl.contact")
    }

    @Test(arguments: [
        "https://example.org/bot", "mailto:me@example.com", "https://crawler.example/", "http://localhost/",
        "mailto:crawl@wireroom.test", "https://intranet/", "mailto:nobody", "mailto:x@demo.invalid?subject=a@b.net",
    ])
    func aPlaceholderIsNoContactOutsideOfADemonstration(contact: String) async throws {
        let settings = try await settings(["crawl.contact": contact])
        let error = #expect(throws: SettingsError.self) { try CrawlConfiguration(settings: settings) }
        #expect(error?.key == "crawl.contact")
        let demonstration = try await self.settings(["crawl.contact": contact, "crawl.allow-addresses": "127.0.0.0/8"])
        #expect(try CrawlConfiguration(settings: demonstration).contact == contact)
    }

    @Test(arguments: [
        ("crawl.delay-ms", "-1"), ("crawl.delay-ms", "x"), ("crawl.urls-per-lease", "0"),
        ("crawl.lease-seconds", "3601"),
        ("crawl.feed-interval-seconds", "0"), ("crawl.parse-backlog", "1.5"), ("crawl.first-block-seconds", "86401"),
        ("crawl.share-delay-by-address", "perhaps"),
        ("crawl.respect-directives", "noindex,nofollow"), ("crawl.keep-captures-months", "1.5"),
    ])
    func wrongNumbersNameTheirKey(key: String, value: String) async throws {
        let settings = try await settings([key: value])
        let error = #expect(throws: SettingsError.self) { try CrawlConfiguration(settings: settings) }
        #expect(error?.key == key)
    }

    @Test(arguments: [
        ("crawl.allow-addresses", "300.0.0.0/8"), ("crawl.resolve", "a.test=127.0.0.1:1"),
        ("crawl.resolve", "a.test:80"),
    ])
    func wrongFetchSettingsNameTheirKey(key: String, value: String) async throws {
        let settings = try await settings([key: value])
        let configuration = try CrawlConfiguration(settings: settings)
        let error = #expect(throws: SettingsError.self) { try configuration.fetchConfiguration(settings) }
        #expect(error?.key == key)
    }

    @Test func readsTheFetchersLists() async throws {
        let settings = try await settings([
            "crawl.allow-addresses": "127.0.0.0/8, 10.0.0.0/8",
            "crawl.resolve": "a.test:80=127.0.0.1:8080 , b.test:80=127.0.0.1:8081",
        ])
        let fetch = try CrawlConfiguration(settings: settings).fetchConfiguration(settings)
        #expect(fetch.resolveOverrides == ["a.test:80": "127.0.0.1:8080", "b.test:80": "127.0.0.1:8081"])
        #expect(fetch.userAgent.contains("Wireroom"))
    }
}
