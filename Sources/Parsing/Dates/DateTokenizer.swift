/// A piece of text as the date grammar sees it.
struct DateToken: Sendable {
    enum Kind: Sendable { case number, word, symbol }

    var kind: Kind
    /// A number's value; 0 for the other kinds and for numbers of more than 14 digits.
    var value = 0
    /// How many digits a number has.
    var digits = 0
    /// A word folded to lower case without accents, or a symbol as it stands.
    var text = ""
    /// Where it stands, in Unicode scalars of the text.
    var range: Range<Int>
    /// Whether white space precedes it.
    var isSpaced: Bool

    func isSymbol(_ symbol: Character) -> Bool { kind == .symbol && text.count == 1 && text.first == symbol }
}

/// Splits text into numbers, words and symbols in one pass over its scalars.
///
/// Digits of any script become numbers; a Han character is a word of its own; a change between digit and letter splits
/// (`28th`, `14h30`). An apostrophe splits only after a short elided article (`l'11`, `d'août`).
struct DateTokenizer {
    /// Text beyond this many scalars is not looked at.
    static let maximumScalars = 65_536

    private(set) var tokens: [DateToken] = []
    private var word = ""
    private var wordStart = 0
    private var number = 0
    private var digits = 0
    private var numberStart = 0
    private var isSpaced = false
    private var position = 0

    init(_ text: String) {
        for scalar in text.unicodeScalars.prefix(DateTokenizer.maximumScalars) {
            consume(scalar)
            position += 1
        }
        flush()
    }

    private mutating func consume(_ scalar: Unicode.Scalar) {
        if let digit = TextScalars.digit(scalar) {
            flushWord()
            if digits == 0 { numberStart = position }
            digits += 1
            number = digits <= 14 ? number * 10 + digit : 0
        } else if TextScalars.isHan(scalar) {
            flush()
            append(DateToken(kind: .word, text: String(scalar), range: position..<position + 1, isSpaced: isSpaced))
        } else if TextScalars.isWordScalar(scalar) {
            flushNumber()
            if word.isEmpty { wordStart = position }
            if word.utf8.count < 64 { TextScalars.appendFolded(scalar, to: &word) }
        } else {
            consumeOther(scalar)
        }
    }

    private mutating func consumeOther(_ scalar: Unicode.Scalar) {
        let isApostrophe = scalar == "'" || scalar == "\u{2019}"
        if isApostrophe, word.utf8.count > 2 { return }
        if TextScalars.isIgnorable(scalar) { return }
        flush()
        if TextScalars.isSpace(scalar) {
            isSpaced = true
            return
        }
        append(DateToken(kind: .symbol, text: String(scalar), range: position..<position + 1, isSpaced: isSpaced))
    }

    private mutating func append(_ token: DateToken) {
        tokens.append(token)
        isSpaced = false
    }

    private mutating func flush() {
        flushWord()
        flushNumber()
    }

    private mutating func flushWord() {
        guard !word.isEmpty else { return }
        append(DateToken(kind: .word, text: word, range: wordStart..<position, isSpaced: isSpaced))
        word = ""
    }

    private mutating func flushNumber() {
        guard digits > 0 else { return }
        let value = digits <= 14 ? number : 0
        append(
            DateToken(
                kind: .number, value: value, digits: digits, range: numberStart..<position, isSpaced: isSpaced))
        number = 0
        digits = 0
    }
}
