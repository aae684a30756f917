/// A field of an article's metadata that is chosen among what several sources say.
public enum MetadataField: String, Sendable, Codable, CaseIterable {
    case title, authors, published, modified, section, tags, language, paywall
    case siteName = "site-name"
    case canonicalURL = "canonical-url"
    case ampURL = "amp-url"
    case leadImage = "lead-image"
    case originalSource = "original-source"
}

/// Where a document says something of itself.
public enum MetadataSource: String, Sendable, Codable, CaseIterable {
    /// A JSON-LD object that describes the article.
    case jsonLD = "json-ld"
    /// OpenGraph and its `article:` extension.
    case openGraph = "opengraph"
    /// Twitter card.
    case twitter
    /// Any other meta element.
    case meta
    /// Microdata: `itemprop`.
    case microdata
    /// A heading of the visible page.
    case heading
    /// The document's `<title>`.
    case documentTitle = "title"
    /// An element of the visible page that is marked up or named for this: `time`, `rel=author`, a class such as `byline`.
    case page
    /// Text of the visible page without markup that says what it is.
    case text
    /// Data of the page's own programs.
    case script
    /// The address of the page.
    case url
    /// A `<link>` of the page's head, or the `lang` attribute of its root.
    case declaration
    /// The feed or sitemap that named the page.
    case listing
}

/// What one source says of one field, and what that was worth.
public struct MetadataCandidate: Sendable, Codable, Equatable {
    /// The field.
    public var field: MetadataField
    /// The source.
    public var source: MetadataSource
    /// Where in the source: the name of a meta element or a member, a heading's element.
    public var name: String?
    /// The words as the source has them.
    public var text: String
    /// What they were understood as: a headline without the site's name, names, a date in ISO 8601.
    public var value: String
    /// The weight of this source's vote.
    public var weight: Double
    /// The sum of all votes for this value; sources that agree share it.
    public var votes: Double
    /// Whether the article has this value.
    public var isChosen: Bool

    /// Makes a candidate.
    public init(
        field: MetadataField, source: MetadataSource, name: String? = nil, text: String, value: String, weight: Double,
        votes: Double = 0, isChosen: Bool = false
    ) {
        self.field = field
        self.source = source
        self.name = name
        self.text = text
        self.value = value
        self.weight = weight
        self.votes = votes
        self.isChosen = isChosen
    }
}

/// Everything that a document's sources say of its metadata.
///
/// Kept in memory with the article, for those who want to see why a field is what it is; the database holds only the
/// ``FieldEvidence`` of each field.
public struct MetadataCandidates: Sendable, Codable, Equatable {
    /// All candidates, those of one field in the order in which the sources were read.
    public private(set) var all: [MetadataCandidate] = []

    /// Makes an empty set.
    public init() {}

    /// The candidates for a field, the one with the most votes first.
    public subscript(field: MetadataField) -> [MetadataCandidate] {
        all.filter { $0.field == field }.sorted { ($0.isChosen ? 1 : 0, $0.votes) > ($1.isChosen ? 1 : 0, $1.votes) }
    }

    /// Adds what a source says.
    mutating func add(_ candidate: MetadataCandidate) { all.append(candidate) }

    /// Takes the place of all candidates of a field.
    mutating func replace(_ field: MetadataField, by candidates: [MetadataCandidate]) {
        all.removeAll { $0.field == field }
        all.append(contentsOf: candidates)
    }

    /// Where a field's value comes from, or `nil` where it has none.
    public func evidence(for field: MetadataField) -> FieldEvidence? {
        let own = all.filter { $0.field == field }
        let chosen = own.filter(\.isChosen)
        guard let first = chosen.max(by: { $0.weight < $1.weight }) else { return nil }
        var sources: [MetadataSource] = []
        for candidate in chosen where !sources.contains(candidate.source) { sources.append(candidate.source) }
        let total = own.reduce(0) { $0 + $1.weight }
        let agreeing = chosen.reduce(0) { $0 + $1.weight }
        return FieldEvidence(
            source: first.source.rawValue, sources: sources.map(\.rawValue),
            agreement: total > 0 ? (agreeing / total * 100).rounded() / 100 : nil)
    }
}

/// Where the value of a field comes from.
public struct FieldEvidence: Sendable, Codable, Equatable {
    /// The heaviest source that gives it.
    public var source: String
    /// All sources that give it; `nil` where only one was asked.
    public var sources: [String]?
    /// The share of the votes of all sources that this value has, 0 to 1; `nil` where only one was asked.
    public var agreement: Double?

    /// Makes the evidence of a field.
    public init(source: String, sources: [String]? = nil, agreement: Double? = nil) {
        self.source = source
        self.sources = sources
        self.agreement = agreement
    }
}
