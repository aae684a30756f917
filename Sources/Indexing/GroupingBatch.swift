internal import Foundation
internal import Postgres

/// The articles of a batch with the decisions about them, made among the candidates that the database holds.
struct GroupingBatch: Sendable {
    /// An article and where it was put. Stories with a negative key are new.
    struct Placement: Sendable {
        var article: PreparedArticle
        var decision: GroupingDecision
    }

    private(set) var placements: [Placement] = []
    /// The stories that gained an article, as they are now.
    private(set) var changed: [Int64: StoryProfile] = [:]
    /// The headline of the first article with one that each story gained.
    private(set) var titles: [Int64: String] = [:]
    /// Groups of reprints that exist, by their original.
    private(set) var reprintGroups: [Int64: Int64] = [:]

    /// Loads the candidates and decides about each article, in the order given.
    init(
        _ articles: [PreparedArticle], configuration: ArticleGrouper.Configuration, store: IndexStore,
        in transaction: PostgresConnection
    ) async throws {
        guard !articles.isEmpty else { return }
        let statistics = try await store.statistics(for: articles, in: transaction)
        var grouper = ArticleGrouper(configuration: configuration.unforgetting, statistics: statistics)
        let windows = articles.map { article in
            article.article.time.map { TimeWindow(around: $0, hours: configuration.storyWindowHours) }
        }
        let texts = try await store.texts(
            for: articles, window: TimeWindow.ofTexts(articles, configuration: configuration), in: transaction)
        for text in texts {
            grouper.insert(text: text.articleID, text.entry, story: text.storyID)
            if let group = text.reprintID { reprintGroups[text.entry.original] = group }
        }
        let vectors = articles.map { StoryVector($0.features.story, statistics: statistics) }
        let profiles = try await store.stories(
            for: vectors, windows: windows, and: Set(texts.compactMap(\.storyID)), in: transaction)
        for (key, profile) in profiles { grouper.insert(story: key, profile) }
        for (index, article) in articles.enumerated() {
            let newStory = -Int64(index + 1)
            let decision = grouper.assign(article.features, key: article.article.articleID, newStory: newStory)
            if !article.article.title.isEmpty, titles[decision.story] == nil {
                titles[decision.story] = article.article.title
            }
            changed[decision.story] = grouper.stories.profiles[decision.story]
            placements.append(Placement(article: article, decision: decision))
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
