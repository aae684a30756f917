import Foundation

/// What `wireroom classify` does with one line: a JSON record in, a JSON object out.
public struct ClassifyCommandCore: Sendable {
    private let classifier: ArticleClassifier

    /// Makes the command over a loaded classifier.
    public init(classifier: ArticleClassifier) {
        self.classifier = classifier
    }

    /// Annotates the article of one line.
    ///
    /// - Parameter line: `{"id", "title"?, "body", "language"?, "url"?, "published_at"?}`.
    /// - Returns: `{"id", "language", "topics", "places", "actors", "quotes", "events", "ms"}` without a line break. Places and actors
    ///   are listed once for each occurrence. A record that cannot be read gives `{"id", "error"}`.
    public func respond(to line: [UInt8]) -> [UInt8] {
        let started = ContinuousClock.now
        let record: ClassifyRecord
        do {
            record = try JSONDecoder().decode(ClassifyRecord.self, from: Data(line))
        } catch {
            // No id can be read: none is given back.
            let id = (try? JSONDecoder().decode(RecordIdentity.self, from: Data(line)))?.id
            return encode(ClassifyFailure(id: id, error: Self.reason(error)))
        }
        let annotations = classifier.classify(
            title: record.title, body: record.body, language: record.language, url: record.url,
            publishedAt: record.publishedAt.flatMap(Self.date))
        let spent = (ContinuousClock.now - started) / .milliseconds(1)
        return encode(
            ClassifyAnswer(id: record.id, annotations: annotations, milliseconds: (spent * 1000).rounded() / 1000))
    }

    private static func date(_ text: String) -> Date? {
        try? Date.ISO8601FormatStyle().parse(text)  // another form is no date for this command
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "the record has no \(key.stringValue)"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")) is of the wrong type"
        default: "the line is not a JSON object"
        }
    }

    private func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        do {
            return [UInt8](try encoder.encode(value))
        } catch {
            return Array(#"{"error":"the answer cannot be written as JSON"}"#.utf8)
        }
    }
}

/// An identity that may be a string or a number, given back as it came.
enum RecordID: Codable {
    case text(String)
    case number(Int)

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {  // not a number: it has to be a string
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        }
    }
}

private struct RecordIdentity: Decodable {
    var id: RecordID?
}

private struct ClassifyRecord: Decodable {
    var id: RecordID?
    var title: String?
    var body: String
    var language: String?
    var url: String?
    var publishedAt: String?

    enum CodingKeys: String, CodingKey {
        case id, title, body, language, url
        case publishedAt = "published_at"
    }
}

private struct ClassifyFailure: Encodable {
    var id: RecordID?
    var error: String
}
