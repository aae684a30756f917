/// What the other pages of a site have in common: which blocks of text stand on how many of them.
///
/// A block that stands at the same place of several different articles is the site's and not the article's. Nothing is said
/// of text that stands on one page only, and two addresses of one article count as one.
public struct SiteMemory: Sendable {
    /// How many other articles a block must stand on.
    static let minimumArticles = 2
    /// Of how many articles at most a block must stand on one, so that a background paragraph that a newsroom copies into
    /// some of its reports stays text.
    static let articlesPerRepeat = 8

    /// How many other articles of the site are known.
    public var articles: Int
    /// Fingerprint of a block, and on how many of these articles it stands; those that stand on one may be left out.
    public var counts: [Int64: Int]

    /// Makes a memory.
    public init(articles: Int, counts: [Int64: Int]) {
        self.articles = articles
        self.counts = counts
    }

    /// On how many other articles the block stands, or `nil` when that says nothing against it.
    public func repeats(_ fingerprint: Int64) -> Int? {
        guard let count = counts[fingerprint], count >= Self.minimumArticles,
            count * Self.articlesPerRepeat >= articles
        else { return nil }
        return count
    }
}

/// What a site's memory keeps of one page.
public struct PageImprint: Sendable, Equatable {
    /// The most blocks that are kept of a page.
    static let maximumFingerprints = 400

    /// Stands for the article, so that its addresses count as one: the fingerprint of its title, or of its longest block.
    public var contentKey: Int64
    /// The fingerprints of the page's blocks, each once.
    public var fingerprints: [Int64]

    /// Makes an imprint.
    public init(contentKey: Int64, fingerprints: [Int64]) {
        self.contentKey = contentKey
        self.fingerprints = fingerprints
    }
}

/// Learns from pages in memory; in the line PostgreSQL does it.
public struct SiteMemoryLearner: Sendable {
    private var sites: [String: [String: PageImprint]] = [:]

    /// Makes a learner that knows nothing.
    public init() {}

    /// Takes in a page; the same address again replaces what was known of it.
    public mutating func add(_ imprint: PageImprint, site: String, url: String) {
        sites[site, default: [:]][url] = imprint
    }

    /// What the other pages of a site have in common.
    public func memory(site: String, excluding url: String) -> SiteMemory {
        var keys: Set<Int64> = []
        var holders: [Int64: Set<Int64>] = [:]
        for (address, imprint) in sites[site] ?? [:] where address != url {
            keys.insert(imprint.contentKey)
            for fingerprint in imprint.fingerprints { holders[fingerprint, default: []].insert(imprint.contentKey) }
        }
        return SiteMemory(articles: keys.count, counts: holders.compactMapValues { $0.count > 1 ? $0.count : nil })
    }
}
