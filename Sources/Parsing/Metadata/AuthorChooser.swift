/// Chooses the authors among what the page's sources say.
struct AuthorChooser {
    /// Chosen names and where they come from.
    struct Choice {
        var names: [String]
        var source: String
    }

    private var candidates: [(names: [String], weight: Double, source: String)] = []

    /// The authors, or `nil` when no source names one.
    static func choose(_ facts: PageFacts, article: JSONValue?, siteName: String?, isNear: (Int) -> Bool) -> Choice? {
        var chooser = AuthorChooser()
        let site = siteName.map(HTMLText.letters) ?? []
        if let article {
            chooser.add(facts.structured.names(article["author"]), 3, "json-ld", site)
            chooser.add(facts.structured.names(article["creator"]), 1.5, "json-ld", site)
        }
        for name in ["author", "article:author", "byl", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "citation_author", "og:article:author", "article:author_name"] {
            chooser.add(facts.allMeta(name), 2, "meta", site)
        }
        chooser.addBylines(facts, site, isNear)
        return chooser.best()
    }

    private mutating func addBylines(_ facts: PageFacts, _ site: [UInt8], _ isNear: (Int) -> Bool) {
        let near = facts.bylines.filter { $0.mark == .microdata || isNear($0.node) }
        add(near.filter { $0.mark == .microdata }.prefix(4).map(\.text), 2, "microdata", site)
        add(near.filter { $0.mark == .relation }.prefix(4).map(\.text), 1.8, "page", site)
        if let first = near.first(where: { $0.mark == .name && !BylineCleaner.authors(from: $0.text).isEmpty }) {
            add([first.text], 1.5, "page", site)
        }
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
