internal import Foundation

/// `wireroom group`: JSON lines in time order in, one grouping line out for each, by the code of the index stage.
///
/// Reading a record and computing its features needs no state and can be done for many records at once; the
/// decisions are made one after another, in the order of the input:
///
///     let features = GroupCommandCore.features(of: line)   // on any core
///     output = core.assign(features)                       // in order
public struct GroupCommandCore: Sendable {
    /// A record that was read and is ready to be grouped, or what was wrong with it.
    public struct Features: Sendable {
        let id: String
        let article: ArticleFeatures?
        let error: String?
        let duration: Duration
    }

    private struct Record: Decodable {
        var id: TextOrNumber
        var title: String?
        var body: String?
        var publishedAt: TextOrNumber?
        var language: String?

        enum CodingKeys: String, CodingKey {
            case id, title, body, language
            case publishedAt = "published_at"
        }
    }

    private struct Answer: Encodable {
        var id: String
        var reprint: String?
        var story: String?
        var kind: String?
        var similarity: Double?
        var contains: [String]?
        var ms: Double?
        var error: String?
    }

    private var grouper = ArticleGrouper()
    private var identifiers = IdentifierWindow()

    /// Starts with nothing known.
    public init() {}

    /// Answers one record: `{"id", "reprint", "story", "kind", …}`, or `{"id", "error"}` for a record that cannot be
    /// read.
    ///
    /// `reprint` is the `id` of the first article that printed the text and `story` that of the article that opened the
    /// story; both are the record's own where it is the first. `kind` is `original`, `exact`, `near` or `partial`;
    /// `contains` names earlier articles that share a passage. `ms` is the wall time of the record. A record without
    /// `published_at` has no time: it fits every story as if it came at the right moment, and ages none.
    public mutating func respond(to line: [UInt8]) -> [UInt8] {
        assign(Self.features(of: line))
    }

    /// Reads a record and computes what grouping needs of it. Pure; never throws.
    public static func features(of line: [UInt8]) -> Features {
        let clock = ContinuousClock()
        let start = clock.now
        func failure(_ id: String, _ message: String) -> Features {
            Features(id: id, article: nil, error: message, duration: clock.now - start)
        }
        guard line.count <= maximumLineBytes else {
            return failure("", "the record is longer than \(maximumLineBytes) bytes")
        }
        let record: Record
        do {
            record = try JSONDecoder().decode(Record.self, from: Data(line))
        } catch {
            return failure(identifier(of: line), "not a record with id, title?, body, published_at?, language?")
        }
        guard let body = record.body ?? record.title else {
            return failure(record.id.text, "the record has neither body nor title")
        }
        let published = record.publishedAt.flatMap { RecordTime.seconds($0.text) }
        let article = ArticleFeatures(
            title: record.title ?? "", body: record.body == nil ? "" : body, language: record.language,
            time: published, published: published)
        return Features(id: record.id.text, article: article, error: nil, duration: clock.now - start)
    }

    /// Decides about a record; call it in the order of the input.
    public mutating func assign(_ features: Features) -> [UInt8] {
        let clock = ContinuousClock()
        let start = clock.now
        guard let article = features.article else {
            return Self.encoded(Answer(id: features.id, error: features.error))
        }
        let key = identifiers.append(features.id)
        let decision = grouper.assign(article, key: key, newStory: key)
        if identifiers.isFull { identifiers.keepOnly(grouper.openKeys) }
        let time = features.duration + (clock.now - start)
        let contains = decision.contains.compactMap { identifiers[$0] }
        return Self.encoded(
            Answer(
                id: features.id, reprint: identifiers[decision.original] ?? features.id,
                story: identifiers[decision.story] ?? features.id,
                kind: decision.reprintOf?.relation.kind.rawValue ?? "original",
                similarity: decision.reprintOf.map { ($0.relation.similarity * 1000).rounded() / 1000 },
                contains: contains.isEmpty ? nil : contains, ms: (time / .milliseconds(1) * 1000).rounded() / 1000))
    }

    private static let maximumLineBytes = 64 << 20

    private static func encoded(_ answer: Answer) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try [UInt8](encoder.encode(answer))
        } catch {
            // An answer is made of strings and finite numbers, which always encode.
            return Array(#"{"error":"the answer cannot be encoded","id":""}"#.utf8)
        }
    }

    /// The `id` of a record that is JSON but not of the right form.
    private static func identifier(of line: [UInt8]) -> String {
        struct Head: Decodable { var id: TextOrNumber }
        // A line that is no JSON has no id: the empty one tells.
        return (try? JSONDecoder().decode(Head.self, from: Data(line)))?.id.text ?? ""
    }
}

/// A JSON string or number, as text.
struct TextOrNumber: Decodable, Sendable {
    var text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {  // the other forms are tried next
            self.text = text
        } else if let number = try? container.decode(Int64.self) {
            text = String(number)
        } else {
            text = String(try container.decode(Double.self))
        }
    }
}

/// Times as records give them.
enum RecordTime {
    /// Seconds since 1970 of an ISO 8601 date or time, or of a number of seconds or milliseconds; `nil` for anything
    /// else.
    static func seconds(_ text: String) -> Double? {
        if let number = Double(text) {
            guard number.isFinite, abs(number) < 1e14 else { return nil }
            return abs(number) > 1e11 ? number / 1000 : number
        }
        let styles: [Date.ISO8601FormatStyle] = [
            .iso8601, Date.ISO8601FormatStyle(includingFractionalSeconds: true),
            .iso8601.year().month().day(), .iso8601.year().month().day().time(includingFractionalSeconds: false),
        ]
        for style in styles {
            if let date = try? style.parse(text) { return date.timeIntervalSince1970 }  // the next form is tried
        }
        return nil
    }
}

/// The records' own names for the keys of the grouper; those that it can still name are kept.
private struct IdentifierWindow: Sendable {
    private var names: [Int64: String] = [:]
    private var last: Int64 = 0
    private var limit = 100_000

    subscript(key: Int64) -> String? { names[key] }

    var isFull: Bool { names.count > limit }

    mutating func append(_ name: String) -> Int64 {
        last += 1
        names[last] = name
        return last
    }

    /// Forgets the other names. The grouper's windows bound what is kept.
    mutating func keepOnly(_ keys: Set<Int64>) {
        names = names.filter { keys.contains($0.key) }
        limit = max(100_000, names.count * 2)
    }
}
