public import Fetch
public import Operations
internal import WebURL

extension CrawlConfiguration {
    /// Reads the crawl stage's settings.
    ///
    /// | key | meaning | default |
    /// |---|---|---|
    /// | `crawl.contact` | page or mail address for outlets; required | – |
    /// | `crawl.delay-ms` | least delay between two requests to a host | 1000 |
    /// | `crawl.maximum-crawl-delay-seconds` | most that a `Crawl-delay` may ask for | 60 |
    /// | `crawl.urls-per-lease` | URLs fetched under one lease | 16 |
    /// | `crawl.lease-seconds` | time that a lease may run | 120 |
    /// | `crawl.feed-interval-seconds` | shortest time between two looks at a feed | 300 |
    /// | `crawl.feed-interval-maximum-seconds` | longest such time | 21600 |
    /// | `crawl.sitemap-interval-maximum-seconds` | longest such time for a sitemap | 86400 |
    /// | `crawl.asked-interval-maximum-seconds` | longest time that a feed's wish to be left alone counts for | 3600 |
    /// | `crawl.revisits` | when articles are fetched again, by their age: `1h,6h,1d,7d`, or `off` | `1h,6h,1d,7d` |
    /// | `crawl.daily-budget` | URLs of one host visited in a day at most | 20000 |
    /// | `crawl.timeout-seconds` | longest time that one answer may take | 60 |
    /// | `crawl.first-block-seconds` | first time that a host in trouble is left alone | 60 |
    /// | `crawl.share-delay-by-address` | hosts with one server address share one delay | false |
    /// | `crawl.respect-directives` | directives that leave an article out: `noindex`, `noarchive` | none |
    /// | `crawl.keep-captures-months` | whole months whose captures are kept; 0 for all | 0 |
    /// | `crawl.parse-backlog` | waiting parse messages above which nothing is released | 10000 |
    ///
    /// - Throws: `SettingsError` naming the key.
    public init(settings: Settings) throws(SettingsError) {
        guard let contact = settings.text("crawl.contact") else {
            throw SettingsError(
                key: "crawl.contact",
                message:
                    "is not set; outlets must be able to reach whoever crawls them: an https:// page or a mailto: address"
            )
        }
        guard contact.hasPrefix("https://") || contact.hasPrefix("http://") || contact.hasPrefix("mailto:") else {
            throw SettingsError(key: "crawl.contact", message: "\(contact) is neither a web page nor a mailto: address")
        }
        // Whoever may contact private addresses runs a demonstration or a test.
        guard !Self.isPlaceholder(contact) || !settings.list("crawl.allow-addresses").isEmpty else {
            throw SettingsError(
                key: "crawl.contact",
                message: "\(contact) is a placeholder; outlets must be able to reach whoever crawls them")
        }
        self.init(contact: contact)
        minimumDelay = .milliseconds(try settings.integer("crawl.delay-ms", default: 1000, in: 0...3_600_000))
        maximumCrawlDelay = .seconds(
            try settings.integer("crawl.maximum-crawl-delay-seconds", default: 60, in: 0...3600))
        urlsPerLease = try settings.integer("crawl.urls-per-lease", default: 16, in: 1...1000)
        leaseDuration = .seconds(try settings.integer("crawl.lease-seconds", default: 120, in: 1...3600))
        minimumFeedInterval = .seconds(
            try settings.integer("crawl.feed-interval-seconds", default: 300, in: 1...86_400))
        maximumFeedInterval = .seconds(
            try settings.integer("crawl.feed-interval-maximum-seconds", default: 21_600, in: 1...2_592_000))
        maximumSitemapInterval = .seconds(
            try settings.integer("crawl.sitemap-interval-maximum-seconds", default: 86_400, in: 1...2_592_000))
        maximumAskedInterval = .seconds(
            try settings.integer("crawl.asked-interval-maximum-seconds", default: 3_600, in: 0...2_592_000))
        dailyBudget = try settings.integer("crawl.daily-budget", default: 20_000, in: 1...10_000_000)
        if let text = settings.text("crawl.revisits") {
            guard let ages = RevisitSchedule.ages(text) else {
                throw SettingsError(key: "crawl.revisits", message: "\(text) is not a list such as 1h,6h,1d,7d, or off")
            }
            revisitAges = ages
        }
        fetchTimeout = .seconds(try settings.integer("crawl.timeout-seconds", default: 60, in: 1...3600))
        firstBlock = .seconds(try settings.integer("crawl.first-block-seconds", default: 60, in: 1...86_400))
        sharesDelayByAddress = try settings.flag("crawl.share-delay-by-address", default: false)
        monthsOfCaptures = try settings.integer("crawl.keep-captures-months", default: 0, in: 0...1200)
        respectedDirectives = Set(settings.list("crawl.respect-directives"))
        if let unknown = respectedDirectives.subtracting(["noindex", "noarchive"]).sorted().first {
            throw SettingsError(
                key: "crawl.respect-directives", message: "\(unknown) is neither noindex nor noarchive")
        }
        maximumParseBacklog = try settings.integer("crawl.parse-backlog", default: 10_000, in: 1...100_000_000)
    }

    /// Whether a contact is at a name that is reserved for examples (RFC 2606, RFC 6761), so that nobody can be reached there.
    static func isPlaceholder(_ contact: String) -> Bool {
        let host: String?
        if contact.hasPrefix("mailto:") {
            host = contact.dropFirst(7).prefix { $0 != "?" }.split(separator: "@").dropFirst().last.map(String.init)
        } else {
            host = ParsedURL(contact)?.host
        }
        guard let host = host?.lowercased() else { return true }
        let labels = host.split(separator: ".")
        let reserved = ["example", "test", "invalid", "localhost", "local"]
        return reserved.contains(String(labels.last ?? "")) || labels.count < 2
            || ["example.com", "example.net", "example.org"].contains(labels.suffix(2).joined(separator: "."))
    }

    /// Reads the fetcher's settings.
    ///
    /// | key | meaning | default |
    /// |---|---|---|
    /// | `crawl.allow-addresses` | CIDR ranges to contact although they are not public | none |
    /// | `crawl.resolve` | `host:port=address:port` pairs that take the place of name resolution | none |
    /// | `crawl.proxy` | proxy URL | none |
    /// | `crawl.ca-file` | certificate authorities, PEM | the system's |
    ///
    /// - Throws: `SettingsError` naming the key.
    public func fetchConfiguration(_ settings: Settings) throws(SettingsError) -> FetchConfiguration {
        var fetch = FetchConfiguration(userAgent: userAgent)
        var ranges: [AddressRange] = []
        for text in settings.list("crawl.allow-addresses") {
            guard let range = AddressRange(text) else {
                throw SettingsError(
                    key: "crawl.allow-addresses", message: "\(text) is not an address range such as 127.0.0.0/8")
            }
            ranges.append(range)
        }
        // Whoever allows private addresses also means the names that only lead there.
        fetch.addressPolicy = AddressPolicy(allowing: ranges, allowsInternalNames: !ranges.isEmpty)
        for pair in settings.list("crawl.resolve") {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, parts.allSatisfy({ $0.contains(":") }) else {
                throw SettingsError(key: "crawl.resolve", message: "\(pair) is not host:port=address:port")
            }
            fetch.resolveOverrides[parts[0]] = parts[1]
        }
        fetch.totalTimeout = fetchTimeout
        fetch.proxy = settings.text("crawl.proxy")
        fetch.caFile = settings.text("crawl.ca-file")
        return fetch
    }
}
