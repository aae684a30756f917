public import Foundation

/// How long to leave a host alone between two requests.
public struct Politeness: Sendable {
    /// The least delay.
    public var minimumDelay: Duration
    /// The most that robots.txt may ask for, and that a slow answer may come to.
    public var maximumCrawlDelay: Duration
    /// How many times the last response time to wait at least.
    public var responseTimeFactor: Double

    /// Makes the rule.
    public init(minimumDelay: Duration, maximumCrawlDelay: Duration, responseTimeFactor: Double) {
        self.minimumDelay = minimumDelay
        self.maximumCrawlDelay = maximumCrawlDelay
        self.responseTimeFactor = responseTimeFactor
    }

    /// The delay before the next request.
    ///
    /// - Parameters:
    ///   - operatorDelay: what an operator set for the host; nothing else counts then.
    ///   - crawlDelay: what the host's robots.txt asks for.
    ///   - lastResponse: how long the host took for its last answer.
    public func delay(operatorDelay: Duration?, crawlDelay: Duration?, lastResponse: Duration?) -> Duration {
        if let operatorDelay { return operatorDelay }
        let asked = max(crawlDelay ?? .zero, (lastResponse ?? .zero) * responseTimeFactor)
        return max(minimumDelay, min(asked, maximumCrawlDelay))
    }
}

/// Blocks a host that is in trouble: 60 s, doubled with each incident up to a day, forgiven after 30 quiet minutes.
public struct HostBackoff: Sendable, Equatable {
    /// How many incidents count.
    public var level: Int
    /// When the newest one was.
    public var lastIncident: Date?

    /// How long the first incident blocks.
    public var base: Duration

    /// Makes the state.
    public init(level: Int, lastIncident: Date?, base: Duration = .seconds(60)) {
        self.level = level
        self.lastIncident = lastIncident
        self.base = base
    }

    /// Notes an incident.
    ///
    /// - Parameters:
    ///   - retryAfter: what the host itself asked for; honoured up to 24 h.
    ///   - jitter: 0 to 1; adds up to a quarter, so that blocked hosts do not come back together.
    /// - Returns: how long to leave the host alone.
    public mutating func incident(now: Date, retryAfter: Duration?, jitter: Double) -> Duration {
        if let lastIncident, now.timeIntervalSince(lastIncident) > 1800 + blockSeconds(level) { level = 0 }
        level = min(level + 1, 20)
        lastIncident = now
        let seconds = blockSeconds(level) * (1 + min(max(jitter, 0), 1) / 4)
        return max(.seconds(seconds), min(retryAfter ?? .zero, .seconds(86_400)))
    }

    private func blockSeconds(_ level: Int) -> Double {
        level == 0 ? 0 : min(base.seconds * Double(1 << (level - 1)), 86_400)
    }
}
