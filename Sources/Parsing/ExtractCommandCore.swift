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

    private let memory: SiteMemoryLearner?

    /// Makes the command.
    ///
    /// - Parameter memory: What was learnt of the records' sites, each record's own page left out when it is answered.
    public init(memory: SiteMemoryLearner? = nil) {
        self.memory = memory
    }

    /// What a site's memory learns from a record's page, or `nil` when it is no article or has no address.
    public func lesson(from line: [UInt8]) -> SiteLesson? {
        guard case .success(let document) = Self.read(line), let url = document.record["url"]?.text,
            let site = PageSite.name(ofURL: url)
        else { return nil }
        var context = ExtractionContext()
        context.wantsImprint = true
        let extraction = Self.extract(document, context)
        guard extraction.article.notArticleReason == nil, let imprint = extraction.imprint else { return nil }
        return SiteLesson(site: site, url: url, imprint: imprint)
    }

    /// Answers one record. Never throws: a bad record gives an object with `error`.
    public func respond(to line: [UInt8]) -> [UInt8] {
        switch Self.read(line) {
        case .success(let document): answer(document)
        case .failure(let failure): Self.failure(failure.id, failure.message)
        }
    }

    /// A record with its document.
    private struct Document {
        var id: String
        var record: JSONValue
        var bytes: [UInt8]
    }

    /// Why a record has no document.
    private struct Failure: Error {
        var id: String?
        var message: String
    }

    private static func read(_ line: [UInt8]) -> Result<Document, Failure> {
        let bytes = ContiguousArray(line)
        guard let record = JSONScanner.value(in: bytes, bytes.indices), let id = record["id"]?.text else {
            return .failure(Failure(id: nil, message: "the record is not a JSON object with an id"))
        }
        guard let path = record["path"]?.text else {
            return .failure(Failure(id: id, message: "the record has no path"))
        }
        guard let stored = FileManager.default.contents(atPath: path) else {
            return .failure(Failure(id: id, message: "cannot read \(path)"))
        }
        var document = [UInt8](stored)
        if path.hasSuffix(".gz") {
            do {
                document = try Gzip.decompress(document, maximumBytes: Self.maximumBytes)
            } catch {
                return .failure(Failure(id: id, message: "cannot inflate \(path): \(error)"))
            }
        }
        return .success(Document(id: id, record: record, bytes: document))
    }

    private static func extract(_ document: Document, _ context: ExtractionContext) -> Extraction {
        let record = document.record
        let fetchedAt = record["fetched_at"]?.text.flatMap { DateParser.parse($0)?.instant }
        return DocumentExtractor.extraction(
            bytes: document.bytes, url: record["url"]?.text, contentType: record["content_type"]?.text,
            charset: record["charset"]?.text, fetchedAt: fetchedAt, context: context)
    }

    private func answer(_ document: Document) -> [UInt8] {
        var context = ExtractionContext()
        if let memory, let url = document.record["url"]?.text, let site = PageSite.name(ofURL: url) {
            context.memory = memory.memory(site: site, excluding: url)
        }
        let clock = ContinuousClock()
        let start = clock.now
        let cpuStart = ThreadClock.milliseconds()
        let article = Self.extract(document, context).article
        let body = article.body
        let cpu = ThreadClock.milliseconds() - cpuStart
        let wall = clock.now - start
        var writer = JSONWriter()
        writer.add("id", document.id)
        writer.add("title", article.title)
        writer.add("authors", article.authors)
        writer.add("date", article.published?.iso8601)
        writer.add("body", body)
        writer.add("language", article.language)
        writer.add("site", article.siteName)
        writer.add("canonical_url", article.canonicalURL)
        if let image = article.leadImage { writer.add("lead_image", image) }
        if let reason = article.notArticleReason { writer.add("not_article", reason.rawValue) }
        if case .bool(true)? = document.record["candidates"] {
            writer.add("candidates", json: Self.candidates(of: article))
        }
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

/// What a site's memory learns from one page.
public struct SiteLesson: Sendable {
    /// The site.
    public var site: String
    /// The page's address.
    public var url: String
    /// What is kept of it.
    public var imprint: PageImprint
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
