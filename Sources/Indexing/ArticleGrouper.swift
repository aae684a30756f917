/// What the grouping needs of an article, computed from its text alone.
struct ArticleFeatures: Sendable {
    var signature: ReprintSignature
    var story: StoryFeatures
    /// BCP 47 primary subtag, or empty.
    var language: String
    /// When the article appeared, in seconds since 1970; `nil` where nobody knows: nothing is guessed then.
    var time: Double?
    /// The date that the outlet gave it, in seconds since 1970.
    var published: Double?

    /// Words of a headline that are looked at.
    static let longestTitle = 200

    /// Computes the features.
    ///
    /// - Parameters:
    ///   - time: when it appeared, as far as anybody knows.
    ///   - published: the date that the outlet gave it.
    init(title: String, body: String, language: String?, time: Double?, published: Double?) {
        let headline = FoldedText(title, limit: Self.longestTitle)
        let text = FoldedText(body)
        signature = ReprintSignature(text, title: headline)
        story = StoryFeatures(title: headline, body: text)
        self.language = SearchConfiguration.primarySubtag(language ?? "")
        self.time = time
        self.published = published
    }
}

/// Where an article was put.
struct GroupingDecision: Sendable {
    /// The article whose text it reprints, and how; `nil` for an original.
    var reprintOf: (key: Int64, relation: ReprintRelation)?
    /// How it stands to the original of its group, where it was published before that: the original is a copy of it.
    var precedes: ReprintRelation?
    /// The original of its group of reprints: itself when it is one.
    var original: Int64
    /// Earlier texts that share a passage with it and are no reprints.
    var contains: [Int64]
    /// The story that it joined or opened.
    var story: Int64
    /// Whether it opened the story.
    var opensStory: Bool
    /// How well it fitted, 0 to 1; 1 for the article that opened the story.
    var storyScore: Float
    /// The words that it brought to the story.
    var newTerms: [UInt64] = []
}

/// Puts articles into groups of reprints and into stories, one after another and once for all.
///
/// The same code serves `wireroom group`, which keeps a window of the stream in memory, and the index stage, which
/// fills it with the candidates of a batch from the database. Memory is bounded by the windows of the configuration.
struct ArticleGrouper: Sendable {
    /// The bounds of the windows.
    struct Configuration: Sendable {
        /// How long a text can be found as the original of a reprint.
        var reprintWindowHours = 24.0 * 14
        var maximumTexts = 20_000
        /// How long a story without news stays open.
        var storyWindowHours = 24.0 * 14
        var maximumStories = 20_000
        var matcher = StoryMatcher()
    }

    var configuration: Configuration
    var statistics: TermStatistics
    private(set) var reprints = ReprintIndex()
    private(set) var stories = StoryIndex()
    private var storyOfText: [Int64: Int64] = [:]
    /// The greatest time of an article so far, by which the windows move; articles without a time do not move them.
    private var newestTime = -Double.infinity
    private var assigned = 0

    init(configuration: Configuration = Configuration(), statistics: TermStatistics = TermStatistics()) {
        self.configuration = configuration
        self.statistics = statistics
    }

    /// Makes a story known that was made elsewhere.
    mutating func insert(story key: Int64, _ profile: StoryProfile) { stories.insert(key, profile) }

    /// Makes a text known that was grouped elsewhere.
    mutating func insert(text key: Int64, _ entry: ReprintIndex.Entry, story: Int64?) {
        reprints.insert(key, entry)
        storyOfText[key] = story
    }

    /// Decides about an article.
    ///
    /// - Parameters:
    ///   - key: the article's key; greater than all before it.
    ///   - newStory: the key of the story, should it open one.
    mutating func assign(_ features: ArticleFeatures, key: Int64, newStory: Int64) -> GroupingDecision {
        if let time = features.time { newestTime = max(newestTime, time) }
        let finding = reprints.find(features.signature, except: key)
        let original = finding.reprintOf.flatMap { reprints.entries[$0.key]?.original } ?? key
        let vector = StoryVector(features.story, statistics: statistics)
        var decision = GroupingDecision(
            reprintOf: finding.reprintOf, precedes: precedence(features, original: original, finding: finding),
            original: original, contains: finding.contains, story: newStory, opensStory: true, storyScore: 1)
        if let story = finding.reprintOf.flatMap({ storyOfText[$0.key] }), stories.profiles[story] != nil {
            decision.story = story
            decision.storyScore = Float(finding.reprintOf?.relation.similarity ?? 1)
            decision.opensStory = false
        } else if let best = stories.best(
            for: vector, language: features.language, time: features.time, matcher: configuration.matcher),
            best.match.joins
        {
            decision.story = best.key
            decision.storyScore = min(1, best.match.score)
            decision.opensStory = false
        }
        record(&decision, features: features, vector: vector, key: key)
        return decision
    }

    /// How an article stands to the original of the group that it joins, if both dates are known and it is the earlier.
    private func precedence(
        _ features: ArticleFeatures, original: Int64, finding: ReprintIndex.Finding
    ) -> ReprintRelation? {
        guard let (match, relation) = finding.reprintOf, let entry = reprints.entries[original],
            let published = features.published, let other = entry.published, published < other
        else { return nil }
        if match == original { return relation }
        let direct = ReprintVerifier.relation(entry.signature, features.signature)
        return direct?.isReprint == true ? direct : nil
    }

    private mutating func record(
        _ decision: inout GroupingDecision, features: ArticleFeatures, vector: StoryVector, key: Int64
    ) {
        var profile = stories.profiles[decision.story] ?? StoryProfile()
        let isNew = decision.reprintOf == nil || decision.opensStory
        if isNew {
            let known = profile.parts[features.language]?.entries ?? [:]
            decision.newTerms = features.story.terms.map(\.hash).filter { known[$0] == nil }
            statistics.add(decision.newTerms, opensStory: decision.opensStory)
        }
        profile.add(isNew ? vector : nil, time: features.time, language: features.language)
        stories.insert(decision.story, profile)
        reprints.insert(
            key,
            ReprintIndex.Entry(
                signature: features.signature, original: decision.original, time: features.time,
                published: features.published))
        storyOfText[key] = features.signature.isEmpty ? nil : decision.story
        assigned += 1
        if assigned % 256 == 0 { forget() }
    }

    /// The keys of all articles and stories that a later decision can name.
    var openKeys: Set<Int64> {
        var keys = Set(stories.profiles.keys)
        for (key, entry) in reprints.entries {
            keys.insert(key)
            keys.insert(entry.original)
        }
        return keys
    }

    /// Drops what is out of the windows. What has no time goes when the numbers are reached, the oldest arrivals first.
    private mutating func forget() {
        reprints.removeEntries(
            before: newestTime - configuration.reprintWindowHours * 3600, keeping: configuration.maximumTexts)
        stories.removeStories(before: newestTime - configuration.storyWindowHours * 3600)
        stories.removeOldest(keeping: configuration.maximumStories)
        if storyOfText.count > reprints.entries.count + 1024 {
            let texts = reprints.entries
            storyOfText = storyOfText.filter { texts[$0.key] != nil }
        }
    }
}
