internal import CoreMetrics
internal import Fetch
internal import Foundation
internal import Logging
internal import Model
internal import Pipeline
internal import ServiceLifecycle
internal import WebURL

/// Runs one lease: fetches what is due on one host, one after another with the host's delay, and writes each visit as it
/// comes.
struct LeaseRunner: Sendable {
    let configuration: CrawlConfiguration
    let frontier: Frontier
    let fetcher: FetchClient
    let discoverer: Discoverer
    let metrics: CrawlMetrics
    let logger: Logger
    private let writer: VisitWriter

    /// What a feed or sitemap may be.
    static let listingAcceptHeader =
        "application/atom+xml,application/rss+xml,application/feed+json,application/xml;q=0.9,text/xml;q=0.9,*/*;q=0.5"

    init(
        configuration: CrawlConfiguration, frontier: Frontier, fetcher: FetchClient, discoverer: Discoverer,
        metrics: CrawlMetrics = CrawlMetrics(factory: NOOPMetricsHandler.instance), logger: Logger
    ) {
        self.metrics = metrics
        self.configuration = configuration
        self.frontier = frontier
        self.fetcher = fetcher
        self.discoverer = discoverer
        self.logger = logger
        writer = VisitWriter(frontier: frontier)
    }

    /// How a lease ended.
    struct Report: Sendable {
        /// How many URLs were visited.
        var visits = 0
        /// How long the host is left alone after it.
        var delay: Duration = .zero
    }

    /// Runs the lease.
    ///
    /// - Throws: ``LeaseLost`` when a newer lease was given meanwhile, or may have been.
    func run(_ leased: LeasedHost) async throws -> Report {
        await writer.beginLease()
        do {
            let report = try await visitAll(of: leased)
            await writer.endLease()
            return report
        } catch {
            await writer.endLease()
            throw error
        }
    }

    private func visitAll(of leased: LeasedHost) async throws -> Report {
        var host = leased
        var report = Report()
        guard let first = host.urls.first, let firstURL = ParsedURL(first.url) else { return report }
        let deadline = ContinuousClock.now + configuration.leaseDuration
        var last: Duration? = host.lastResponse
        let isAsking = (host.robotsExpiresAt ?? .distantPast) <= Date()
        guard let rules = try await robots(of: &host, like: firstURL, source: first.source) else { return report }
        // robots.txt was a request too: the delay counts from it, even if no page follows.
        if isAsking { report.delay = delay(on: host, last: last) }
        var failures = 0
        for url in host.urls {
            guard ContinuousClock.now < deadline else { break }
            // A stop or a pause waits for the page in hand, not for the whole lease; what is left is released again.
            if Task.isCancelled || Task.isShuttingDownGracefully || StagePause.isRequested { break }
            if report.visits > 0 || isAsking { try await Task.sleep(for: delay(on: host, last: last)) }
            let memory = url.kind == .home ? try await frontier.pageMemory(of: url.urlID) : PageMemory()
            var (visit, signal) = try await self.visit(url, on: host, rules: rules, last: last, memory: memory)
            failures = visit.isTransportFailure ? failures + 1 : 0
            // Not this page but the host is in trouble when two in a row bring no answer at all.
            if signal == nil, failures >= 2 {
                signal = incident(on: host, reason: "no answer twice in a row", retryAfter: nil)
            }
            last = visit.response ?? last
            report.delay = delay(on: host, last: last)
            let begun = ContinuousClock.now
            let recorded = try await writer.record(
                VisitEntry(visit: visit, url: url, host: host, delay: report.delay, signal: signal))
            metrics.count(visit, of: url.kind, signal: signal)
            report.visits += 1
            if signal?.block != nil || recorded.orders.mustStop { break }
            host.operatorDelay = recorded.orders.operatorDelay
            host.heldUntil = begun + hold(of: host)
        }
        return report
    }

    private func delay(on host: LeasedHost, last: Duration?) -> Duration {
        configuration.politeness.delay(
            operatorDelay: host.operatorDelay, crawlDelay: host.crawlDelay, lastResponse: last)
    }

    /// How long the host stays ours after a write.
    private func hold(of host: LeasedHost) -> Duration {
        configuration.leaseHold + (host.operatorDelay ?? .zero) * 2
    }

    // MARK: robots.txt

    /// The host's rules, fetched when they are out of date; `nil` when the host has to be left alone for now (RFC 9309, 2.3.1).
    private func robots(
        of host: inout LeasedHost, like url: ParsedURL, source: LeasedSource?
    ) async throws -> RobotsRules? {
        if let expires = host.robotsExpiresAt, expires > Date() {
            return RobotsRules(Array((host.robotsText ?? "").utf8))
        }
        guard let address = ParsedURL("/robots.txt", base: url) else { return nil }
        let begun = ContinuousClock.now
        let answer = try await RobotsFetcher(fetcher: fetcher, configuration: configuration).fetch(
            address, acceptsAnyCertificate: source?.acceptsAnyCertificate ?? false,
            turn: { [host] url, isFirst in try await turn(for: url, on: host, isFirst: isFirst) })
        switch answer {
        case .rules(let bytes, let status):
            let rules = RobotsRules(bytes)
            host.crawlDelay = rules.crawlDelay(productToken: CrawlConfiguration.productToken).map { .seconds($0) }
            let text = String(decoding: bytes.prefix(RobotsRules.maximumBytes), as: UTF8.self)
            let fresh = FetchedRobots(
                text: text, status: status, crawlDelay: host.crawlDelay, lifetime: configuration.robotsLifetime)
            let sitemaps =
                scope(of: source).map { discoverer.robotsSitemaps(rules, at: address, scope: $0, now: Date()) } ?? []
            try await frontier.record(
                fresh, on: host, delay: delay(on: host, last: host.lastResponse), sitemaps: sitemaps,
                sourceID: source?.sourceID)
            host.heldUntil = begun + hold(of: host)
            return rules
        case .unreachable(let reason, let retryAfter):
            // An older copy still counts while the new one cannot be had; without one everything is disallowed.
            if let text = host.robotsText { return RobotsRules(Array(text.utf8)) }
            try await frontier.block(
                host, signal: incident(on: host, reason: "robots.txt: \(reason)", retryAfter: retryAfter),
                delay: delay(on: host, last: host.lastResponse))
            return nil
        case .occupied(let other):
            // Not the host's fault: a little later the other one is free.
            let signal = HostSignal(
                block: .seconds(10), reason: "robots.txt is on \(other), which is in use", backoff: host.backoff)
            try await frontier.block(host, signal: signal, delay: delay(on: host, last: host.lastResponse))
            return nil
        }
    }

    /// Waits for the moment at which a robots.txt may be asked for: on the leased host after its delay, on another one, to
    /// which a redirect leads, with a turn of its own.
    ///
    /// - Returns: what gives the turn back; `nil` when the other host is in use or blocked.
    private func turn(
        for url: ParsedURL, on host: LeasedHost, isFirst: Bool
    ) async throws -> (@Sendable () async throws -> Void)? {
        guard let target = Discoverer.discovered(url, kind: .home), target.host != host.name else {
            if !isFirst { try await Task.sleep(for: delay(on: host, last: host.lastResponse)) }
            guard ContinuousClock.now + configuration.fetchTimeout <= host.heldUntil else { throw LeaseLost() }
            return {}
        }
        return try await frontier.borrow(target.host)
    }

    func scope(of source: LeasedSource?) -> SourceScope? {
        guard let source, let homepage = ParsedURL(source.homepage) else { return nil }
        return SourceScope(homepage: homepage, allowedHosts: source.allowedHosts, rules: source.rules)
    }

    func incident(on host: LeasedHost, reason: String, retryAfter: Duration?) -> HostSignal {
        var backoff = host.backoff
        backoff.base = configuration.firstBlock
        let block = backoff.incident(now: Date(), retryAfter: retryAfter, jitter: Double.random(in: 0...1))
        logger.notice(
            "A host is left alone for a while",
            metadata: [
                "http.host": "\(host.name)", "reason": "\(reason)", "duration.ms": "\(block / .milliseconds(1))",
            ])
        return HostSignal(block: block, reason: reason, backoff: backoff)
    }

    // MARK: Pages

    private func visit(
        _ leased: LeasedURL, on host: LeasedHost, rules: RobotsRules, last: Duration?, memory: PageMemory
    ) async throws -> (Visit, HostSignal?) {
        guard var url = ParsedURL(leased.url), url.isHTTP else {
            return (Visit(.dropped(.badRedirect, "not a web address")), nil)
        }
        if let refused = refusal(of: leased, at: url) { return (refused, nil) }
        var chain: [String] = []
        let started = ContinuousClock.now
        while true {
            let verdict = rules.verdict(for: url.pathAndQuery, productToken: CrawlConfiguration.productToken)
            guard verdict.isAllowed else {
                let rule = verdict.rule.map { "Disallow: \($0)" } ?? "everything"
                return (Visit(.dropped(.robotsDisallowed, "\(rule) forbids \(url.href)")), nil)
            }
            // A process that was stopped for a while must not go on with a lease that another one may have by now.
            guard ContinuousClock.now + configuration.fetchTimeout <= host.heldUntil else { throw LeaseLost() }
            let response: FetchResponse
            do {
                response = try await fetcher.fetch(request(for: leased, at: url, on: host, isFirst: chain.isEmpty))
            } catch {
                return failure(error, leased, host)
            }
            guard let target = response.redirectTarget else {
                return await answer(response, to: leased, at: url, chain: chain, host, memory)
            }
            chain.append(url.href)
            if chain.count > configuration.maximumRedirects || chain.contains(target.withoutFragment.href) {
                return (
                    Visit(.dropped(.badRedirect, "redirects in a circle or too often"), status: response.status), nil
                )
            }
            if ContinuousClock.now - started > configuration.fetchTimeout {
                return (Visit(.failed("redirects too slowly"), status: response.status), nil)
            }
            if let outcome = leave(to: target, from: leased, host, response) { return (outcome, nil) }
            url = target.withoutFragment
            // Cancelled: the fetch that follows ends at once.
            try? await Task.sleep(for: delay(on: host, last: response.timings.total))
        }
    }

    /// Why an article is not fetched although it was taken up: its source's rules were changed, or it is a trap.
    private func refusal(of leased: LeasedURL, at url: ParsedURL) -> Visit? {
        guard leased.kind == .article, let scope = scope(of: leased.source) else { return nil }
        if let trap = Discoverer.trap(in: url, now: Date()) { return Visit(.dropped(.urlTrap, trap.rawValue)) }
        // What was had once is looked at again however old it has become meanwhile.
        let published = leased.wasFetched ? nil : leased.evidence.flatMap(ListingEvidence.init(json:))?.published
        guard let reason = scope.refusal(of: url, date: published, now: Date()) else { return nil }
        return Visit(.dropped(.outOfScope, reason.rawValue))
    }

    /// What a redirect that leaves the host, or leads into a trap, comes to; `nil` when it stays.
    private func leave(
        to target: ParsedURL, from leased: LeasedURL, _ host: LeasedHost, _ response: FetchResponse
    ) -> Visit? {
        guard target.isHTTP, !target.hasCredentials, let discovered = Discoverer.discovered(target, kind: leased.kind)
        else {
            return Visit(.dropped(.badRedirect, "redirects to \(target)"), status: response.status)
        }
        if let trap = Discoverer.trap(in: target, now: Date()) {
            return Visit(.dropped(.urlTrap, "redirects to \(target): \(trap.rawValue)"), status: response.status)
        }
        if discovered.host == host.name { return nil }
        if let refusal = fetcher.refusal(of: target) {
            return Visit(.dropped(.badRedirect, "redirects to \(target): \(refusal.rawValue)"), status: response.status)
        }
        guard scope(of: leased.source)?.contains(target) ?? true else {
            return Visit(.dropped(.badRedirect, "redirects out of the source to \(target)"), status: response.status)
        }
        // Another host has a lease of its own.
        var visit = Visit(
            .dropped(.moved, "redirects to \(target)"), status: response.status, response: response.timings.total)
        visit.discovered = [discovered]
        return visit
    }

    private func request(
        for leased: LeasedURL, at url: ParsedURL, on host: LeasedHost, isFirst: Bool
    ) -> FetchRequest {
        let isListing = leased.kind == .feed || leased.kind == .sitemap
        var request = FetchRequest(
            url: url, maximumBytes: isListing ? configuration.maximumFeedBytes : configuration.maximumPageBytes)
        if isListing {
            request.acceptHeader = Self.listingAcceptHeader
        }
        request.allowsInvalidCertificate = leased.source?.acceptsAnyCertificate ?? false
        request.latestStart = host.heldUntil - configuration.fetchTimeout
        if isFirst, leased.mayAskConditionally(now: Date()) {
            request.ifNoneMatch = leased.etag
            request.ifModifiedSince = leased.lastModified
        }
        return request
    }

    private func failure(_ error: FetchError, _ leased: LeasedURL, _ host: LeasedHost) -> (Visit, HostSignal?) {
        switch error.code {
        case .addressRefused: return (Visit(.dropped(.addressRefused, error.message)), nil)
        case .tooLarge: return (Visit(.dropped(.tooLarge, error.message)), nil)
        case .invalidRequest: return (Visit(.dropped(.badRedirect, error.message)), nil)
        case .cancelled, .closed: return (Visit(.postponed(error.message)), nil)
        case .dnsFailure, .connectFailed:
            // The host is in trouble, not this URL; a URL that fails alone comes back through its own ladder.
            return (Visit(.failed(error.message)), incident(on: host, reason: error.shortDescription, retryAfter: nil))
        default:
            var visit = Visit(.failed(error.message))
            visit.isTransportFailure = true
            return (visit, nil)
        }
    }
}
