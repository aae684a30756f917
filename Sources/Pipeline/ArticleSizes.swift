public import Postgres

/// How large the texts of stored articles are, for the stages that read them.
public enum ArticleSizes {
    /// Bytes of each article's text; 0 where there is no such article. PostgreSQL knows them without reading the texts.
    public static func read(_ articles: [Int64], from database: PostgresPool) async throws -> [Int] {
        let rows = try await database.query(
            "SELECT article_id, octet_length(body) AS bytes FROM wireroom.article WHERE article_id = ANY ($1::bigint[])",
            [.intArray(articles)])
        var found: [Int64: Int] = [:]
        for row in rows { found[try row.decode("article_id")] = try row.decode("bytes") }
        return articles.map { found[$0] ?? 0 }
    }
}
