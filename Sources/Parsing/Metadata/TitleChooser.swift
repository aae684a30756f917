/// Chooses the headline among what the page's sources say.
///
/// Every source votes for its text with a weight; texts that agree in letters and digits share their votes, and a text
/// that is another one plus the site's name votes for the shorter one.
struct TitleChooser {
    private var candidates: [Candidate] = []

    private struct Candidate {
        var raw: String
        var text: String
        var letters: [UInt8]
        var weight: Double
        var source: MetadataSource
        var name: String?
        var votes = 0.0
    }

    /// A chosen headline.
    struct Choice {
        var text: String
        /// All that the sources say, with their votes.
        var candidates: [MetadataCandidate]
        /// The heading that carries it, if one does.
        var headingNode: Int?
    }

    /// What the page's site is called, as letters: its names and its host.
    private var site: TitleSeparator.Site
    /// Texts that are headlines as they stand, as letters.
    private var whole: [[UInt8]]
    /// Short lines of the page, as letters, where no first-level heading can be the headline.
    private var lines: Set<[UInt8]> = []
    /// The first node of the body.
    private var bodyNode: Int?

    private init(site: TitleSeparator.Site, whole: [[UInt8]]) {
        self.site = site
        self.whole = whole
    }

    /// The headline, or `nil` when no source gives one.
    ///
    /// - Parameters:
    ///   - lines: Short lines of the page; where it has no first-level heading, the part of a title that stands as a line
    ///     of its own is the headline.
    ///   - bodyNode: The first node of the body.
    static func choose(
        _ facts: PageFacts, article: JSONValue?, siteNames: [String], host: String?, lines: [String], bodyNode: Int?,
        listing: ListingWords?
    ) -> Choice? {
        func choose(_ site: TitleSeparator.Site) -> Choice? {
            let headline = article?["headline"]?.text ?? article?["name"]?.text
            var whole = (facts.headings + facts.subheadings).map { HTMLText.letters($0.text) }
            if let headline { whole.append(HTMLText.letters(HTMLEntities.decoded(headline))) }
            var chooser = TitleChooser(site: site, whole: whole)
            chooser.bodyNode = bodyNode
            chooser.collect(facts, article, listing, lines)
            return chooser.best(facts)
        }
        // Where the site's name is the headline itself, nothing is left but that name.
        return choose(TitleSeparator.Site(names: siteNames, host: host))
            ?? choose(TitleSeparator.Site(names: [], host: nil))
    }

    // MARK: - Sources

    private mutating func collect(
        _ facts: PageFacts, _ article: JSONValue?, _ listing: ListingWords?, _ lines: [String]
    ) {
        let headings = facts.headings.filter {
            !$0.isHomeLink && !site.matches(HTMLText.letters($0.text)) && $0.text.utf8.count < 400
        }
        let free = headings.filter { !$0.isInList }
        if free.isEmpty { self.lines = Set(lines.map(HTMLText.letters)) }
        if let headline = article?["headline"]?.text {
            add(headline, 2.5, .jsonLD, "headline")
        } else {
            add(article?["name"]?.text, 2.5, .jsonLD, "name")
        }
        add(facts.meta("og:title"), 2.5, .openGraph, "og:title")
        add(facts.meta("twitter:title"), 1, .twitter, "twitter:title")
        for name in ["dc.title", "dcterms.title", "title", "sailthru.title", "parsely-title"] {
            guard let text = facts.meta(name) else { continue }
            add(text, 1, .meta, name)
            break
        }
        for headline in facts.itemHeadlines.prefix(1) { add(headline, 1.5, .microdata, "headline") }
        add(listing?.title, 2, .listing, nil)
        add(facts.documentTitle, 0.9, .documentTitle, "title")
        addHeadings(free.filter { !isTail(HTMLText.letters($0.text)) })
        // The last link of a breadcrumb is the page's name, often a short one.
        for heading in headings.prefix(4) where heading.isInList { add(heading.text, 0.4, .heading, "h1 in a list") }
        if free.isEmpty { addSubheadings(facts.subheadings) }
        if let article, StructuredData.isNews(article) { preferOwnHeadline() }
    }

    /// First-level headings count most when they share their words with what else is known of the title.
    private mutating func addHeadings(_ headings: [PageFacts.HeadingFact]) {
        let known = knownWords
        let shares = headings.prefix(6).map { heading -> (words: Int, shared: Int) in
            let words = Self.words(heading.text)
            return (words.count, words.filter(known.contains).count)
        }
        let close = shares.filter { $0.words >= 4 && $0.shared * 10 >= $0.words * 7 }.count
        for (heading, share) in zip(headings, shares) {
            let isOnly = headings.count == 1
            let agrees =
                known.isEmpty || share.shared * 5 >= share.words * 2
                || (isOnly && share.words >= 4 && share.shared >= 2)
            let isClose = close == 1 && share.words >= 4 && share.shared * 10 >= share.words * 7
            var weight = agrees ? (isOnly || isClose ? 5 : 2.6) : (isOnly ? 1.4 : 0.4)
            if heading.hints.contains(.headline) { weight += 0.5 }
            let known = candidates.map(\.letters)
            let part =
                heading.headline
                ?? heading.parts.first { known.contains(HTMLText.letters($0)) }
            if let part {
                // The headline of a heading that opens with a kicker is what stands behind that.
                add(part, weight, .heading, "part of h1")
                weight *= 0.1
            }
            add(heading.text, weight, .heading, "h1")
        }
    }

    /// Whether a heading is only what was taken off the document's title as the site's name.
    private func isTail(_ letters: [UInt8]) -> Bool {
        guard let title = candidates.last, title.source == .documentTitle, title.text.utf8.count < title.raw.utf8.count,
            !candidates.contains(where: { $0.letters == letters })
        else { return false }
        let raw = HTMLText.letters(title.raw)
        return raw.count == title.letters.count + letters.count && raw.suffix(letters.count).elementsEqual(letters)
    }

    /// Where no first-level heading stands over the text, one of a lower level may: the first that repeats what another
    /// source gives, or else the last above the text that shares its words.
    private mutating func addSubheadings(_ headings: [PageFacts.HeadingFact]) {
        let above = headings.filter { heading in !heading.isInList && (bodyNode.map { heading.node < $0 + 12 } ?? true)
        }
        let letters = candidates.map(\.letters)
        if let same = above.first(where: { letters.contains(HTMLText.letters($0.text)) }) {
            guard let headline = same.headline, letters.contains(HTMLText.letters(headline)) else {
                return add(same.text, 5, .heading, "h2")
            }
            add(headline, 3.5, .heading, "part of h2")
            return add(same.text, 0.5, .heading, "h2")
        }
        for heading in above {
            if let part = heading.parts.first(where: { letters.contains(HTMLText.letters($0)) }) {
                return add(part, 5, .heading, "part of h2")
            }
        }
        let known = knownWords
        let close = above.last { heading in
            let words = Self.words(heading.text)
            return words.count >= 3 && words.filter(known.contains).count * 2 >= words.count
        }
        if let close { add(close.text, 2.6, .heading, "h2") }
    }

    /// The words of what the sources gave so far.
    private var knownWords: Set<[UInt8]> { Set(candidates.flatMap { Self.words($0.text) }) }

    /// Raises the headline that a news page gives other sites where its editors wrote it for that: it differs from the
    /// heading, and is no copy of the document's title, which search engines are meant to read.
    private mutating func preferOwnHeadline() {
        guard let own = candidates.firstIndex(where: { $0.source == .openGraph }),
            let heading = candidates.first(where: { $0.name == "h1" })?.letters,
            let document = candidates.first(where: { $0.source == .documentTitle })?.letters
        else { return }
        let letters = candidates[own].letters
        guard letters.count >= 20, heading.count >= 20, !letters.starts(with: heading), !letters.starts(with: document),
            Self.isSame(heading, document)
        else { return }
        candidates[own].weight += candidates.reduce(0) { $0 + $1.weight }
    }

    /// Whether one of two texts is the start of the other, which then has a label or the site's name behind it.
    private static func isSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count < other.count
            ? other.starts(with: one) && other.count < one.count + 30
            : one.starts(with: other) && one.count < other.count + 30
    }

    /// The words of a text in lower case; bytes outside ASCII count as letters.
    private static func words(_ text: String) -> [[UInt8]] {
        text.utf8.split { $0 < 0x80 && ($0 | 0x20) &- 0x61 >= 26 && $0 &- 0x30 >= 10 }
            .map { $0.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 } }
    }

    private mutating func add(_ text: String?, _ weight: Double, _ source: MetadataSource, _ name: String?) {
        guard let text else { return }
        let clean = HTMLText.collapsed(HTMLEntities.decoded(text))
        let own = HTMLText.letters(clean)
        let isWhole = source == .heading || source == .jsonLD || whole.contains(own)
        let part = lines.isEmpty ? nil : visiblePart(of: clean)
        let stripped =
            isWhole
            ? clean : part ?? TitleSeparator.withoutSite(clean, site: site, isGuessing: source == .documentTitle)
        let letters = isWhole ? own : HTMLText.letters(stripped)
        guard !letters.isEmpty, !site.matches(letters) || source == .jsonLD else { return }
        candidates.append(
            Candidate(raw: clean, text: stripped, letters: letters, weight: weight, source: source, name: name))
    }

    // MARK: - The choice

    /// The longest part of a title that stands as a line of its own and is no name of the site.
    private func visiblePart(of title: String) -> String? {
        TitleSeparator.parts(of: title).filter { part in
            let letters = HTMLText.letters(part)
            return letters.count >= 4 && !site.matches(letters) && lines.contains(letters)
        }.max { $0.utf8.count < $1.utf8.count }
    }

    private mutating func best(_ facts: PageFacts) -> Choice? {
        var best: Int?
        var bestVotes = 0.0
        for index in candidates.indices {
            let letters = candidates[index].letters
            var votes = 0.0
            for other in candidates {
                if other.letters == letters {
                    votes += other.weight
                } else if other.letters.count > letters.count, letters.count >= 12, other.source != .heading,
                    other.letters.starts(with: letters)
                {
                    votes += other.weight * 0.5
                }
            }
            candidates[index].votes = votes
            if votes > bestVotes + 0.001 {
                best = index
                bestVotes = votes
            }
        }
        guard let best else { return nil }
        let chosen = candidates[best]
        let heading = (facts.headings.filter { !$0.isInList } + facts.subheadings + facts.headings).first {
            HTMLText.letters($0.text) == chosen.letters
        }
        // The visible heading has the typography that readers see.
        let isJoined = heading.map { $0.headline != nil } ?? false
        return Choice(
            text: isJoined ? chosen.text : heading?.text ?? chosen.text,
            candidates: candidates.map { candidate in
                MetadataCandidate(
                    field: .title, source: candidate.source, name: candidate.name, text: candidate.raw,
                    value: candidate.text, weight: candidate.weight, votes: candidate.votes,
                    isChosen: candidate.letters == chosen.letters)
            },
            headingNode: heading?.node ?? related(chosen, facts))
    }

    /// The heading that is worded otherwise than the chosen headline but shares its words.
    private func related(_ best: Candidate, _ facts: PageFacts) -> Int? {
        let known = Set(Self.words(best.text))
        return facts.headings.first { heading in
            let words = Self.words(heading.text)
            return words.count >= 3 && words.filter(known.contains).count * 5 >= words.count * 2
        }?.node
    }
}
