public import Fetch
public import Foundation
public import Model
public import WebURL

/// What an outlet's site offers, found out before it is added as a source.
public struct SourceProposal: Sendable {
    /// A feed or sitemap that answered.
    public struct Listing: Sendable, Codable, Equatable {
        /// feed or sitemap.
        public var kind: String
        /// Its URL, after redirects.
        public var url: String
        /// How many entries it has.
        public var items: Int
        /// The date of its newest entry.
        public var newest: Date?
        /// What is wrong with it, if anything.
        public var problem: String?
    }

    /// The home page, after redirects.
    public var homepage: ParsedURL
    /// The name to give the source.
    public var name: String
    /// What robots.txt says of the home page.
    public var robots: String
    /// Feeds and sitemaps.
    public var listings: [Listing]
    /// An article that they name, with its page.
    public var sample: FetchResponse?
    /// What to put into the frontier.
    public var urls: [DiscoveredURL]
}

/// Why an outlet cannot be added.
public struct SourceProbeError: Error, CustomStringConvertible {
    /// What is wrong, with the URL.
    public var message: String

    public var description: String { message }
}

/// Looks at an outlet's site the way the crawler will, one request after another.
public struct SourceProbe: Sendable {
    private static let maximumListings = 12

    private let configuration: CrawlConfiguration
    private let fetcher: FetchClient
    private let discoverer: Discoverer

    /// Makes a probe.
    public init(configuration: CrawlConfiguration, fetcher: FetchClient) {
        self.configuration = configuration
        self.fetcher = fetcher
        discoverer = Discoverer(configuration: configuration)
    }

    /// Looks at a site.
    ///
    /// - Parameter report: told each step, for progress on the terminal.
    /// - Throws: ``SourceProbeError`` when the home page cannot be had or robots.txt forbids it.
    public func probe(_ address: ParsedURL, report: (String) -> Void) async throws -> SourceProposal {
        guard let robotsURL = ParsedURL("/robots.txt", base: address) else {
            throw SourceProbeError(message: "\(address) is no web address")
        }
        report("robots.txt of \(address.host ?? "")")
        let robots = try await RobotsFetcher(fetcher: fetcher, configuration: configuration).fetch(robotsURL) {
            if !$1 { try await pause() }
            return {}
        }
        guard case .rules(let bytes, let status) = robots else {
            throw SourceProbeError(message: "\(robotsURL) does not answer, so nothing may be fetched there now")
        }
        let rules = RobotsRules(bytes)
        guard isAllowed(address, rules) else {
            throw SourceProbeError(message: "\(robotsURL) does not allow \(address)")
        }
        report("home page \(address)")
        let (home, homepage) = try await fetch(address, rules)
        guard (200...299).contains(home.status) else {
            throw SourceProbeError(message: "\(homepage) answers with HTTP \(home.status)")
        }
        let scope = SourceScope(homepage: homepage)
        let found = discoverer.home(
            home.body, at: homepage, contentType: home.headers["Content-Type"], scope: scope, now: Date())
        var proposal = SourceProposal(
            homepage: homepage, name: homepage.host ?? "\(homepage)",
            robots: status == 200
                ? "allowed, robots.txt has \(bytes.count) bytes" : "allowed, no robots.txt (HTTP \(status))",
            listings: [], sample: nil, urls: [])
        var articles: [DiscoveredURL] = []
        for candidate in candidates(found, rules, robotsURL, scope) where proposal.listings.count < Self.maximumListings
        {
            guard let url = ParsedURL(candidate.url), isAllowed(url, rules) else { continue }
            report("\(candidate.kind.rawValue) \(url)")
            try await pause()
            guard let (listing, finding) = await look(at: candidate, url, scope, isGuess: candidate.evidence == "guess")
            else { continue }
            proposal.listings.append(listing)
            guard listing.problem == nil else { continue }
            var known = candidate
            known.evidence = nil
            proposal.urls.append(known)
            articles += finding.urls.filter { $0.kind == .article }
        }
        if proposal.urls.isEmpty {
            // Without feed and sitemap the home page itself is watched for new links.
            if let own = Discoverer.discovered(homepage, kind: .home) { proposal.urls = [own] }
            articles = found.urls.filter { $0.kind == .article }
        }
        proposal.sample = await sample(articles, rules, report)
        return proposal
    }

    /// Leaves the site alone for the delay that is kept between two requests.
    private func pause() async throws { try await Task.sleep(for: configuration.minimumDelay) }

    private func isAllowed(_ url: ParsedURL, _ rules: RobotsRules) -> Bool {
        rules.verdict(for: url.pathAndQuery, productToken: CrawlConfiguration.productToken).isAllowed
    }

    private func fetch(_ address: ParsedURL, _ rules: RobotsRules) async throws -> (FetchResponse, ParsedURL) {
        var url = address
        for _ in 0...configuration.maximumRedirects {
            try await pause()
            let response: FetchResponse
            do {
                response = try await fetcher.fetch(FetchRequest(url: url, maximumBytes: configuration.maximumPageBytes))
            } catch {
                throw SourceProbeError(message: "\(url) cannot be fetched: \(error.message)")
            }
            guard let target = response.redirectTarget else { return (response, url) }
            guard target.isHTTP else { throw SourceProbeError(message: "\(url) redirects to \(target)") }
            url = target.withoutFragment
        }
        throw SourceProbeError(message: "\(address) redirects too often")
    }

    /// Feeds that the page names, sitemaps that robots.txt names, then the usual places.
    private func candidates(
        _ home: Discoverer.Finding, _ rules: RobotsRules, _ robotsURL: ParsedURL, _ scope: SourceScope
    ) -> [DiscoveredURL] {
        let feeds = home.urls.filter { $0.kind == .feed }
        let sitemaps = discoverer.robotsSitemaps(rules, at: robotsURL, scope: scope, now: Date())
        var guesses: [DiscoveredURL] = []
        func guess(_ path: String, _ kind: URLKind) {
            guard let url = ParsedURL(path, base: robotsURL), var candidate = Discoverer.discovered(url, kind: kind)
            else { return }
            candidate.evidence = "guess"
            guesses.append(candidate)
        }
        if feeds.isEmpty { FeedDiscovery.wellKnownPaths.prefix(6).forEach { guess($0, .feed) } }
        if sitemaps.isEmpty { guess("/sitemap.xml", .sitemap) }
        return feeds + sitemaps + guesses
    }

    private func look(
        at candidate: DiscoveredURL, _ url: ParsedURL, _ scope: SourceScope, isGuess: Bool
    ) async -> (SourceProposal.Listing, Discoverer.Finding)? {
        var listing = SourceProposal.Listing(kind: candidate.kind.rawValue, url: url.href, items: 0)
        do {
            let response = try await fetcher.fetch(FetchRequest(url: url, maximumBytes: configuration.maximumFeedBytes))
            guard response.status == 200 else {
                if isGuess { return nil }
                listing.problem = "HTTP \(response.status)"
                return (listing, Discoverer.Finding())
            }
            let type = response.headers["Content-Type"]
            let finding =
                candidate.kind == .feed
                ? try discoverer.feed(response.body, at: url, contentType: type, scope: scope, now: Date())
                : try discoverer.sitemap(response.body, at: url, contentType: type, scope: scope, now: Date())
            listing.items = finding.items
            listing.newest = finding.newest
            return (listing, finding)
        } catch {
            if isGuess { return nil }
            listing.problem = "\(error)"
            return (listing, Discoverer.Finding())
        }
    }

    private func sample(
        _ articles: [DiscoveredURL], _ rules: RobotsRules, _ report: (String) -> Void
    ) async -> FetchResponse? {
        guard let url = articles.lazy.compactMap({ ParsedURL($0.url) }).first(where: { isAllowed($0, rules) }) else {
            return nil
        }
        report("sample article \(url)")
        // A sample that cannot be had is shown as missing; the source may still be added.
        guard let (response, _) = try? await fetch(url, rules), (200...299).contains(response.status) else {
            return nil
        }
        return response
    }
}

extension Frontier {
    /// The frontier's form of a URL that an operator names, or `nil` when it is no web address.
    public static func discovered(_ url: ParsedURL, kind: URLKind) -> DiscoveredURL? {
        Discoverer.discovered(url, kind: kind)
    }
}
