internal import Compression
internal import Foundation

/// The work of `wireroom extract`: one JSON record in, one JSON object out.
///
/// A record is `{"id", "path", "url"?, "charset"?, "content_type"?, "fetched_at"?, "candidates"?}`; a path that ends in `.gz` is inflated.
/// The answer carries `id`, `title`, `authors`, `date`, `body`, `language`, `site`, `canonical_url`, `lead_image`,
/// `not_article`, `ms` (wall time) and `cpu_ms` (time of the thread), both without reading the file; or `id` and `error`.
/// With `"candidates": true` in the record it carries `candidates` as well: what each source says of each field.
public struct ExtractCommandCore: Sendable {
    /// The most bytes of a document after inflating.
    static let maximumBytes = 64 << 20

    /// Makes the command.
    public init() {}

    /// Answers one record. Never throws: a bad record gives an object with `error`.
    public func respond(to line: [UInt8]) -> [UInt8] {
        let bytes = ContiguousArray(line)
        guard let record = JSONScanner.value(in: bytes, bytes.indices), let id = record["id"]?.text else {
            return Self.failure(nil, "the record is not a JSON object with an id")
        }
        guard let path = record["path"]?.text else { return Self.failure(id, "the record has no path") }
        guard let stored = FileManager.default.contents(atPath: path) else {
            return Self.failure(id, "cannot read \(path)")
        }
        var document = [UInt8](stored)
        if path.hasSuffix(".gz") {
            do {
                document = try Gzip.decompress(document, maximumBytes: Self.maximumBytes)
            } catch {
                return Self.failure(id, "cannot inflate \(path): \(error)")
            }
        }
        return Self.answer(document, id: id, record: record)
    }

    private static func answer(_ document: [UInt8], id: String, record: JSONValue) -> [UInt8] {
        let clock = ContinuousClock()
        let start = clock.now
        let cpuStart = ThreadClock.milliseconds()
        let fetchedAt = record["fetched_at"]?.text.flatMap { DateParser.parse($0)?.instant }
        let article = DocumentExtractor.extract(
            bytes: document, url: record["url"]?.text, contentType: record["content_type"]?.text,
            charset: record["charset"]?.text, fetchedAt: fetchedAt)
        let body = article.body
        let cpu = ThreadClock.milliseconds() - cpuStart
        let wall = clock.now - start
        var writer = JSONWriter()
        writer.add("id", id)
        writer.add("title", article.title)
        writer.add("authors", article.authors)
        writer.add("date", article.published?.iso8601)
        writer.add("body", body)
        writer.add("language", article.language)
        writer.add("site", article.siteName)
        writer.add("canonical_url", article.canonicalURL)
        if let image = article.leadImage { writer.add("lead_image", image) }
        if let reason = article.notArticleReason { writer.add("not_article", reason.rawValue) }
        if case .bool(true)? = record["candidates"] { writer.add("candidates", json: candidates(of: article)) }
        writer.add("ms", Double(wall.components.seconds) * 1000 + Double(wall.components.attoseconds) / 1e15)
        writer.add("cpu_ms", cpu)
        return writer.finish()
    }

    /// What each source says of each field, as a JSON array.
    private static func candidates(of article: ExtractedArticle) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Candidates are made of texts and finite numbers, which always encode.
        return (try? encoder.encode(article.candidates.all)).map { [UInt8]($0) } ?? Array("[]".utf8)
    }

    private static func failure(_ id: String?, _ message: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.add("id", id)
        writer.add("error", message)
        return writer.finish()
    }
}

/// The CPU time of the running thread.
enum ThreadClock {
    /// Milliseconds since the thread started, 0 where the system cannot say.
    static func milliseconds() -> Double {
        var time = timespec()
        // The call only fills the structure that it is lent.
        guard unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return 0 }
        return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
    }
}
