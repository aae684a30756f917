internal import Markup

/// Reads the XML of a sitemap as a stream: a sitemap may be 50 MB.
struct SitemapReader {
    private var reader: XMLReader
    private let utf8: [UInt8]
    private let url: String?
    private var sitemap = Sitemap(kind: .urlset)
    private var entry: SitemapURL?
    private var news: SitemapNews?
    /// The text of the element that is being read, `nil` where text does not matter.
    private var text: String?
    /// What the namespaces met so far are.
    private var spaces: [(namespace: String, prefix: String, space: Space)] = []
    /// Whether a refused entity was seen before the entry began.
    private var hadRefusedEntities = false

    /// Text of one element: beyond, it is left out.
    private static let maximumTextBytes = 16_384

    init(utf8: [UInt8], url: String?) {
        self.utf8 = utf8
        self.url = url
        reader = XMLReader(utf8: utf8)
    }

    mutating func read() throws(SitemapError) -> Sitemap {
        guard let root = rootName() else { throw SitemapError(.notASitemap, "no element at all") }
        guard !reader.hasNestedEntities else { throw SitemapError(.hostile, "entities are made of entities") }
        switch root {
        case "urlset", "url": sitemap.kind = .urlset
        case "sitemapindex", "sitemap": sitemap.kind = .index
        case "rss", "rdf", "feed", "channel": return try feed()
        default: throw SitemapError(.notASitemap, "the root element is \(root.prefix(40))")
        }
        if root == "url" || root == "sitemap" { begin(root) }
        while let event = reader.next() {
            switch event {
            case .start(let name, _): start(name)
            case .text(let piece): add(piece)
            case .end(let name, let implied): end(name, isCutOff: implied && reader.isTruncated)
            }
            guard sitemap.urls.count <= SitemapParser.maximumEntries else { break }
        }
        if sitemap.urls.count > SitemapParser.maximumEntries { sitemap.urls.removeLast() }
        sitemap.isTruncated = reader.isTruncated || sitemap.isTruncated
        return sitemap
    }

    private mutating func rootName() -> String? {
        while let event = reader.next() {
            if case .start(let name, _) = event { return name.local.lowercased() }
        }
        return nil
    }

    /// A feed given as a sitemap.
    private func feed() throws(SitemapError) -> Sitemap {
        let feed: Feed
        do {
            feed = try FeedParser.parse(utf8, url: url, contentType: nil)
        } catch {
            throw SitemapError(error.code == .hostile ? .hostile : .notASitemap, error.message)
        }
        var found = Sitemap(kind: feed.format == .atom ? .atom : .rss)
        for entry in feed.entries {
            guard let link = entry.link, SitemapParser.isFetchable(link) else {
                found.skipped += 1
                continue
            }
            var page = SitemapURL(location: link)
            page.lastModified = entry.updated ?? entry.published
            if !entry.title.isEmpty || entry.published != nil {
                var news = SitemapNews()
                news.title = entry.title.isEmpty ? nil : entry.title
                news.published = entry.published
                page.news = news
            }
            found.urls.append(page)
        }
        found.isTruncated = feed.isTruncated
        return found
    }

    private enum Space {
        case sitemap, news, other
    }

    /// Whether a name is the protocol's own, the news extension's, or another extension's, such as that of images.
    private mutating func space(_ name: XMLName) -> Space {
        // A sitemap has a handful of namespaces and a million elements.
        if let known = spaces.first(where: { $0.namespace == name.namespace && $0.prefix == name.prefix }) {
            return known.space
        }
        let found = Self.space(name)
        if spaces.count < 16 { spaces.append((name.namespace, name.prefix, found)) }
        return found
    }

    private static func space(_ name: XMLName) -> Space {
        let namespace = name.namespace.lowercased()
        if namespace.contains("sitemap-news") { return .news }
        if namespace.contains("sitemap-") || namespace.contains("xhtml") { return .other }
        if !namespace.isEmpty { return name.prefix.isEmpty || namespace.contains("sitemap") ? .sitemap : .other }
        return name.prefix.isEmpty ? .sitemap : name.prefix.lowercased() == "news" ? .news : .other
    }

    private mutating func start(_ name: XMLName) {
        let local = name.local.lowercased()
        let kind = space(name)
        switch kind {
        case .sitemap where local == "url" || local == "sitemap": begin(local)
        case .sitemap where entry != nil, .news where entry != nil:
            if kind == .news, news == nil { news = SitemapNews() }
            text = ""
        default: text = nil
        }
    }

    private mutating func begin(_ local: String) {
        // An entry without end tag ends where the next begins.
        finishEntry()
        entry = SitemapURL(location: "")
        news = nil
        text = nil
        hadRefusedEntities = reader.hasRefusedEntities
    }

    private mutating func add(_ piece: String) {
        guard let already = text, already.utf8.count + piece.utf8.count <= Self.maximumTextBytes else { return }
        text = already + piece
    }

    private mutating func end(_ name: XMLName, isCutOff: Bool) {
        let local = name.local.lowercased()
        let kind = space(name)
        if kind == .sitemap, local == "url" || local == "sitemap" {
            // Of an entry that was cut off, nobody knows what would have followed.
            if isCutOff { entry = nil } else { finishEntry() }
        } else if let value = text?.trimmed, !isCutOff {
            if kind == .sitemap { take(local, value) } else if kind == .news { takeNews(local, value) }
        }
        text = nil
    }

    private mutating func take(_ local: String, _ value: String) {
        switch local {
        case "loc":
            let location = location(value)
            // A second address means that the tags between two entries are missing.
            if let already = entry?.location, !already.isEmpty, already != location { begin(local) }
            entry?.location = location
        case "lastmod": entry?.lastModified = FeedDateParser.parse(value)
        case "changefreq": entry?.changeFrequency = value.lowercased()
        case "priority": entry?.priority = Double(value).flatMap { (0...1).contains($0) ? $0 : nil }
        default: break
        }
    }

    private mutating func takeNews(_ local: String, _ value: String) {
        switch local {
        case "title": news?.title = FeedText.collapse(value)
        case "publication_date": news?.published = FeedDateParser.parse(value)
        case "name": news?.publication = FeedText.collapse(value)
        case "language": news?.language = value
        case "keywords":
            news?.keywords = value.split(separator: ",").prefix(FeedNodes.maximumRepeats).compactMap {
                String($0).trimmed
            }
        default: break
        }
    }

    /// An address as written; without the white space that some generators break it with.
    private func location(_ value: String) -> String {
        let isBroken = value.utf8.contains { $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        let whole = isBroken ? value.filter { !$0.isNewline && $0 != "\t" } : value
        return FeedLink.resolve(whole, base: url)
    }

    private mutating func finishEntry() {
        guard var finished = entry else { return }
        entry = nil
        // An address that an unknown entity is part of is not the publisher's.
        guard SitemapParser.isFetchable(finished.location), reader.hasRefusedEntities == hadRefusedEntities else {
            sitemap.skipped += 1
            return
        }
        if let news, news != SitemapNews() { finished.news = news }
        sitemap.urls.append(finished)
        if sitemap.urls.count > SitemapParser.maximumEntries { sitemap.isTruncated = true }
    }
}
