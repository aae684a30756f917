internal import Foundation
internal import WebURL

/// `wireroom robots`: one JSON record in, one JSON object out.
///
/// A record has `robots_txt` and `user_agent`, and optionally `id`, `url` and `robots_txt_encoding` (`latin-1-bytes`
/// when each character stands for one byte). The answer has `allowed` and the deciding `rule` when there is a URL,
/// `crawl_delay` in seconds or null, and `sitemaps`.
public struct RobotsCommandCore: Sendable {
    public init() {}

    /// Answers one record. A record that cannot be read gives an object with `error`.
    public func respond(to line: [UInt8]) -> [UInt8] {
        let record: Record
        do {
            record = try JSONDecoder().decode(Record.self, from: Data(line))
        } catch {
            return CommandJSON.failure("not a JSON object with robots_txt and user_agent", of: line)
        }
        let rules = RobotsRules(record.bytes)
        var answer = Answer(id: record.id, sitemaps: rules.sitemaps)
        answer.crawlDelay = rules.crawlDelay(productToken: record.userAgent)
        if let text = record.url {
            guard let url = ParsedURL(text) else { return CommandJSON.failure("url is not a valid URL", of: line) }
            let verdict = rules.verdict(for: url.pathAndQuery, productToken: record.userAgent)
            answer.allowed = verdict.isAllowed
            answer.rule = verdict.rule
        }
        return CommandJSON.encode(answer)
    }

    private struct Record: Decodable {
        var id: CommandID?
        var robotsText: String
        var userAgent: String
        var url: String?
        var encoding: String?

        enum CodingKeys: String, CodingKey {
            case id, url
            case robotsText = "robots_txt"
            case userAgent = "user_agent"
            case encoding = "robots_txt_encoding"
        }

        var bytes: [UInt8] {
            guard encoding == "latin-1-bytes" else { return Array(robotsText.utf8) }
            return robotsText.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        }
    }

    private struct Answer: Encodable {
        var id: CommandID?
        var allowed: Bool?
        var rule: String?
        var crawlDelay: Double?
        var sitemaps: [String]

        enum CodingKeys: String, CodingKey {
            case id, allowed, rule, sitemaps
            case crawlDelay = "crawl_delay"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encodeIfPresent(id, forKey: .id)
            try container.encodeIfPresent(allowed, forKey: .allowed)
            try container.encodeIfPresent(rule, forKey: .rule)
            try container.encode(crawlDelay, forKey: .crawlDelay)
            try container.encode(sitemaps, forKey: .sitemaps)
        }
    }
}
