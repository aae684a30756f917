import Foundation

/// Reads one document: labels its lines, then its head, its tail and its text.
struct DocumentReader {
    let lines: [ScoredLine]
    var labels: [Bool]
    let context: ReadingContext
    private let budget: WorkBudget
    var article = ExtractedArticle()
    /// Lines that gave data and are no text.
    var consumed: Set<Int> = []
    var captions: Set<Int> = []

    /// - Throws: ``WorkBudget/Spent`` when the lines take too long, as ``read()`` does.
    init(lines: [TextLine], url: String?, fetchedAt: Date?, budget: WorkBudget) throws(WorkBudget.Spent) {
        self.budget = budget
        context = ReadingContext(languageHint: DocumentReader.languageHint(lines, url: url), reference: fetchedAt)
        self.lines = LineScorer.score(lines.filter { !MarkdownText.isRule($0.text) })
        try budget.check()
        labels = LineLabeller.label(self.lines)
        try budget.check()
    }

    mutating func read() throws(WorkBudget.Spent) -> ExtractedArticle {
        guard !lines.isEmpty else {
            article.notArticleReason = .empty
            return article
        }
        let bodyStart = firstProse()
        readHead(until: bodyStart)
        try budget.check()
        readTail()
        readSiteName()
        try budget.check()
        buildBlocks()
        try budget.check()
        readDateline()
        article.notArticleReason = ArticleJudge.reason(for: article, lines: lines)
        if article.notArticleReason == .listing { article.title = nil }
        return article
    }

    // MARK: Text

    private mutating func buildBlocks() {
        var body: [Int] = []
        let first = labels.firstIndex(of: true) ?? lines.count
        let last = labels.lastIndex(of: true) ?? -1
        for index in lines.indices where !consumed.contains(index) {
            let isInside = index >= first && index <= last
            if isInside, isCaption(index, isBodyStart: index == first) { captions.insert(index) }
            if captions.contains(index) ? isInside || index < first && first - index < 6 : labels[index] {
                body.append(index)
            }
        }
        article.blocks = TextBlockBuilder(lines: lines, body: body, captions: captions).blocks()
    }

    /// Whether a line within the article stands under a picture; a line that is text must show it by its end.
    private func isCaption(_ index: Int, isBodyStart: Bool) -> Bool {
        let line = lines[index].line
        if !labels[index], lines[index].furniture?.kind == .captionCredit { return true }
        return !isBodyStart && line.length <= 300 && Caption.isCaption(lines[index])
    }

    /// Takes what a wire report has before its first sentence: a labelled date, and the dateline.
    private mutating func readDateline() {
        guard let first = article.blocks.firstIndex(where: { $0.kind == .paragraph }) else { return }
        var text = takeLeadingDate(article.blocks[first].text)
        if let dateline = Dateline.read(from: text, reference: context.reference ?? article.published?.instant) {
            article.dateline = dateline.text
            article.evidence["dateline"] = "text"
            text = dateline.rest
            if article.published == nil, let date = dateline.date {
                article.published = date
                article.evidence["date"] = "dateline"
            }
            if article.originalSource == nil, let agency = dateline.agencies.first {
                article.originalSource = agency
                article.evidence["originalSource"] = "dateline"
            }
        }
        article.blocks[first].text = text
    }

    /// `date 2024-11-28 …`: a date with its label at the very start of the text.
    private mutating func takeLeadingDate(_ text: String) -> String {
        let head = String(String.UnicodeScalarView(text.unicodeScalars.prefix(80)))
        guard
            let match = DateParser.find(
                in: head, languageHint: context.languageHint, reference: context.reference, limit: 1
            ).first,
            !match.isRelative, match.hasYear
        else { return text }
        let scalars = Array(head.unicodeScalars)
        let before = TextLine(
            text: String(String.UnicodeScalarView(scalars[..<match.scalars.lowerBound])), followsBlank: false)
        let isLabelled =
            !before.words.isEmpty && before.words.allSatisfy { $0.utf8.count > 2 && CreditLine.dateLabels.contains($0) }
        let isStamp = before.words.isEmpty && match.scalars.lowerBound == 0
        guard isLabelled || isStamp else { return text }
        let rest = text.unicodeScalars.dropFirst(match.scalars.upperBound).drop {
            TextScalars.isSpace($0) || ".,:;|–—-".unicodeScalars.contains($0)
        }
        guard let next = rest.first, isLabelled || TextScalars.isUpper(next) && match.scalars.count >= 8 else {
            return text
        }
        article.published = article.published ?? match.date
        article.evidence["date"] = article.evidence["date"] ?? "text"
        return String(String.UnicodeScalarView(rest))
    }

    // MARK: Context

    /// English text of an American or international address reads `03/04/2025` month first.
    private static func languageHint(_ lines: [TextLine], url: String?) -> String? {
        guard let url else { return nil }
        let rest = url.drop { $0 != ":" }.drop { $0 == ":" || $0 == "/" }
        let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != ":" }
        guard let domain = host.split(separator: ".").last,
            ["com", "org", "net", "us", "gov", "edu"].contains(domain.lowercased())
        else { return nil }
        let english = lines.prefix(400).reduce(0) { $0 + $1.words.count { $0 == "the" || $0 == "of" } }
        let words = lines.prefix(400).reduce(0) { $0 + $1.words.count }
        return english * 20 > words ? "en" : nil
    }
}
