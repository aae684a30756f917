internal import Model

/// How the crawl stage behaves. Times are per host unless said otherwise.
public struct CrawlConfiguration: Sendable {
    /// The product token that robots.txt rules are matched against.
    public static let productToken = "Wireroom"

    /// Where an outlet can learn who crawls it: an `https://` page or a `mailto:` address.
    public var contact: String
    /// The least time between the end of one request and the start of the next.
    public var minimumDelay: Duration = .seconds(1)
    /// The most that a robots.txt may ask for; a longer `Crawl-delay` counts as this.
    public var maximumCrawlDelay: Duration = .seconds(60)
    /// The delay is at least this many times the last response time.
    public var responseTimeFactor = 2.0
    /// URLs of one lease at most.
    public var urlsPerLease = 16
    /// How long a lease may run before the rest is left for the next one.
    public var leaseDuration: Duration = .seconds(120)
    /// The longest time that one answer may take.
    public var fetchTimeout: Duration = .seconds(60)
    /// How long a released lease may wait in the queue before the host is released again.
    public var leasePatience: Duration = .seconds(900)
    /// Hosts released in one tick at most.
    public var hostsPerRelease = 500
    /// Messages waiting for the parse stage above which nothing is released.
    public var maximumParseBacklog = 10_000
    /// How often due hosts are looked for.
    public var releaseInterval: Duration = .milliseconds(500)
    /// The shortest time between two looks at a feed or sitemap.
    public var minimumFeedInterval: Duration = .seconds(300)
    /// The longest time between two looks at a feed or sitemap.
    public var maximumFeedInterval: Duration = .seconds(21_600)
    /// The longest time between two looks at a sitemap: an archive has hundreds of them that never change, and an index says
    /// which of them did.
    public var maximumSitemapInterval: Duration = .seconds(86_400)
    /// The longest time that a feed's wish to be left alone counts for.
    public var maximumAskedInterval: Duration = .seconds(3_600)
    /// How old an article's first fetch is when it is fetched again; empty for never. A source may have its own.
    public var revisitAges: [Duration] = RevisitSchedule.defaultAges
    /// URLs of one host that are visited in a day (UTC) at most; a fifth of them is kept for the live lane.
    public var dailyBudget = 20_000
    /// How long robots.txt is taken as known (RFC 9309 recommends at most a day).
    public var robotsLifetime: Duration = .seconds(86_400)
    /// How long a host in trouble is left alone the first time; doubled with each further incident.
    public var firstBlock: Duration = .seconds(60)
    /// Redirects followed on one host at most.
    public var maximumRedirects = 5
    /// Items older than this go into the backfill lane.
    public var liveAge: Duration = .seconds(7 * 86_400)
    /// Bytes of an article or a home page at most, decoded.
    public var maximumPageBytes = 10 << 20
    /// Bytes of a feed or sitemap at most, decoded: 50 MB is the limit of the sitemap protocol.
    public var maximumFeedBytes = 50 << 20

    /// Whether hosts that answered from the same address are leased one at a time and share one delay.
    public var sharesDelayByAddress = false
    /// Directives of `X-Robots-Tag` and meta robots that make an article be left out.
    public var respectedDirectives: Set<String> = []
    /// Whole months before this one whose captures are kept; 0 keeps all.
    public var monthsOfCaptures = 0

    /// Makes a configuration.
    public init(contact: String) {
        self.contact = contact
    }

    /// Between which bounds the interval of a feed, sitemap or watched page lies.
    func listingLimits(_ kind: URLKind) -> ListingSchedule.Limits {
        ListingSchedule.Limits(
            minimum: minimumFeedInterval,
            maximum: max(minimumFeedInterval, kind == .sitemap ? maximumSitemapInterval : maximumFeedInterval),
            maximumAsked: maximumAskedInterval)
    }

    /// How long to leave a host alone between two requests.
    var politeness: Politeness {
        Politeness(
            minimumDelay: minimumDelay, maximumCrawlDelay: maximumCrawlDelay, responseTimeFactor: responseTimeFactor)
    }

    /// How long a host stays in the hand of a worker that says nothing more: the longest time between two writes of a lease
    /// that lives, which are a delay, a fetch, and a redirect with its own delay and fetch.
    var leaseHold: Duration { (fetchTimeout + max(minimumDelay, maximumCrawlDelay)) * 2 + .seconds(5) }

    /// What the crawler calls itself in requests (RFC 9110, section 10.1.5).
    public var userAgent: String { "\(Self.productToken)/0.1 (+\(contact))" }
}
