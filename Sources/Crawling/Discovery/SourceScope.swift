public import WebURL

/// Which URLs belong to a source: those of its own site, and of hosts that the operator allowed.
public struct SourceScope: Sendable, Equatable {
    private let sites: Set<String>
    private let hosts: Set<String>

    /// Makes a scope.
    ///
    /// - Parameters:
    ///   - homepage: the source's home page.
    ///   - allowedHosts: further host names; each allows itself and its subdomains.
    public init(homepage: ParsedURL, allowedHosts: [String] = []) {
        sites = Set([homepage.registrableHost ?? homepage.host].compactMap { $0 })
        hosts = Set(allowedHosts.map { $0.lowercased() })
    }

    /// Whether a URL belongs to the source.
    public func contains(_ url: ParsedURL) -> Bool {
        guard url.isHTTP, !url.hasCredentials, let host = url.host else { return false }
        if let site = url.registrableHost, sites.contains(site) { return true }
        if sites.contains(host) { return true }
        var name = host[...]
        while true {
            if hosts.contains(String(name)) { return true }
            guard let dot = name.firstIndex(of: ".") else { return false }
            name = name[name.index(after: dot)...]
        }
    }
}

/// Tells links to articles from links to menus, for home pages of outlets without a feed: by the form of the address, or
/// where that says nothing by the link's words, because a headline has more of them than a menu entry.
public enum ArticleLinkShape {
    /// From how many words on a link's text counts as a headline.
    private static let headlineWords = 5

    private static let listWords: Set<String> = [
        "tag", "tags", "topic", "topics", "category", "categories", "section", "sections", "author", "authors", "page",
        "search",
        "login", "register", "subscribe", "newsletter", "about", "contact", "privacy", "terms", "imprint", "impressum",
        "kontakt",
        "datenschutz", "account", "archive", "archives", "video", "videos", "gallery", "feed", "rss", "shop", "jobs",
        "help", "abo",
    ]

    /// Whether a link looks like one to an article.
    ///
    /// - Parameter words: the link's text.
    public static func matches(_ url: ParsedURL, words: String) -> Bool {
        if matches(url) { return true }
        let isPage = url.path.utf8.count > 1 && !parts(of: url).contains(where: listWords.contains)
        let count = words.split { $0.isWhitespace }.count
        return isPage && (count >= headlineWords || isUnspacedHeadline(words))
    }

    /// Whether a text in a script without spaces is as long as a headline.
    private static func isUnspacedHeadline(_ words: String) -> Bool {
        words.unicodeScalars.count(where: {
            0x3040...0x9FFF ~= $0.value || 0xAC00...0xD7AF ~= $0.value || 0x0E00...0x0EFF ~= $0.value
        }) >= 12
    }

    private static func parts(of url: ParsedURL) -> [String] {
        url.path.split(separator: "/").map { $0.lowercased() }
    }

    /// Whether the path looks like an article's: a date in it, a number of five digits, or a last part of several words.
    public static func matches(_ url: ParsedURL) -> Bool {
        let parts = parts(of: url)
        guard let last = parts.last, !parts.contains(where: listWords.contains) else { return false }
        let words = last.split { $0 == "-" || $0 == "_" || $0 == "." }
        if hasDate(parts) { return true }
        if words.contains(where: { $0.count >= 5 && $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }) { return true }
        return words.count >= 4
    }

    private static func hasDate(_ parts: [String]) -> Bool {
        for (year, month) in zip(parts, parts.dropFirst()) {
            if let year = Int(year), 1990...2100 ~= year, let month = Int(month), 1...12 ~= month, parts.count > 2 {
                return true
            }
        }
        return false
    }
}
