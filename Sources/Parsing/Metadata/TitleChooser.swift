/// Chooses the headline among what the page's sources say.
///
/// Every source votes for its text with a weight; texts that agree in letters and digits share their votes, and a text
/// that is another one plus the site's name votes for the shorter one.
struct TitleChooser {
    private var candidates: [Candidate] = []

    private struct Candidate {
        var text: String
        var letters: [UInt8]
        var weight: Double
        var source: String
    }

    /// A chosen headline and where it comes from.
    struct Choice {
        var text: String
        var source: String
        /// The first-level heading that carries it, if one does.
        var headingNode: Int?
    }

    /// What the page's site is called, as letters: its name and its host.
    private var site: TitleSeparator.Site
    /// Texts that are headlines as they stand, as letters.
    private var whole: [[UInt8]]
    /// Short lines of a page without first-level headings, as letters.
    private var lines: [[UInt8]] = []

    private init(site: TitleSeparator.Site, whole: [[UInt8]]) {
        self.site = site
        self.whole = whole
    }

    /// The headline, or `nil` when no source gives one.
    ///
    /// - Parameter lines: Short lines of the page; the part of a title that stands as a line of its own is the headline.
    static func choose(
        _ facts: PageFacts, article: JSONValue?, siteName: String?, host: String?, lines: [String]
    ) -> Choice? {
        let site = TitleSeparator.Site(name: siteName, host: host)
        // Where the site's name is the headline itself, nothing is left but that name.
        return choose(facts, article: article, site: site, lines: lines)
            ?? choose(facts, article: article, site: TitleSeparator.Site(name: nil, host: nil), lines: lines)
    }

    private static func choose(
        _ facts: PageFacts, article: JSONValue?, site: TitleSeparator.Site, lines: [String]
    ) -> Choice? {
        let headline = article?["headline"]?.text ?? article?["name"]?.text
        var whole = facts.headings.map { HTMLText.letters($0.text) }
        if let headline { whole.append(HTMLText.letters(HTMLEntities.decoded(headline))) }
        var chooser = TitleChooser(site: site, whole: whole)
        chooser.lines = lines.map(HTMLText.letters)
        chooser.add(headline, 2.5, "json-ld")
        chooser.add(facts.meta("og:title"), 2.5, "opengraph")
        chooser.add(facts.meta("twitter:title"), 1, "twitter")
        chooser.add(facts.meta("dc.title", "dcterms.title", "title", "sailthru.title", "parsely-title"), 1, "meta")
        for headline in facts.itemHeadlines.prefix(1) { chooser.add(headline, 1.5, "microdata") }
        chooser.add(facts.documentTitle, 1.2, "title")
        chooser.addHeadings(facts)
        if let article, StructuredData.isNews(article) { chooser.preferOwnHeadline() }
        return chooser.best(facts)
    }

    /// First-level headings count most when they share their words with what else is known of the title.
    private mutating func addHeadings(_ facts: PageFacts) {
        let known = Set(candidates.flatMap { Self.words($0.text) })
        let usable = facts.headings.filter { !site.matches(HTMLText.letters($0.text)) && $0.text.utf8.count < 400 }
        let shares = usable.prefix(6).map { heading -> (words: Int, shared: Int) in
            let words = Self.words(heading.text)
            return (words.count, words.filter(known.contains).count)
        }
        let close = shares.filter { $0.words >= 4 && $0.shared * 10 >= $0.words * 7 }.count
        for (heading, share) in zip(usable, shares) {
            let isOnly = usable.count == 1
            let agrees =
                known.isEmpty || share.shared * 5 >= share.words * 2
                || (isOnly && share.words >= 4 && share.shared >= 2)
            let isClose = close == 1 && share.words >= 4 && share.shared * 10 >= share.words * 7
            var weight = agrees ? (isOnly || isClose ? 5 : 2.6) : (isOnly ? 1.4 : 0.4)
            if heading.hints.contains(.headline) { weight += 0.5 }
            add(heading.text, weight, "h1")
        }
    }

    /// Raises the headline that a news page gives other sites where its editors wrote it for that: it differs from the
    /// heading, and is no copy of the document's title, which search engines are meant to read.
    private mutating func preferOwnHeadline() {
        guard let own = candidates.firstIndex(where: { $0.source == "opengraph" }),
            let heading = candidates.first(where: { $0.source == "h1" })?.letters,
            let document = candidates.first(where: { $0.source == "title" })?.letters
        else { return }
        let letters = candidates[own].letters
        guard letters.count >= 20, heading.count >= 20, !Self.isSame(letters, heading), !Self.isSame(letters, document),
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

    private mutating func add(_ text: String?, _ weight: Double, _ source: String) {
        guard let text else { return }
        let clean = HTMLText.collapsed(HTMLEntities.decoded(text))
        let own = HTMLText.letters(clean)
        let isWhole = source == "h1" || source == "json-ld" || whole.contains(own)
        let part = lines.isEmpty ? nil : TitleSeparator.parts(of: clean).first { lines.contains(HTMLText.letters($0)) }
        let stripped =
            isWhole ? clean : part ?? TitleSeparator.withoutSite(clean, site: site, isGuessing: source == "title")
        let letters = isWhole ? own : HTMLText.letters(stripped)
        guard !letters.isEmpty, !site.matches(letters) || source == "json-ld" else { return }
        candidates.append(Candidate(text: stripped, letters: letters, weight: weight, source: source))
    }

    private func best(_ facts: PageFacts) -> Choice? {
        var best: Candidate?
        var bestVotes = 0.0
        for candidate in candidates {
            var votes = 0.0
            for other in candidates {
                if other.letters == candidate.letters {
                    votes += other.weight
                } else if other.letters.count > candidate.letters.count, candidate.letters.count >= 12,
                    other.source != "h1",
                    other.letters.starts(with: candidate.letters)
                {
                    votes += other.weight * 0.5
                }
            }
            if votes > bestVotes + 0.001 {
                best = candidate
                bestVotes = votes
            }
        }
        guard let best else { return nil }
        let heading = facts.headings.first { HTMLText.letters($0.text) == best.letters }
        // The visible heading has the typography that readers see.
        return Choice(
            text: heading?.text ?? best.text, source: best.source, headingNode: heading?.node ?? related(best, facts))
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

/// Takes the site's name off a document title.
enum TitleSeparator {
    private static let separators = [
        " | ", " - ", " – ", " — ", " :: ", " · ", " • ", " » ", " « ", " / ", " ‹ ", " ∙ ", " │ ", "｜", " |", "| ",
    ]

    /// The names of a site, as letters.
    struct Site {
        private let name: [UInt8]
        private let host: [UInt8]

        init(name: String?, host: String?) {
            self.name = name.map(HTMLText.letters) ?? []
            let bare = host.map { $0.hasPrefix("www.") ? String($0.dropFirst(4)) : $0 }
            self.host = bare.map(HTMLText.letters) ?? []
        }

        /// Whether the letters are the site's name, or the start of its name or of its host.
        func matches(_ letters: [UInt8]) -> Bool {
            guard letters.count >= 2 else { return false }
            if letters == name || letters == host { return true }
            guard letters.count >= 4 else { return false }
            if name.starts(with: letters) || host.starts(with: letters) { return true }
            return name.count >= 4 && letters.starts(with: name) && letters.count < name.count + 8
        }
    }

    /// The title without the site's name at its end or start.
    ///
    /// A part is taken off when it is the site's name, or when it stands after `|` and is short against the rest.
    ///
    /// - Parameter isGuessing: Whether a short part after any other separator is taken for the site's name as well.
    static func withoutSite(_ title: String, site: Site, isGuessing: Bool) -> String {
        var result = title
        for _ in 0..<3 {
            guard let shorter = stripOnce(result, site: site, isGuessing: isGuessing) else { break }
            result = shorter
        }
        return result
    }

    /// The parts of a title that separators set apart, where there are several.
    static func parts(of title: String) -> [String] {
        var parts = [title]
        for separator in separators where parts.count < 8 {
            parts = parts.flatMap { part -> [String] in
                guard let range = firstRange(of: separator, in: part) else { return [part] }
                return [String(part[..<range.lowerBound]), String(part[range.upperBound...])]
            }
        }
        return parts.count > 1 ? parts : []
    }

    private static func stripOnce(_ title: String, site: Site, isGuessing: Bool) -> String? {
        for separator in separators {
            guard let range = lastRange(of: separator, in: title) else { continue }
            let head = String(title[..<range.lowerBound])
            let tail = String(title[range.upperBound...])
            if site.matches(HTMLText.letters(tail)) { return head }
            if let first = firstRange(of: separator, in: title),
                site.matches(HTMLText.letters(String(title[..<first.lowerBound])))
            {
                return String(title[first.upperBound...])
            }
            let isBar = separator.contains("|") || separator == "｜" || separator == " │ " || separator == " :: "
            let words = tail.utf8.lazy.filter { $0 == 0x20 }.count + 1
            if isBar, words <= 5, head.utf8.count >= 2 * tail.utf8.count || head.utf8.count > 24 { return head }
            if isGuessing, !isBar, words <= 4, head.utf8.count >= 3 * tail.utf8.count, separator != " / " {
                return head
            }
        }
        return nil
    }

    private static func lastRange(of needle: String, in text: String) -> Range<String.Index>? {
        range(of: needle, in: text, last: true)
    }

    private static func firstRange(of needle: String, in text: String) -> Range<String.Index>? {
        range(of: needle, in: text, last: false)
    }

    private static func range(of needle: String, in text: String, last: Bool) -> Range<String.Index>? {
        let bytes = Array(text.utf8)
        let wanted = Array(needle.utf8)
        var found: Int?
        var start = 0
        while let position = ByteSearch.firstIndex(of: wanted, in: bytes, from: start) {
            found = position
            if !last { break }
            start = position + 1
        }
        guard let found, found > 0 else { return nil }
        let lower = text.utf8.index(text.startIndex, offsetBy: found)
        return lower..<text.utf8.index(lower, offsetBy: wanted.count)
    }
}
