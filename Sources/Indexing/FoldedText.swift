/// A text cut into words for comparing: lower case, without accents, punctuation and possessives.
///
/// Scripts that are written without spaces give one word per character. Thousands separators and decimal marks inside a
/// number are dropped, so that "6,400" and "6.400" are the same word in every language.
struct FoldedText: Sendable {
    /// A word of a text.
    struct Word: Sendable {
        /// Hash of the folded word; the same on every machine and in every run.
        var hash: UInt64
        /// Where the folded word stands in ``FoldedText/bytes``.
        var start: Int32
        var end: Int32
        var isCapitalised: Bool
        var isNumber: Bool
        /// Whether the word opens a sentence or a line, where a capital letter says nothing.
        var opensSentence: Bool
        /// Whether the word is a single character of a script without spaces.
        var isIdeographic: Bool
    }

    /// The folded words, one after another, in UTF-8.
    private(set) var bytes: [UInt8] = []
    private(set) var words: [Word] = []

    /// Cuts a text; what comes after `limit` words is ignored.
    init(_ text: String, limit: Int = FoldedText.wordLimit) {
        bytes.reserveCapacity(min(text.utf8.count, limit * 8))
        var scanner = Scanner(limit: limit)
        for scalar in text.unicodeScalars {
            scanner.take(scalar, into: &self)
            if words.count >= limit { return }
        }
        scanner.endWord(in: &self)
    }

    /// The longest text that is compared, in words: about forty newspaper pages.
    static let wordLimit = 20_000
    private static let longestWord = 64

    /// The folded word as a string.
    func string(_ word: Word) -> String {
        String(decoding: bytes[Int(word.start)..<Int(word.end)], as: UTF8.self)
    }

    /// The state of cutting.
    private struct Scanner {
        let limit: Int
        var start = -1
        var isCapitalised = false
        var isNumber = true
        var opensSentence = true
        var wordOpensSentence = true
        var followsApostrophe = false
        var wordFollowsApostrophe = false
        var pendingSeparator = false

        init(limit: Int) { self.limit = limit }

        mutating func take(_ scalar: Unicode.Scalar, into text: inout FoldedText) {
            // Most of what stands in a word is a small letter of ASCII, and folding leaves those as they are.
            if scalar.value &- 0x61 < 26, start >= 0, !pendingSeparator {
                isNumber = false
                if text.bytes.count - start < FoldedText.longestWord { text.bytes.append(UInt8(scalar.value)) }
                return
            }
            switch ScalarClass(scalar) {
            case .letter: takeLetter(scalar, isDigit: false, into: &text)
            case .digit: takeLetter(scalar, isDigit: true, into: &text)
            case .mark: break
            case .ideograph:
                endWord(in: &text)
                beginWord(at: text.bytes.count)
                text.bytes.append(contentsOf: String(scalar).utf8)
                isNumber = false
                endWord(in: &text, isIdeographic: true)
            case .separator:
                if start >= 0, isNumber, !pendingSeparator { pendingSeparator = true } else { endWord(in: &text) }
                if scalar != "," { opensSentence = opensSentence || start < 0 }
            case .apostrophe:
                let ended = start >= 0
                endWord(in: &text)
                followsApostrophe = ended
            case .sentenceEnd:
                endWord(in: &text)
                opensSentence = true
                followsApostrophe = false
            case .other:
                if pendingSeparator { opensSentence = true }
                endWord(in: &text)
                followsApostrophe = false
            }
        }

        private mutating func takeLetter(_ scalar: Unicode.Scalar, isDigit: Bool, into text: inout FoldedText) {
            if pendingSeparator, !isDigit { endWord(in: &text) }
            pendingSeparator = false
            if start < 0 {
                beginWord(at: text.bytes.count)
                isCapitalised = !isDigit && CaseFolding.isUppercase(scalar)
            }
            if !isDigit { isNumber = false }
            guard text.bytes.count - start < FoldedText.longestWord else { return }
            CaseFolding.append(scalar, to: &text.bytes)
        }

        private mutating func beginWord(at index: Int) {
            start = index
            isCapitalised = false
            isNumber = true
            wordOpensSentence = opensSentence
            wordFollowsApostrophe = followsApostrophe
            opensSentence = false
            followsApostrophe = false
        }

        mutating func endWord(in text: inout FoldedText, isIdeographic: Bool = false) {
            pendingSeparator = false
            guard start >= 0 else { return }
            defer { start = -1 }
            let length = text.bytes.count - start
            // "harbour's", "don't": what stands after the apostrophe tells nothing.
            if length == 0 || (wordFollowsApostrophe && length == 1) {
                text.bytes.removeLast(length)
                return
            }
            let hash = StableHash.of(text.bytes[start...])
            text.words.append(
                Word(
                    hash: hash, start: Int32(start), end: Int32(text.bytes.count), isCapitalised: isCapitalised,
                    isNumber: isNumber,
                    opensSentence: wordOpensSentence, isIdeographic: isIdeographic))
        }
    }
}

/// What a scalar means for cutting words.
private enum ScalarClass {
    case letter, digit, mark, ideograph, separator, apostrophe, sentenceEnd, other

    init(_ scalar: Unicode.Scalar) {
        let value = scalar.value
        if value < 0x80 {
            self = ScalarClass.ascii(UInt8(value))
        } else if value >= 0x0E00 {
            self = ScalarClass.high(scalar)
        } else if value >= 0xC0, value < 0x250, value != 0xD7, value != 0xF7 {
            self = .letter
        } else {
            self = ScalarClass.byProperties(scalar)
        }
    }

    private static func ascii(_ byte: UInt8) -> ScalarClass {
        switch byte {
        case 0x61...0x7A, 0x41...0x5A: .letter
        case 0x30...0x39: .digit
        case 0x2C, 0x2E: .separator
        case 0x27: .apostrophe
        case 0x0A, 0x21, 0x3F, 0x3A, 0x22: .sentenceEnd
        default: .other
        }
    }

    private static func high(_ scalar: Unicode.Scalar) -> ScalarClass {
        switch scalar.value {
        case 0x2019, 0x02BC: .apostrophe
        case 0x201C, 0x201D, 0x201E, 0x2026, 0x3002, 0xFF01, 0xFF1F, 0x2013, 0x2014: .sentenceEnd
        // Thai, Lao, Myanmar, Khmer; kana, ideographs and their extensions: no spaces between words.
        case 0x0E01...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3041...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xF900...0xFAFF, 0x20000...0x3FFFF:
            .ideograph
        default: byProperties(scalar)
        }
    }

    private static func byProperties(_ scalar: Unicode.Scalar) -> ScalarClass {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .spacingMark: .letter
        case .decimalNumber: .digit
        case .nonspacingMark, .enclosingMark, .format: .mark
        default: scalar == "«" || scalar == "»" || scalar == "¿" || scalar == "¡" ? .sentenceEnd : .other
        }
    }
}
