public import Model
public import Pipeline
public import Postgres

/// The stage that annotates articles: topics, places, actors, quotations and events.
///
/// A message that comes again writes the same rows again and sends the same message on.
public struct ClassifyStage: Stage {
    public typealias Input = ClassifyArticle

    private let classifier: ArticleClassifier

    /// Makes the stage over a loaded classifier.
    public init(classifier: ArticleClassifier) {
        self.classifier = classifier
    }

    public func sizes(of messages: [StageMessage<ClassifyArticle>], from database: PostgresPool) async throws -> [Int] {
        try await ArticleSizes.read(messages.map(\.payload.articleID), from: database)
    }

    /// Reads the articles of a batch, in one query.
    public func load(
        _ messages: [StageMessage<ClassifyArticle>], from database: PostgresPool
    ) async throws -> [StageStep<LoadedArticle>] {
        let articles = try await ClassifyStore.articles(messages.map(\.payload.articleID), from: database)
        return messages.map { message in
            guard let article = articles[message.payload.articleID] else { return .end(.drop(.removed)) }
            if article.revision > message.payload.revision { return .end(.drop(.superseded)) }
            if article.revision < message.payload.revision { return .end(.retry(.notYetVisible)) }
            return .next(article)
        }
    }

    @concurrent public func process(
        _ loaded: LoadedArticle, message: StageMessage<ClassifyArticle>
    ) async throws -> StageStep<ArticleAnnotations> {
        .next(
            classifier.classify(
                title: loaded.title, body: loaded.body, language: loaded.language, url: loaded.url,
                publishedAt: loaded.publishedAt))
    }

    /// Replaces the annotations of a batch of articles; those that have a newer revision by now are left alone.
    public func persist(
        _ batch: [ProcessedMessage<ClassifyArticle, ArticleAnnotations>], in transaction: PostgresConnection
    ) async throws -> [StageResult] {
        let current = try await ClassifyStore.lockRevisions(batch.map(\.message.payload.articleID), in: transaction)
        var written: [Int64: ArticleAnnotations] = [:]
        for item in batch where current[item.message.payload.articleID] == item.message.payload.revision {
            written[item.message.payload.articleID] = item.value
        }
        try await ClassifyStore.replace(written, in: transaction)
        return try batch.map { item in
            let payload = item.message.payload
            guard let revision = current[payload.articleID] else { return StageResult(.drop(.removed)) }
            guard revision == payload.revision else { return StageResult(.drop(.superseded)) }
            let envelope = item.message.envelope
            let next = Envelope(
                IndexArticle(articleID: payload.articleID, revision: payload.revision), urlID: envelope.urlID,
                trace: envelope.trace)
            return StageResult(.done, publications: [try .next(next)])
        }
    }
}
