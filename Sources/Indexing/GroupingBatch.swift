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
    /// The headline of the article that opened each new story.
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
        let window = TimeWindow(articles, configuration: configuration)
        let texts = try await store.texts(for: articles, window: window, in: transaction)
        for text in texts {
            grouper.insert(text: text.articleID, text.entry, story: text.storyID)
            if let group = text.reprintID { reprintGroups[text.entry.original] = group }
        }
        let vectors = articles.map { StoryVector($0.features.story, statistics: statistics) }
        let profiles = try await store.stories(
            for: vectors, and: Set(texts.compactMap(\.storyID)), window: window, in: transaction)
        for (key, profile) in profiles { grouper.insert(story: key, profile) }
        for (index, article) in articles.enumerated() {
            let newStory = -Int64(index + 1)
            let decision = grouper.assign(article.features, key: article.article.articleID, newStory: newStory)
            if decision.opensStory { titles[newStory] = article.article.title }
            changed[decision.story] = grouper.stories.profiles[decision.story]
            placements.append(Placement(article: article, decision: decision))
        }
    }
}

/// The times that the candidates of a batch can have.
struct TimeWindow: Sendable {
    var textsFrom: Date
    var storiesFrom: Date
    var until: Date

    init(_ articles: [PreparedArticle], configuration: ArticleGrouper.Configuration) {
        let times = articles.map(\.article.time)
        let first = times.min() ?? Date()
        let last = times.max() ?? Date()
        textsFrom = first.addingTimeInterval(-configuration.reprintWindowHours * 3600)
        storiesFrom = first.addingTimeInterval(-configuration.storyWindowHours * 3600)
        until = last.addingTimeInterval(configuration.storyWindowHours * 3600)
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
