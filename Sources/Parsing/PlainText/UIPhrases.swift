/// What a phrase of a page's furniture belongs to.
enum FurnitureKind: Sendable {
    case comments, authorBox, related, share, newsletter, cookies, copyright, views, tags, advertisement, navigation,
        readingTime
    case login, source, captionCredit, errorPage

    /// How strongly a whole line of it speaks against the line being the article's.
    var weight: Double {
        switch self {
        case .navigation: 3.5
        case .readingTime, .views, .advertisement: 5
        case .captionCredit: 3
        default: 5
        }
    }

    /// What it costs to believe that the article goes on beyond such a line.
    var crossing: Double {
        switch self {
        case .comments: 40
        case .authorBox: 9
        case .related, .source, .copyright: 5
        case .tags, .views: 4
        case .newsletter, .login: 1.5
        default: 0.5
        }
    }
}

/// A phrase of furniture found in a line.
struct Furniture: Sendable {
    /// What it costs to believe that the article goes on beyond it.
    var crossing: Double { evidence >= 2.4 ? kind.crossing : 0 }

    var kind: FurnitureKind
    /// Evidence against the line, 0 and up.
    var evidence: Double
    /// Whether the phrase opens the line or is all of it.
    var isLeading: Bool
}

/// Finds phrases that pages carry beside their articles. A phrase is evidence, never a verdict: it counts by how much of the
/// line it makes up and where it stands.
enum UIPhrases {
    private struct Phrase: Sendable {
        var words: [String]
        var kind: FurnitureKind
        /// Counts only when it is the whole line.
        var isWhole: Bool
    }

    private static let byFirstWord: [String: [Phrase]] = {
        var table: [String: [Phrase]] = [:]
        for (kind, text) in FurnitureLexicon.phrases {
            for item in text.split(whereSeparator: { $0 == ";" || $0.isNewline }) {
                let isWhole = item.contains("=")
                let words = TextLine(text: item.filter { $0 != "=" }.trimmingWhitespace(), followsBlank: false).words
                guard let first = words.first else { continue }
                table[first, default: []].append(Phrase(words: words, kind: kind, isWhole: isWhole))
            }
        }
        return table
    }()

    /// The strongest phrase of the line, or `nil`.
    static func find(in line: TextLine) -> Furniture? {
        let words = line.words.filter { word in !word.unicodeScalars.allSatisfy { TextScalars.digit($0) != nil } }
        var best: Furniture?
        var total = 0.0
        for start in words.indices.prefix(40) {
            guard let phrases = byFirstWord[words[start]] else { continue }
            for phrase in phrases where words[start...].starts(with: phrase.words) {
                guard let found = rate(phrase, at: start, of: words.count, in: line) else { continue }
                total += found.evidence
                if best.map({ found.evidence > $0.evidence }) ?? true { best = found }
            }
        }
        // Several phrases strengthen one another; most of them overlap, so that the weaker ones count by half.
        if let strongest = best { best?.evidence = min(8, strongest.evidence + 0.5 * (total - strongest.evidence)) }
        if let label = label(of: line), label.evidence > (best?.evidence ?? 0) { best = label }
        if best == nil, let call = callToFollow(words, line) { return call }
        if best == nil, line.wordCount <= 24, line.text.unicodeScalars.contains("©") {
            return Furniture(kind: .copyright, evidence: 4, isLeading: true)
        }
        return best
    }

    /// "Related: How nets are mended": a short line with a phrase of furniture before its colon.
    private static func label(of line: TextLine) -> Furniture? {
        guard line.wordCount <= 22, !line.isProse, let colon = line.text.firstIndex(of: ":") else { return nil }
        let label = TextLine(text: String(line.text[..<colon]), followsBlank: false)
        guard label.wordCount <= 4, let first = label.words.first, let phrases = byFirstWord[first] else { return nil }
        let kinds: [FurnitureKind] = [.related, .share, .newsletter, .tags, .views, .advertisement]
        guard let phrase = phrases.first(where: { $0.words == label.words && kinds.contains($0.kind) }) else {
            return nil
        }
        return Furniture(kind: phrase.kind, evidence: 3.5, isLeading: true)
    }

    /// "Follow the Ledger on Facebook": a short line that opens with a call and names a network.
    private static func callToFollow(_ words: [String], _ line: TextLine) -> Furniture? {
        guard line.wordCount <= 16, let first = words.first, FurnitureLexicon.calls.contains(first) else { return nil }
        guard words.contains(where: FurnitureLexicon.networks.contains) else { return nil }
        return Furniture(kind: .share, evidence: 4, isLeading: true)
    }

    private static func rate(_ phrase: Phrase, at start: Int, of count: Int, in line: TextLine) -> Furniture? {
        let coverage = Double(phrase.words.count) / Double(max(1, count))
        if phrase.isWhole || phrase.kind == .navigation, coverage < 0.99 { return nil }
        if phrase.words.count == 1, coverage < 0.34, phrase.kind != .copyright { return nil }
        var share = coverage >= 0.99 ? 1 : start == 0 ? 0.85 : coverage > 0.4 ? 0.7 : 0.4
        if line.wordCount > 30 { share *= 0.3 } else if line.wordCount > 18 { share *= start == 0 ? 0.7 : 0.5 }
        // A word or two of a whole sentence may just be its words: "Comments on the offer had poured in."
        let isAppeal = [.newsletter, .cookies, .login, .errorPage, .copyright].contains(phrase.kind)
        if line.isProse, !isAppeal, phrase.words.count <= 2, coverage < 0.25 { share *= 0.35 }
        return Furniture(kind: phrase.kind, evidence: phrase.kind.weight * share, isLeading: start == 0)
    }
}
