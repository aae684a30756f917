public import Foundation

/// JSON for `jsonb` columns, which hold every Unicode scalar but NUL.
public enum StorableJSON {
    /// Encodes a value with sorted keys and leaves NUL out of its strings.
    ///
    /// - Parameter dates: how dates are written.
    /// - Throws: `EncodingError` for a number that JSON does not have.
    public static func text(
        of value: some Encodable, dates: JSONEncoder.DateEncodingStrategy = .iso8601
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = dates
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: withoutNUL([UInt8](try encoder.encode(value))), as: UTF8.self)
    }

    /// Drops each escaped NUL. An escaped backslash before `u0000` is text and stays.
    static func withoutNUL(_ json: [UInt8]) -> [UInt8] {
        let backslash = UInt8(ascii: "\\")
        guard let start = firstNUL(in: json) else { return json }
        var result = Array(json[..<start])
        var index = start
        while index < json.count {
            guard json[index] == backslash else {
                result.append(json[index])
                index += 1
                continue
            }
            if json[index...].starts(with: #"\u0000"#.utf8) {
                index += 6
            } else {
                result += json[index..<min(index + 2, json.count)]
                index += 2
            }
        }
        return result
    }

    /// Where something stands that is, or looks like, an escaped NUL.
    private static func firstNUL(in json: [UInt8]) -> Int? {
        var index = json.startIndex
        while let found = json[index...].firstIndex(of: UInt8(ascii: "\\")) {
            if json[found...].starts(with: #"\u0000"#.utf8) { return found }
            index = min(found + 2, json.endIndex)
        }
        return nil
    }
}
