internal import Foundation

/// `wireroom sitemap`: one JSON record in, one JSON object out.
///
/// A record has `id` and one of `path` (a file), `text` or `base64` (the document), and optionally `url` and
/// `content_type`. The answer has `kind`, `count`, `truncated`, `skipped` and `urls`, each with `loc` and, where known,
/// `lastmod`, `news_title`, `news_date`, `news_publication` and `news_language`, dates in UTC; and `ms` and `cpu_ms`.
public struct SitemapCommandCore: Sendable {
    public init() {}

    /// Answers one record. A record that cannot be read, and a document that is no sitemap, give an object with `error`.
    public func respond(to line: [UInt8]) -> [UInt8] {
        let record: CommandDocument
        do {
            record = try JSONDecoder().decode(CommandDocument.self, from: Data(line))
        } catch {
            return CommandJSON.failure("not a JSON object of the sitemap command", of: line)
        }
        guard let bytes = record.document else { return CommandJSON.failure("no document to read", of: line) }
        let timer = CommandTimer()
        do {
            let sitemap = try SitemapParser.parse(bytes, url: record.url, contentType: record.contentType)
            let times = timer.elapsed()
            return CommandJSON.encode(dated: Answer(record.id, sitemap, ms: times.wall, cpu: times.cpu))
        } catch {
            return CommandJSON.failure(error.description, of: line)
        }
    }

    private struct Answer: Encodable {
        var id: CommandID?
        var kind: Sitemap.Kind
        var count: Int
        var truncated: Bool
        var skipped: Int
        var urls: [Entry]
        var ms: Double
        var cpu: Double

        enum CodingKeys: String, CodingKey {
            case id, kind, count, truncated, skipped, urls, ms
            case cpu = "cpu_ms"
        }

        init(_ id: CommandID?, _ sitemap: Sitemap, ms: Double, cpu: Double) {
            self.id = id
            kind = sitemap.kind
            count = sitemap.urls.count
            truncated = sitemap.isTruncated
            skipped = sitemap.skipped
            urls = sitemap.urls.map { Entry($0) }
            self.ms = ms
            self.cpu = cpu
        }
    }

    private struct Entry: Encodable {
        var loc: String
        var lastmod: Date?
        var newsTitle: String?
        var newsDate: Date?
        var newsPublication: String?
        var newsLanguage: String?

        enum CodingKeys: String, CodingKey {
            case loc, lastmod
            case newsTitle = "news_title"
            case newsDate = "news_date"
            case newsPublication = "news_publication"
            case newsLanguage = "news_language"
        }

        init(_ url: SitemapURL) {
            loc = url.location
            lastmod = url.lastModified
            newsTitle = url.news?.title
            newsDate = url.news?.published
            newsPublication = url.news?.publication
            newsLanguage = url.news?.language
        }
    }
}
