import Model
import Pipeline
import Postgres
import Synchronization

/// A stage whose outcomes a test decides by article number; its effect is a row in a table of its own.
struct ScriptedStage: Stage {
    typealias Input = IndexArticle

    /// What to do with an article.
    enum Script: Sendable {
        case done
        case end(StageOutcome)
        case fail
        case failOnce
        case badData
        case publish
        case hang
    }

    struct Failure: Error {}

    let script: @Sendable (Int64) -> Script
    /// Bytes of each message's document.
    var documentBytes = 0
    let seen = Seen()

    /// What the stage saw: every attempt at processing.
    final class Seen: Sendable {
        private let attempts = Mutex<[Int64: Int]>([:])
        func add(_ id: Int64) -> Int {
            attempts.withLock {
                $0[id, default: 0] += 1
                return $0[id, default: 0]
            }
        }
        func count(_ id: Int64) -> Int { attempts.withLock { $0[id, default: 0] } }

        private let documents = Mutex((loaded: 0, most: 0))
        /// The most documents that were loaded and not written yet.
        var mostLoaded: Int { documents.withLock { $0.most } }
        func load(_ count: Int) {
            documents.withLock {
                $0.loaded += count
                $0.most = max($0.most, $0.loaded)
            }
        }
    }

    init(documentBytes: Int = 0, script: @escaping @Sendable (Int64) -> Script) {
        self.documentBytes = documentBytes
        self.script = script
    }

    static func prepare(_ database: PostgresPool) async throws {
        _ = try await database.query(
            "CREATE TABLE effect (article_id bigint PRIMARY KEY, times integer NOT NULL DEFAULT 1 CHECK (times < 1000))"
        )
    }

    func sizes(of messages: [StageMessage<IndexArticle>], from database: PostgresPool) async throws -> [Int] {
        messages.map { _ in documentBytes }
    }

    func load(_ messages: [StageMessage<IndexArticle>], from database: PostgresPool) async throws -> [StageStep<Int64>]
    {
        seen.load(messages.count)
        return messages.map { .next($0.payload.articleID) }
    }

    func process(_ loaded: Int64, message: StageMessage<IndexArticle>) async throws -> StageStep<Int64> {
        let times = seen.add(loaded)
        switch script(loaded) {
        case .done, .badData, .publish: return .next(loaded)
        case .end(let outcome): return .end(outcome)
        case .fail: throw Failure()
        case .failOnce:
            if times == 1 { throw Failure() }
            return .next(loaded)
        case .hang:
            try await Task.sleep(for: .seconds(3600))
            return .next(loaded)
        }
    }

    func persist(
        _ batch: [ProcessedMessage<IndexArticle, Int64>], in transaction: PostgresConnection
    ) async throws -> [StageResult] {
        for item in batch {
            var value = item.value
            if case .badData = script(value) { value = -1 }
            _ = try await transaction.query(
                """
                INSERT INTO effect AS e (article_id) SELECT $1::bigint / (CASE WHEN $1 < 0 THEN 0 ELSE 1 END)
                ON CONFLICT (article_id) DO UPDATE SET times = e.times + 1
                """, [.int(value)])
        }
        seen.load(-batch.count)
        return try batch.map { item in
            guard case .publish = script(item.value) else { return StageResult(.done) }
            return StageResult(
                .done,
                publications: [try .next(Envelope(ClassifyArticle(articleID: item.value, revision: 1), urlID: nil))])
        }
    }
}
