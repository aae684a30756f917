internal import CCLD2

/// What ``LanguageDetector`` makes of a text.
public struct LanguageGuess: Sendable, Hashable {
    /// The language as a BCP 47 primary subtag in lower case, such as `en`.
    public var code: String
    /// The share of the text in that language, 0 to 1.
    public var confidence: Double
    /// Whether the language is clearly ahead of the next one.
    public var isReliable: Bool

    /// Makes a guess.
    public init(code: String, confidence: Double, isReliable: Bool) {
        self.code = code
        self.confidence = confidence
        self.isReliable = isReliable
    }
}

/// Tells the language of plain text, with the Compact Language Detector 2.
public enum LanguageDetector {
    /// The most bytes that are looked at; more text does not change the answer.
    static let sampleBytes = 8192
    /// Where the beginning of a text is as good as all in one language, the rest of it is not looked at.
    private static let firstSampleBytes = 1500
    private static let certainty = 0.98

    /// Guesses the language of a text.
    ///
    /// - Returns: The main language, or `nil` when there is too little text or none that is known.
    public static func detect(_ text: String) -> LanguageGuess? {
        detect(utf8: Array(text.utf8.prefix(sampleBytes)))
    }

    /// Guesses the language of UTF-8 text; a character cut at the end does no harm.
    public static func detect(utf8: [UInt8]) -> LanguageGuess? {
        if utf8.count > firstSampleBytes * 2, let guess = detect(utf8, limit: firstSampleBytes), guess.isReliable,
            guess.confidence >= certainty
        {
            return guess
        }
        return detect(utf8, limit: sampleBytes)
    }

    private static func detect(_ utf8: [UInt8], limit: Int) -> LanguageGuess? {
        let count = completePrefix(of: utf8, limit: limit)
        guard count > 0 else { return nil }
        let guess = unsafe utf8.withUnsafeBytes { bytes in
            unsafe bytes.baseAddress.map {
                unsafe wireroom_cld2_detect($0.assumingMemoryBound(to: CChar.self), Int32(count))
            }
        }
        // The code is a constant of the library: it is copied and not freed.
        guard let guess = unsafe guess, let code = unsafe guess.code else { return nil }
        let name = unsafe String(cString: code)
        guard let primary = primarySubtag(of: name) else { return nil }
        return unsafe LanguageGuess(
            code: primary, confidence: Double(guess.percent) / 100, isReliable: guess.is_reliable != 0)
    }

    /// The largest count of bytes up to the limit that does not end inside a character.
    private static func completePrefix(of bytes: [UInt8], limit: Int) -> Int {
        var count = min(bytes.count, limit)
        if count < bytes.count {
            while count > 0, bytes[count] & 0xC0 == 0x80 { count -= 1 }
            return count
        }
        // The text may have been cut before it came here: drop an incomplete last character.
        var lead = count - 1
        while lead >= 0, count - lead < 4, bytes[lead] & 0xC0 == 0x80 { lead -= 1 }
        guard lead >= 0 else { return count }
        let byte = bytes[lead]
        let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
        return lead + length > count ? lead : count
    }

    /// CLD2's own code as a BCP 47 primary subtag: outdated codes are replaced, regions and scripts dropped.
    private static func primarySubtag(of code: String) -> String? {
        let primary = code.prefix { $0 != "-" && $0 != "_" }.lowercased()
        switch primary {
        case "", "un", "xxx": return nil
        case "iw": return "he"
        case "in": return "id"
        case "ji": return "yi"
        case "jw": return "jv"
        case "mo": return "ro"
        case "hmn", "blu": return "hmn"
        default: return primary.hasPrefix("xx") ? nil : primary
        }
    }
}
