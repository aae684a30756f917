internal import Markup

/// Finds the feeds and sitemaps of a site from its pages.
public enum FeedDiscovery {
    /// A feed that a page names.
    public struct Candidate: Sendable, Codable, Hashable {
        /// The feed's address, absolute where the page's is known.
        public var url: String
        /// The media type as stated.
        public var type: String
        /// The title as stated; empty when there is none.
        public var title: String
    }

    /// Bytes of a page that are looked at; the links stand in the head.
    static let reach = 512 << 10
    private static let maximumCandidates = 64

    /// Paths where content management systems keep their feeds, in the order in which they are worth trying on a site
    /// that names none.
    public static let wellKnownPaths = [
        "/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds", "/feed/rss", "/rss/index.xml",
        "/feeds/all.rss", "/?feed=rss2", "/feed.json", "/rss/all", "/news/rss", "/blog/feed",
    ]

    /// What a page names in its head, in document order, each once.
    public struct Listings: Sendable, Equatable {
        /// Its feeds, in `<link rel="alternate">`. Feeds of comments are left out where their title or address says so.
        public var feeds: [Candidate] = []
        /// Its sitemaps, in `<link rel="sitemap">`.
        public var sitemaps: [String] = []
    }

    /// Reads a page's head for the feeds and sitemaps that it names, at most 64 of each.
    ///
    /// - Parameters:
    ///   - bytes: the page, in UTF-8 or any encoding that contains ASCII.
    ///   - url: the page's address; a `<base href>` in the page is honoured.
    public static func listings(inHeadOf bytes: [UInt8], url: String? = nil) -> Listings {
        var found = Listings()
        var base = url
        var scanner = HeadScanner(bytes: bytes, reach: reach)
        while let tag = scanner.next() {
            guard let href = tag.attributes["href"]?.trimmed else { continue }
            if tag.name == "base" {
                base = FeedLink.resolve(href, base: url)
            } else if relations(of: tag).contains("sitemap") {
                let link = FeedLink.resolve(href, base: base)
                if found.sitemaps.count < maximumCandidates, !found.sitemaps.contains(link) {
                    found.sitemaps.append(link)
                }
            } else if let candidate = candidate(tag, href, base: base), found.feeds.count < maximumCandidates,
                !found.feeds.contains(where: { $0.url == candidate.url })
            {
                found.feeds.append(candidate)
            }
        }
        return found
    }

    /// The address that a page calls its canonical one in `<link rel="canonical">`, or `nil` where it names none or several.
    /// Only the head counts: the body belongs to those who write comments too.
    static func canonicalLink(inHeadOf bytes: [UInt8], url: String?) -> String? {
        var found: String?
        var base = url
        var scanner = HeadScanner(bytes: bytes, reach: reach, wanted: ["link", "base", "body"])
        while let tag = scanner.next(), tag.name != "body" {
            guard let href = tag.attributes["href"]?.trimmed else { continue }
            if tag.name == "base" { base = FeedLink.resolve(href, base: url) }
            guard tag.name == "link", relations(of: tag).contains("canonical") else { continue }
            let link = FeedLink.resolve(href, base: base)
            if let found, found != link { return nil }
            found = link
        }
        return found
    }

    private static func relations(of tag: HeadScanner.Tag) -> [Substring] {
        (tag.attributes["rel"] ?? "").lowercased().split { $0.isWhitespace }
    }

    private static func candidate(_ tag: HeadScanner.Tag, _ href: String, base: String?) -> Candidate? {
        let relations = relations(of: tag)
        guard relations.contains("alternate") || relations.contains("feed"), !relations.contains("stylesheet") else {
            return nil
        }
        let type =
            (tag.attributes["type"] ?? "").lowercased().split(separator: ";").first.map(String.init)?.trimmed ?? ""
        let isFeed = ["application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"]
            .contains(type)
        let isJSON =
            type == "application/json" && href.contains("feed") && !href.contains("wp-json") && !href.contains("oembed")
        guard isFeed || isJSON || relations.contains("feed") else { return nil }
        let title = FeedText.collapse(tag.attributes["title"] ?? "")
        if title.lowercased().contains("comment") || href.contains("/comments/") { return nil }
        return Candidate(url: FeedLink.resolve(href, base: base), type: type, title: title)
    }
}

/// A small scanner for the tags of a page, which needs neither a tree nor well-formed markup.
struct HeadScanner {
    struct Tag {
        let name: String
        let attributes: [String: String]
    }

    private let bytes: [UInt8]
    /// Where it stops.
    private let end: Int
    private let wanted: Set<String>
    private var index = 0

    /// - Parameters:
    ///   - reach: how many bytes are looked at.
    ///   - wanted: names of the tags of interest, in lower case.
    init(bytes: [UInt8], reach: Int = .max, wanted: Set<String> = ["link", "base"]) {
        self.bytes = bytes
        self.wanted = wanted
        end = min(reach, bytes.count)
    }

    /// The next start tag of interest, outside of comments and scripts.
    mutating func next() -> Tag? {
        while let open = bytes[index..<end].firstIndex(of: UInt8(ascii: "<")) {
            index = open + 1
            if starts("!--") {
                skip(past: "-->")
                continue
            }
            let name = readName()
            switch name {
            case "script": skip(past: "</script")
            case "style": skip(past: "</style")
            case "template": skip(past: "</template")
            case _ where wanted.contains(name): return Tag(name: name, attributes: readAttributes())
            default: break
            }
        }
        index = end
        return nil
    }

    private func starts(_ text: String) -> Bool {
        var position = index
        for wanted in text.utf8 {
            guard position < end, Self.lower(bytes[position]) == wanted else { return false }
            position += 1
        }
        return true
    }

    private mutating func skip(past text: String) {
        // The first byte is neither letter nor cased: found quickly even in a long script.
        while let next = bytes[min(index, end)..<end].firstIndex(of: text.utf8.first ?? 0) {
            index = next
            if starts(text) { break }
            index += 1
        }
        if !starts(text) { index = end }
        index = min(end, index + text.utf8.count)
    }

    private mutating func readName() -> String {
        let start = index
        while index < end, index - start < 16, bytes[index] | 0x20 >= 0x61, bytes[index] | 0x20 <= 0x7A {
            index += 1
        }
        return String(decoding: bytes[start..<index].map(Self.lower), as: UTF8.self)
    }

    private mutating func readAttributes() -> [String: String] {
        var found: [String: String] = [:]
        while index < end, found.count < 32 {
            while index < end, bytes[index] <= 0x20 || bytes[index] == UInt8(ascii: "/") { index += 1 }
            guard index < end, bytes[index] != UInt8(ascii: ">") else { break }
            let start = index
            index += 1
            while index < end, bytes[index] > 0x20, ![0x2F, 0x3D, 0x3E].contains(bytes[index]) { index += 1 }
            let name = String(decoding: bytes[start..<index].map(Self.lower), as: UTF8.self)
            let value = readValue()
            if found[name] == nil { found[name] = XMLReader.resolvingReferences(in: value) }
        }
        return found
    }

    private mutating func readValue() -> String {
        while index < end, bytes[index] <= 0x20 { index += 1 }
        guard index < end, bytes[index] == UInt8(ascii: "=") else { return "" }
        index += 1
        while index < end, bytes[index] <= 0x20 { index += 1 }
        guard index < end else { return "" }
        let quote = bytes[index]
        let isQuoted = quote == 0x22 || quote == 0x27
        if isQuoted { index += 1 }
        let start = index
        while index < end, isQuoted ? bytes[index] != quote : bytes[index] > 0x20 && bytes[index] != 0x3E {
            index += 1
        }
        let value = bytes[start..<index]
        if isQuoted, index < end { index += 1 }
        return String(decoding: value, as: UTF8.self)
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }
}
