internal import Foundation

/// `wireroom feed`: one JSON record in, one JSON object out.
///
/// A record has `id` and one of `path` (a file), `text` or `base64` (the document), and optionally `url` and
/// `content_type`. The answer has `feed` (`format`, `version`, `encoding`, `title`, `link`, `entries` and so on, dates in UTC
/// to the second), `ms` and `cpu_ms`. A record with `date` instead of a document answers with its `utc`, null for
/// what is no date; one with `page` (the text of a page) with the `feeds` that it names.
public struct FeedCommandCore: Sendable {
    public init() {}

    /// Answers one record. A record that cannot be read, and a document that is no feed, give an object with `error`.
    public func respond(to line: [UInt8]) -> [UInt8] {
        let record: CommandDocument
        do {
            record = try JSONDecoder().decode(CommandDocument.self, from: Data(line))
        } catch {
            return CommandJSON.failure("not a JSON object of the feed command", of: line)
        }
        if let date = record.date {
            return CommandJSON.encode(dated: DateAnswer(id: record.id, utc: FeedDateParser.parse(date)))
        }
        if let page = record.page {
            let feeds = FeedDiscovery.listings(inHeadOf: Array(page.utf8), url: record.url).feeds
            return CommandJSON.encode(dated: DiscoveryAnswer(id: record.id, feeds: feeds))
        }
        guard let bytes = record.document else { return CommandJSON.failure("no document to read", of: line) }
        let timer = CommandTimer()
        do {
            let feed = try FeedParser.parse(bytes, url: record.url, contentType: record.contentType)
            let times = timer.elapsed()
            return CommandJSON.encode(dated: FeedAnswer(id: record.id, feed: feed, ms: times.wall, cpu: times.cpu))
        } catch {
            return CommandJSON.failure(error.description, of: line)
        }
    }

    private struct DateAnswer: Encodable {
        var id: CommandID?
        var utc: Date?

        enum CodingKeys: String, CodingKey { case id, utc }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encodeIfPresent(id, forKey: .id)
            try container.encode(utc, forKey: .utc)
        }
    }

    private struct DiscoveryAnswer: Encodable {
        var id: CommandID?
        var feeds: [FeedDiscovery.Candidate]
    }

    private struct FeedAnswer: Encodable {
        var id: CommandID?
        var feed: Feed
        var ms: Double
        var cpu: Double

        enum CodingKeys: String, CodingKey {
            case id, feed, ms
            case cpu = "cpu_ms"
        }
    }
}
