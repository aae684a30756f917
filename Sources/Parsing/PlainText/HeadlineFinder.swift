/// Finds the headline among the lines above the text.
struct HeadlineFinder {
    let lines: [ScoredLine]
    /// Lines that are credits.
    let credits: Set<Int>
    /// The first line of running text.
    let bodyStart: Int
    /// Longer words of the opening paragraphs.
    private let bodyWords: Set<String>

    init(lines: [ScoredLine], credits: Set<Int>, bodyStart: Int) {
        self.lines = lines
        self.credits = credits
        self.bodyStart = bodyStart
        var words: Set<String> = []
        for item in lines[min(bodyStart, lines.count)...].prefix(8) where item.line.isProse {
            words.formUnion(item.line.words.filter(HeadlineFinder.isTelling))
        }
        bodyWords = words
    }

    /// The headline's line, or `nil` when none looks like one.
    func find() -> Int? {
        var best: (index: Int, rank: Double)?
        for index in max(0, bodyStart - 60)..<bodyStart {
            let rank = self.rank(index)
            if rank > 1.5, best.map({ rank > $0.rank }) ?? true { best = (index, rank) }
        }
        return best?.index
    }

    private func rank(_ index: Int) -> Double {
        let item = lines[index]
        let line = item.line
        if credits.contains(index) || Caption.isCaption(item) || line.wordCount < 2 || line.wordCount > 45
            || !line.hasLetters
        {
            return -9
        }
        if line.text.hasPrefix("# ") { return 20 }
        if BylineCleaner.isLikelyPersonName(line.text) && line.wordCount <= 3 { return -9 }
        var rank = line.wordCount >= 4 ? 3.0 : 0.6
        if line.wordCount > 28 { rank -= 1.5 }
        if line.endsSentence, !line.text.hasSuffix("?"), !line.text.hasSuffix("!"), !line.text.hasSuffix("…") {
            rank -= line.wordCount > 14 ? 3 : 1.5
        }
        rank -= (item.furniture?.evidence ?? 0) * 0.9
        if line.separators >= 3 { rank -= 2 }
        rank -= 0.12 * Double(min(20, bodyStart - 1 - index))
        rank += 3 * overlap(line)
        if hasCredit(near: index) { rank += 1.2 }
        if index == 0 { rank += 0.8 }
        return rank
    }

    /// The share of the line's telling words that the opening paragraphs repeat.
    private func overlap(_ line: TextLine) -> Double {
        let telling = Set(line.words.filter(HeadlineFinder.isTelling))
        guard !telling.isEmpty else { return 0 }
        let shared = telling.filter { word in
            bodyWords.contains(word) || (word.count > 6 && bodyWords.contains { $0.hasPrefix(word.prefix(5)) })
        }
        return Double(shared.count) / Double(telling.count)
    }

    private func hasCredit(near index: Int) -> Bool {
        (index + 1...index + 4).contains { credits.contains($0) && $0 < bodyStart }
    }

    private static func isTelling(_ word: String) -> Bool {
        if FunctionWords.all.contains(word) { return false }
        return word.utf8.count >= 4 || word.unicodeScalars.first.map(TextScalars.isHan) == true
    }
}

/// Lines under pictures.
enum Caption {
    /// Whether a short line is a caption: it names a picture's maker, or ends in the year of the picture.
    static func isCaption(_ item: ScoredLine) -> Bool {
        let line = item.line
        guard line.wordCount <= 45 else { return false }
        if let furniture = item.furniture, furniture.kind == .captionCredit, !line.isProse {
            return furniture.evidence >= 1.2
        }
        // Scalars, not characters: one character may be megabytes of combining marks.
        let tail = Array(TextScalars.folded(String(line.text.unicodeScalars.suffix(60))).utf8)
        if credits.contains(where: { ByteSearch.contains(tail, $0) }) { return true }
        return endsInYear(line)
    }

    /// What names a picture's maker at the end of a caption.
    private static let credits: [[UInt8]] = [
        "(photo", "[photo", "(foto", "ap photo", "/reuters", "/ reuters", "/afp", "/ afp", "/getty", "/ getty", "/dpa",
        "/ dpa",
        "(фото", "photo:", "photo by ", "foto:", "photograph:", "image:", "picture:", "bild:", "фото:", "photo ©",
        "foto ©", "credit:",
    ].map { Array($0.utf8) }

    /// `…, Munich, 2020`.
    private static func endsInYear(_ line: TextLine) -> Bool {
        guard line.wordCount <= 25, !line.endsSentence || line.text.hasSuffix("."), line.words.count >= 5 else {
            return false
        }
        let text = line.text.hasSuffix(".") ? String(line.text.dropLast()) : line.text
        let tail = Array(text.unicodeScalars.suffix(6))
        guard tail.count == 6, tail[0] == ",", tail[1] == " " else { return false }
        let isYear = tail[2...].allSatisfy { TextScalars.digit($0) != nil } && (tail[2] == "1" || tail[2] == "2")
        return isYear && line.capitalised * 2 >= line.wordCount
    }
}
