/// The rules of one `robots.txt` file (RFC 9309), with the customary `Crawl-delay` and `Sitemap` lines.
///
/// Parsing never fails: lines that mean nothing are skipped. Groups that name the same product token are merged. The
/// rules say nothing about files that could not be fetched; see ``RobotsAvailability``.
public struct RobotsRules: Sendable {
    /// The most bytes that are parsed; the rest is ignored (RFC 9309, section 2.5).
    public static let maximumBytes = 500 * 1_024
    /// The longest crawl delay that is believed, in seconds.
    public static let maximumCrawlDelay = 86_400.0

    /// The URLs of the `Sitemap` lines as written, wherever they stand, without repetitions.
    public let sitemaps: [String]

    /// The groups by product token in lower case; `*` is the group for everybody else.
    private let groups: [String: RobotsGroup]

    /// Parses the bytes of a file.
    public init(_ bytes: [UInt8]) {
        var parser = RobotsParser()
        parser.parse(bytes.prefix(Self.maximumBytes))
        groups = parser.groups
        sitemaps = parser.sitemaps
    }

    /// Whether the crawler with this product token may fetch `target`, and which rule says so.
    ///
    /// The longest matching rule decides, and `allow` wins a tie. `/robots.txt` itself is always allowed.
    ///
    /// - Parameters:
    ///   - target: path and query of the URL, as ``WebURL/ParsedURL/pathAndQuery`` gives them.
    ///   - productToken: the crawler's product token, such as `WireroomBot`; what follows it in a full user agent (a
    ///     slash, a version, a comment) is ignored.
    public func verdict(for target: String, productToken: String) -> RobotsVerdict {
        let path = Array(target.utf8)
        guard !Self.isRobotsFile(path) else { return .allowedByDefault }
        guard let group = group(for: productToken) else { return .allowedByDefault }
        return group.verdict(for: RobotsPattern.normalized(path[...]))
    }

    /// The crawl delay that the file asks this product token for, in seconds, or `nil`.
    public func crawlDelay(productToken: String) -> Double? {
        group(for: productToken)?.crawlDelay
    }

    private func group(for productToken: String) -> RobotsGroup? {
        groups[RobotsParser.productToken(in: Array(productToken.utf8)[...])] ?? groups["*"]
    }

    private static func isRobotsFile(_ path: [UInt8]) -> Bool {
        path.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }.elementsEqual("/robots.txt".utf8)
    }
}

/// What the rules say about one URL.
public struct RobotsVerdict: Sendable, Hashable {
    /// Whether the URL may be fetched.
    public let isAllowed: Bool
    /// The pattern of the rule that decided, in normal form, or `nil` when none matched.
    public let rule: String?

    static let allowedByDefault = RobotsVerdict(isAllowed: true, rule: nil)
}

/// The rules and the delay of one product token.
struct RobotsGroup: Sendable {
    struct Rule: Sendable {
        let pattern: RobotsPattern
        let isAllowed: Bool
    }

    /// More rules than this are ignored: a bound on the work of one verdict.
    private static let maximumRules = 20_000

    private(set) var rules: [Rule] = []
    private(set) var crawlDelay: Double?

    mutating func add(_ pattern: ArraySlice<UInt8>, isAllowed: Bool) {
        // An empty pattern matches nothing: "Disallow:" alone allows everything.
        guard !pattern.isEmpty, rules.count < Self.maximumRules else { return }
        rules.append(Rule(pattern: RobotsPattern(pattern), isAllowed: isAllowed))
    }

    mutating func setCrawlDelay(_ seconds: Double) {
        crawlDelay = max(crawlDelay ?? 0, seconds)
    }

    func verdict(for path: [UInt8]) -> RobotsVerdict {
        var best: Rule?
        for rule in rules {
            if let best, !isStronger(rule, than: best) { continue }
            if rule.pattern.matches(path) { best = rule }
        }
        return best.map { RobotsVerdict(isAllowed: $0.isAllowed, rule: $0.pattern.description) } ?? .allowedByDefault
    }

    private func isStronger(_ rule: Rule, than best: Rule) -> Bool {
        if rule.pattern.length != best.pattern.length { return rule.pattern.length > best.pattern.length }
        return rule.isAllowed && !best.isAllowed
    }
}
