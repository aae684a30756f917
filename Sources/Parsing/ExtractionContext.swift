/// What an extraction is given besides the document itself.
public struct ExtractionContext: Sendable {
    /// What the document may cost.
    public var limits = ExtractionLimits()
    /// What the feed or sitemap that named the document says of it.
    public var listing: ListingWords?
    /// What repeats on the other pages of its site.
    public var memory: SiteMemory?
    /// What operators say of its source's pages.
    public var rules: [ExtractionRule] = []
    /// Whether to keep what ``SiteMemory`` learns from.
    public var wantsImprint = false
    /// Whether to keep the decisions for ``PageInspection``.
    public var wantsInspection = false

    /// Makes a context that knows nothing.
    public init() {}
}

/// What an extraction gives.
public struct Extraction: Sendable {
    /// The article.
    public var article: ExtractedArticle
    /// What the site's memory learns from the page; only where it was wanted, and only of pages.
    public var imprint: PageImprint?
    /// How the decisions fell; only where it was wanted, and only of pages.
    public var inspection: PageInspection?
}
