/// What is kept of a story: the sums of its articles' vectors and when it was in the news.
///
/// Each language has its own sum, since the words of another language would only dilute it.
struct StoryProfile: Sendable, Equatable {
    /// The part of a story that is told in one language.
    struct Part: Sendable, Equatable {
        /// A word of the story.
        struct Entry: Sendable, Equatable {
            var weight: Float
            /// The part of the weight that came from articles where it is a name.
            var nameWeight: Float
        }

        private(set) var entries: [UInt64: Entry] = [:]
        /// The same, for comparing.
        private(set) var lookup = WordLookup()
        var articleCount = 0
        private(set) var length: Float = 0
        private(set) var nameLength: Float = 0

        init() {}

        init(entries: [UInt64: Entry], articleCount: Int) {
            self.entries = entries
            self.articleCount = articleCount
            measure()
        }

        mutating func add(_ vector: StoryVector) {
            for component in vector.components {
                var entry = entries[component.hash] ?? Entry(weight: 0, nameWeight: 0)
                entry.weight += component.weight
                if component.isName { entry.nameWeight += component.weight }
                entries[component.hash] = entry
            }
            articleCount += 1
            if entries.count > StoryProfile.maximumEntries * 2 {
                let kept = heaviest(StoryProfile.maximumEntries)
                entries = Dictionary(uniqueKeysWithValues: kept.compactMap { key in entries[key].map { (key, $0) } })
            }
            measure()
        }

        /// The heaviest words.
        func heaviest(_ count: Int) -> [UInt64] {
            entries.sorted { ($1.value.weight, $0.key) < ($0.value.weight, $1.key) }.prefix(count).map(\.key)
        }

        private mutating func measure() {
            lookup = WordLookup(entries)
            length = entries.values.reduce(Float(0)) { $0 + $1.weight * $1.weight }.squareRoot()
            nameLength = entries.values.reduce(Float(0)) { $0 + $1.nameWeight * $1.nameWeight }.squareRoot()
        }
    }

    /// The parts by language; an empty one stands for articles of unknown language.
    private(set) var parts: [String: Part] = [:]
    /// Articles, reprints included.
    var articleCount = 0
    /// Seconds since 1970; of the first and the newest article whose time is known, `nil` while there is none.
    private(set) var firstTime: Double?
    private(set) var lastTime: Double?
    /// Articles whose time is unknown.
    private(set) var undatedCount = 0

    /// Words kept of each part.
    static let maximumEntries = 256
    private static let maximumParts = 12

    init() {}

    init(parts: [String: Part], articleCount: Int, firstTime: Double?, lastTime: Double?, undatedCount: Int = 0) {
        self.parts = parts
        self.articleCount = articleCount
        self.firstTime = firstTime
        self.lastTime = lastTime
        self.undatedCount = undatedCount
    }

    /// Adds an article; a reprint, which says nothing new, is only counted.
    mutating func add(_ vector: StoryVector?, time: Double?, language: String) {
        articleCount += 1
        if let time {
            firstTime = min(firstTime ?? time, time)
            lastTime = max(lastTime ?? time, time)
        } else {
            undatedCount += 1
        }
        guard let vector, parts[language] != nil || parts.count < Self.maximumParts else { return }
        parts[language, default: Part()].add(vector)
    }

    /// How far a time lies outside the story's time, in seconds; 0 where either is unknown.
    func distance(to time: Double?) -> Double {
        guard let time, let firstTime, let lastTime else { return 0 }
        return max(0, time - lastTime, firstTime - time)
    }

    /// The words that a story is found by: the heaviest of each part.
    func heaviest(_ count: Int) -> Set<UInt64> {
        Set(parts.values.flatMap { $0.heaviest(count) })
    }
}
