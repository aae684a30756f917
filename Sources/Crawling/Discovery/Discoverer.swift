public import Foundation
internal import Markup
internal import Model
internal import Pipeline
internal import TextEncoding
internal import WebURL

/// Reads feeds, sitemaps and home pages for URLs that are worth a visit. Pure: it fetches nothing.
struct Discoverer: Sendable {
    let configuration: CrawlConfiguration

    /// An index may name thousands of sitemaps, which must not keep a host's feeds and new articles waiting for hours.
    static let partPriority = -5
    /// Among an index's sitemaps, that of the news and those that have changed within a day come before the archive's.
    static let freshPartPriority = -4
    /// What a new source published within the last week comes behind what is published now, and behind the sitemaps that
    /// tell of it.
    static let lateArticlePriority = -7
    private static let freshAge: TimeInterval = 86_400

    /// What a listing led to.
    struct Finding: Sendable {
        var urls: [DiscoveredURL] = []
        var items = 0
        var newest: Date?
        var askedInterval: Duration?
        /// Links that are not taken up, by reason.
        var refusals: [DiscoveryRefusal: Int] = [:]
        /// Dates of items, none in the future.
        var dates: [Date] = []
        /// WebSub hubs.
        var hubs: [String] = []
        /// All links of a watched page within the source.
        var links: [PageLink] = []
        /// Feeds that a page names outside of the source.
        var foreignFeeds: [ParsedURL] = []
        /// Sitemaps of an index, with their stated times.
        var stale: [StaleListing] = []
        /// Identities of `urls`.
        var identities: Set<[UInt8]> = []

        /// How many links are not taken up.
        var refused: Int { refusals.values.reduce(0, +) }

        mutating func refuse(_ reason: DiscoveryRefusal) { refusals[reason, default: 0] += 1 }

        mutating func note(_ date: Date?, now: Date) {
            guard let date, date <= now else { return }
            dates.append(date)
            newest = max(newest ?? date, date)
        }

        /// How many links were refused, by reason, as JSON.
        var refusalsJSON: String? {
            let counts = Dictionary(refusals.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: +)
            return try? StorableJSON.text(of: counts)  // names and numbers always encode
        }
    }

    /// Reads a feed.
    ///
    /// - Throws: `FeedError` when it is none.
    func feed(
        _ bytes: [UInt8], at url: ParsedURL, contentType: String?, scope: SourceScope, now: Date
    ) throws -> Finding {
        let feed = try FeedParser.parse(bytes, url: url.href, contentType: contentType)
        var finding = Finding(askedInterval: feed.updateInterval.map { .seconds($0) })
        finding.hubs = feed.hubs
        for entry in feed.entries {
            finding.items += 1
            let date = entry.published ?? entry.updated
            finding.note(date, now: now)
            guard let target = entry.target, let link = ParsedURL(target, base: url) else {
                finding.refuse(.notAnAddress)
                continue
            }
            let evidence = ListingEvidence(
                listing: url.href, title: entry.title.isEmpty ? nil : entry.title, published: date,
                authors: entry.authors.compactMap(\.name), categories: entry.categories)
            take(link, date: date, evidence: evidence, scope: scope, now: now, to: &finding)
        }
        return finding
    }

    /// Takes up an article that a listing names, if its source wants it.
    private func take(
        _ link: ParsedURL, date: Date?, evidence: ListingEvidence?, scope: SourceScope, now: Date, lane: Lane? = nil,
        to finding: inout Finding
    ) {
        if let reason = scope.refusal(of: link, date: date, now: now) { return finding.refuse(reason) }
        add(link, kind: .article, date: date, evidence: evidence, now: now, lane: lane, to: &finding)
    }

    /// Reads a sitemap or a sitemap index.
    ///
    /// - Parameter isFirst: whether it is read for the first time: what it names without a date is then of unknown age, and
    ///   goes into the backfill lane; later on it is new.
    /// - Throws: `SitemapError` when it is none.
    func sitemap(
        _ bytes: [UInt8], at url: ParsedURL, contentType: String?, scope: SourceScope, now: Date, isFirst: Bool = false
    ) throws -> Finding {
        let sitemap = try SitemapParser.parse(bytes, url: url.href, contentType: contentType)
        var finding = Finding()
        for entry in sitemap.urls {
            finding.items += 1
            guard let link = ParsedURL(entry.location, base: url) else {
                finding.refuse(.notAnAddress)
                continue
            }
            let date = entry.news?.published ?? entry.lastModified
            finding.note(date, now: now)
            if sitemap.kind == .index {
                addSitemap(link, modified: entry.lastModified, scope: scope, now: now, to: &finding)
                continue
            }
            guard entry.news != nil || ArticleLinkShape.mayBeArticle(link) else {
                finding.refuse(scope.contains(link) ? .notAnArticle : .outOfScope)
                continue
            }
            let evidence = ListingEvidence(
                listing: url.href, title: entry.news?.title, published: entry.news?.published, authors: [],
                categories: entry.news?.keywords ?? [])
            let lane: Lane? = isFirst && date == nil ? .backfill : nil
            take(link, date: date, evidence: evidence, scope: scope, now: now, lane: lane, to: &finding)
        }
        return finding
    }

    /// Takes up a sitemap that an index names. One that has not changed since before the source's maximum age is left out.
    private func addSitemap(
        _ link: ParsedURL, modified: Date?, scope: SourceScope, now: Date, to finding: inout Finding
    ) {
        guard scope.contains(link) else { return finding.refuse(.outOfScope) }
        if scope.isTooOld(modified, now: now) { return finding.refuse(.tooOld) }
        let count = finding.urls.count
        add(link, kind: .sitemap, date: nil, evidence: nil, now: now, to: &finding)
        guard finding.urls.count > count else { return }
        let isFresh = modified.map { now.timeIntervalSince($0) < Self.freshAge } ?? link.pathAndQuery.contains("news")
        finding.urls[count].priority = isFresh ? Self.freshPartPriority : Self.partPriority
        guard let modified, modified <= now else { return }
        finding.stale.append(StaleListing(identity: finding.urls[count].identity, modified: modified))
    }

    /// Reads a home or section page: the feeds and sitemaps that it names, and the links that look like articles.
    ///
    /// On a page that was seen before, what is new counts as an article unless its form speaks against it, and what was
    /// always there is a menu. On a home page, links of the menu that look like sections are watched too.
    func home(
        _ bytes: [UInt8], at url: ParsedURL, contentType: String?, scope: SourceScope, now: Date,
        memory: PageMemory = PageMemory(), watchesSections: Bool = false
    ) -> Finding {
        var finding = Finding()
        addListings(inHeadOf: bytes, at: url, scope: scope, now: now, to: &finding)
        var seen: Set<[UInt8]> = []
        var sections = 0
        for (link, words) in links(in: bytes, at: url, contentType: contentType) where scope.contains(link) {
            guard let identity = CanonicalURL(link.withoutFragment)?.identity else { continue }
            if seen.count < PageMemory.maximumLinks, seen.insert(identity).inserted {
                finding.links.append(PageLink(identity: identity))
            }
            if memory.isMenu(identity, now: now) {
                guard watchesSections, sections < PageMemory.maximumSections,
                    ArticleLinkShape.isSection(link, words: words)
                else { continue }
                sections += 1
                add(link, kind: .home, date: nil, evidence: nil, now: now, to: &finding)
                continue
            }
            guard
                ArticleLinkShape.matches(link, words: words)
                    || memory.isNew(identity) && ArticleLinkShape.mayBeArticle(link)
            else { continue }
            finding.items += 1
            take(link, date: nil, evidence: nil, scope: scope, now: now, to: &finding)
        }
        return finding
    }

    /// Takes up the feeds and sitemaps that a page names in its head.
    private func addListings(
        inHeadOf bytes: [UInt8], at url: ParsedURL, scope: SourceScope, now: Date, to finding: inout Finding
    ) {
        let listings = FeedDiscovery.listings(inHeadOf: bytes, url: url.href)
        for candidate in listings.feeds {
            guard let link = ParsedURL(candidate.url, base: url), link.isHTTP else { continue }
            if scope.contains(link) {
                add(link, kind: .feed, date: nil, evidence: nil, now: now, to: &finding)
            } else {
                finding.refuse(.outOfScope)
                finding.foreignFeeds.append(link.withoutFragment)
            }
        }
        for text in listings.sitemaps {
            guard let link = ParsedURL(text, base: url), scope.contains(link) else { continue }
            add(link, kind: .sitemap, date: nil, evidence: nil, now: now, to: &finding)
        }
    }

    /// The links of a page with their words.
    private func links(in bytes: [UInt8], at url: ParsedURL, contentType: String?) -> [(ParsedURL, String)] {
        let charset = contentType.flatMap(TextDecoder.charset(inContentType:))
        let text = TextDecoder.decode(bytes, httpCharset: charset, kind: .html).text
        let document = HTMLDocument(parsing: Array(text.utf8))
        var base = url
        var found: [(ParsedURL, String)] = []
        for index in document.nodes.indices {
            switch document.nodes[index].tag {
            case .base:
                if let href = document.attributeString(.href, of: index), let resolved = ParsedURL(href, base: url) {
                    base = resolved
                }
            case .a:
                guard let href = document.attributeString(.href, of: index), let link = ParsedURL(href, base: base)
                else { continue }
                found.append((link, document.words(inside: index)))
            default: continue
            }
        }
        return found
    }

    /// The URL that a page calls its canonical form, where both are forms of one page: AMP, mobile, `www.` or `https`.
    func twin(of url: ParsedURL, in bytes: [UInt8], scope: SourceScope?) -> DiscoveredURL? {
        guard let text = FeedDiscovery.canonicalLink(inHeadOf: bytes, url: url.href),
            let link = ParsedURL(text, base: url)?.withoutFragment, !link.hasCredentials, link.href != url.href,
            scope?.contains(link) ?? (link.registrableHost == url.registrableHost), TwinForm.areTwins(url, link)
        else { return nil }
        return Self.discovered(link, kind: .article)
    }

    /// The sitemaps that robots.txt names.
    func robotsSitemaps(_ rules: RobotsRules, at url: ParsedURL, scope: SourceScope, now: Date) -> [DiscoveredURL] {
        var finding = Finding()
        for line in rules.sitemaps {
            guard let link = ParsedURL(line, base: url), scope.contains(link) else { continue }
            add(link, kind: .sitemap, date: nil, evidence: nil, now: now, to: &finding)
        }
        return finding.urls
    }

    /// One more URL under its canonical identity, unless it looks like one of endlessly many.
    func add(
        _ link: ParsedURL, kind: URLKind, date: Date?, evidence: ListingEvidence?, now: Date, lane: Lane? = nil,
        to finding: inout Finding
    ) {
        guard Self.trap(in: link, now: now) == nil else { return finding.refuse(.urlTrap) }
        guard let discovered = Self.discovered(link, kind: kind) else { return finding.refuse(.notAnAddress) }
        guard finding.identities.insert(discovered.identity).inserted else { return }
        var url = discovered
        if let lane { url.lane = lane }
        if let date {
            let age = now.timeIntervalSince(date)
            if age > configuration.liveAge.seconds {
                url.lane = .backfill
            } else if age > Self.freshAge {
                url.priority = Self.lateArticlePriority
            }
        }
        url.evidence = evidence?.json
        finding.urls.append(url)
    }

    /// Why a URL looks like one of endlessly many, or `nil`.
    static func trap(in link: ParsedURL, now: Date) -> URLTrap? {
        let year = Calendar(identifier: .gregorian).component(.year, from: now)
        return URLTraps(currentYear: year).trap(in: link)
    }

    /// A URL under its canonical identity, or `nil` when it is no web address.
    static func discovered(_ link: ParsedURL, kind: URLKind) -> DiscoveredURL? {
        let fetched = link.withoutFragment
        guard let canonical = CanonicalURL(fetched), let host = fetched.host else { return nil }
        let name = fetched.port.map { "\(host):\($0)" } ?? host
        return DiscoveredURL(
            identity: canonical.identity, url: fetched.href, host: name, kind: kind, lane: .live, evidence: nil)
    }
}

extension HTMLDocument {
    /// The text inside an element, as far as a headline may go.
    fileprivate func words(inside index: Int) -> String {
        var text = ""
        for node in nodes[index..<nodes[index].endIndex] where node.tag == .text && text.utf8.count < 400 {
            text += string(node.textRange) + " "
        }
        return text
    }
}

/// What a feed or sitemap says of an article, kept with its URL for the parse stage.
public struct ListingEvidence: Sendable, Codable, Equatable {
    /// The feed or sitemap.
    public var listing: String
    /// The title that it gives.
    public var title: String?
    /// The date that it gives.
    public var published: Date?
    /// The authors that it gives.
    public var authors: [String]
    /// The categories that it gives.
    public var categories: [String]
}

extension ListingEvidence {
    /// Reads what was kept; `nil` when it is something else.
    init?(json: String) {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        // What is kept may be from another version: then nothing is known.
        guard let evidence = try? decoder.decode(Self.self, from: Data(json.utf8)) else { return nil }
        self = evidence
    }

    /// The evidence as JSON without NUL, which PostgreSQL refuses.
    var json: String? {
        try? StorableJSON.text(of: self)  // strings and a date always encode
    }
}
