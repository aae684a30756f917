public import Foundation
internal import Markup
internal import Model
internal import Pipeline
internal import TextEncoding
internal import WebURL

/// Reads feeds, sitemaps and home pages for URLs that are worth a visit. Pure: it fetches nothing.
struct Discoverer: Sendable {
    let configuration: CrawlConfiguration

    /// What a listing led to.
    struct Finding: Sendable {
        var urls: [DiscoveredURL] = []
        var items = 0
        var newest: Date?
        var askedInterval: Duration?
        /// Links that lead out of the source, look like traps or are no web addresses.
        var refused = 0
        /// Identities of `urls`.
        var identities: Set<[UInt8]> = []
    }

    /// Reads a feed.
    ///
    /// - Throws: `FeedError` when it is none.
    func feed(
        _ bytes: [UInt8], at url: ParsedURL, contentType: String?, scope: SourceScope, now: Date
    ) throws -> Finding {
        let feed = try FeedParser.parse(bytes, url: url.href, contentType: contentType)
        var finding = Finding(askedInterval: feed.updateInterval.map { .seconds($0) })
        for entry in feed.entries {
            finding.items += 1
            let date = entry.published ?? entry.updated
            if let date, date <= now { finding.newest = max(finding.newest ?? date, date) }
            guard let target = entry.target, let link = ParsedURL(target, base: url), scope.contains(link) else {
                finding.refused += 1
                continue
            }
            let evidence = ListingEvidence(
                listing: url.href, title: entry.title.isEmpty ? nil : entry.title, published: date,
                authors: entry.authors.compactMap(\.name), categories: entry.categories)
            add(link, kind: .article, date: date, evidence: evidence, now: now, to: &finding)
        }
        return finding
    }

    /// Reads a sitemap or a sitemap index.
    ///
    /// - Throws: `SitemapError` when it is none.
    func sitemap(
        _ bytes: [UInt8], at url: ParsedURL, contentType: String?, scope: SourceScope, now: Date
    ) throws -> Finding {
        let sitemap = try SitemapParser.parse(bytes, url: url.href, contentType: contentType)
        var finding = Finding()
        for entry in sitemap.urls {
            finding.items += 1
            let date = entry.news?.published ?? entry.lastModified
            if let date, date <= now { finding.newest = max(finding.newest ?? date, date) }
            guard let link = ParsedURL(entry.location, base: url), scope.contains(link) else {
                finding.refused += 1
                continue
            }
            if sitemap.kind == .index {
                add(link, kind: .sitemap, date: nil, evidence: nil, now: now, to: &finding)
                continue
            }
            guard entry.news != nil || ArticleLinkShape.matches(link) else { continue }
            let evidence = ListingEvidence(
                listing: url.href, title: entry.news?.title, published: entry.news?.published, authors: [],
                categories: [])
            add(link, kind: .article, date: date, evidence: evidence, now: now, to: &finding)
        }
        return finding
    }

    /// Reads a home page: the feeds that it names, and the links that look like articles.
    func home(_ bytes: [UInt8], at url: ParsedURL, contentType: String?, scope: SourceScope, now: Date) -> Finding {
        var finding = Finding()
        for candidate in FeedDiscovery.links(inHeadOf: bytes, url: url.href) {
            guard let link = ParsedURL(candidate.url, base: url), scope.contains(link) else { continue }
            add(link, kind: .feed, date: nil, evidence: nil, now: now, to: &finding)
        }
        let charset = contentType.flatMap(TextDecoder.charset(inContentType:))
        let text = TextDecoder.decode(bytes, httpCharset: charset, kind: .html).text
        let document = HTMLDocument(parsing: Array(text.utf8))
        var base = url
        for index in document.nodes.indices {
            switch document.nodes[index].tag {
            case .base:
                if let href = document.attributeString(.href, of: index), let resolved = ParsedURL(href, base: url) {
                    base = resolved
                }
            case .a:
                guard let href = document.attributeString(.href, of: index), let link = ParsedURL(href, base: base)
                else { continue }
                let words = document.words(inside: index)
                guard scope.contains(link), ArticleLinkShape.matches(link, words: words) else { continue }
                finding.items += 1
                add(link, kind: .article, date: nil, evidence: nil, now: now, to: &finding)
            default: continue
            }
        }
        return finding
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
        _ link: ParsedURL, kind: URLKind, date: Date?, evidence: ListingEvidence?, now: Date, to finding: inout Finding
    ) {
        let year = Calendar(identifier: .gregorian).component(.year, from: now)
        guard URLTraps(currentYear: year).trap(in: link) == nil, let discovered = Self.discovered(link, kind: kind)
        else {
            finding.refused += 1
            return
        }
        guard finding.identities.insert(discovered.identity).inserted else { return }
        var url = discovered
        if let date, now.timeIntervalSince(date) > configuration.liveAge.seconds { url.lane = .backfill }
        url.evidence = evidence?.json
        finding.urls.append(url)
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

    /// The evidence as JSON without NUL, which PostgreSQL refuses.
    var json: String? {
        try? StorableJSON.text(of: self)  // strings and a date always encode
    }
}
