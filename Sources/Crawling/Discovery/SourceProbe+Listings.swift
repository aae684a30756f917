internal import Fetch
internal import Foundation
internal import Model
internal import WebURL

/// What a site offers: its feeds, its sitemaps, and an article of them.
extension SourceProbe {
    private static let maximumListings = 12
    /// Sitemaps of an index that are looked at for an article.
    private static let maximumParts = 3
    /// Feeds on hosts of others that are named.
    private static let maximumForeignFeeds = 5
    /// Articles that are asked of robots.txt whether they may serve as the sample.
    private static let maximumSamples = 50

    /// A feed or sitemap that there may be.
    private struct Candidate {
        var url: ParsedURL
        var kind: URLKind
        /// Whether nothing names it.
        var isGuess = false
    }

    /// A feed or sitemap that was looked at.
    private struct Look {
        var listing: SourceProposal.Listing
        var finding = Discoverer.Finding()
        /// What to put into the frontier.
        var watched: DiscoveredURL?
    }

    /// Looks at the feeds and sitemaps that a site names, then at the usual places, and notes what there is.
    ///
    /// - Returns: the articles that they name.
    func findListings(
        of home: Discoverer.Finding, _ robots: Robots, _ scope: SourceScope, _ proposal: inout SourceProposal,
        _ book: inout RobotsBook, _ report: (String) -> Void
    ) async throws -> [DiscoveredURL] {
        var articles: [DiscoveredURL] = []
        var parts: [ParsedURL] = []
        for candidate in candidates(home, robots, scope) where proposal.listings.count < Self.maximumListings {
            // Of the usual places several lead to one feed.
            if candidate.isGuess, proposal.urls.contains(where: { $0.kind == candidate.kind }) { continue }
            guard let look = try await look(at: candidate, scope, proposal, &book, report) else { continue }
            proposal.listings.append(look.listing)
            guard let watched = look.watched else { continue }
            proposal.urls.append(watched)
            articles += look.finding.urls.filter { $0.kind == .article }
            parts += Self.newestParts(of: look.finding)
        }
        // An index names no articles itself; its sitemaps are found by the crawler once it is watched.
        for part in parts.prefix(Self.maximumParts) where articles.isEmpty {
            let candidate = Candidate(url: part, kind: .sitemap)
            guard let look = try await look(at: candidate, scope, proposal, &book, report) else { continue }
            proposal.listings.append(look.listing)
            articles += look.finding.urls.filter { $0.kind == .article }
        }
        for feed in home.foreignFeeds.prefix(Self.maximumForeignFeeds) {
            proposal.listings.append(
                SourceProposal.Listing(kind: "feed", url: feed.href, items: 0, problem: Self.foreign(feed)))
        }
        return articles
    }

    private static func foreign(_ url: ParsedURL) -> String {
        "on a host of others; --allow-host \(url.host ?? "") takes it up"
    }

    /// The sitemaps of an index that changed last, or the first ones where it gives no times.
    private static func newestParts(of finding: Discoverer.Finding) -> [ParsedURL] {
        let newest = finding.stale.sorted { $0.modified > $1.modified }.prefix(maximumParts).map(\.identity)
        let sitemaps = finding.urls.filter { $0.kind == .sitemap }
        let dated = newest.compactMap { identity in sitemaps.first { $0.identity == identity } }
        return (dated.isEmpty ? Array(sitemaps.prefix(maximumParts)) : dated).compactMap { ParsedURL($0.url) }
    }

    /// Feeds and sitemaps that the page names, sitemaps that robots.txt names, then the usual places.
    private func candidates(
        _ home: Discoverer.Finding, _ robots: Robots, _ scope: SourceScope
    ) -> [Candidate] {
        let sitemaps = discoverer.robotsSitemaps(robots.rules, at: robots.address, scope: scope, now: Date())
        var candidates = (home.urls.filter { $0.kind != .article } + sitemaps).compactMap { named in
            ParsedURL(named.url).map { Candidate(url: $0, kind: named.kind) }
        }
        func guess(_ path: String, _ kind: URLKind) {
            guard let url = ParsedURL(path, base: robots.address) else { return }
            candidates.append(Candidate(url: url, kind: kind, isGuess: true))
        }
        if !candidates.contains(where: { $0.kind == .feed }) {
            FeedDiscovery.wellKnownPaths.prefix(6).forEach { guess($0, .feed) }
        }
        if !candidates.contains(where: { $0.kind == .sitemap && !$0.isGuess }) { guess("/sitemap.xml", .sitemap) }
        return candidates
    }

    /// Reads a feed or sitemap; `nil` when there is none where one was guessed, or it was read under another address.
    private func look(
        at candidate: Candidate, _ scope: SourceScope, _ proposal: SourceProposal, _ book: inout RobotsBook,
        _ report: (String) -> Void
    ) async throws -> Look? {
        var look = Look(
            listing: SourceProposal.Listing(kind: candidate.kind.rawValue, url: candidate.url.href, items: 0))
        func isListed(_ url: ParsedURL) -> Bool { proposal.listings.contains { $0.url == url.href } }
        do {
            guard !isListed(candidate.url) else { return nil }
            _ = try await allowing(candidate.url, &book, report)
            report("\(candidate.kind.rawValue) \(candidate.url)")
            let page = try await fetch(
                candidate.url, maximumBytes: configuration.maximumFeedBytes,
                acceptHeader: LeaseRunner.listingAcceptHeader, &book, report)
            guard page.response.status == 200 else {
                throw SourceProbeError(message: "HTTP \(page.response.status)")
            }
            guard scope.contains(page.url) else {
                throw SourceProbeError(message: "redirects to \(page.url), \(Self.foreign(page.url))")
            }
            guard !isListed(page.lasting) else { return nil }
            look.listing.url = page.lasting.href
            look.finding = try read(page, as: candidate.kind, scope)
            look.listing.items = look.finding.items
            look.listing.newest = look.finding.newest
            look.watched = Discoverer.discovered(page.lasting, kind: candidate.kind)
        } catch let error as CancellationError {
            throw error
        } catch {
            if candidate.isGuess { return nil }
            look.listing.problem =
                (error as? HostTurns.Refusal)?.message ?? (error as? SourceProbeError)?.message ?? "\(error)"
        }
        return look
    }

    private func read(_ page: Fetched, as kind: URLKind, _ scope: SourceScope) throws -> Discoverer.Finding {
        let type = page.response.headers["Content-Type"]
        return kind == .feed
            ? try discoverer.feed(page.response.body, at: page.url, contentType: type, scope: scope, now: Date())
            : try discoverer.sitemap(page.response.body, at: page.url, contentType: type, scope: scope, now: Date())
    }

    /// The first article that may be fetched. One that cannot be had is shown as missing; the source may still be added.
    func sample(
        _ articles: [DiscoveredURL], _ book: inout RobotsBook, _ report: (String) -> Void
    ) async throws -> FetchResponse? {
        for url in articles.prefix(Self.maximumSamples).compactMap({ ParsedURL($0.url) }) {
            do {
                _ = try await allowing(url, &book, report)
            } catch let error as CancellationError {
                throw error
            } catch {
                continue
            }
            report("sample article \(url)")
            // Why it cannot be had is another question than what the site offers.
            let page = try? await fetch(url, maximumBytes: configuration.maximumPageBytes, &book, report)
            return page.flatMap { (200...299).contains($0.response.status) ? $0.response : nil }
        }
        return nil
    }
}
