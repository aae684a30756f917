/// An article as a direction in the space of words, of length 1.
struct StoryVector: Sendable {
    struct Component: Sendable {
        var hash: UInt64
        var weight: Float
        var isName: Bool
    }

    /// The words, heaviest first.
    var components: [Component]
    /// Length of the part that names make up, 0 to 1.
    var nameLength: Float
    var wordCount: Int

    static let nameBoost: Float = 1.5

    /// Weighs an article's words by how rare they are.
    init(_ features: StoryFeatures, statistics: TermStatistics) {
        var components = features.terms.map { term in
            let rarity = max(0, statistics.weight(term.hash))
            return Component(
                hash: term.hash, weight: term.weight * rarity * (term.isName ? Self.nameBoost : 1), isName: term.isName)
        }
        let length = components.reduce(Float(0)) { $0 + $1.weight * $1.weight }.squareRoot()
        if length > 0 { for index in components.indices { components[index].weight /= length } }
        components.sort { ($1.weight, $0.hash) < ($0.weight, $1.hash) }
        self.components = components
        nameLength = components.reduce(Float(0)) { $0 + ($1.isName ? $1.weight * $1.weight : 0) }.squareRoot()
        wordCount = features.wordCount
    }
}

/// What is kept of a story: the sum of its articles' vectors and when it was last in the news.
struct StoryProfile: Sendable {
    /// A word of the story.
    struct Entry: Sendable, Codable, Equatable {
        var weight: Float
        /// The part of the weight that came from articles where it is a name.
        var nameWeight: Float
    }

    var entries: [UInt64: Entry] = [:]
    var articleCount = 0
    /// Seconds since 1970; of the first and the newest article.
    var firstTime = Double.infinity
    var lastTime = -Double.infinity
    /// Languages of its articles.
    var languages: Set<String> = []
    private(set) var length: Float = 0
    private(set) var nameLength: Float = 0

    static let maximumEntries = 256

    init() {}

    init(entries: [UInt64: Entry], articleCount: Int, firstTime: Double, lastTime: Double, languages: Set<String>) {
        self.entries = entries
        self.articleCount = articleCount
        self.firstTime = firstTime
        self.lastTime = lastTime
        self.languages = languages
        measure()
    }

    /// Adds an article.
    mutating func add(_ vector: StoryVector, time: Double, language: String) {
        for component in vector.components {
            var entry = entries[component.hash] ?? Entry(weight: 0, nameWeight: 0)
            entry.weight += component.weight
            if component.isName { entry.nameWeight += component.weight }
            entries[component.hash] = entry
        }
        articleCount += 1
        firstTime = min(firstTime, time)
        lastTime = max(lastTime, time)
        if languages.count < 16 { languages.insert(language) }
        if entries.count > Self.maximumEntries * 2 { shrink() }
        measure()
    }

    /// The words that a story is found by: its heaviest.
    func heaviest(_ count: Int) -> [UInt64] {
        entries.sorted { ($1.value.weight, $0.key) < ($0.value.weight, $1.key) }.prefix(count).map(\.key)
    }

    mutating func shrink() {
        let kept = heaviest(Self.maximumEntries)
        entries = Dictionary(uniqueKeysWithValues: kept.compactMap { key in entries[key].map { (key, $0) } })
        measure()
    }

    private mutating func measure() {
        length = entries.values.reduce(Float(0)) { $0 + $1.weight * $1.weight }.squareRoot()
        nameLength = entries.values.reduce(Float(0)) { $0 + $1.nameWeight * $1.nameWeight }.squareRoot()
    }
}
