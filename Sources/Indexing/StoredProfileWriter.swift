internal import Pipeline

/// Writes the profile of a story as ``StoredProfileReader`` reads it.
///
/// A batch writes hundreds of profiles of hundreds of numbers each, and with a general encoder that took a fifth of the
/// index stage's time.
struct StoredProfileWriter {
    /// How many words of a part are stored; the lightest are left out.
    static let storedWords = 160
    private static let decimals = 4

    private var bytes: [UInt8] = []

    /// A story's profile as JSON, by language.
    ///
    /// - Throws: `EncodingError` for a language that JSON cannot name.
    static func features(_ profile: StoryProfile) throws -> String {
        var writer = StoredProfileWriter()
        try writer.add(profile)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private mutating func add(_ profile: StoryProfile) throws {
        bytes.reserveCapacity(profile.parts.count * Self.storedWords * 32)
        bytes.append(UInt8(ascii: "{"))
        for (place, (language, part)) in profile.parts.sorted(by: { $0.key < $1.key }).enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: try StorableJSON.text(of: language).utf8)
            bytes.append(UInt8(ascii: ":"))
            add(part)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func add(_ part: StoryProfile.Part) {
        bytes.append(contentsOf: "{\"count\":".utf8)
        add(number: UInt64(part.articleCount), radix: 10)
        bytes.append(contentsOf: ",\"words\":{".utf8)
        var isFirst = true
        for word in StoredForms.heaviest(Self.storedWords, of: part) {
            guard let entry = part.entries[word] else { continue }
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            bytes.append(UInt8(ascii: "\""))
            add(number: word, radix: 36)
            bytes.append(contentsOf: "\":[".utf8)
            add(weight: entry.weight)
            bytes.append(UInt8(ascii: ","))
            add(weight: entry.nameWeight)
            bytes.append(UInt8(ascii: "]"))
        }
        bytes.append(contentsOf: "}}".utf8)
    }

    /// A weight in ten-thousandths, as it is stored. Weights are sums of logarithms: none is negative, and none is near the
    /// limit.
    static func stored(_ weight: Float) -> UInt64 { UInt64(max(0, min(Double(weight) * 10_000, 1e14)).rounded()) }

    private mutating func add(weight: Float) {
        let scaled = Self.stored(weight)
        add(number: scaled / 10_000, radix: 10)
        var fraction = scaled % 10_000
        guard fraction > 0 else { return }
        var digits = Self.decimals
        while fraction % 10 == 0 {
            fraction /= 10
            digits -= 1
        }
        bytes.append(UInt8(ascii: "."))
        let start = bytes.count
        add(number: fraction, radix: 10)
        let zeros = digits - (bytes.count - start)
        bytes.insert(contentsOf: repeatElement(UInt8(ascii: "0"), count: zeros), at: start)
    }

    private mutating func add(number: UInt64, radix: UInt64) {
        let start = bytes.count
        var rest = number
        repeat {
            let digit = UInt8(rest % radix)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            rest /= radix
        } while rest > 0
        bytes[start...].reverse()
    }
}
