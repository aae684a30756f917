public import CoreMetrics
internal import Foundation
public import Model
public import Pipeline
public import Postgres

/// The index stage: makes an article searchable, finds its reprints, and puts it into a story.
///
/// Decisions depend on what came before, so batches are written one after another over all workers (an advisory lock
/// that the transaction holds); reading and the computing of features go on at the same time. An article keeps its
/// story and its group of reprints when the outlet changes it; its text is searched in the newest revision. Only small
/// stories with articles of unknown time are decided about again, see ``LooseStories``.
public struct IndexStage: Stage {
    public typealias Input = IndexArticle
    public typealias Loaded = IndexableArticle
    public typealias Processed = PreparedArticle

    private let store = IndexStore()
    private let configuration = ArticleGrouper.Configuration()

    private let freshness: FreshnessMetrics

    /// Makes the stage.
    public init(metrics: any MetricsFactory = NOOPMetricsHandler.instance) {
        freshness = FreshnessMetrics(factory: metrics)
    }

    public func sizes(of messages: [StageMessage<IndexArticle>], from database: PostgresPool) async throws -> [Int] {
        try await ArticleSizes.read(messages.map(\.payload.articleID), from: database)
    }

    public func load(
        _ messages: [StageMessage<IndexArticle>], from database: PostgresPool
    ) async throws -> [StageStep<IndexableArticle>] {
        let rows = try await database.withConnection { [store] in
            try await store.articles(messages.map(\.payload.articleID), in: $0)
        }
        return messages.map { message in
            guard let row = rows[message.payload.articleID] else { return .end(.drop(.removed)) }
            if row.article.revision > message.payload.revision { return .end(.drop(.superseded)) }
            if row.article.revision < message.payload.revision { return .end(.retry(.notYetVisible)) }
            return row.indexedRevision == row.article.revision ? .end(.done) : .next(row.article)
        }
    }

    @concurrent
    public func process(
        _ loaded: IndexableArticle, message: StageMessage<IndexArticle>
    ) async throws -> StageStep<PreparedArticle> {
        .next(PreparedArticle(loaded))
    }

    public func persist(
        _ batch: [ProcessedMessage<IndexArticle, PreparedArticle>], in transaction: PostgresConnection
    ) async throws -> [StageResult] {
        try await store.lock(in: transaction)
        let states = try await store.states(batch.map(\.value.article.articleID), in: transaction)
        var results: [StageResult?] = []
        var fresh: [Int64: PreparedArticle] = [:]
        for item in batch {
            let article = item.value.article
            guard let state = states[article.articleID] else {
                results.append(StageResult(.drop(.removed)))
                continue
            }
            if state.revision != article.revision {
                results.append(StageResult(.drop(.superseded)))
            } else if state.indexedRevision == article.revision || fresh[article.articleID] != nil {
                results.append(StageResult(.done))
            } else {
                fresh[article.articleID] = item.value
                results.append(nil)
            }
        }
        guard !fresh.isEmpty else { return results.compactMap { $0 } }
        let stories = try await write(Array(fresh.values), states: states, in: transaction)
        let now = Date()
        for article in fresh.values { freshness.count(article.article, now: now) }
        return try zip(batch, results).map { item, result in
            if let result { return result }
            return StageResult(
                .done, publications: [try Self.notice(item.value.article, story: stories[item.value.article.articleID])]
            )
        }
    }

    /// Writes articles that are not indexed in this revision yet.
    ///
    /// - Returns: the story of each.
    private func write(
        _ articles: [PreparedArticle], states: [Int64: IndexStore.State], in transaction: PostgresConnection
    ) async throws -> [Int64: Int64] {
        let articles = articles.sorted { $0.article.articleID < $1.article.articleID }
        try await store.writeSearch(articles, in: transaction)
        let ungrouped = articles.filter { states[$0.article.articleID]?.storyID == nil }
        let batch = try await GroupingBatch(ungrouped, configuration: configuration, store: store, in: transaction)
        let outcome = try await store.write(batch, in: transaction)
        try await store.writeSignatures(articles, in: transaction)
        var stories = outcome.stories
        for article in articles where stories[article.article.articleID] == nil {
            stories[article.article.articleID] = states[article.article.articleID]?.storyID
        }
        try await store.finish(articles, stories: stories, changedStories: outcome.changedStories, in: transaction)
        return stories
    }

    private static func notice(_ article: IndexableArticle, story: Int64?) throws -> OutgoingMessage {
        struct Notice: Encodable {
            var article_id: Int64
            var revision: Int
            var story_id: Int64?
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let notice = Notice(article_id: article.articleID, revision: article.revision, story_id: story)
        return .event(routingKey: "article.indexed", json: [UInt8](try encoder.encode(notice)))
    }
}
