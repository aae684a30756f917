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

    /// The headline, or `nil` when no source gives one.
    static func choose(_ facts: PageFacts, article: JSONValue?, siteName: String?, bodyNode: Int?) -> Choice? {
        var chooser = TitleChooser()
        let site = siteName.map(HTMLText.letters) ?? []
        chooser.add(article?["headline"]?.text ?? article?["name"]?.text, 2.5, "json-ld", site)
        chooser.add(facts.meta("og:title"), 2.5, "opengraph", site)
        chooser.add(facts.meta("twitter:title"), 1, "twitter", site)
        chooser.add(facts.meta("dc.title", "dcterms.title", "title", "sailthru.title", "parsely-title"), 1, "meta", site)
        for headline in facts.itemHeadlines.prefix(1) { chooser.add(headline, 1.5, "microdata", site) }
        chooser.add(facts.documentTitle, 1.2, "title", site)
        chooser.addHeadings(facts, site)
        return chooser.best(facts)
    }

    private mutating func addHeadings(_ facts: PageFacts, _ site: [UInt8]) {
        let usable = facts.headings.filter { !HTMLText.letters($0.text).elementsEqual(site) && $0.text.utf8.count < 400 }
        for heading in usable.prefix(6) {
            var weight = usable.count == 1 ? 3 : 1.6
            if heading.hints.contains(.headline) { weight += 0.5 }
            add(heading.text, weight, "h1", [])
        }
    }

    private mutating func add(_ text: String?, _ weight: Double, _ source: String, _ site: [UInt8]) {
        guard let text else { return }
        let clean = HTMLText.collapsed(HTMLEntities.decoded(text))
        let stripped = source == "h1" ? clean : TitleSeparator.withoutSite(clean, site: site)
        let letters = HTMLText.letters(stripped)
        guard !letters.isEmpty, letters != site || source == "json-ld" else { return }
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
        return Choice(text: heading?.text ?? best.text, source: best.source, headingNode: heading?.node)
    }
}

/// Takes the site's name off a document title.
enum TitleSeparator {
    private static let separators = [" | ", " - ", " – ", " — ", " :: ", " · ", " • ", " » ", " « ", " / ", " ‹ ", " ∙ ", "｜", " |", "| "]

    /// The title without the site's name at its end or start.
    ///
    /// A part is taken off when it is the site's name, or when it stands after `|` and is short against the rest.
    static func withoutSite(_ title: String, site: [UInt8]) -> String {
        var result = title
        for _ in 0..<3 {
            guard let shorter = stripOnce(result, site: site) else { break }
            result = shorter
        }
        return result
    }

    private static func stripOnce(_ title: String, site: [UInt8]) -> String? {
        for separator in separators {
            guard let range = lastRange(of: separator, in: title) else { continue }
            let head = String(title[..<range.lowerBound])
            let tail = String(title[range.upperBound...])
            let tailLetters = HTMLText.letters(tail)
            if isSite(tailLetters, site) { return head }
            let isBar = separator.contains("|") || separator.contains("｜") || separator == " :: "
            let words = tail.utf8.lazy.filter { $0 == 0x20 }.count + 1
            if isBar, words <= 5, head.utf8.count >= 2 * tail.utf8.count || head.utf8.count > 24 { return head }
            if !isBar, words <= 4, head.utf8.count >= 3 * tail.utf8.count, separator != " / " { return head }
            if let first = firstRange(of: separator, in: title) {
                let start = String(title[..<first.lowerBound])
                if isSite(HTMLText.letters(start), site) { return String(title[first.upperBound...]) }
            }
        }
        return nil
    }

    private static func isSite(_ letters: [UInt8], _ site: [UInt8]) -> Bool {
        guard !letters.isEmpty, !site.isEmpty else { return false }
        return letters == site || (letters.count >= 4 && site.starts(with: letters)) || (site.count >= 4 && letters.starts(with: site) && letters.count < site.count + 8)
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
