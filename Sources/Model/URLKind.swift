/// What the frontier expects behind a URL.
public enum URLKind: String, Sendable, Codable, CaseIterable {
    /// An outlet's home page: where feeds, sitemaps and new links are found.
    case home
    /// A feed.
    case feed
    /// A sitemap or a sitemap index.
    case sitemap
    /// A page that is expected to be an article.
    case article
    /// A document that was imported, not fetched.
    case document
}

/// How urgent a URL is. Both lanes live on the same politeness budget.
public enum Lane: Int, Sendable, Codable, CaseIterable {
    /// What outlets publish now.
    case live = 0
    /// What they published before.
    case backfill = 1
}
