internal import Captures
internal import Foundation
public import Parsing
public import Postgres

/// A stored page with what the parse stage knows of it from outside.
public struct StoredPage: Sendable {
    /// The page's URL.
    public var url: String
    /// The URL's number.
    public var urlID: Int64
    /// The newest capture with its context.
    public var loaded: LoadedCapture
    /// The article that was made of it, if one was.
    public var article: StoredArticle?
}

/// What is stored of an article, in the words of the extraction.
public struct StoredArticle: Sendable {
    /// The article's number.
    public var articleID: Int64
    /// The version of the extraction that made it.
    public var parserVersion: Int
    /// The capture that it was made of.
    public var captureID: Int64
    /// Fields by name, as text.
    public var fields: [String: String]
    /// The body.
    public var body: String
}

/// Reads stored pages for commands that look at the extraction.
public struct StoredPages: Sendable {
    private let database: PostgresPool
    private let captures = PostgresCaptureStore()

    /// Makes a reader.
    public init(database: PostgresPool) {
        self.database = database
    }

    /// The newest capture of a URL, or of an article's URL when given its number; `nil` when there is none.
    public func page(_ target: String) async throws -> StoredPage? {
        let articleID = Int64(target)
        let condition =
            articleID == nil
            ? "u.identity = $1" : "u.url_id = (SELECT url_id FROM wireroom.article WHERE article_id = $1)"
        let value: PostgresValue =
            articleID.map(PostgresValue.int) ?? .bytes(DocumentImporter.identity(of: target))
        return try await pages(condition, [value], order: "u.url_id", limit: 1).first
    }

    /// Goes through a sample of pages that is the same each time, few of them in memory at once.
    public func forEach(
        _ filter: ReplayFilter, limit: Int, _ body: (StoredPage) throws -> Void
    ) async throws {
        let rows = try await rows(Self.condition, filter.values, order: Self.sampleOrder, limit: limit)
        for start in stride(from: 0, to: rows.count, by: Self.batchSize) {
            for page in try await load(rows[start..<min(start + Self.batchSize, rows.count)]) { try body(page) }
        }
    }

    private static let batchSize = 50
    private static let sampleOrder = "md5(u.url_id::text)"
    private static let condition = """
        u.kind IN ('article', 'document') AND ($1::bigint IS NULL OR u.source_id = $1)
        AND ($2::timestamptz IS NULL OR c.captured_at >= $2) AND ($3::timestamptz IS NULL OR c.captured_at < $3)
        AND ($4::bytea IS NULL OR u.identity = $4)
        """

    /// Pages of the line: a sample that is the same each time, or the newest.
    ///
    /// - Parameters:
    ///   - filter: Which pages.
    ///   - limit: How many at most.
    ///   - isNewest: Whether to take the newest ones.
    public func sample(_ filter: ReplayFilter, limit: Int, isNewest: Bool = false) async throws -> [StoredPage] {
        try await pages(
            Self.condition, filter.values, order: isNewest ? "c.capture_id DESC" : Self.sampleOrder, limit: limit)
    }

    private func pages(
        _ condition: String, _ values: [PostgresValue], order: String, limit: Int
    ) async throws -> [StoredPage] {
        let rows = try await rows(condition, values, order: order, limit: limit)
        var pages: [StoredPage] = []
        for start in stride(from: 0, to: rows.count, by: Self.batchSize) {
            pages += try await load(rows[start..<min(start + Self.batchSize, rows.count)])
        }
        return pages
    }

    private func rows(
        _ condition: String, _ values: [PostgresValue], order: String, limit: Int
    ) async throws -> [PostgresRow] {
        Array(
            try await database.query(
                """
                SELECT u.url_id, u.url, c.capture_id, c.captured_at
                FROM wireroom.url AS u JOIN wireroom.capture AS c ON c.capture_id = u.last_capture_id
                WHERE \(condition) ORDER BY \(order) LIMIT \(limit)
                """, values))
    }

    private func load(_ rows: ArraySlice<PostgresRow>) async throws -> [StoredPage] {
        let pointers = try rows.map { row in
            let at = try row.decode("captured_at", as: Date.self).timeIntervalSince1970
            return CapturePointer(
                captureID: try row.decode("capture_id"), capturedAtMilliseconds: Int64((at * 1000).rounded()))
        }
        let loaded = try await captures.load(pointers, from: database)
        let found = loaded.compactMap { result in if case .success(let capture) = result { capture } else { nil } }
        let contexts = try await ExtractionContextLoader().contexts(of: found, from: database)
        let articles = try await articles(of: found.map(\.urlID))
        return try zip(rows, loaded).compactMap { row, result in
            guard case .success(let capture) = result else { return nil }
            let urlID = try row.decode("url_id", as: Int64.self)
            return StoredPage(
                url: try row.decode("url"), urlID: urlID,
                loaded: LoadedCapture(capture: capture, context: contexts[urlID] ?? ExtractionContext()),
                article: articles[urlID])
        }
    }

    private func articles(of urls: [Int64]) async throws -> [Int64: StoredArticle] {
        let rows = try await database.query(
            """
            SELECT url_id, article_id, parser_version, capture_id, title, authors, published_at, modified_at, language,
                   site_name, section, tags, canonical_url, lead_image, original_source, body
            FROM wireroom.article WHERE url_id = ANY($1::bigint[])
            """, [.intArray(urls)])
        var articles: [Int64: StoredArticle] = [:]
        for row in rows {
            var fields: [String: String] = [:]
            for name in ["title", "language", "site_name", "section", "canonical_url", "lead_image", "original_source"]
            {
                fields[name] = try row.decode(name, as: String?.self)
            }
            for name in ["authors", "tags"] {
                let values = try row.decode(name, as: [String].self)
                if !values.isEmpty { fields[name] = values.joined(separator: "; ") }
            }
            for name in ["published_at", "modified_at"] {
                fields[name] = try row.decode(name, as: Date?.self).map { $0.formatted(.iso8601) }
            }
            articles[try row.decode("url_id", as: Int64.self)] = StoredArticle(
                articleID: try row.decode("article_id"), parserVersion: try row.decode("parser_version"),
                captureID: try row.decode("capture_id"), fields: fields, body: try row.decode("body"))
        }
        return articles
    }
}
