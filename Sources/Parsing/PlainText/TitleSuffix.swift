/// The outlet's name behind a headline: "Headline | The Caspian Ledger".
enum TitleSuffix {
    /// Parts headline and outlet, where the part behind a divider is an outlet's name by more than its place: divided by a bar,
    /// a domain, named again in the document, or absent from a second copy of the headline.
    static func split(_ text: String, lines: [ScoredLine], at index: Int) -> (title: String, site: String?) {
        for divider in [" | ", " — ", " – ", " - ", " :: ", " » ", " • "] {
            guard let range = lastRange(of: divider, in: text) else { continue }
            let head = String(text[..<range.lowerBound]).trimmingWhitespace()
            let tail = String(text[range.upperBound...]).trimmingWhitespace()
            let tailLine = TextLine(text: tail, followsBlank: false)
            let headLine = TextLine(text: head, followsBlank: false)
            guard headLine.wordCount >= 3, tailLine.wordCount >= 1, tailLine.wordCount <= 5,
                headLine.wordCount > tailLine.wordCount
            else { continue }
            if divider == " | " || divider == " :: " || isDomain(tail) || isNamedAgain(tail, lines, index)
                || isRepeated(head, lines, index)
            {
                return (split(head, lines: lines, at: index, tail: tail), tail)
            }
        }
        return (text, nil)
    }

    /// A second suffix, such as a section before the outlet's name.
    private static func split(_ text: String, lines: [ScoredLine], at index: Int, tail: String) -> String {
        guard let range = lastRange(of: " | ", in: text) else { return text }
        let head = String(text[..<range.lowerBound]).trimmingWhitespace()
        return TextLine(text: head, followsBlank: false).wordCount >= 3 ? head : text
    }

    private static func lastRange(of divider: String, in text: String) -> Range<String.Index>? {
        guard text.utf8.count <= 600 else { return nil }
        var found: Range<String.Index>?
        var start = text.startIndex
        while let range = text[start...].firstRange(of: divider) {
            found = range
            start = range.upperBound
        }
        return found
    }

    private static func isDomain(_ text: String) -> Bool {
        guard !text.contains(" "), let dot = text.lastIndex(of: "."), dot > text.startIndex else { return false }
        let ending = text[text.index(after: dot)...]
        return (2...6).contains(ending.count) && ending.allSatisfy(\.isLetter)
    }

    private static func isNamedAgain(_ tail: String, _ lines: [ScoredLine], _ index: Int) -> Bool {
        let key = TextScalars.folded(tail)
        return (lines.prefix(60) + lines.suffix(60)).contains { item in
            item.line.length <= 160 && !item.line.isProse && item.line.text != lines[index].line.text
                && TextScalars.folded(item.line.text).contains(key)
        }
    }

    private static func isRepeated(_ head: String, _ lines: [ScoredLine], _ index: Int) -> Bool {
        lines.prefix(index + 12).contains { $0.line.text == head }
    }
}
