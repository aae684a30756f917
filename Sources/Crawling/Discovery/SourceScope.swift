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

/// Tells links to articles from links to menus by the form of the path alone, for home pages of outlets without a feed.
public enum ArticleLinkShape {
    private static let listWords: Set<String> = [
        "tag", "tags", "topic", "topics", "category", "categories", "section", "sections", "author", "authors", "page", "search",
        "login", "register", "subscribe", "newsletter", "about", "contact", "privacy", "terms", "imprint", "impressum", "kontakt",
        "datenschutz", "account", "archive", "archives", "video", "videos", "gallery", "feed", "rss", "shop", "jobs", "help", "abo",
    ]

    /// Whether the path looks like an article's: a date in it, a number of five digits, or a last part of several words.
    public static func matches(_ url: ParsedURL) -> Bool {
        let parts = url.path.split(separator: "/").map { $0.lowercased() }
        guard let last = parts.last, !parts.contains(where: listWords.contains) else { return false }
        let words = last.split { $0 == "-" || $0 == "_" || $0 == "." }
        if hasDate(parts) { return true }
        if words.contains(where: { $0.count >= 5 && $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }) { return true }
        return words.count >= 4
    }

    private static func hasDate(_ parts: [String]) -> Bool {
        for (year, month) in zip(parts, parts.dropFirst()) {
            if let year = Int(year), 1990...2100 ~= year, let month = Int(month), 1...12 ~= month, parts.count > 2 { return true }
        }
        return false
    }
}
