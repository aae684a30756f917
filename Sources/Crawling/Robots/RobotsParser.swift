/// Reads the lines of a `robots.txt` file. A value that takes lines and keeps what they mean.
struct RobotsParser {
    private(set) var groups: [String: RobotsGroup] = [:]
    private(set) var sitemaps: [String] = []

    /// More groups or sitemaps than this are ignored.
    private static let maximumEntries = 10_000

    /// The product tokens that the rules being read belong to.
    private var tokens: [String] = []
    /// Whether a rule came since the last user-agent line: the next such line begins a new group.
    private var hasRules = false
    private var knownSitemaps: Set<String> = []

    /// Parses a whole file: UTF-8 with or without a byte order mark, lines ending in CR, LF or both.
    mutating func parse(_ file: ArraySlice<UInt8>) {
        var rest = file
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        for line in rest.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) { parseLine(line) }
    }

    private mutating func parseLine(_ line: ArraySlice<UInt8>) {
        let content = line.prefix { $0 != UInt8(ascii: "#") }
        guard let colon = Self.endOfName(content) else { return }
        let value = Self.trimmed(content[(colon + 1)...])
        switch Directive(Self.trimmed(content[..<colon])) {
        case .userAgent: beginGroup(value)
        case .allow: addRule(value, isAllowed: true)
        case .disallow: addRule(value, isAllowed: false)
        case .crawlDelay: addCrawlDelay(value)
        case .sitemap: addSitemap(Self.trimmed(line[(colon + 1)...]))
        // Other records mean nothing to us, but the author has ended the list of user agents with them.
        case nil: hasRules = true
        }
    }

    /// The index of the colon, or of the space in a line of just two words whose author forgot the colon.
    private static func endOfName(_ content: ArraySlice<UInt8>) -> Int? {
        if let colon = content.firstIndex(of: UInt8(ascii: ":")) { return colon }
        let words = content.split(maxSplits: 2) { $0 == 0x20 || $0 == 0x09 }
        return words.count == 2 ? words[0].endIndex : nil
    }

    private mutating func beginGroup(_ value: ArraySlice<UInt8>) {
        if hasRules {
            tokens = []
            hasRules = false
        }
        let token = value.first == UInt8(ascii: "*") ? "*" : Self.productToken(in: value)
        guard !token.isEmpty, groups.count < Self.maximumEntries || groups[token] != nil else { return }
        tokens.append(token)
        groups[token, default: RobotsGroup()] = groups[token] ?? RobotsGroup()
    }

    private mutating func addRule(_ value: ArraySlice<UInt8>, isAllowed: Bool) {
        hasRules = true
        for token in tokens { groups[token]?.add(value, isAllowed: isAllowed) }
    }

    private mutating func addCrawlDelay(_ value: ArraySlice<UInt8>) {
        hasRules = true
        guard let seconds = Double(String(decoding: value, as: UTF8.self)), seconds >= 0, seconds.isFinite else {
            return
        }
        for token in tokens { groups[token]?.setCrawlDelay(min(seconds, RobotsRules.maximumCrawlDelay)) }
    }

    private mutating func addSitemap(_ value: ArraySlice<UInt8>) {
        guard !value.isEmpty, sitemaps.count < Self.maximumEntries else { return }
        let text = String(decoding: value, as: UTF8.self)
        if knownSitemaps.insert(text).inserted { sitemaps.append(text) }
    }

    /// The product token at the start of a user agent, in lower case: letters, digits, hyphens and underscores. RFC
    /// 9309 knows only ASCII letters; others are taken too, so that a name is not cut in the middle.
    static func productToken(in value: ArraySlice<UInt8>) -> String {
        let token = value.prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), 0x80...:
                true
            default: false
            }
        }
        return String(decoding: token, as: UTF8.self).lowercased()
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes.drop { $0 == 0x20 || $0 == 0x09 }
        while let last = bytes.last, last == 0x20 || last == 0x09 || last == 0 { bytes = bytes.dropLast() }
        return bytes
    }

    private enum Directive {
        case userAgent, allow, disallow, crawlDelay, sitemap

        /// Reads a name in any case. The usual misspellings of the two directives that matter most are understood.
        init?(_ name: ArraySlice<UInt8>) {
            guard name.count <= 16 else { return nil }
            switch String(decoding: name, as: UTF8.self).lowercased() {
            case "user-agent", "useragent", "user agent": self = .userAgent
            case "allow": self = .allow
            case "disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw": self = .disallow
            case "crawl-delay", "crawldelay": self = .crawlDelay
            case "sitemap", "site-map": self = .sitemap
            default: return nil
            }
        }
    }
}
