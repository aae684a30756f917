/// What a line weighs as a line of the article.
struct ScoredLine: Sendable {
    var line: TextLine
    var furniture: Furniture?
    /// Above zero for the article, below for furniture.
    var score: Double
    /// What it costs to believe that the article goes on beyond the line.
    var crossing: Double = 0
    /// What it costs to take the line for an aside within the article: little for furniture and for a related link, more for a
    /// line that may be a heading.
    var asideCost: Double = 0.1

    /// Whether it is furniture rather than text.
    var isFurniture: Bool { (furniture?.evidence ?? 0) >= 2.4 }
}

/// Weighs each line by its form: length, sentence punctuation, grammar words, capitals, separators, repetition and phrases.
enum LineScorer {
    static func score(_ lines: [TextLine]) -> [ScoredLine] {
        var counts: [String: Int] = [:]
        for line in lines where line.length <= 200 { counts[line.text, default: 0] += 1 }
        var scored = lines.map { line -> ScoredLine in
            let furniture = UIPhrases.find(in: line)
            let isRepeated = line.length <= 120 && counts[line.text, default: 0] > 1
            return ScoredLine(line: line, furniture: furniture, score: value(line, furniture, isRepeated: isRepeated))
        }
        markBiographies(&scored)
        lowerBoxes(&scored)
        addCrossings(&scored)
        addAsideCosts(&scored)
        return scored
    }

    private static func value(_ line: TextLine, _ furniture: Furniture?, isRepeated: Bool) -> Double {
        var value = form(line)
        if line.functionWords > 1, line.functionShare >= 0.2 { value += 0.5 }
        if line.wordCount >= 6, !line.endsSentence, line.functionWords == 0 { value -= 0.5 }
        if line.separators >= 2, line.separators * 12 > line.wordCount { value -= 2 }
        if isRepeated { value -= line.endsSentence ? 0.5 : 1.5 }
        if isAddress(line) { value -= 2.5 }
        if !line.hasLetters { value -= 1 }
        if BulletMark.length(in: line.text) != nil, furniture == nil, line.wordCount >= 2 { value = max(value, 0.2) }
        return value - (furniture?.evidence ?? 0)
    }

    /// Length and the end of a sentence.
    private static func form(_ line: TextLine) -> Double {
        switch (line.wordCount, line.endsSentence) {
        case (40..., _): 5
        case (25..., true): 4.5
        case (12..., true): 4
        case (25..., false): 3
        case (6..., true): 1.5
        case (12..., false): 0.8
        case (3..., true): 0.3
        case (6..., false): -0.3
        case (3..., false): -0.8
        default: line.endsSentence && line.wordCount > 0 && !line.text.hasSuffix(":") ? -0.4 : -1.2
        }
    }

    private static let addressMarks = ["@", "://", "www."].map { Array($0.utf8) }

    private static func isAddress(_ line: TextLine) -> Bool {
        guard line.wordCount <= 12 else { return false }
        let text = Array(line.text.utf8.prefix(4096))
        return addressMarks.contains { ByteSearch.contains(text, $0) }
    }

    /// "About Jane Doe" opens an author's box where a biography follows.
    private static func markBiographies(_ lines: inout [ScoredLine]) {
        for index in lines.indices where lines[index].furniture?.kind != .authorBox {
            guard AuthorBox.name(inHeading: lines[index].line) != nil else { continue }
            lines[index].furniture = Furniture(kind: .authorBox, evidence: 4, isLeading: true)
            lines[index].score -= 4
        }
    }

    /// Short lines in one box with furniture are furniture, too, in documents that part their blocks by empty lines.
    private static func lowerBoxes(_ lines: inout [ScoredLine]) {
        guard lines.count(where: { $0.line.followsBlank }) * 10 >= lines.count * 3 else { return }
        var start = 0
        while start < lines.count {
            var end = start + 1
            while end < lines.count, !lines[end].line.followsBlank { end += 1 }
            if end - start >= 2, end - start <= 8, lines[start..<end].contains(where: \.isFurniture) {
                for index in start..<end where !lines[index].line.isProse { lines[index].score -= 1.5 }
            }
            start = end
        }
    }

    /// Works out what each line costs as an aside; the lines right under "Read also" are cheap.
    private static func addAsideCosts(_ lines: inout [ScoredLine]) {
        var related = 0
        var isTight = false
        for index in lines.indices {
            if lines[index].isFurniture {
                related = lines[index].furniture?.kind == .related ? 3 : 0
                isTight = index + 1 < lines.count && !lines[index + 1].line.followsBlank
                continue
            }
            if isTight, lines[index].line.followsBlank { related = 0 }
            if related > 0 {
                related -= 1
                continue
            }
            let isBeforeProse = index + 1 < lines.count && lines[index + 1].line.isProse
            lines[index].asideCost = isBeforeProse || lines[index].line.isProse ? 2 : 1
        }
    }

    /// Whether the text behind a link to other pieces speaks of the same things as the text before it.
    private static func goesOn(after index: Int, _ lines: [ScoredLine], _ stems: Set<Substring>) -> Bool {
        let next = lines[(index + 1)...].prefix(12).first { $0.line.isProse || ($0.furniture?.crossing ?? 0) >= 9 }
        guard let next, next.line.isProse, (next.furniture?.evidence ?? 0) < 1 else { return false }
        let words = next.line.words.compactMap(stem)
        let shared = words.count { stems.contains($0) }
        return shared >= 2 && shared * 7 >= words.count
    }

    /// The first letters of a word that tells what a text is about.
    private static func stem(_ word: String) -> Substring? {
        let isHan = word.unicodeScalars.first.map(TextScalars.isHan) == true
        guard isHan || word.utf8.count >= 4, !FunctionWords.all.contains(word) else { return nil }
        return word.prefix(5)
    }

    /// Works out what crossing each line costs; a comment section weighs more the more text stands before it.
    private static func addCrossings(_ lines: inout [ScoredLine]) {
        var before = 0.0
        var stems: Set<Substring> = []
        let total = lines.reduce(0.0) { $0 + ($1.line.isProse ? max(0, $1.score) : 0) }
        for index in lines.indices {
            let line = lines[index]
            if let furniture = line.furniture, furniture.evidence >= 2.4,
                furniture.isLeading || furniture.evidence >= 3.4
            {
                lines[index].crossing = furniture.kind.crossing
                let after = total - before
                if furniture.kind == .comments, before < 7 || after > 3 * before { lines[index].crossing = 6 }
                if furniture.kind == .comments, line.line.isProse { lines[index].crossing = 3 }
                if furniture.kind == .related, goesOn(after: index, lines, stems) { lines[index].crossing = 0.5 }
            }
            if line.line.isProse {
                before += max(0, line.score)
                for word in line.line.words where stems.count < 20_000 {
                    if let stem = stem(word) { stems.insert(stem) }
                }
            }
        }
    }
}

/// The mark that opens a list item.
enum BulletMark {
    /// How many scalars the mark takes with the space behind it, or `nil`.
    static func length(in text: String) -> Int? {
        let scalars = text.unicodeScalars
        guard let first = scalars.first else { return nil }
        if ["-", "*", "•", "‣", "▪", "●", "◦", "■", "✓", "➤", "►", "▸", "+"].contains(first) {
            return scalars.dropFirst().first.map(TextScalars.isSpace) == true
                ? 2 : ["•", "▪", "●", "■", "‣"].contains(first) ? 1 : nil
        }
        let digits = scalars.prefix(3).prefix { TextScalars.digit($0) != nil }.count
        guard digits > 0, digits <= 2, let mark = scalars.dropFirst(digits).first, mark == "." || mark == ")" else {
            return nil
        }
        return scalars.dropFirst(digits + 1).first.map(TextScalars.isSpace) == true ? digits + 2 : nil
    }
}

/// The box about the author behind an article.
enum AuthorBox {
    private static let openings: [String] = [
        "about", "über", "à propos de", "sobre", "об авторе", "about the author", "about author", "o autorze", "over",
        "om",
        "view all posts by", "more by", "more from", "all posts by", "articles by", "more articles by",
        "alle beiträge von", "mehr von",
        "voir tous les articles de", "tous les articles de", "ver todas las entradas de", "más artículos de",
        "все статьи автора",
        "sull'autore", "sobre el autor", "sobre o autor", "written by", "posts by",
    ].map(TextScalars.folded).sorted { $0.utf8.count > $1.utf8.count }

    /// The person whom a line such as "About Jane Doe" or "View all posts by Jane Doe →" names.
    static func name(inHeading line: TextLine) -> String? {
        guard line.wordCount >= 3, line.wordCount <= 9, !line.text.hasSuffix(".") else { return nil }
        guard let length = BylineCleaner.opening(of: line.text, in: openings) else { return nil }
        let rest = String(String.UnicodeScalarView(line.text.unicodeScalars.dropFirst(length)))
        let name = rest.filter { !"→»›:>←".contains($0) }.trimmingWhitespace()
        return BylineCleaner.isLikelyPersonName(name) && name.contains(" ") ? name : nil
    }
}
