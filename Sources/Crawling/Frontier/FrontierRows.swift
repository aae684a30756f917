public import Captures
public import Foundation
public import Model

/// A host whose lease this worker holds, with what is due there.
public struct LeasedHost: Sendable {
    /// The host's row.
    public var hostID: Int64
    /// The lease's fence.
    public var leaseNumber: Int64
    /// Host name, with the port where it is not the scheme's own.
    public var name: String
    /// robots.txt as it was last fetched, or `nil` when it never was.
    public var robotsText: String?
    /// The status of that answer.
    public var robotsStatus: Int?
    /// When robots.txt has to be fetched again.
    public var robotsExpiresAt: Date?
    /// `Crawl-delay` of robots.txt.
    public var crawlDelay: Duration?
    /// How long the host took for its last answer.
    public var lastResponse: Duration?
    /// What an operator set.
    public var operatorDelay: Duration?
    /// The host's incidents.
    public var backoff: HostBackoff
    /// Until when the host is surely in this worker's hand, if nothing more is written. The clock goes on while a process is
    /// stopped, so a worker that was paused learns from it that its lease is no longer to be trusted.
    public var heldUntil: ContinuousClock.Instant = .now
    /// What is due, most urgent first.
    public var urls: [LeasedURL]
}

/// A URL that is due.
public struct LeasedURL: Sendable {
    /// The URL's row.
    public var urlID: Int64
    /// The URL to fetch.
    public var url: String
    /// What is expected behind it.
    public var kind: URLKind
    /// Its lane.
    public var lane: Lane
    /// The source that it belongs to.
    public var source: LeasedSource?
    /// `ETag` of the last answer.
    public var etag: String?
    /// `Last-Modified` of the last answer.
    public var lastModified: String?
    /// Failed fetches in a row.
    public var attempts: Int
    /// The interval between two looks, for feeds and the like.
    public var interval: Duration?
    /// What feeds and sitemaps said of it, as JSON.
    public var evidence: String?
    /// SHA-256 of the last body.
    public var lastDigest: [UInt8]?
    /// The capture that holds the last body.
    public var lastCaptureID: Int64?
    /// The state in which it is.
    public var state = "known"
    /// How often an article was fetched after its first time.
    public var revisits = 0
    /// New items an hour, of a listing; `nil` before the first look.
    public var itemsPerHour: Double?
    /// The date of the newest item that a listing had so far.
    public var newestItem: Date?
    /// When it was last fetched.
    public var lastFetched: Date?
    /// The status of the last answer.
    public var lastStatus: Int?
    /// When a listing was last seen whole, not as a 304.
    public var lastFullLook: Date?
    /// Until when its 304s are not believed.
    public var distrustedUntil: Date?
    /// How many items a listing had; `nil` before the first look.
    public var itemsSeen: Int?

    /// Whether its body was had before.
    var wasFetched: Bool { lastDigest != nil }

    /// Whether the next request may carry its validators.
    func mayAskConditionally(now: Date) -> Bool {
        kind == .article
            || ConditionalTrust.mayAskConditionally(lastFull: lastFullLook, distrustedUntil: distrustedUntil, now: now)
    }
}

/// What the crawler has to know of a source.
public struct LeasedSource: Sendable, Equatable {
    /// The source's row.
    public var sourceID: Int64
    /// Its home page.
    public var homepage: String
    /// Hosts that it may use besides its own.
    public var allowedHosts: [String]
    /// Which articles are wanted.
    public var rules = SourceRules()
    /// How old an article's first fetch is at each revisit; `nil` for the crawler's own schedule, empty for none.
    public var revisitAges: [Duration]?
    /// An operator decided that the source's certificates are not checked.
    public var acceptsAnyCertificate = false
}

/// A URL that a feed, sitemap or page names.
public struct DiscoveredURL: Sendable, Equatable {
    /// The identity of its canonical form.
    public var identity: [UInt8]
    /// The URL to fetch.
    public var url: String
    /// Host name, with the port where it is not the scheme's own.
    public var host: String
    /// What is expected behind it.
    public var kind: URLKind
    /// Its lane.
    public var lane: Lane
    /// What was said of it, as JSON.
    public var evidence: String?
    /// Its place within the lane: what is greater comes first.
    public var priority = 0
}

/// One finished visit of a URL, to be written.
public struct Visit: Sendable {
    /// What it came to.
    public enum Result: Sendable {
        /// A document for the parse stage.
        case captured(PreparedCapture)
        /// The same as last time.
        case unchanged
        /// A feed, sitemap or home page was read.
        case listed(items: Int, newest: Date?)
        /// It failed for now.
        case failed(String)
        /// The host wants to be left alone; not the URL's fault.
        case postponed(String)
        /// It ends here.
        case dropped(DropReason, String?)
    }

    /// What it came to.
    public var result: Result
    /// HTTP status, where there was an answer.
    public var status: Int?
    /// `ETag` of the answer.
    public var etag: String?
    /// `Last-Modified` of the answer.
    public var lastModified: String?
    /// How long the answer took.
    public var response: Duration?
    /// What it led to.
    public var discovered: [DiscoveredURL] = []
    /// For an article that is ``Result/unchanged``: the answer, to be kept as a revisit without a body.
    public var revisit: Capture?
    /// What the answer's `X-Robots-Tag` and meta robots say.
    public var robotsDirectives: [String]?
    /// The server's address.
    public var serverAddress: String?
    /// There was no answer at all: a time-out, a lost connection, TLS that fails.
    public var isTransportFailure = false
    /// How long the feed asks to be left alone.
    public var askedInterval: Duration?
    /// SHA-256 of a listing's body.
    public var digest: [UInt8]?
    /// Whether the request carried validators.
    public var wasConditional = false
    /// The dates of a listing's items, none in the future.
    public var itemDates: [Date] = []
    /// WebSub hubs that announce a feed's changes, where it was read.
    public var hubs: [String]?
    /// How many links were refused, by reason, as JSON, where a listing was read.
    public var refusals: String?
    /// Links that a watched page has.
    var links: [PageLink] = []
    /// Sitemaps that changed, as their index says, with the time of the change.
    var stale: [StaleListing] = []
    /// The URL that the page calls its canonical form, where both are forms of one page.
    public var twin: DiscoveredURL?

    /// Makes a visit.
    public init(_ result: Result, status: Int? = nil, response: Duration? = nil) {
        self.result = result
        self.status = status
        self.response = response
    }
}

/// A link of a watched page.
struct PageLink: Sendable, Equatable {
    /// The identity of its canonical form.
    var identity: [UInt8]
}

/// A sitemap that an index calls changed.
struct StaleListing: Sendable, Equatable {
    /// The identity of its canonical form.
    var identity: [UInt8]
    /// When it changed.
    var modified: Date
}

/// What the crawler learnt of a host that has to be written at once.
public struct HostSignal: Sendable {
    /// The host is blocked this long.
    public var block: Duration?
    /// Why.
    public var reason: String?
    /// Its incidents.
    public var backoff: HostBackoff
}

/// What a worker is told of a host with each write: an operator may have changed it meanwhile.
public struct HostOrders: Sendable, Equatable {
    /// The host is paused, or blocked by an operator: the lease ends here.
    public var mustStop: Bool
    /// What an operator set.
    public var operatorDelay: Duration?
}

/// What became of a visit that was written.
public struct RecordedVisit: Sendable, Equatable {
    /// How many URLs were new.
    public var added: Int
    /// What an operator wants of the host by now.
    public var orders: HostOrders
}

/// A fresh robots.txt.
public struct FetchedRobots: Sendable {
    /// The text, as far as it counts.
    public var text: String
    /// The answer's status.
    public var status: Int
    /// `Crawl-delay` for this crawler.
    public var crawlDelay: Duration?
    /// How long it is taken as known.
    public var lifetime: Duration
}
