internal import Foundation

/// The identifier of a record, handed back as it came: a string or a whole number.
enum CommandID: Codable, Sendable {
    case text(String)
    case number(Int)

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // A number that is no identifier falls through to the string, whose error is the one to report.
        if let number = try? container.decode(Int.self) {
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

/// The JSON of the one-shot commands for URLs and robots rules.
enum CommandJSON {
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            return Array(#"{"error":"the answer could not be written as JSON"}"#.utf8)
        }
    }

    /// An answer with an error, and the identifier of the record where one can be read.
    static func failure(_ message: String, of line: [UInt8]) -> [UInt8] {
        struct Identified: Decodable { var id: CommandID? }
        struct Failure: Encodable {
            var id: CommandID?
            var error: String
        }
        // A record without a readable identifier is answered without one.
        let record = try? JSONDecoder().decode(Identified.self, from: Data(line))
        return encode(Failure(id: record?.id, error: message))
    }
}
