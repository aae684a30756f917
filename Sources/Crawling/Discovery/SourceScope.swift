public import Foundation
public import WebURL

/// Which articles of an outlet are wanted, as its operator set it.
public struct SourceRules: Sendable, Equatable {
    /// Patterns of which one has to match, if there are any.
    public var include: [String]
    /// Patterns of which none may match.
    public var exclude: [String]
    /// Articles older than this are left out, where a feed or sitemap gives their date.
    public var maximumAge: Duration?

    /// Makes rules. Patterns are those of robots.txt, for path and query: `*` stands for anything, `$` for the end.
    public init(include: [String] = [], exclude: [String] = [], maximumAge: Duration? = nil) {
        self.include = include
        self.exclude = exclude
        self.maximumAge = maximumAge
    }

    /// Whether a text is a pattern: it begins with a slash or a star.
    public static func isPattern(_ text: String) -> Bool {
        (text.hasPrefix("/") || text.hasPrefix("*")) && text.utf8.count <= 1_000
    }
}

/// Why a link that a listing names is not taken up.
public enum DiscoveryRefusal: String, Sendable, CaseIterable {
    /// It leads out of the source.
    case outOfScope = "out-of-scope"
    /// The source's patterns leave it out.
    case excluded
    /// It is older than the source's maximum age.
    case tooOld = "too-old"
    /// It looks like one of endlessly many.
    case urlTrap = "url-trap"
    /// It is no address of the web.
    case notAnAddress = "not-an-address"
    /// It does not look like an article.
    case notAnArticle = "not-an-article"
}

/// Which URLs belong to a source: those of its own site, and of hosts that the operator allowed; of these, articles that
/// its rules let through.
public struct SourceScope: Sendable, Equatable {
    private let sites: Set<String>
    private let hosts: Set<String>
    private let rules: SourceRules
    private let include: [Pattern]
    private let exclude: [Pattern]

    /// A pattern, equal to another by its text.
    private struct Pattern: Sendable, Equatable {
        let text: String
        let pattern: RobotsPattern

        init(_ text: String) {
            self.text = text
            pattern = RobotsPattern(Array(text.utf8)[...])
        }

        static func == (left: Pattern, right: Pattern) -> Bool { left.text == right.text }
    }

    /// Makes a scope.
    ///
    /// - Parameters:
    ///   - homepage: the source's home page.
    ///   - allowedHosts: further host names; each allows itself and its subdomains.
    ///   - rules: which articles are wanted.
    public init(homepage: ParsedURL, allowedHosts: [String] = [], rules: SourceRules = SourceRules()) {
        sites = Set([homepage.registrableHost ?? homepage.host].compactMap { $0 })
        hosts = Set(allowedHosts.map { $0.lowercased() })
        self.rules = rules
        include = rules.include.map(Pattern.init)
        exclude = rules.exclude.map(Pattern.init)
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

    /// Why an article is not wanted, or `nil` when it is.
    ///
    /// - Parameter date: when it was published, as far as a listing tells.
    public func refusal(of url: ParsedURL, date: Date? = nil, now: Date) -> DiscoveryRefusal? {
        guard contains(url) else { return .outOfScope }
        if isTooOld(date, now: now) { return .tooOld }
        guard !include.isEmpty || !exclude.isEmpty else { return nil }
        let path = RobotsPattern.normalized(Array(url.pathAndQuery.utf8)[...])
        if !include.isEmpty, !include.contains(where: { $0.pattern.matches(path) }) { return .excluded }
        return exclude.contains { $0.pattern.matches(path) } ? .excluded : nil
    }

    /// Whether a date is before what the source's rules still want.
    func isTooOld(_ date: Date?, now: Date) -> Bool {
        guard let date, let age = rules.maximumAge else { return false }
        return now.timeIntervalSince(date) > age.seconds
    }
}
