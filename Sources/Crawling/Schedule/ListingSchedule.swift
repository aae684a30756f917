public import Foundation

/// When to look at a feed, a sitemap or a watched page again, from its own history of new items.
///
/// The rate of new items is an exponentially weighted mean over time (memory 12 h), so that an outlet that sleeps at night
/// is asked less by night and often again in the morning. Looks come four times as often as items: at a steady rate an item
/// waits an eighth of the mean gap between two of them, and three of four looks cost a `304` only.
public enum ListingSchedule {
    /// How many looks there are for one new item.
    static let looksPerItem = 4.0
    /// After how many hours an observation has lost all but 1/e of its weight.
    static let memoryHours = 12.0
    /// What is assumed of a listing whose items have no dates: items an hour.
    static let unknownRate = 0.5
    /// The highest rate that counts, so that one burst does not hold the interval down for days.
    static let maximumRate = 1_000.0

    /// The rate of new items after a look, in items an hour.
    ///
    /// - Parameters:
    ///   - previous: the rate before, or `nil` at the first look: then the items' own dates tell.
    ///   - newItems: how many items were new.
    ///   - since: when it was looked at before.
    ///   - dates: the items' dates, none in the future.
    public static func rate(previous: Double?, newItems: Int, since: Date?, dates: [Date], now: Date) -> Double {
        guard let previous, let since else { return firstRate(dates: dates, now: now) }
        let hours = max(now.timeIntervalSince(since) / 3600, 1.0 / 3600)
        let weight = 1 - exp(-hours / memoryHours)
        let observed = min(Double(max(newItems, 0)) / hours, maximumRate)
        return max(0, min(previous, maximumRate) * (1 - weight) + observed * weight)
    }

    /// The rate that the dates of a week tell: items from the oldest of them to now.
    private static func firstRate(dates: [Date], now: Date) -> Double {
        guard !dates.isEmpty else { return unknownRate }
        let recent = dates.filter { now.timeIntervalSince($0) < 7 * 86_400 }
        guard let oldest = recent.min() else { return 0 }
        return min(Double(recent.count) / max(now.timeIntervalSince(oldest) / 3600, 1), maximumRate)
    }

    /// The time to the next look.
    ///
    /// - Parameters:
    ///   - asked: how long the publisher asks to be left alone (`ttl`, `sy:updatePeriod`, `Cache-Control`).
    ///   - limits: the shortest and the longest time, and the most that a publisher may ask for.
    public static func interval(rate: Double, asked: Duration?, limits: Limits) -> Duration {
        let wanted = rate > 0 ? Duration.seconds(min(3600 / (rate * looksPerItem), 1e9)) : limits.maximum
        let floor = max(limits.minimum, min(asked ?? .zero, limits.maximumAsked))
        return max(floor, min(wanted, max(limits.maximum, floor)))
    }

    /// Between which bounds an interval lies.
    public struct Limits: Sendable, Equatable {
        /// The shortest time between two looks.
        public var minimum: Duration
        /// The longest time between two looks.
        public var maximum: Duration
        /// The longest time that a publisher's wish counts for.
        public var maximumAsked: Duration

        /// Makes limits.
        public init(minimum: Duration, maximum: Duration, maximumAsked: Duration) {
            self.minimum = minimum
            self.maximum = maximum
            self.maximumAsked = maximumAsked
        }
    }
}

/// Whether a listing's conditional requests can be trusted.
///
/// Some servers answer `304 Not Modified` although there is something new: behind a cache with a wrong key, or with an
/// `ETag` that never changes. So a listing that has given nothing but 304s for a while is fetched without conditions, and
/// one that is caught is not asked conditionally for a month.
enum ConditionalTrust {
    /// How long only 304s are believed.
    static let unconditionalInterval: TimeInterval = 86_400
    /// How long a listing that was caught is fetched without conditions.
    static let distrust: TimeInterval = 30 * 86_400
    /// An item may be dated this long before it is published.
    private static let dateTolerance: TimeInterval = 900

    /// Whether the next request may be conditional.
    static func mayAskConditionally(lastFull: Date?, distrustedUntil: Date?, now: Date) -> Bool {
        if let distrustedUntil, distrustedUntil > now { return false }
        guard let lastFull else { return true }
        return now.timeIntervalSince(lastFull) < unconditionalInterval
    }

    /// What is known of a listing when it was fetched without conditions after a 304.
    struct Evidence {
        var lastLook: Date?
        var newestItem: Date?
        var hasSameValidators: Bool
        var hasSameBody: Bool
        var newItems: Int
        var dates: [Date]
    }

    /// Whether the 304 before was wrong: another body under the same validators, or new items that are older than the 304.
    static func isProvenWrong(_ evidence: Evidence) -> Bool {
        guard !evidence.hasSameBody else { return false }
        if evidence.hasSameValidators { return true }
        guard evidence.newItems > 0, let lastLook = evidence.lastLook else { return false }
        let newest = evidence.newestItem ?? .distantPast
        return evidence.dates.contains { $0 > newest && $0 < lastLook - dateTolerance }
    }
}
