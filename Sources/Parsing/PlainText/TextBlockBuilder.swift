/// Makes blocks out of the article's lines: paragraphs, headings, list items, quotations.
struct TextBlockBuilder {
    let lines: [ScoredLine]
    /// The lines of the body, in order.
    let body: [Int]
    /// Those of them that are captions.
    let captions: Set<Int>

    func blocks() -> [ArticleBlock] {
        let listed = listItems()
        var blocks: [ArticleBlock] = []
        for (place, index) in body.enumerated() {
            let block = self.block(index, isListed: listed.contains(index), place: place)
            guard !block.text.isEmpty, block.text != blocks.last?.text else { continue }
            blocks.append(block)
        }
        return blocks
    }

    private func block(_ index: Int, isListed: Bool, place: Int) -> ArticleBlock {
        let line = lines[index].line
        let plain = MarkdownText.plain(line.text)
        if captions.contains(index) { return ArticleBlock(kind: .caption, text: plain) }
        if let level = MarkdownText.headingLevel(line.text) {
            return ArticleBlock(
                kind: .heading, text: MarkdownText.plain(String(line.text.dropFirst(level + 1))), level: level)
        }
        if line.text.hasPrefix("> ") {
            return ArticleBlock(kind: .quote, text: MarkdownText.plain(String(line.text.dropFirst(2))))
        }
        if isListed, let length = BulletMark.length(in: line.text) {
            let rest = String(String.UnicodeScalarView(line.text.unicodeScalars.dropFirst(length)))
            return ArticleBlock(kind: .listItem, text: MarkdownText.plain(rest.trimmingWhitespace()))
        }
        if isHeading(line, place: place) { return ArticleBlock(kind: .heading, text: plain, level: 2) }
        return ArticleBlock(kind: .paragraph, text: plain)
    }

    /// A short line without an end mark before running text.
    private func isHeading(_ line: TextLine, place: Int) -> Bool {
        guard line.wordCount <= 14, line.hasLetters,
            !line.endsSentence || line.text.hasSuffix("?") && line.wordCount <= 8
        else { return false }
        guard let first = line.text.unicodeScalars.first, !TextScalars.isLower(first),
            !"-–—\"“„«".unicodeScalars.contains(first)
        else {
            return false
        }
        guard place + 1 < body.count else { return false }
        let next = lines[body[place + 1]].line
        return next.isProse || (next.wordCount >= 6 && next.endsSentence) || BulletMark.length(in: next.text) != nil
    }

    /// Marked lines that stand together. A single dash may open direct speech, so it takes a second mark to make a list.
    private func listItems() -> Set<Int> {
        var items: Set<Int> = []
        var run: [Int] = []
        func close() {
            let isSpeech = run.contains { lines[$0].line.text.hasPrefix("-") && lines[$0].line.text.hasSuffix("?") }
            if run.count >= 2, !isSpeech { items.formUnion(run) }
            run = []
        }
        for index in body {
            if BulletMark.length(in: lines[index].line.text) != nil { run.append(index) } else { close() }
        }
        close()
        return items
    }
}

/// The marks of Markdown, where a text carries them.
enum MarkdownText {
    /// 1 to 6 for a line that opens with number signs.
    static func headingLevel(_ text: String) -> Int? {
        let level = text.prefix(7).prefix { $0 == "#" }.count
        return (1...6).contains(level) && text.dropFirst(level).first == " " ? level : nil
    }

    /// Whether the line is only a rule or a fence.
    static func isRule(_ text: String) -> Bool {
        guard let first = text.first, "-*_=~`#—".contains(first), text.utf8.count >= 3 else { return false }
        return text.allSatisfy { $0 == first || $0 == " " }
    }

    /// The text without emphasis marks and with links as their words.
    static func plain(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0x2A || $0 == 0x5B || $0 == 0x5F }) else { return text }
        return withoutLinks(text).replacingPairs(of: "**").replacingPairs(of: "__").trimmingWhitespace()
    }

    /// `[words](target)` becomes `words`, a picture goes.
    private static func withoutLinks(_ text: String) -> String {
        guard ByteSearch.contains(Array(text.utf8), [0x5D, 0x28]) else { return text }
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        var index = 0
        var failures = 0
        while index < scalars.count {
            if scalars[index] == "[", failures < 32, let link = link(scalars, index) {
                if let before = result.last, before == "!" {
                    result.removeLast()
                } else {
                    result.append(contentsOf: scalars[index + 1..<link.close])
                }
                index = link.end
                continue
            }
            if scalars[index] == "[" { failures += 1 }
            result.append(scalars[index])
            index += 1
        }
        return String(result)
    }

    /// The end of the words and of the whole link that opens at the index, within 2,000 scalars.
    private static func link(_ scalars: [Unicode.Scalar], _ start: Int) -> (close: Int, end: Int)? {
        let limit = min(scalars.count, start + 300)
        guard let close = scalars[start..<limit].firstIndex(of: "]"), close + 1 < scalars.count,
            scalars[close + 1] == "("
        else { return nil }
        let targetLimit = min(scalars.count, close + 1700)
        guard let end = scalars[close..<targetLimit].firstIndex(of: ")") else { return nil }
        guard !scalars[close..<end].contains(where: TextScalars.isSpace) else { return nil }
        return (close, end + 1)
    }
}

extension String {
    /// The text without a mark of emphasis that occurs an even number of times.
    fileprivate func replacingPairs(of mark: String) -> String {
        guard ByteSearch.contains(Array(utf8), Array(mark.utf8)) else { return self }
        let parts = split(separator: mark, omittingEmptySubsequences: false)
        return parts.count % 2 == 1 ? parts.joined() : self
    }
}
