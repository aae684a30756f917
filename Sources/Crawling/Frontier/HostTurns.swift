/// Hosts that are held for a number of requests outside of the released leases, such as those of ``SourceProbe``.
///
/// A host that is asked is held like under any other lease, until all turns are given back, so that no crawl worker contacts it
/// meanwhile, and is not asked while a worker holds it. Between two requests, whatever their hosts, lies the delay of the host that
/// was asked last. When the process dies, the hosts are free once the time of a lease is over.
public actor HostTurns {
    /// A host cannot be asked now.
    struct Refusal: Error {
        /// Why, and what to do.
        let message: String
    }

    private let frontier: Frontier?
    private let configuration: CrawlConfiguration
    private let holder: String
    private let patience: Duration
    private let note: @Sendable (String) -> Void
    private var held: [String: Frontier.Turn] = [:]
    private var crawlDelays: [String: Duration] = [:]
    private var nextRequest = ContinuousClock.now

    /// Makes turns.
    ///
    /// - Parameters:
    ///   - frontier: where the hosts are; `nil` keeps the delays and holds nothing.
    ///   - holder: who asks, as `wireroom host show` names it.
    ///   - patience: how long to wait for a host that is in use.
    ///   - note: told once for each host that it has to be waited for.
    public init(
        frontier: Frontier?, configuration: CrawlConfiguration, holder: String, patience: Duration = .seconds(60),
        note: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.frontier = frontier
        self.configuration = configuration
        self.holder = holder
        self.patience = patience
        self.note = note
    }

    /// Waits until a host may be asked for something.
    ///
    /// - Throws: ``Refusal`` when it is paused, blocked, or in use for too long.
    func take(_ host: String) async throws {
        if let frontier {
            if let turn = held[host] {
                guard try await frontier.renew(turn) else {
                    let (words, _) = try await frontier.obstacle(on: host)
                    throw Refusal(message: "\(words); the turn on it was taken away")
                }
            } else {
                held[host] = try await acquire(host, frontier)
            }
        }
        try await Task.sleep(until: nextRequest)
    }

    private func acquire(_ host: String, _ frontier: Frontier) async throws -> Frontier.Turn {
        let deadline = ContinuousClock.now + patience
        var isNoted = false
        while true {
            let own = held.values.map(\.hostID)
            if let turn = try await frontier.takeTurn(on: host, as: holder, besides: own) { return turn }
            let (words, mayPass) = try await frontier.obstacle(on: host)
            guard mayPass else { throw Refusal(message: words) }
            guard ContinuousClock.now < deadline else {
                throw Refusal(message: "\(words), for \(patience) by now; try again in a minute")
            }
            if !isNoted { note("waiting: \(words)") }
            isNoted = true
            // Oftener than a release looks for hosts, so that one which is never without work has its turn nevertheless.
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Notes that a host has answered, or failed to.
    func answered(_ host: String, in time: Duration?) {
        if let time { held[host]?.lastResponse = time }
        nextRequest = .now + delay(of: host, lastResponse: time)
    }

    /// Notes what a host's robots.txt asks for.
    func heed(crawlDelay: Duration?, of host: String) {
        crawlDelays[host] = crawlDelay ?? .zero
        nextRequest = max(nextRequest, .now + delay(of: host, lastResponse: nil))
    }

    private func delay(of host: String, lastResponse: Duration?) -> Duration {
        let turn = held[host]
        return configuration.politeness.delay(
            operatorDelay: turn?.operatorDelay, crawlDelay: crawlDelays[host] ?? turn?.crawlDelay,
            lastResponse: lastResponse ?? turn?.lastResponse)
    }

    /// Ends all turns; each host is left alone for its delay from now on.
    func giveBack() async throws {
        let hosts = held
        for (host, turn) in hosts {
            try await frontier?.giveBack([turn], delay: delay(of: host, lastResponse: nil))
            held[host] = nil
        }
    }
}
