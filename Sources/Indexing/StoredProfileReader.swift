/// Reads the stored profile of a story as PostgreSQL writes it: `{"en": {"count": 3, "words": {"1z141z": [0.5, 0.25]}}}`.
///
/// A batch reads thousands of profiles, and with a general decoder that took as long as comparing them. Whatever looks
/// different is left to that: see ``StoredForms/parts(_:)``.
struct StoredProfileReader {
    private let bytes: [UInt8]
    private var place = 0

    private init(_ text: String) { bytes = Array(text.utf8) }

    /// The parts by language; `nil` when the text has another form.
    static func parts(_ text: String) -> [String: StoryProfile.Part]? {
        var reader = StoredProfileReader(text)
        return reader.parts()
    }

    private mutating func parts() -> [String: StoryProfile.Part]? {
        var parts: [String: StoryProfile.Part] = [:]
        guard take("{") else { return nil }
        if take("}") { return isAtEnd ? parts : nil }
        repeat {
            guard let language = language(), take(":"), let part = part() else { return nil }
            parts[language] = part
        } while take(",")
        return take("}") && isAtEnd ? parts : nil
    }

    private mutating func part() -> StoryProfile.Part? {
        guard take("{"), take(name: "count"), take(":"), let count = number(), let articles = Int(exactly: count),
            take(","),
            take(name: "words"), take(":"), take("{")
        else { return nil }
        var entries: [UInt64: StoryProfile.Part.Entry] = [:]
        if !take("}") {
            repeat {
                guard let word = word(), take(":"), take("["), let weight = number(), take(","),
                    let nameWeight = number(),
                    take("]")
                else { return nil }
                entries[word] = StoryProfile.Part.Entry(weight: Float(weight), nameWeight: Float(nameWeight))
            } while take(",")
            guard take("}") else { return nil }
        }
        return take("}") ? StoryProfile.Part(entries: entries, articleCount: articles) : nil
    }

    private var isAtEnd: Bool { place == bytes.count }

    /// Goes past a character, and the spaces before it, if it is next.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpaces()
        guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    /// Goes past a name, and the spaces before it, if it is next.
    private mutating func take(name: String) -> Bool {
        guard take("\"") else { return false }
        let end = place + name.utf8.count
        guard end <= bytes.count, name.utf8.elementsEqual(bytes[place..<end]) else { return false }
        place = end
        return take("\"")
    }

    private mutating func skipSpaces() {
        while place < bytes.count, bytes[place] == UInt8(ascii: " ") { place += 1 }
    }

    /// A string without escapes.
    private mutating func language() -> String? {
        guard take("\"") else { return nil }
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != UInt8(ascii: "\\") { place += 1 }
        let end = place
        return take("\"") ? String(decoding: bytes[start..<end], as: UTF8.self) : nil
    }

    /// A hash in base 36, see ``StoredForms/term(_:)``.
    private mutating func word() -> UInt64? {
        guard take("\"") else { return nil }
        var value: UInt64 = 0
        let start = place
        while place < bytes.count, let digit = Self.digit(bytes[place]) {
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 36)
            let (sum, isLarger) = product.addingReportingOverflow(digit)
            guard !isTooLarge, !isLarger else { return nil }
            value = sum
            place += 1
        }
        return place > start && take("\"") ? value : nil
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt64(byte - UInt8(ascii: "a")) + 10
        default: nil
        }
    }

    /// A decimal number without a sign or an exponent, of at most fifteen digits: such a one is exact before the division.
    private mutating func number() -> Double? {
        skipSpaces()
        var digits: Int64 = 0
        var count = 0
        var divisor = 1.0
        var isFraction = false
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "."), !isFraction {
                isFraction = true
            } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                digits = digits * 10 + Int64(byte - UInt8(ascii: "0"))
                count += 1
                if isFraction { divisor *= 10 }
                guard count <= 15 else { return nil }
            } else {
                break
            }
            place += 1
        }
        return count > 0 ? Double(digits) / divisor : nil
    }
}
