/// Chooses the authors among what the page's sources say.
struct AuthorChooser {
    /// Chosen names and where they come from.
    struct Choice {
        var names: [String]
        var source: String
    }

    private var candidates: [(names: [String], weight: Double, source: String)] = []

    private static let metas = [
        "author", "article:author", "byl", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator",
        "citation_author", "og:article:author", "article:author_name",
    ]
    private static let openings = [
        "by ", "written by", "posted by", "author:", "words by", "text by", "story by", "von ", "text:", "autor:",
        "par ", "por ",
        "di ", "door ", "af ", "av ", "автор", "tekst:", "autore:",
    ]

    /// The authors, or `nil` when no source names one.
    ///
    /// - Parameters:
    ///   - region: Where a visible byline may stand.
    ///   - lines: Short lines near the headline.
    static func choose(
        _ facts: PageFacts, article: JSONValue?, siteName: String?, region: ArticleRegion, lines: [String]
    ) -> Choice? {
        var chooser = AuthorChooser()
        let site = siteName.map(HTMLText.letters) ?? []
        let object =
            article?["author"] != nil ? article : facts.structured.objects.first { $0["author"] != nil } ?? article
        let structured = facts.structured.names(object?["author"])
        chooser.add(structured, 3, "json-ld", site)
        chooser.add(facts.structured.names(object?["creator"]), 1.5, "json-ld", site)
        for name in metas { chooser.add(facts.allMeta(name), 2, "meta", site) }
        if let label = facts.meta("twitter:label1")?.lowercased(),
            openings.contains(where: label.hasPrefix) || label == "written by"
        {
            chooser.add(facts.allMeta("twitter:data1"), 1.5, "twitter", site)
        }
        chooser.addBylines(facts, site, region)
        if let line = lines.first(where: { line in openings.contains { line.lowercased().hasPrefix($0) } }) {
            chooser.add([line], 1, "text", site)
        }
        if let choice = chooser.best() { return choice }
        // No person: the desk or the outlet that the structured data names.
        let desks = structured.map { HTMLText.collapsed(HTMLEntities.decoded($0)) }.filter {
            $0.utf8.count <= 60 && !$0.contains("/")
        }
        return desks.isEmpty ? nil : Choice(names: desks, source: "json-ld")
    }

    private mutating func addBylines(_ facts: PageFacts, _ site: [UInt8], _ region: ArticleRegion) {
        var near = facts.bylines.filter { $0.mark == .microdata || region.contains($0.node) }
        if near.isEmpty { near = facts.bylines.filter { region.isBesideHeading($0.node) } }
        add(near.filter { $0.mark == .microdata }.prefix(4).flatMap(Self.texts), 2, "microdata", site)
        add(near.filter { $0.mark == .relation }.prefix(4).flatMap(Self.texts), 1.8, "page", site)
        for byline in near where byline.mark == .name {
            let count = candidates.count
            add(Self.texts(byline), 1.5, "page", site)
            if candidates.count > count { break }
        }
    }

    /// Whether a text is nothing but what introduces a name.
    private static func isLabel(_ piece: String) -> Bool {
        let letters = HTMLText.letters(piece)
        return openings.contains { HTMLText.letters($0) == letters }
    }

    /// The parts of a byline that read like names, or the whole of it when no part does.
    private static func texts(_ byline: PageFacts.BylineFact) -> [String] {
        let pieces = byline.pieces.filter { piece in
            !isLabel(piece) && !piece.utf8.contains { $0 &- 0x30 < 10 }
                && BylineCleaner.authors(from: piece).contains(where: BylineCleaner.isLikelyPersonName)
        }
        if !pieces.isEmpty { return pieces }
        return byline.pieces.count <= 1 || !byline.text.utf8.contains { $0 &- 0x30 < 10 } ? [byline.text] : []
    }

    private mutating func add(_ texts: [String], _ weight: Double, _ source: String, _ site: [UInt8]) {
        var names: [String] = []
        var seen: Set<[UInt8]> = []
        for text in texts where !text.hasPrefix("http") && !text.hasPrefix("www.") && !text.hasPrefix("/") {
            for name in BylineCleaner.authors(from: HTMLText.collapsed(HTMLEntities.decoded(text))) {
                let letters = HTMLText.letters(name)
                guard !letters.isEmpty, seen.insert(letters).inserted else { continue }
                names.append(name)
            }
        }
        guard !names.isEmpty else { return }
        let isSiteOnly = names.allSatisfy { HTMLText.letters($0) == site }
        candidates.append((names, isSiteOnly ? weight * 0.2 : weight, source))
    }

    /// The list of names with most agreement: each name is worth the weights of all sources that give it.
    private func best() -> Choice? {
        var votes: [[UInt8]: Double] = [:]
        for candidate in candidates {
            for name in candidate.names { votes[HTMLText.letters(name), default: 0] += candidate.weight }
        }
        var best: Choice?
        var bestScore = 0.0
        for candidate in candidates {
            let sum = candidate.names.reduce(0.0) { $0 + (votes[HTMLText.letters($1)] ?? 0) }
            let score = sum / Double(candidate.names.count) + candidate.weight
            if score > bestScore {
                best = Choice(names: candidate.names, source: candidate.source)
                bestScore = score
            }
        }
        return best
    }
}
