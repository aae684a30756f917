internal import Captures
internal import Foundation
internal import Model

/// What a visit does to its URL's row: pure.
struct URLChange {
    var state: String?
    var reason: String?
    var attempts = 0
    var due: Duration?
    var interval: Duration?
    var hasValidators = false
    var error: String?
    var digest: [UInt8]?
    var items: Int?
    var newest: Date?
    /// New items an hour, of a listing.
    var rate: Double?
    /// Whether the whole body was seen, so that conditional requests may be believed for another while.
    var isFullLook = false
    /// Whether a 304 was proven wrong.
    var isDistrusted = false
    /// How often an article was fetched after its first time.
    var revisits: Int?

    /// - Parameters:
    ///   - newItems: how many URLs of a listing were new.
    ///   - jitter: 0 to 1; lengthens intervals by up to a tenth, so that listings that were added together drift apart.
    init(
        url: LeasedURL, visit: Visit, newItems: Int, configuration: CrawlConfiguration, now: Date = Date(),
        jitter: Double = 0
    ) {
        let isSource = url.kind != .article
        let stretch = 1 + min(max(jitter, 0), 1) / 10
        switch visit.result {
        case .captured(let prepared):
            state = "captured"
            digest = prepared.digest
            hasValidators = true
            revisit(url, configuration, stretch)
        case .unchanged:
            if isSource {
                renew(url, visit, newItems: 0, configuration, now, stretch)
            } else {
                revisit(url, configuration, stretch)
            }
            hasValidators = visit.status == 200
        case .listed(let count, let newestItem):
            hasValidators = true
            items = count
            newest = newestItem
            digest = visit.digest
            renew(url, visit, newItems: newItems, configuration, now, stretch)
        case .failed(let message):
            error = message
            attempts = url.attempts + 1
            due = RevisitSchedule.afterFailure(attempts, isSource: isSource).map { isSource ? $0 * stretch : $0 }
            // An article that was fetched before stays what it is; only its revisits end.
            if due == nil, !url.wasFetched {
                state = "dropped"
                reason = DropReason.unreachable.rawValue
            }
        case .postponed(let message):
            error = message
            attempts = url.attempts
            due = .seconds(1)
        case .dropped(let dropReason, let message):
            error = message
            reason = dropReason.rawValue
            if isSource {
                // A feed that is gone may come back; it is looked at once a day.
                attempts = url.attempts + 1
                due = RevisitSchedule.afterFailure(max(attempts, 4), isSource: true).map { $0 * stretch }
            } else if !url.wasFetched {
                state = "dropped"
            }
        }
    }

    /// Looks at a listing again after its own rate of new items.
    private mutating func renew(
        _ url: LeasedURL, _ visit: Visit, newItems: Int, _ configuration: CrawlConfiguration, _ now: Date,
        _ stretch: Double
    ) {
        // What another listing named before is new here all the same: its date tells.
        let newest = url.newestItem ?? .distantFuture
        let fresh = max(newItems, visit.itemDates.count { $0 > newest })
        let rate = ListingSchedule.rate(
            previous: url.itemsPerHour, newItems: fresh, since: url.lastFetched, dates: visit.itemDates, now: now)
        let interval = ListingSchedule.interval(
            rate: rate, asked: visit.askedInterval, limits: configuration.listingLimits(url.kind))
        self.rate = rate
        self.interval = interval
        due = interval * stretch
        isFullLook = visit.status.map { (200...299).contains($0) } ?? false
        guard isFullLook, !visit.wasConditional, url.lastStatus == 304 else { return }
        let isSame = visit.etag == url.etag && visit.lastModified == url.lastModified
        isDistrusted = ConditionalTrust.isProvenWrong(
            ConditionalTrust.Evidence(
                lastLook: url.lastFetched, newestItem: url.newestItem,
                hasSameValidators: isSame && (visit.etag ?? visit.lastModified) != nil,
                hasSameBody: visit.digest != nil && visit.digest == url.lastDigest, newItems: newItems,
                dates: visit.itemDates))
    }

    /// Looks at an article again while it is young. What was published long ago is not corrected any more, and a page that
    /// turned out to be no article gets one more chance only.
    private mutating func revisit(_ url: LeasedURL, _ configuration: CrawlConfiguration, _ stretch: Double) {
        guard url.kind == .article, url.lane == .live else { return }
        let done = url.wasFetched ? min(url.revisits + 1, 1_000) : 0
        revisits = done
        if url.state == "dropped", done > 0 { return }
        let ages = url.source?.revisitAges ?? configuration.revisitAges
        due = RevisitSchedule.nextRevisit(after: done, ages: ages).map { $0 * stretch }
    }
}
