/// One line of a document with what can be counted in it.
struct TextLine: Sendable {
    /// The line without white space at its ends and with single spaces inside.
    var text: String
    /// Whether an empty line stands before it.
    var followsBlank: Bool
    /// Its length in Unicode scalars.
    var length = 0
    /// Words folded, at most ``maximumWords``; a Han or kana character is a word.
    var words: [String] = []
    /// How many words it has, in the measure of European languages: two Han or kana characters count as one.
    var wordCount = 0
    /// Whether it ends as a sentence does, closing quotation marks ignored.
    var endsSentence = false
    /// How many of its words begin with a capital.
    var capitalised = 0
    /// How many of its words only serve grammar.
    var functionWords = 0
    /// How many bars, bullets and arrows it has.
    var separators = 0
    /// Whether it has letters at all.
    var hasLetters = false
    /// Whether all its cased letters are capitals.
    var isShout = false

    static let maximumWords = 400

    init(text: String, followsBlank: Bool) {
        self.text = text
        self.followsBlank = followsBlank
        measure()
    }

    private mutating func measure() {
        var word = ""
        var spaceless = 0
        var others = 0
        var last: Unicode.Scalar = " "
        var upper = 0
        var lower = 0
        for scalar in text.unicodeScalars {
            length += 1
            if TextScalars.isSpacelessScript(scalar) {
                finish(&word)
                spaceless += 1
                if words.count < TextLine.maximumWords { words.append(String(scalar)) }
                hasLetters = true
            } else if TextScalars.isWordScalar(scalar) || TextScalars.digit(scalar) != nil {
                if word.isEmpty {
                    others += 1
                    if TextScalars.isUpper(scalar) { capitalised += 1 }
                }
                if TextScalars.isUpper(scalar) { upper += 1 } else if TextScalars.isLower(scalar) { lower += 1 }
                if TextScalars.digit(scalar) == nil { hasLetters = true }
                if word.utf8.count < 48 { TextScalars.appendFolded(scalar, to: &word) }
            } else if !(TextLine.isApostrophe(scalar) && word.utf8.count > 2) {
                finish(&word)
                if TextLine.isSeparator(scalar) { separators += 1 }
            }
            if !TextLine.isClosing(scalar) { last = scalar }
        }
        finish(&word)
        wordCount = others + (spaceless + 1) / 2
        endsSentence = TextLine.isTerminal(last)
        isShout = upper > 2 && lower == 0
    }

    private mutating func finish(_ word: inout String) {
        guard !word.isEmpty else { return }
        if FunctionWords.all.contains(word) { functionWords += 1 }
        if words.count < TextLine.maximumWords { words.append(word) }
        word = ""
    }

    /// Whether it reads as running text: a sentence, or long.
    var isProse: Bool { (wordCount >= 10 && endsSentence) || wordCount >= 30 }

    /// The share of words that only serve grammar.
    var functionShare: Double { wordCount == 0 ? 0 : Double(functionWords) / Double(wordCount) }

    private static func isApostrophe(_ scalar: Unicode.Scalar) -> Bool { scalar == "'" || scalar == "\u{2019}" }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "|", "•", "·", "»", "→", "›", "←", "▸", "►", "│": true
        default: false
        }
    }

    static func isClosing(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\"", "'", "”", "’", "»", "“", "‘", "«", ")", "]", "」", "』", "）", "*", "_", "›", "‹", " ": true
        default: false
        }
    }

    static func isTerminal(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।", ":", "：", ";", "։", "⁈": true
        default: false
        }
    }
}
