/// Finds what stands between quotation marks, in the ways of many languages.
struct QuoteScanner {
    /// Words between marks.
    struct Quote {
        /// The tokens of the marks; the closing one may be missing where a quotation goes on in the next paragraph.
        var open: Int
        var close: Int?
        /// The tokens between the marks.
        var content: Range<Int>
        /// Whether it goes on from a paragraph before.
        var continues = false
    }

    private static let mostTokens = 1_500
    let text: ArticleText

    /// Every quotation in order; none lies within another.
    func scan() -> [Quote] {
        var found: [Quote] = []
        var index = 0
        // For each opening mark up to where no closing one stands, so that many that never close are not looked after again and again.
        var unclosedUntil: [UInt32: Int] = [:]
        while index < text.tokens.count {
            guard index >= unclosedUntil[text.tokens[index].mark, default: 0], let closers = closers(forOpening: index)
            else {
                index += 1
                continue
            }
            var reached = index
            if let quote = quote(from: index, closers, after: found.last, reached: &reached) {
                found.append(quote)
                index = (quote.close ?? quote.content.upperBound - 1) + 1
            } else {
                unclosedUntil[text.tokens[index].mark] = reached
                index += 1
            }
        }
        return found
    }

    /// The marks that close what a token opens, or `nil` when it opens nothing.
    private func closers(forOpening index: Int) -> [UInt32]? {
        let token = text.tokens[index]
        let mark = token.mark
        guard mark != 0, index + 1 < text.tokens.count else { return nil }
        let next = text.tokens[index + 1]
        switch mark {
        case 0x201C: return [0x201D, 0x22]
        case 0x201E: return [0x201C, 0x201D, 0x22]
        case 0x201D: return next.gap == .none ? [0x201D] : nil
        case 0xAB: return [0xBB]
        case 0xBB: return next.gap == .none && token.gap != .none ? [0xAB] : nil
        case 0x300C: return [0x300D]
        case 0x300E: return [0x300F]
        case 0x22: return next.gap == .none || index == 0 || text.tokens[index].gap != .none ? [0x22, 0x201D] : nil
        case 0x2018: return [0x2019, 0x27]
        case 0x27: return next.gap == .none && (token.gap != .none || index == 0) ? [0x27, 0x2019] : nil
        default: return nil
        }
    }

    private func quote(from open: Int, _ closers: [UInt32], after last: Quote?, reached: inout Int) -> Quote? {
        let mark = text.tokens[open].mark
        let isSingle = mark == 0x2018 || mark == 0x27
        let continues =
            last.map { $0.close == nil && text.tokens[$0.open].mark == mark && $0.content.upperBound == open } ?? false
        var index = open + 1
        while index < text.tokens.count, index - open < Self.mostTokens {
            let token = text.tokens[index]
            reached = index
            if token.gap == .lineBreak || token.gap == .paragraphBreak, index > open + 1 {
                return isSingle ? nil : unclosed(open, index, continues)
            }
            if closers.contains(token.mark), token.mark != 0, closes(index, isSingle) {
                guard index > open + 1 else { return nil }
                return Quote(open: open, close: index, content: (open + 1)..<index, continues: continues)
            }
            index += 1
        }
        return nil
    }

    /// A single mark closes only where no letter follows, unlike an apostrophe.
    private func closes(_ index: Int, _ isSingle: Bool) -> Bool {
        guard isSingle, index + 1 < text.tokens.count else { return true }
        let next = text.tokens[index + 1]
        return next.gap != .none || next.kind == .punctuation
    }

    /// A quotation that is open at the end of its paragraph goes on if the next one opens with the same mark.
    private func unclosed(_ open: Int, _ end: Int, _ continues: Bool) -> Quote? {
        guard text.tokens[end].mark == text.tokens[open].mark else { return nil }
        return Quote(open: open, close: nil, content: (open + 1)..<end, continues: continues)
    }
}
