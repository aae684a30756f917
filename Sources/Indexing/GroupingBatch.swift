internal import Foundation
internal import Postgres

/// The articles of a batch with the decisions about them, made among the candidates that the database holds.
struct GroupingBatch: Sendable {
    /// An article and where it was put. Stories with a negative key are new.
    struct Placement: Sendable {
        var article: PreparedArticle
        var decision: GroupingDecision
        /// The story that it stood in before; `nil` for an article of the batch.
        var previousStory: Int64?
    }

    /// In the order in which they were decided: those with a time by their times; then the rest, for whom stories that
    /// have a time are a surer measure than they are for others.
    private(set) var placements: [Placement] = []
    /// The stories that gained an article, as they are now.
    private(set) var changed: [Int64: StoryProfile] = [:]
    /// Those of them whose words have to be written: new ones, those that were taken apart, and those that have other words
    /// than before. What a reprint brings are a count and a time.
    private(set) var retold: Set<Int64> = []
    /// The words that stories were found by before.
    private(set) var listed: [Int64: Set<UInt64>] = [:]
    /// The headline of the first article with one that each story gained.
    private(set) var titles: [Int64: String] = [:]
    /// Groups of reprints that exist, by their original.
    private(set) var reprintGroups: [Int64: Int64] = [:]
    /// The stories that were taken apart; those that are in ``changed`` go on under their number.
    private(set) var loose: Set<Int64> = []
    /// How many of those each word was counted for.
    private(set) var looseCounts: [UInt64: Int64] = [:]

    /// Loads the candidates and decides about each article.
    init(
        _ articles: [PreparedArticle], configuration: ArticleGrouper.Configuration, store: IndexStore,
        in transaction: PostgresConnection
    ) async throws {
        guard !articles.isEmpty else { return }
        var statistics = try await store.statistics(for: articles, in: transaction)
        let windows = articles.map { article in
            article.article.time.map { TimeWindow(around: $0, hours: configuration.storyWindowHours) }
        }
        let texts = try await store.texts(
            for: articles, window: TimeWindow.ofTexts(articles, configuration: configuration), in: transaction)
        let vectors = articles.map { StoryVector($0.features.story, statistics: statistics) }
        let profiles = try await store.stories(
            for: vectors, windows: windows, and: Set(texts.compactMap(\.storyID)), in: transaction)
        let near = Self.stories(in: profiles, thatFit: articles, vectors, configuration.matcher)
        let looseStories = try await store.looseStories(among: near, in: transaction)
        if !looseStories.members.isEmpty {
            loose = looseStories.stories
            looseCounts = looseStories.counts
            statistics = try await store.statistics(
                for: articles + looseStories.members.map(\.article), in: transaction)
            statistics.remove(looseCounts, stories: loose.count)
        }
        var grouper = ArticleGrouper(configuration: configuration.unforgetting, statistics: statistics)
        for text in texts {
            grouper.insert(text: text.articleID, text.entry, story: text.storyID)
            if let group = text.reprintID { reprintGroups[text.entry.original] = group }
        }
        for (key, profile) in profiles where !loose.contains(key) { grouper.insert(story: key, profile) }
        decide(articles.map { ($0, nil) } + looseStories.members.map { ($0.article, $0.story) }, by: &grouper)
        compare(with: profiles)
    }

    /// Finds out what is new about the changed stories. Of those that were taken apart everything is.
    private mutating func compare(with stored: [Int64: StoryProfile]) {
        for (story, profile) in changed {
            guard !loose.contains(story), let before = stored[story] else {
                retold.insert(story)
                continue
            }
            guard before.parts != profile.parts else { continue }
            retold.insert(story)
            listed[story] = StoredForms.listedWords(before)
        }
    }

    /// The stories that may be loose and that an article fits by its words, at whatever time.
    private static func stories(
        in profiles: [Int64: StoryProfile], thatFit articles: [PreparedArticle], _ vectors: [StoryVector],
        _ matcher: StoryMatcher
    ) -> Set<Int64> {
        let fitting = profiles.filter { _, profile in
            profile.undatedCount > 0 && profile.articleCount <= LooseStories.maximumArticles
                && zip(articles, vectors).contains {
                    matcher.match($1, language: $0.features.language, time: nil, with: profile).joins
                }
        }
        return Set(fitting.keys)
    }

    private mutating func decide(
        _ articles: [(article: PreparedArticle, previous: Int64?)], by grouper: inout ArticleGrouper
    ) {
        let ordered = articles.sorted {
            ($0.article.article.time ?? .distantFuture, $0.article.article.articleID)
                < ($1.article.article.time ?? .distantFuture, $1.article.article.articleID)
        }
        var waiting: [(item: (article: PreparedArticle, previous: Int64?), waiting: ArticleGrouper.Waiting)] = []
        for (index, item) in ordered.enumerated() {
            let (features, key) = (item.article.features, item.article.article.articleID)
            let newStory = -Int64(index + 1)
            guard features.time != nil else {
                waiting.append((item, ArticleGrouper.Waiting(features: features, key: key, newStory: newStory)))
                continue
            }
            let decision = grouper.assign(features, key: key, newStory: newStory)
            placements.append(Placement(article: item.article, decision: decision, previousStory: item.previous))
        }
        for (place, decision) in grouper.assignBestFirst(waiting.map(\.waiting)) {
            let item = waiting[place].item
            placements.append(Placement(article: item.article, decision: decision, previousStory: item.previous))
        }
        keepNumbers()
        for placement in placements {
            let (story, title) = (placement.decision.story, placement.article.article.title)
            if !title.isEmpty, titles[story] == nil { titles[story] = title }
            changed[story] = grouper.stories.profiles[numbers[story] ?? story]
        }
    }

    /// The keys that the grouper gave to stories that go on under their old number.
    private var numbers: [Int64: Int64] = [:]

    /// Lets a story that was put together anew go on under the number of one that its first article came from.
    private mutating func keepNumbers() {
        var names: [Int64: Int64] = [:]
        let byArticle = placements.sorted { $0.article.article.articleID < $1.article.article.articleID }
        for placement in byArticle {
            let story = placement.decision.story
            guard let previous = placement.previousStory, story < 0, names[story] == nil, numbers[previous] == nil
            else { continue }
            names[story] = previous
            numbers[previous] = story
        }
        for index in placements.indices {
            let story = placements[index].decision.story
            placements[index].decision.story = names[story] ?? story
        }
    }
}

/// The times that candidates can have.
struct TimeWindow: Sendable {
    var since: Date
    var until: Date

    private init(since: Date, until: Date) {
        self.since = since
        self.until = until
    }

    /// So many hours before and after a time.
    init(around time: Date, hours: Double) {
        self.init(since: time.addingTimeInterval(-hours * 3600), until: time.addingTimeInterval(hours * 3600))
    }

    /// When the texts that a batch may reprint appeared; `nil` when an article of the batch may be of any time.
    static func ofTexts(_ articles: [PreparedArticle], configuration: ArticleGrouper.Configuration) -> TimeWindow? {
        let times = articles.compactMap(\.article.time)
        guard times.count == articles.count, let first = times.min(), let last = times.max() else { return nil }
        let hours = configuration.reprintWindowHours
        return TimeWindow(
            since: first.addingTimeInterval(-hours * 3600), until: last.addingTimeInterval(hours * 3600))
    }
}

extension ArticleGrouper.Configuration {
    /// The same without windows: a batch's candidates were chosen by the database already.
    var unforgetting: Self {
        var copy = self
        copy.reprintWindowHours = .infinity
        copy.storyWindowHours = .infinity
        copy.maximumTexts = .max
        copy.maximumStories = .max
        return copy
    }
}
