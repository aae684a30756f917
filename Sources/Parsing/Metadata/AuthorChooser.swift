/// Chooses the authors among what the page's sources say.
struct AuthorChooser {
    /// Chosen names, with all that the sources say.
    struct Choice {
        var names: [String]
        var candidates: [MetadataCandidate]
    }

    /// The names that one source gives.
    private struct Candidate {
        var names: [String]
        var letters: [[UInt8]]
        var weight: Double
        var source: MetadataSource
        var name: String?
        var text: String
    }

    private let site: [UInt8]
    private var candidates: [Candidate] = []
    /// What the sources name that reads like no person's name: desks, outlets and accounts.
    private var others: [(text: String, source: MetadataSource, name: String?)] = []

    private static let metas = [
        "author", "article:author", "byl", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator",
        "dc:creator",
        "citation_author", "og:article:author", "article:author_name",
    ]
    private static let openings = [
        "by ", "written by", "posted by", "author:", "words by", "text by", "story by", "von ", "von:", "text:",
        "autor:",
        "par ", "por ",
        "di ", "door ", "af ", "av ", "автор", "tekst:", "autore:",
    ]

    /// What the name of a meta element that names authors has in it, and what one has that tells something else of them.
    private static let author = Array("author".utf8)
    private static let notAuthor = ["url", "id", "image", "avatar", "institution", "email", "has_", "twitter"]
        .map { Array($0.utf8) }

    private init(site: [UInt8]) { self.site = site }

    /// The authors, or `nil` when no source names one.
    ///
    /// - Parameters:
    ///   - region: Where a visible byline may stand.
    ///   - lines: Short lines near the headline.
    static func choose(
        _ facts: PageFacts, article: JSONValue?, siteName: String?, region: ArticleRegion, lines: [String],
        listing: ListingWords?
    ) -> Choice? {
        var chooser = AuthorChooser(site: siteName.map(HTMLText.letters) ?? [])
        chooser.addStructured(facts, article)
        chooser.addMetas(facts)
        chooser.addBylines(facts, region)
        chooser.addLine(lines)
        if chooser.candidates.isEmpty { chooser.add(region.authorLinks(), 1, .page, "link") }
        chooser.add(listing?.authors ?? [], 1.5, .listing, nil)
        return chooser.best() ?? chooser.other()
    }

    // MARK: - Sources

    private mutating func addStructured(_ facts: PageFacts, _ article: JSONValue?) {
        let objects = facts.structured.objects
        let main = article?["author"] != nil ? article : objects.first { $0["author"] != nil } ?? article
        add(facts.structured.names(main?["author"]), 3, .jsonLD, "author")
        add(facts.structured.names(main?["creator"]), 1.5, .jsonLD, "creator")
        // Pages that two programs describe have two objects for one article.
        for object in objects.prefix(40) where object != main && StructuredData.isArticle(object) {
            guard object["headline"] == nil || object["headline"] == main?["headline"] else { continue }
            add(facts.structured.names(object["author"]), 1.5, .jsonLD, "author")
        }
    }

    private mutating func addMetas(_ facts: PageFacts) {
        for name in Self.metas { add(facts.allMeta(name), 2, .meta, name) }
        for meta in facts.metas.prefix(200) {
            let letters = Array(meta.name.utf8)
            guard ByteSearch.contains(letters, Self.author), !Self.metas.contains(meta.name),
                !Self.notAuthor.contains(where: { ByteSearch.contains(letters, $0) })
            else { continue }
            add([meta.content], 1.5, .meta, meta.name)
        }
        if let label = facts.meta("twitter:label1")?.lowercased(),
            Self.openings.contains(where: label.hasPrefix) || label == "written by"
        {
            add(facts.allMeta("twitter:data1"), 1.5, .twitter, "twitter:data1")
        }
    }

    private mutating func addBylines(_ facts: PageFacts, _ region: ArticleRegion) {
        var near = facts.bylines.filter { $0.mark == .microdata || region.contains($0.node) }
        if near.isEmpty { near = facts.bylines.filter { region.isBesideHeading($0.node) } }
        add(near.filter { $0.mark == .microdata }.prefix(4).flatMap(Self.texts), 2, .microdata, "author")
        add(near.filter { $0.mark == .relation }.prefix(4).flatMap(Self.texts), 1.8, .page, "rel=author")
        for byline in near where byline.mark == .name {
            let count = candidates.count
            add(Self.texts(byline), 1.5, .page, "byline")
            if candidates.count > count { break }
        }
    }

    /// A line that opens as bylines do; the name may stand in the line after it.
    private mutating func addLine(_ lines: [String]) {
        guard
            let index = lines.firstIndex(where: { line in
                let small = line.lowercased()
                return Self.openings.contains { small.hasPrefix($0) } || Self.isLabel(line)
            })
        else { return }
        let line = lines[index]
        if Self.isLabel(line), index + 1 < lines.count {
            add([line + " " + lines[index + 1]], 1, .text, nil)
        } else {
            add([line], 1, .text, nil)
        }
    }

    /// Whether a text is nothing but what introduces a name.
    private static func isLabel(_ piece: String) -> Bool {
        labels.contains(HTMLText.letters(piece))
    }

    private static let labels = Set(openings.map(HTMLText.letters))

    /// The parts of a byline that read like names, or the whole of it when no part does.
    private static func texts(_ byline: PageFacts.BylineFact) -> [String] {
        let pieces = byline.pieces.filter { piece in
            !isLabel(piece) && !piece.utf8.contains { $0 &- 0x30 < 10 }
                && BylineCleaner.authors(from: piece).contains(where: BylineCleaner.isLikelyPersonName)
        }
        if !pieces.isEmpty { return pieces }
        // A name that is given once for the eye and once for screen readers.
        if let first = byline.pieces.first, byline.pieces.allSatisfy({ $0 == first }) { return [first] }
        return byline.pieces.count <= 1 || !byline.text.utf8.contains { $0 &- 0x30 < 10 } ? [byline.text] : []
    }

    private mutating func add(_ texts: [String], _ weight: Double, _ source: MetadataSource, _ name: String?) {
        var names: [String] = []
        var keys: [[UInt8]] = []
        let usable = texts.filter { !$0.hasPrefix("http") && !$0.hasPrefix("www.") && !$0.hasPrefix("/") }
            .map { HTMLText.collapsed(HTMLEntities.decoded($0)) }
        for text in usable {
            let found = BylineCleaner.authors(from: text)
            if found.isEmpty { others.append((text, source, name)) }
            for author in found {
                let letters = HTMLText.letters(author)
                guard !letters.isEmpty, !keys.contains(letters) else { continue }
                names.append(author)
                keys.append(letters)
            }
        }
        guard !names.isEmpty else { return }
        let isSiteOnly = keys.allSatisfy { $0 == site }
        candidates.append(
            Candidate(
                names: names, letters: keys, weight: isSiteOnly ? weight * 0.2 : weight, source: source, name: name,
                text: usable.joined(separator: "; ")))
    }

    // MARK: - The choice

    /// The list of names with most agreement: each name is worth the weights of all sources that give it.
    private func best() -> Choice? {
        var votes: [[UInt8]: Double] = [:]
        for candidate in candidates {
            for name in candidate.letters { votes[name, default: 0] += candidate.weight }
        }
        func score(_ candidate: Candidate) -> Double {
            let sum = candidate.letters.reduce(0.0) { $0 + (votes[$1] ?? 0) }
            return sum / Double(candidate.names.count) + candidate.weight
        }
        var best: Int?
        var bestScore = 0.0
        for index in candidates.indices where score(candidates[index]) > bestScore {
            best = index
            bestScore = score(candidates[index])
        }
        guard var best else { return nil }
        // A source that names the same people and more is the fuller one: others often name the first only.
        for index in candidates.indices where candidates[index].source == .jsonLD || candidates[index].source == .meta {
            let own = candidates[index].letters
            if own.count > candidates[best].letters.count, candidates[best].letters.allSatisfy(own.contains) {
                best = index
            }
        }
        let chosen = Set(candidates[best].letters)
        return Choice(
            names: candidates[best].names,
            candidates: candidates.map { candidate in
                MetadataCandidate(
                    field: .authors, source: candidate.source, name: candidate.name, text: candidate.text,
                    value: candidate.names.joined(separator: "; "), weight: candidate.weight, votes: score(candidate),
                    isChosen: Set(candidate.letters) == chosen)
            })
    }

    /// Where no source names a person: the desk, the outlet or the account that one names.
    private func other() -> Choice? {
        let sources: [MetadataSource] = [.jsonLD, .meta, .microdata, .page, .twitter, .listing]
        for source in sources {
            let own = others.filter { $0.source == source && isUsable($0.text, source) }
            guard let first = own.first else { continue }
            var seen: Set<[UInt8]> = []
            let names = own.filter { $0.name == first.name && seen.insert(HTMLText.letters($0.text)).inserted }.map(
                \.text)
            return Choice(
                names: source == .page ? Array(names.prefix(1)) : names,
                candidates: others.map { other in
                    MetadataCandidate(
                        field: .authors, source: other.source, name: other.name, text: other.text, value: other.text,
                        weight: 0.5, votes: 0.5, isChosen: names.contains(other.text))
                })
        }
        return nil
    }

    /// Whether a text that is no person's name may stand as author: short, no address, no role alone, no sentence.
    private func isUsable(_ text: String, _ source: MetadataSource) -> Bool {
        guard text.utf8.count <= 60, !text.contains("/"), !text.contains("@"), !text.contains(":") else { return false }
        let words = text.split(separator: " ")
        if source == .jsonLD { return true }
        guard words.count <= 5, HTMLText.letters(text) != site, !text.utf8.contains(where: { $0 == 0x7C || $0 == 0x28 })
        else { return false }
        guard words.count > 1 else { return isAccount(text) }
        // A desk or an organisation: capitals throughout but for small connecting words, and no date.
        return text.utf8.allSatisfy { $0 &- 0x30 >= 10 }
            && words.contains {
                BylineLexicon.roles.contains(TextScalars.folded(String($0)))
                    || BylineLexicon.generic.contains(TextScalars.folded(String($0)))
            }
            && words.allSatisfy {
                $0.unicodeScalars.first.map { !TextScalars.isLower($0) } ?? false || $0.utf8.count <= 3
            }
            && words.contains {
                !BylineLexicon.roles.contains(TextScalars.folded(String($0)))
                    && !BylineLexicon.generic.contains(TextScalars.folded(String($0)))
            }
    }

    /// Whether one word may be an author's account: letters, perhaps with figures in it, and no account of the site itself.
    private func isAccount(_ word: String) -> Bool {
        let key = TextScalars.folded(word)
        let scalars = word.unicodeScalars
        guard (3...24).contains(scalars.count), let first = scalars.first, TextScalars.isWordScalar(first) else {
            return false
        }
        return scalars.allSatisfy {
            TextScalars.isWordScalar($0) || TextScalars.digit($0) != nil || $0 == "_" || $0 == "-"
        }
            && !BylineLexicon.generic.contains(key) && !BylineLexicon.roles.contains(key)
            && !BylineLexicon.roleModifiers.contains(key) && !key.contains("admin")
    }
}
