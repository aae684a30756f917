internal import Foundation
public import WebURL

/// `wireroom url`: what a URL means, to the parser, to the crawler's memory and to its guards.
///
/// A record is a URL as plain text, or a JSON object with `url` (or `input`) and optionally `base` and `id`. The answer
/// has the serialised `href` and its parts, the `canonical` form with its `identity` in hexadecimal, and where they
/// apply `refused` (``AddressRefusal``) and `trap` (``URLTrap``). A URL that cannot be parsed gives `"failure":true`.
///
/// With `addresses`, what a resolver answered for the host, and `redirects`, the `Location` values that followed one
/// another, `refused` is the guard's verdict on all of it: every address and every hop is judged. `refused_at` then names
/// the address or hop.
public struct URLCommandCore: Sendable {
    private let base: ParsedURL?
    private let policy = AddressPolicy()
    private let traps: URLTraps

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - base: resolves relative URLs of records that name no base of their own.
    ///   - currentYear: the year by which calendar pages are judged.
    public init(base: ParsedURL? = nil, currentYear: Int) {
        self.base = base
        traps = URLTraps(currentYear: currentYear)
    }

    /// Answers one record. A record that cannot be read gives an object with `error`.
    public func respond(to line: [UInt8]) -> [UInt8] {
        guard line.first == UInt8(ascii: "{") else {
            return CommandJSON.encode(answer(to: Record(url: String(decoding: line, as: UTF8.self)), base: base))
        }
        do {
            let record = try JSONDecoder().decode(Record.self, from: Data(line))
            guard let text = record.base else { return CommandJSON.encode(answer(to: record, base: base)) }
            guard let base = ParsedURL(text) else { return CommandJSON.failure("base is not a valid URL", of: line) }
            return CommandJSON.encode(answer(to: record, base: base))
        } catch {
            return CommandJSON.failure("not a JSON object with url", of: line)
        }
    }

    private func answer(to record: Record, base: ParsedURL?) -> Answer {
        var answer = Answer(id: record.id, input: record.url)
        guard let url = ParsedURL(record.url, base: base) else {
            answer.failure = true
            return answer
        }
        answer.href = url.href
        answer.scheme = url.scheme
        answer.host = url.host
        answer.port = url.effectivePort
        answer.path = url.path
        answer.query = url.query
        answer.fragment = url.fragment
        if let canonical = CanonicalURL(url) {
            answer.canonical = canonical.description
            answer.identity = Self.hexadecimal(canonical.identity)
        }
        judge(url, record, &answer)
        answer.trap = traps.trap(in: url)?.rawValue
        return answer
    }

    /// Judges the URL, the addresses of its host and the redirects that follow, up to the first refusal.
    private func judge(_ url: ParsedURL, _ record: Record, _ answer: inout Answer) {
        answer.refused = policy.refusal(of: url)?.rawValue
        guard answer.refused == nil else { return }
        if let addresses = record.addresses {
            if addresses.isEmpty { answer.refused = "unresolved" }
            for text in addresses where answer.refused == nil {
                answer.refused = IPAddress(text).map { policy.refusal(of: $0)?.rawValue } ?? "not-an-address"
                if answer.refused != nil { answer.refusedAt = text }
            }
        }
        var hop = url
        for text in record.redirects ?? [] where answer.refused == nil {
            guard let next = ParsedURL(text, base: hop) else {
                answer.refused = "not-a-url"
                answer.refusedAt = text
                return
            }
            answer.refused = policy.refusal(of: next)?.rawValue
            if answer.refused != nil { answer.refusedAt = next.href }
            hop = next
        }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private struct Record: Decodable {
        var id: CommandID?
        var url: String
        var base: String?
        var addresses: [String]?
        var redirects: [String]?

        enum CodingKeys: String, CodingKey {
            case id, url, input, base, addresses, redirects
        }

        init(url: String) {
            self.url = url
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            id = try container.decodeIfPresent(CommandID.self, forKey: .id)
            base = try container.decodeIfPresent(String.self, forKey: .base)
            addresses = try container.decodeIfPresent([String].self, forKey: .addresses)
            redirects = try container.decodeIfPresent([String].self, forKey: .redirects)
            let url = try container.decodeIfPresent(String.self, forKey: .url)
            self.url = try url ?? container.decode(String.self, forKey: .input)
        }
    }

    private struct Answer: Encodable {
        var id: CommandID?
        var input: String
        var failure: Bool?
        var href: String?
        var scheme: String?
        var host: String?
        var port: Int?
        var path: String?
        var query: String?
        var fragment: String?
        var canonical: String?
        var identity: String?
        var refused: String?
        var refusedAt: String?
        var trap: String?

        enum CodingKeys: String, CodingKey {
            case id, input, failure, href, scheme, host, port, path, query, fragment, canonical, identity, refused, trap
            case refusedAt = "refused_at"
        }
    }
}
