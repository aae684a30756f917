/// A stretch of an article's body, counted in Unicode scalars, end exclusive.
public struct TextSpan: Sendable, Hashable {
    /// The first scalar.
    public var start: Int
    /// One past the last scalar.
    public var end: Int

    /// Makes a span.
    public init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    /// Whether the two share a scalar.
    public func overlaps(_ other: TextSpan) -> Bool { start < other.end && other.start < end }

    /// Whether the other lies within this one.
    public func contains(_ other: TextSpan) -> Bool { start <= other.start && other.end <= end }
}

/// What an article is about: a top-level term of the IPTC Media Topics.
public struct ArticleTopic: Sendable, Equatable {
    /// The term's code, such as `medtop:15000000`.
    public var code: String
    /// The term's English name, such as `sport`.
    public var name: String
    /// How sure the classifier is, 0 to 1.
    public var score: Double
}

/// A place that the article names.
public struct ArticlePlace: Sendable, Equatable {
    /// What kind of place it is.
    public enum Kind: String, Sendable, CaseIterable {
        case country, state, region, city
    }

    /// How the article uses the place.
    public enum Role: String, Sendable {
        /// The line that opens a wire report names it.
        case dateline
        /// The text names it.
        case mention
    }

    /// One occurrence in the body.
    public struct Mention: Sendable, Equatable {
        /// Where it stands.
        public var span: TextSpan
        /// Whether the word is one for the country's people or things (`French`), not the place's name.
        public var isDemonym: Bool
    }

    /// The place's English name.
    public var name: String
    /// What kind of place it is.
    public var kind: Kind
    /// The ISO 3166 code of the country that it is or lies in; `nil` for regions that span countries.
    public var countryCode: String?
    /// Its number in GeoNames.
    public var geonamesID: Int?
    /// Degrees north.
    public var latitude: Double
    /// Degrees east.
    public var longitude: Double
    /// How the article uses it.
    public var role: Role
    /// How much the article is about it, 0 to 1: the focus of the article has the greatest.
    public var score: Double
    /// Every occurrence, in order; empty when only the title names it.
    public var mentions: [Mention]
}

/// A person or an organisation that the article names.
public struct ArticleActor: Sendable, Equatable {
    /// What kind of actor it is.
    public enum Kind: String, Sendable, CaseIterable {
        case person, organisation
    }

    /// The fullest form of the name in the article.
    public var name: String
    /// What kind of actor it is.
    public var kind: Kind
    /// How prominent it is, 0 to 1.
    public var salience: Double
    /// Every occurrence, in order.
    public var mentions: [TextSpan]
}

/// Words that the article gives as somebody's own.
public struct ArticleQuote: Sendable, Equatable {
    /// The words, without the outer quotation marks; parts are joined by a space.
    public var text: String
    /// Where they stand, without the outer quotation marks: from the first part's start to the last one's end.
    public var span: TextSpan
    /// The parts, where words such as "she said" stand between them; otherwise one.
    public var parts: [TextSpan]
    /// Who said them, by the fullest name in the article where it is known.
    public var speaker: String?
    /// Where the article names the speaker for this quote.
    public var speakerSpan: TextSpan?
    /// The word that says that something was said, such as `told`.
    public var cue: String?
}

/// Who did what to whom.
public struct ArticleEvent: Sendable, Equatable {
    /// The CAMEO root code, two digits.
    public var code: String
    /// The PLOVER type, such as `CONSULT`.
    public var name: String
    /// Who did it.
    public var actor: String?
    /// Where the actor stands.
    public var actorSpan: TextSpan?
    /// To whom it was done.
    public var target: String?
    /// Where the target stands.
    public var targetSpan: TextSpan?
    /// The words that say what was done.
    public var trigger: String
    /// Where they stand.
    public var span: TextSpan
    /// How sure the classifier is, 0 to 1.
    public var score: Double
}

/// All that the classifier says about one article.
public struct ArticleAnnotations: Sendable, Equatable {
    /// The language as a BCP 47 primary subtag, or `nil` when there is too little text to tell.
    public var language: String?
    /// What it is about, best first; empty when nothing is clear.
    public var topics: [ArticleTopic] = []
    /// The places, most important first.
    public var places: [ArticlePlace] = []
    /// The people and organisations, most prominent first.
    public var actors: [ArticleActor] = []
    /// The quotations in the order of the text.
    public var quotes: [ArticleQuote] = []
    /// The events in the order of the text.
    public var events: [ArticleEvent] = []
}
