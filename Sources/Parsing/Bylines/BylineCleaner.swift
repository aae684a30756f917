/// Turns a byline, as a page or a meta tag gives it, into the names of those who wrote the piece.
///
/// Names of people and of news agencies stay; openings ("By", "Von", "Автор:"), occupations, places, dates, reading times,
/// addresses and handles go; photographers, editors and account names do not count as authors.
public enum BylineCleaner {
    /// A byline longer than this many scalars is cut: no outlet has that many authors.
    static let maximumScalars = 600

    /// The authors that the byline names, in its order, each once; empty when it names none.
    public static func authors(from byline: String) -> [String] {
        var authors: [String] = []
        var seen: Set<String> = []
        let segments = BylineSplitter.segments(of: byline)
        for (index, segment) in segments.enumerated() {
            let found = names(inSegment: segment, isFirst: index == 0, isOnly: segments.count == 1)
            for name in found where authors.count < 20 && seen.insert(TextScalars.folded(name)).inserted {
                authors.append(name)
            }
        }
        return authors
    }

    /// Whether the text has the form of a person's name: two to five words of letters, capitalised where the script has
    /// capitals, none of them an occupation or a word of outlets; or two to five Han, kana or Hangul characters.
    public static func isLikelyPersonName(_ text: String) -> Bool {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let first = words.first, words.count <= 5, text.utf8.count <= 120 else { return false }
        if words.count == 1 { return isEastAsianName(first) }
        guard words.allSatisfy(isNameWord), !isAgency(text) else { return false }
        guard let last = words.last, !isParticle(last), !BylineLexicon.neverFirst.contains(TextScalars.folded(first))
        else { return false }
        return !BylineLexicon.places.contains(TextScalars.folded(text))
    }

    /// Whether the text is the name of a news agency.
    static func isAgency(_ text: String) -> Bool {
        let key = TextScalars.folded(text)
        guard BylineLexicon.agencies.contains(key) else { return false }
        // Short names are words in some language; as agencies they are written in capitals, or small where that is the custom.
        return key.unicodeScalars.count > 5 || !text.unicodeScalars.contains(where: TextScalars.isLower)
            || ["dpa", "epd", "afp", "Trend", "Turan", "Tass", "Petra", "Fars", "Mehr", "Belga", "Lusa", "Anadolu"]
                .contains(text)
    }

    /// Whether the line opens as bylines do, and how many scalars the opening takes; a colon counts as part of it.
    static func opening(of text: String, in phrases: [String]) -> Int? {
        let folded = TextScalars.folded(String(String.UnicodeScalarView(text.unicodeScalars.prefix(60))))
        for phrase in phrases where folded.utf8.count > phrase.utf8.count && folded.utf8.starts(with: phrase.utf8) {
            let index = folded.utf8.index(folded.utf8.startIndex, offsetBy: phrase.utf8.count)
            let next = folded.unicodeScalars[index]
            guard next == ":" || next == "：" || next == "/" || next == "՝" || TextScalars.isSpace(next) else {
                continue
            }
            return scalarLength(of: phrase.unicodeScalars.count, in: text)
        }
        return nil
    }

    /// How many scalars of the text fold to the given number of scalars.
    private static func scalarLength(of foldedCount: Int, in text: String) -> Int {
        var folded = ""
        var count = 0
        var length = 0
        for scalar in text.unicodeScalars {
            guard length < foldedCount else { break }
            TextScalars.appendFolded(scalar, to: &folded)
            length = folded.unicodeScalars.count
            count += 1
        }
        return count
    }

    // MARK: Parts

    private static func names(inSegment segment: String, isFirst: Bool, isOnly: Bool) -> [String] {
        if opening(of: segment, in: BylineLexicon.foreignPrefixes) != nil { return [] }
        let (text, hasOpening) = stripOpening(segment)
        var found: [String] = []
        for (index, part) in BylineSplitter.names(in: text).enumerated() {
            let isLeading = index == 0 && isFirst
            let candidate = BylineCandidate(part)
            if let name = candidate.name(allowsSingleWord: isLeading && (hasOpening || isOnly), hasOpening: hasOpening)
            {
                found.append(name)
            }
            found += candidate.agencies.filter { !found.contains($0) }
        }
        return found
    }

    /// Removes "By", "Von", "Автор:" and their like.
    private static func stripOpening(_ segment: String) -> (text: String, hasOpening: Bool) {
        var text = segment
        var hasOpening = false
        for _ in 0..<2 {
            guard let length = opening(of: text, in: BylineLexicon.prefixes) else { break }
            let rest = text.unicodeScalars.dropFirst(length).drop { scalar in
                TextScalars.isSpace(scalar) || scalar == ":" || scalar == "：" || scalar == "/" || scalar == "՝"
            }
            text = String(String.UnicodeScalarView(rest))
            hasOpening = true
        }
        return (text, hasOpening)
    }

    private static func isNameWord(_ word: String) -> Bool {
        let scalars = Array(word.unicodeScalars)
        guard let first = scalars.first, scalars.count <= 30 else { return false }
        let folded = TextScalars.folded(word)
        if BylineLexicon.roles.contains(folded) || BylineLexicon.generic.contains(folded) { return false }
        guard scalars.allSatisfy({ TextScalars.isWordScalar($0) || isNameMark($0) }) else { return false }
        if TextScalars.isLower(first) { return isParticle(word) || hasInnerCapital(scalars) }
        return TextScalars.isWordScalar(first) || first == "\u{2019}" || first == "'"
    }

    private static func isNameMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "-", "‐", "‑", "'", "\u{2019}", "ʼ", "`", ".", "·", "・", "״", "׳", "\u{200C}": true
        default: false
        }
    }

    /// `al-Assad`, `d'Artagnan`, `bin-Salman`.
    private static func hasInnerCapital(_ scalars: [Unicode.Scalar]) -> Bool {
        guard let mark = scalars.firstIndex(where: isNameMark), mark <= 4, mark + 1 < scalars.count else {
            return false
        }
        return TextScalars.isUpper(scalars[mark + 1])
    }

    private static func isParticle(_ word: String) -> Bool {
        BylineLexicon.particles.contains(TextScalars.folded(word))
    }

    private static func isEastAsianName(_ word: String) -> Bool {
        let scalars = word.unicodeScalars
        guard (2...9).contains(scalars.count) else { return false }
        let isHangul = scalars.allSatisfy { (0xAC00...0xD7A3).contains($0.value) }
        let isHan = scalars.allSatisfy { TextScalars.isSpacelessScript($0) || $0 == "・" || $0 == "·" }
        guard isHangul || isHan, !BylineLexicon.roles.contains(word), !isAgency(word),
            !BylineLexicon.eastAsianLabels.contains(where: word.contains)
        else { return false }
        return scalars.count <= 4 || !isHangul && scalars.contains { $0 == "・" || $0 == "·" }
    }
}
