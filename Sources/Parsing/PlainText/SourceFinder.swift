/// Finds whom the text names as its origin, and the outlet's own name.
enum SourceFinder {
    private static let openings: [String] = [
        "original source", "source", "originally published by", "originally published on", "originally published in",
        "originally published at", "first published by", "first published on", "first published in",
        "this article was originally published by",
        "this article was originally published on", "this article was originally published in",
        "this article originally appeared on",
        "this article originally appeared in", "this article was first published by",
        "this article was first published on",
        "this article was first published in", "this story was originally published by",
        "this story was originally published on",
        "republished from", "reprinted from", "read the original at", "read the original article on", "originalquelle",
        "quelle",
        "zuerst erschienen bei", "zuerst erschienen in", "source originale", "fuente", "fuente original", "fonte",
        "fonte originale",
        "fonte original", "bron", "источник", "первоисточник", "оригинал", "джерело", "źródło", "zdroj", "kaynak",
        "mənbə", "källa", "kilde",
        "lähde", "πηγή", "forrás", "sursa", "المصدر", "منبع", "מקור", "स्रोत", "sumber", "nguồn", "来源", "来源：", "出典", "출처",
    ].map(TextScalars.folded).sorted { $0.utf8.count > $1.utf8.count }

    /// The origin that a line such as "Original Source: www.example.org" names.
    static func source(in line: TextLine) -> String? {
        guard line.wordCount <= 24, line.length <= 240 else { return nil }
        guard let length = BylineCleaner.opening(of: line.text, in: openings) else { return nil }
        let scalars = Array(line.text.unicodeScalars)
        let hasColon = scalars[length...].prefix(2).contains { $0 == ":" || $0 == "：" }
        let words = TextLine(text: String(String.UnicodeScalarView(scalars[..<length])), followsBlank: false).words
            .count
        guard hasColon || words >= 2 else { return nil }
        var rest = scalars[length...].drop { TextScalars.isSpace($0) || $0 == ":" || $0 == "：" }
        while let last = rest.last, last == "." || last == ")" || TextScalars.isSpace(last) { rest.removeLast() }
        let value = String(String.UnicodeScalarView(rest))
        let count = TextLine(text: value, followsBlank: false).wordCount
        return value.isEmpty || count > 10 ? nil : value
    }

    /// The agency in a line such as "(sda/rzu)" below a report.
    static func signOff(_ line: TextLine) -> String? {
        guard line.wordCount <= 5, let first = line.text.first, "([/".contains(first), line.text.count > 3 else {
            return nil
        }
        let names = line.text.dropFirst().split(whereSeparator: { "/,;()[]".contains($0) }).map {
            $0.trimmingWhitespace()
        }
        return names.first { BylineLexicon.agencies.contains(TextScalars.folded($0)) }
    }

    /// The outlet's name in a line such as "© 2025 The Caspian Ledger. All rights reserved."
    static func siteName(in line: TextLine) -> String? {
        guard line.wordCount <= 20, line.text.unicodeScalars.contains("©") || line.words.contains("copyright") else {
            return nil
        }
        if Caption.isCaption(ScoredLine(line: line, furniture: nil, score: 0)) { return nil }
        var words: [Substring] = []
        for word in line.text.split(separator: " ") {
            let key = TextScalars.folded(String(word)).filter { $0.isLetter || $0 == "." || $0 == "-" }
            if key == "copyright" || word == "©" || word == "(c)" { continue }
            if word.contains(where: \.isNumber), !key.contains(where: \.isLetter) {
                if !words.isEmpty { break }
                continue
            }
            if ["all", "alle", "tous", "todos", "все", "all.", "inc", "by"].contains(key) {
                if words.isEmpty { continue } else { break }
            }
            if words.isEmpty, !key.contains(where: \.isLetter) { continue }
            words.append(word.hasPrefix("©") ? word.dropFirst() : word)
            if word.hasSuffix(".") || word.hasSuffix(",") || word.hasSuffix("|") { break }
        }
        let name = words.joined(separator: " ").trimmingMarks()
        return words.count <= 5 && name.unicodeScalars.count >= 3 ? name : nil
    }
}

extension String {
    /// The text without white space and stops at its ends.
    func trimmingMarks() -> String {
        let marks: Set<Unicode.Scalar> = [".", ",", ";", ":", "|", "-", "–", "—", "©", " ", "\u{A0}"]
        var scalars = unicodeScalars[...]
        while let first = scalars.first, marks.contains(first) { scalars.removeFirst() }
        while let last = scalars.last, marks.contains(last) { scalars.removeLast() }
        return String(String.UnicodeScalarView(scalars))
    }
}
