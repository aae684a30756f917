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
        /// Its URL, after redirects that are for good.
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
    /// Feeds and sitemaps; of a sitemap index some of its sitemaps too.
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

/// Looks at an outlet's site the way the crawler will, one request after another, with a turn on each host that it asks.
public struct SourceProbe: Sendable {
    let configuration: CrawlConfiguration
    let discoverer: Discoverer
    private let fetcher: FetchClient
    private let turns: HostTurns
    private let allowedHosts: [String]
    private let rules: SourceRules
    private let acceptsAnyCertificate: Bool

    /// Makes a probe.
    ///
    /// - Parameters:
    ///   - turns: the hosts' turns; all of them are given back in the end. Without it only the delays are kept.
    ///   - allowedHosts: hosts that the source may use besides its own.
    ///   - rules: which of its articles are wanted.
    ///   - acceptsAnyCertificate: whether the source's certificates are left unchecked.
    public init(
        configuration: CrawlConfiguration, fetcher: FetchClient, turns: HostTurns? = nil, allowedHosts: [String] = [],
        rules: SourceRules = SourceRules(), acceptsAnyCertificate: Bool = false
    ) {
        self.configuration = configuration
        self.fetcher = fetcher
        self.allowedHosts = allowedHosts
        self.rules = rules
        self.turns = turns ?? HostTurns(frontier: nil, configuration: configuration, holder: "probe")
        self.acceptsAnyCertificate = acceptsAnyCertificate
        discoverer = Discoverer(configuration: configuration)
    }

    /// Looks at a site.
    ///
    /// - Parameter report: told each step, for progress on the terminal.
    /// - Throws: ``SourceProbeError`` when the home page cannot be had or robots.txt forbids it, or its host is in use.
    public func probe(_ address: ParsedURL, report: (String) -> Void) async throws -> SourceProposal {
        let proposal: SourceProposal
        do {
            proposal = try await look(at: address, report)
        } catch {
            // The error that led here says more; a turn that cannot be given back runs out by itself.
            try? await turns.giveBack()
            throw (error as? HostTurns.Refusal).map { SourceProbeError(message: $0.message) } ?? error
        }
        try await turns.giveBack()
        return proposal
    }

    private func look(at address: ParsedURL, _ report: (String) -> Void) async throws -> SourceProposal {
        var book = RobotsBook()
        _ = try await allowing(address, &book, report)
        report("home page \(address)")
        let page = try await fetch(address, maximumBytes: configuration.maximumPageBytes, &book, report)
        let (home, homepage) = (page.response, page.url)
        guard (200...299).contains(home.status) else {
            throw SourceProbeError(message: "\(homepage) answers with HTTP \(home.status)")
        }
        let robots = try await allowing(homepage, &book, report)
        let scope = SourceScope(homepage: homepage, allowedHosts: allowedHosts, rules: rules)
        let found = discoverer.home(
            home.body, at: homepage, contentType: home.headers["Content-Type"], scope: scope, now: Date())
        var proposal = SourceProposal(
            homepage: homepage, name: homepage.host ?? "\(homepage)", robots: robots.words, listings: [], sample: nil,
            urls: [])
        var articles = try await findListings(of: found, robots, scope, &proposal, &book, report)
        if proposal.urls.isEmpty {
            // Without feed and sitemap the home page itself is watched for new links.
            if let own = Discoverer.discovered(homepage, kind: .home) { proposal.urls = [own] }
            articles = found.urls.filter { $0.kind == .article }
        }
        proposal.sample = try await sample(articles, &book, report)
        return proposal
    }

    // MARK: Requests

    /// A host's robots.txt, as it was had.
    struct Robots {
        var address: ParsedURL
        var rules: RobotsRules
        /// What it says, for people.
        var words: String

        func allows(_ url: ParsedURL) -> Bool {
            rules.verdict(for: url.pathAndQuery, productToken: CrawlConfiguration.productToken).isAllowed
        }
    }

    /// What is known of the hosts' robots.txt, by origin; one that cannot be had is asked for once as well.
    struct RobotsBook {
        var pages: [String: Result<Robots, SourceProbeError>] = [:]
    }

    /// The robots.txt that allows a URL.
    ///
    /// - Throws: ``SourceProbeError`` when it does not, or does not answer.
    func allowing(
        _ url: ParsedURL, _ book: inout RobotsBook, _ report: (String) -> Void
    ) async throws -> Robots {
        let robots = try await robots(of: url, &book, report)
        guard robots.allows(url) else {
            throw SourceProbeError(message: "\(robots.address) does not allow \(url)")
        }
        return robots
    }

    func robots(
        of url: ParsedURL, _ book: inout RobotsBook, _ report: (String) -> Void
    ) async throws -> Robots {
        guard let origin = url.origin, let address = ParsedURL("/robots.txt", base: url)?.withoutFragment else {
            throw SourceProbeError(message: "\(url) is no web address")
        }
        if let known = book.pages[origin] { return try known.get() }
        report("robots.txt of \(url.host ?? "")")
        let answer = try await RobotsFetcher(fetcher: fetcher, configuration: configuration).fetch(
            address, acceptsAnyCertificate: acceptsAnyCertificate
        ) { [turns] url, _ in
            let host = try Self.host(of: url)
            try await turns.take(host)
            return { await turns.answered(host, in: nil) }
        }
        guard case .rules(let bytes, let status) = answer else {
            var reason = ""
            if case .unreachable(let words, _) = answer { reason = ": \(words)" }
            let error = SourceProbeError(
                message: "\(address) does not answer, so nothing may be fetched there now\(reason)")
            book.pages[origin] = .failure(error)
            throw error
        }
        let rules = RobotsRules(bytes)
        let crawlDelay = rules.crawlDelay(productToken: CrawlConfiguration.productToken)
        await turns.heed(crawlDelay: crawlDelay.map { .seconds($0) }, of: try Self.host(of: url))
        let words =
            status == 200 ? "allowed, robots.txt has \(bytes.count) bytes" : "allowed, no robots.txt (HTTP \(status))"
        let robots = Robots(address: address, rules: rules, words: words)
        book.pages[origin] = .success(robots)
        return robots
    }

    private static func host(of url: ParsedURL) throws -> String {
        guard let host = Discoverer.discovered(url, kind: .home)?.host else {
            throw SourceProbeError(message: "\(url) is no web address")
        }
        return host
    }

    private func request(
        _ url: ParsedURL, maximumBytes: Int, acceptHeader: String?
    ) async throws -> FetchResponse {
        let host = try Self.host(of: url)
        try await turns.take(host)
        var request = FetchRequest(url: url, maximumBytes: maximumBytes)
        if let acceptHeader { request.acceptHeader = acceptHeader }
        request.allowsInvalidCertificate = acceptsAnyCertificate
        do {
            let response = try await fetcher.fetch(request)
            await turns.answered(host, in: response.timings.total)
            return response
        } catch {
            await turns.answered(host, in: nil)
            throw error
        }
    }

    /// An answer behind any redirects.
    struct Fetched {
        var response: FetchResponse
        /// Where it came from.
        var url: ParsedURL
        /// The address to ask from now on: behind those redirects that are for good.
        var lasting: ParsedURL
    }

    /// Fetches what robots.txt allows, each hop of its redirects likewise.
    func fetch(
        _ address: ParsedURL, maximumBytes: Int, acceptHeader: String? = nil, _ book: inout RobotsBook,
        _ report: (String) -> Void
    ) async throws -> Fetched {
        var url = address
        var lasting = address
        for _ in 0...configuration.maximumRedirects {
            _ = try await allowing(url, &book, report)
            let response: FetchResponse
            do {
                response = try await request(url, maximumBytes: maximumBytes, acceptHeader: acceptHeader)
            } catch let error as FetchError {
                throw SourceProbeError(message: "\(url) cannot be fetched: \(error.message)")
            }
            guard let target = response.redirectTarget else {
                return Fetched(response: response, url: url, lasting: lasting)
            }
            guard target.isHTTP else { throw SourceProbeError(message: "\(url) redirects to \(target)") }
            let isForGood = response.status == 301 || response.status == 308
            if isForGood, lasting == url { lasting = target.withoutFragment }
            url = target.withoutFragment
        }
        throw SourceProbeError(message: "\(address) redirects too often")
    }
}

extension Frontier {
    /// The frontier's form of a URL that an operator names, or `nil` when it is no web address.
    public static func discovered(_ url: ParsedURL, kind: URLKind) -> DiscoveredURL? {
        Discoverer.discovered(url, kind: kind)
    }
}
