import Foundation

/// Cuts scalars into tokens in one pass.
struct Tokenizer {
    private let scalars: [Unicode.Scalar]
    private(set) var tokens: [Token] = []
    private(set) var buffer: [UInt8] = []
    private(set) var lowerBuffer: [UInt8] = []
    private var position = 0
    private var gap = Token.Gap.paragraphBreak

    init(_ scalars: [Unicode.Scalar]) {
        self.scalars = scalars
        tokens.reserveCapacity(scalars.count / 4)
        buffer.reserveCapacity(scalars.count)
        lowerBuffer.reserveCapacity(scalars.count)
    }

    mutating func run() {
        while position < scalars.count {
            switch ScalarClass.of(scalars[position]) {
            case .space: skipSpace()
            case .newline: skipNewlines()
            case .ideograph: addRun()
            case .digit: addNumber()
            case .hyphen: addHyphen()
            case .apostrophe: addApostrophe()
            case .period, .punctuation: addPunctuation()
            case .upper, .lower, .caseless: addWord()
            case .mark: position += 1
            }
        }
    }

    private mutating func skipSpace() {
        position += 1
        if gap == .none { gap = .space }
    }

    private mutating func skipNewlines() {
        var breaks = 0
        while position < scalars.count {
            let kind = ScalarClass.of(scalars[position])
            guard kind == .newline || kind == .space else { break }
            let isPairEnd = scalars[position].value == 0x0A && position > 0 && scalars[position - 1].value == 0x0D
            if kind == .newline, !isPairEnd { breaks += 1 }
            position += 1
        }
        gap = breaks > 1 ? .paragraphBreak : .lineBreak
    }

    private mutating func addRun() {
        let start = position
        while position < scalars.count, position - start < 64 {
            let kind = ScalarClass.of(scalars[position])
            guard kind == .ideograph || kind == .mark || kind == .digit else { break }
            position += 1
        }
        append(.run, .caseless, start..<position)
    }

    private mutating func addNumber() {
        let start = position
        var hasLetter = false
        while position < scalars.count {
            let kind = ScalarClass.of(scalars[position])
            if kind == .digit || kind.isLetter || kind == .mark {
                hasLetter = hasLetter || kind.isLetter
                position += 1
            } else if scalars[position].value == 0x2E || scalars[position].value == 0x2C
                || scalars[position].value == 0x3A,
                position + 1 < scalars.count, ScalarClass.of(scalars[position + 1]) == .digit
            {
                position += 1
            } else {
                break
            }
        }
        append(hasLetter ? .word : .number, .caseless, start..<position)
    }

    private mutating func addHyphen() {
        let joins = gap == .none && position + 1 < scalars.count && ScalarClass.of(scalars[position + 1]).isWord
        if joins, tokens.last?.kind == .word || tokens.last?.kind == .number {
            position += 1
            gap = .hyphen
        } else {
            addPunctuation()
        }
    }

    private mutating func addApostrophe() {
        let followsWord = gap == .none && tokens.last?.kind == .word && position > 0
        guard followsWord, position + 1 < scalars.count, ScalarClass.of(scalars[position + 1]).isLetter else {
            return addPunctuation()
        }
        let start = position
        position += 1
        while position < scalars.count, ScalarClass.of(scalars[position]).isWord { position += 1 }
        append(.suffix, .lower, start..<position)
    }

    private mutating func addPunctuation() {
        append(.punctuation, .lower, position..<(position + 1))
        tokens[tokens.count - 1].mark = scalars[position].value
        position += 1
    }

    private mutating func addWord() {
        let start = position
        if let end = dottedAcronym(from: start) {
            position = end
            return append(.word, .allCapitals, start..<end)
        }
        var shape = WordShape()
        scan: while position < scalars.count {
            let kind = ScalarClass.of(scalars[position])
            if kind.isWord {
                shape.add(kind)
                position += 1
            } else if kind == .apostrophe, keepsApostrophe(start) {
                position += 1
            } else if scalars[position].value == 0xAD {
                position += 1
            } else {
                break scan
            }
        }
        append(.word, shape.result, start..<position)
        elideArticle(start)
        markAbbreviation(start)
    }

    /// `U.S.` and the like: capital letters with a period after each.
    private func dottedAcronym(from start: Int) -> Int? {
        var at = start
        while at + 1 < scalars.count, ScalarClass.of(scalars[at]) == .upper, scalars[at + 1].value == 0x2E { at += 2 }
        guard at - start >= 4 || at - start == 2 && at < scalars.count && ScalarClass.of(scalars[at]) == .upper else {
            return nil
        }
        if at < scalars.count, ScalarClass.of(scalars[at]) == .upper {
            guard at + 1 >= scalars.count || !ScalarClass.of(scalars[at + 1]).isWord else {
                return at - start >= 4 ? at : nil
            }
            return at + 1
        }
        return at
    }

    /// Whether an apostrophe belongs to the word: `O'Brien`, `N'Djamena`, `Xi'an`; not `Baku's`.
    private func keepsApostrophe(_ start: Int) -> Bool {
        guard position + 1 < scalars.count, position > start else { return false }
        let next = ScalarClass.of(scalars[position + 1])
        let isCapitalised = ScalarClass.of(scalars[start]) == .upper
        if isElided(start..<position) { return false }
        if next == .upper { return isCapitalised || position - start > 2 }
        guard next == .lower || next == .caseless else { return false }
        let after = position + 2 < scalars.count ? ScalarClass.of(scalars[position + 2]) : .space
        return isCapitalised && position - start <= 3 && after.isLetter && !isSuffix(position + 1)
    }

    private func isSuffix(_ start: Int) -> Bool {
        var end = start
        while end < scalars.count, ScalarClass.of(scalars[end]).isWord, end - start < 5 { end += 1 }
        let text = String(String.UnicodeScalarView(scalars[start..<end]))
        return ["s", "t", "d", "m", "re", "ve", "ll"].contains(text)
    }

    private func isElided(_ range: Range<Int>) -> Bool {
        guard range.count <= 4 else { return false }
        let text = String(String.UnicodeScalarView(scalars[range]))
        return ["d", "l", "qu", "dell", "all", "nell", "L", "D", "s", "n", "t", "j", "c", "m", "Qu", "J", "C"].contains(
            text)
    }

    /// An elided article is a word of its own; what follows is joined to it as by a space.
    private mutating func elideArticle(_ start: Int) {
        guard position + 1 < scalars.count, ScalarClass.of(scalars[position]) == .apostrophe,
            ScalarClass.of(scalars[position + 1]).isLetter, isElided(start..<position)
        else { return }
        position += 1
        gap = .space
    }

    /// Swallows the period of an abbreviation or an initial.
    private mutating func markAbbreviation(_ start: Int) {
        guard position < scalars.count, scalars[position].value == 0x2E, position - start <= 5 else { return }
        let word = scalars[start..<position]
        let isInitial = word.count == 1 && ScalarClass.of(scalars[start]) == .upper
        let followed = position + 1 < scalars.count && ScalarClass.of(scalars[position + 1]) != .newline
        guard followed, isInitial || Self.abbreviations.contains(String(String.UnicodeScalarView(word))) else { return }
        tokens[tokens.count - 1].isAbbreviation = true
        position += 1
    }

    private mutating func append(_ kind: Token.Kind, _ shape: Token.Shape, _ range: Range<Int>) {
        let start = buffer.count
        let lowerStart = lowerBuffer.count
        if kind != .punctuation { encode(range) }
        let bytes = start..<buffer.count
        let lowerBytes = lowerStart..<lowerBuffer.count
        tokens.append(
            Token(
                span: TextSpan(start: range.lowerBound, end: range.upperBound), kind: kind, shape: shape, gap: gap,
                bytes: bytes,
                lowerBytes: lowerBytes, hash: .of(buffer[bytes]), lowerHash: .of(lowerBuffer[lowerBytes])))
        gap = .none
    }

    /// Writes a word to both buffers: composed, apostrophes as ASCII, without periods, soft hyphens and vowel marks.
    private mutating func encode(_ range: Range<Int>) {
        let isNumber = ScalarClass.of(scalars[range.lowerBound]) == .digit
        if range.contains(where: { scalars[$0].value >= 0x300 && scalars[$0].value <= 0x36F }) {
            let word = String(String.UnicodeScalarView(scalars[range])).precomposedStringWithCanonicalMapping
            for scalar in word.unicodeScalars { encode(scalar, isNumber) }
        } else {
            for index in range { encode(scalars[index], isNumber) }
        }
    }

    private mutating func encode(_ scalar: Unicode.Scalar, _ isNumber: Bool) {
        switch scalar.value {
        case 0x2E where !isNumber, 0xAD, 0x591...0x5BD, 0x610...0x61A, 0x64B...0x65F, 0x200C, 0x200D: return
        case 0x27, 0x2019, 0x2018, 0x02BC, 0x60, 0x55A:
            buffer.append(0x27)
            lowerBuffer.append(0x27)
        case 0..<0x80:
            let byte = UInt8(scalar.value)
            buffer.append(byte)
            lowerBuffer.append(byte >= 0x41 && byte <= 0x5A ? byte + 32 : byte)
        default:
            if let bytes = UTF8.encode(scalar) { buffer.append(contentsOf: bytes) }
            if let bytes = UTF8.encode(ScalarClass.lowercase(scalar)) { lowerBuffer.append(contentsOf: bytes) }
        }
    }

    static let abbreviations: Set<String> = [
        "Mr", "Mrs", "Ms", "Dr", "Prof", "Gen", "Sen", "Rep", "Gov", "Lt", "Col", "Sgt", "Capt", "Cpl", "Maj", "Adm",
        "Rev", "Hon", "St",
        "Jr", "Sr", "Inc", "Corp", "Ltd", "Co", "Bros", "vs", "No", "Nos", "Jan", "Feb", "Mar", "Apr", "Jun", "Jul",
        "Aug", "Sept", "Sep",
        "Oct", "Nov", "Dec", "Mt", "Ft", "Ave", "Blvd", "bzw", "ca", "Nr", "Str", "Hr", "Fr", "Mio", "Mrd", "usw",
        "evtl", "Sra", "Dra",
        "Pdte", "Mme", "Mlle", "MM", "etc", "cf", "ex", "г", "ул", "им", "Ph", "Pa", "Calif", "Fla", "Conn", "Mass",
        "Mich", "Minn",
        "Okla", "Tenn", "Wis", "Wyo", "Ala", "Ariz", "Colo", "Va",
    ]

    static func isSentenceEnd(_ mark: UInt32) -> Bool {
        switch mark {
        case 0x2E, 0x21, 0x3F, 0x2026, 0x3002, 0xFF01, 0xFF1F, 0x6D4, 0x61F, 0x964, 0x589, 0x1362: true
        default: false
        }
    }

    static func isWideStop(_ mark: UInt32) -> Bool {
        mark == 0x3002 || mark == 0xFF01 || mark == 0xFF1F || mark == 0x1362 || mark == 0x589
    }

    static func isClosing(_ mark: UInt32) -> Bool {
        switch mark {
        case 0x22, 0x27, 0x2019, 0x201D, 0xBB, 0x203A, 0x300D, 0x300F, 0x29, 0x5D, 0x201C: true
        default: false
        }
    }

    static func isOpening(_ mark: UInt32) -> Bool {
        switch mark {
        case 0x22, 0x27, 0x2018, 0x201C, 0x201E, 0xAB, 0x2039, 0x300C, 0x300E, 0x28, 0x5B: true
        default: false
        }
    }
}

/// Collects how a word is written.
private struct WordShape {
    private var uppers = 0
    private var lowers = 0
    private var caseless = 0
    private var startsUpper = false

    mutating func add(_ kind: ScalarClass) {
        if uppers + lowers + caseless == 0 { startsUpper = kind == .upper }
        switch kind {
        case .upper: uppers += 1
        case .lower: lowers += 1
        case .caseless: caseless += 1
        default: break
        }
    }

    var result: Token.Shape {
        if uppers + lowers == 0 { return .caseless }
        if startsUpper { return lowers == 0 && uppers > 1 ? .allCapitals : .capitalised }
        return .lower
    }
}
