import Model
import Pipeline
import Postgres

/// A stage whose statements fail on chosen articles: what the database says when a value is refused, or the program is wrong.
struct FaultyStage: Stage {
    typealias Input = IndexArticle

    /// Articles whose numbers the database refuses while they are loaded.
    var refused: Set<Int64> = []
    /// Articles whose loading asks for a table that does not exist.
    var withoutTable: Set<Int64> = []
    /// Articles whose writing asks for a table that does not exist.
    var unwritable: Set<Int64> = []

    func load(_ messages: [StageMessage<IndexArticle>], from database: PostgresPool) async throws -> [StageStep<Int64>]
    {
        let ids = messages.map(\.payload.articleID)
        if ids.contains(where: withoutTable.contains) { _ = try await database.query("SELECT 1 FROM nowhere") }
        let divisors = ids.map { Int64?(refused.contains($0) ? 0 : 1) }
        _ = try await database.query("SELECT sum(1 / d) FROM unnest($1::bigint[]) AS d", [.intArray(divisors)])
        return ids.map { .next($0) }
    }

    func process(_ loaded: Int64, message: StageMessage<IndexArticle>) async throws -> StageStep<Int64> {
        .next(loaded)
    }

    func persist(
        _ batch: [ProcessedMessage<IndexArticle, Int64>], in transaction: PostgresConnection
    ) async throws -> [StageResult] {
        if batch.contains(where: { unwritable.contains($0.value) }) {
            _ = try await transaction.query("SELECT 1 FROM nowhere")
        }
        return batch.map { _ in StageResult(.done) }
    }
}
