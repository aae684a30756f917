/// Says when a document is no article.
enum ArticleJudge {
    /// Fewer words than this are no article.
    static let minimumWords = 30

    static func reason(for article: ExtractedArticle, lines: [ScoredLine]) -> NotArticleReason? {
        guard lines.contains(where: { $0.line.hasLetters }) else { return .empty }
        let words = article.blocks.reduce(0) {
            $0 + ($1.kind == .caption ? 0 : TextLine(text: $1.text, followsBlank: false).wordCount)
        }
        let kinds = lines.prefix(200).compactMap { item in
            item.furniture.flatMap { $0.evidence >= 2.4 ? $0.kind : nil }
        }
        if words < 120, kinds.contains(.errorPage) { return .errorPage }
        guard words < minimumWords else { return nil }
        if kinds.contains(.login) { return .login }
        let short = lines.count { !$0.line.isProse && $0.line.wordCount <= 14 }
        return short >= 15 && short * 10 >= lines.count * 9 ? .listing : .tooShort
    }
}
