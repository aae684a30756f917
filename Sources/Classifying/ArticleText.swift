import Foundation

/// A word, number or punctuation mark of a text.
struct Token {
    /// What kind of token it is.
    enum Kind: UInt8 {
        /// Letters, perhaps with digits.
        case word
        /// Digits, perhaps with separators.
        case number
        /// A run of a script that puts no spaces between words.
        case run
        /// A suffix after an apostrophe, such as the English possessive.
        case suffix
        /// One punctuation mark.
        case punctuation
    }

    /// How a word is written.
    enum Shape: UInt8 {
        case lower, capitalised, allCapitals, caseless
    }

    /// What stands between this token and the one before.
    enum Gap: UInt8 {
        case none, space, hyphen, lineBreak, paragraphBreak
    }

    var span: TextSpan
    var kind: Kind
    var shape: Shape
    var gap: Gap
    /// Whether a period of an abbreviation follows that ends no sentence.
    var isAbbreviation = false
    /// Whether the first word of a sentence.
    var startsSentence = false
    /// The number of its sentence.
    var sentence = 0
    /// Its normalised UTF-8 in the text's buffer.
    var bytes: Range<Int>
    /// The same in lower case.
    var lowerBytes: Range<Int>
    /// The hash of ``bytes``.
    var hash: NameHash
    /// The hash of ``lowerBytes``.
    var lowerHash: NameHash
    /// The scalar of a punctuation mark; 0 for other tokens.
    var mark: UInt32 = 0

    /// Whether a capital letter or a script without case may begin a name here.
    var mayBeginName: Bool { kind == .run || kind == .word && shape != .lower }
}

/// A text cut into tokens and sentences, once, for all the finders.
struct ArticleText {
    /// The text's scalars.
    let scalars: [Unicode.Scalar]
    /// The tokens in order.
    private(set) var tokens: [Token] = []
    /// The first token of each sentence, and one past the last token.
    private(set) var sentenceStarts: [Int] = []
    private(set) var buffer: [UInt8] = []
    private(set) var lowerBuffer: [UInt8] = []

    /// The most scalars that are looked at; what follows in a longer text is left alone.
    static let limit = 400_000

    /// Cuts a text.
    init(_ text: String) {
        scalars = Self.scalars(of: text)
        var tokenizer = Tokenizer(scalars)
        tokenizer.run()
        tokens = tokenizer.tokens
        buffer = tokenizer.buffer
        lowerBuffer = tokenizer.lowerBuffer
        markSentences()
    }

    /// The first scalars of a text, in one pass: an array of the prefix would count it first.
    private static func scalars(of text: String) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(min(text.utf8.count, limit))
        for scalar in text.unicodeScalars {
            guard scalars.count < limit else { break }
            scalars.append(scalar)
        }
        return scalars
    }

    /// The text of a span.
    func string(_ span: TextSpan) -> String {
        guard span.start < span.end, span.end <= scalars.count else { return "" }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[span.start..<span.end])
        return String(text)
    }

    /// The text of a run of tokens, with one space for each gap between words.
    func name(_ range: Range<Int>) -> String {
        let raw = string(
            TextSpan(start: tokens[range.lowerBound].span.start, end: tokens[range.upperBound - 1].span.end))
        return raw.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// The normalised bytes of a token.
    func bytes(_ token: Token) -> ArraySlice<UInt8> { buffer[token.bytes] }

    /// The normalised bytes of a token in lower case.
    func lowerBytes(_ token: Token) -> ArraySlice<UInt8> { lowerBuffer[token.lowerBytes] }

    /// The span from one token to another, both included.
    func span(_ range: Range<Int>) -> TextSpan {
        TextSpan(start: tokens[range.lowerBound].span.start, end: tokens[range.upperBound - 1].span.end)
    }

    /// The tokens of the sentence that a token stands in.
    func sentence(around token: Int) -> Range<Int> {
        let number = tokens[token].sentence
        return sentenceStarts[number]..<sentenceStarts[number + 1]
    }

    /// The first token that ends after a scalar.
    func firstToken(endingAfter scalar: Int) -> Int {
        var low = 0
        var high = tokens.count
        while low < high {
            let middle = (low + high) / 2
            if tokens[middle].span.end > scalar { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private mutating func markSentences() {
        var number = -1
        var atStart = true
        for index in tokens.indices {
            let gap = tokens[index].gap
            if atStart || gap == .lineBreak || gap == .paragraphBreak {
                number += 1
                sentenceStarts.append(index)
                atStart = false
            }
            tokens[index].sentence = number
            if endsSentence(index) { atStart = true }
        }
        sentenceStarts.append(tokens.count)
        for start in sentenceStarts.dropLast() {
            var index = start
            while index < tokens.count, tokens[index].kind == .punctuation, index - start < 4 { index += 1 }
            if index < tokens.count { tokens[index].startsSentence = true }
        }
    }

    /// Whether the sentence ends after a token: a full stop, with its closing quotation marks, before a capital.
    private func endsSentence(_ index: Int) -> Bool {
        var stop = index
        while stop >= 0, index - stop < 3, Tokenizer.isClosing(tokens[stop].mark) { stop -= 1 }
        guard stop >= 0, Tokenizer.isSentenceEnd(tokens[stop].mark) else { return false }
        guard index + 1 < tokens.count else { return true }
        let next = tokens[index + 1]
        if Tokenizer.isWideStop(tokens[stop].mark) { return !Tokenizer.isClosing(next.mark) }
        if next.gap == .none { return false }
        if Tokenizer.isOpening(next.mark) { return true }
        return next.kind == .number || next.mayBeginName || next.kind == .punctuation && !Tokenizer.isClosing(next.mark)
    }
}
