internal import Foundation

/// Chooses the dates of publication and of the last change among what the page's sources say.
struct DateChooser {
    /// A chosen date.
    struct Choice {
        var date: ArticleDate
        var source: MetadataSource
    }

    /// What one source says.
    private struct Vote {
        var date: ArticleDate
        var weight: Double
        var source: MetadataSource
        var name: String?
        var text: String
        /// Whether it is the reading of a numeric date with day and month changed about: it says nothing of itself.
        var isSwapped = false
    }

    private let language: String?
    private let reference: Date?
    private var published: [Vote] = []
    private var modified: [Vote] = []

    /// - Parameters:
    ///   - language: The page's language; with a region it decides between day and month in `03/04/2025`.
    ///   - reference: When the page was fetched.
    init(language: String?, reference: Date?) {
        self.language = language
        self.reference = reference
    }

    private static let publishedMetas = [
        "article:published_time", "article:published", "og:article:published_time", "og:published_time",
        "datepublished",
        "pubdate", "publishdate", "publish-date", "publication_date", "date", "dc.date", "dc.date.issued",
        "dcterms.date",
        "dcterms.created", "dcterms.issued", "dc.date.created", "parsely-pub-date", "sailthru.date",
        "cxenseparse:recs:publishtime",
        "citation_publication_date", "citation_date", "article.published", "published_time", "published-date",
        "published",
        "originalpublicationdate", "datecreated", "date_published", "article_date_original", "rnews:datepublished",
        "timestamp",
        "created", "creation_date", "publish_date", "displaydate", "iso-8601-publish-date", "og:pubdate",
        "shareaholic:article_published_time",
        "bt:pubdate", "prism.publicationdate", "lastpubdate", "ptime", "article:create_at",
    ]
    private static let modifiedMetas = [
        "article:modified_time", "og:updated_time", "article:modified", "lastmod", "last-modified", "datemodified",
        "dcterms.modified",
        "dc.date.modified", "modified_time", "revised", "date_modified", "updated_time",
    ]

    private static let known = Set(publishedMetas + modifiedMetas)

    // MARK: - Sources

    /// Takes in everything that the page says in its data and near the article.
    mutating func collect(_ facts: PageFacts, article: JSONValue?, url: String?, isNear: (Int) -> Bool) {
        if let article {
            addPublished(article["datePublished"]?.text, 5, .jsonLD, "datePublished")
            addPublished(article["dateCreated"]?.text, 1.5, .jsonLD, "dateCreated")
            addPublished(article["uploadDate"]?.text, 2, .jsonLD, "uploadDate")
            addModified(article["dateModified"]?.text, 4, .jsonLD, "dateModified")
        }
        collectMetas(facts)
        for item in facts.itemDates.prefix(6) {
            if item.property == "dateModified" {
                addModified(item.value, 3, .microdata, item.property)
            } else {
                addPublished(item.value, item.property == "datePublished" ? 3 : 1.5, .microdata, item.property)
            }
        }
        collectTimes(facts, isNear)
        if let url, let date = URLDate.date(in: url) {
            published.append(Vote(date: date, weight: 2, source: .url, text: url))
        }
        if published.isEmpty {
            for object in facts.structured.objects.prefix(40) {
                addPublished(object["datePublished"]?.text, 1.5, .jsonLD, "datePublished")
            }
        }
    }

    private mutating func collectMetas(_ facts: PageFacts) {
        for name in Self.publishedMetas {
            for content in facts.allMeta(name).prefix(1) {
                addPublished(content, 3, name.contains(":") ? .openGraph : .meta, name)
            }
        }
        for name in Self.modifiedMetas {
            for content in facts.allMeta(name).prefix(1) {
                addModified(content, 3, name.contains(":") ? .openGraph : .meta, name)
            }
        }
        for meta in facts.metas.prefix(200) where !Self.known.contains(meta.name) {
            let isDate = meta.name.contains("date") || meta.name.contains("time")
            if isDate, meta.name.contains("publi") || meta.name.contains("issued") {
                addPublished(meta.content, 2, .meta, meta.name)
            }
            if isDate, meta.name.contains("modif") || meta.name.contains("updat") {
                addModified(meta.content, 2, .meta, meta.name)
            }
        }
    }

    private mutating func collectTimes(_ facts: PageFacts, _ isNear: (Int) -> Bool) {
        var weight = 2.0
        let near = facts.times.filter { isNear($0.node) }
        let onlyChanges = near.allSatisfy(\.isChange)
        for time in near {
            if time.isChange, !onlyChanges {
                addModified(time.text, 2, .page, "time")
                continue
            }
            let before = published.count
            addPublished(time.text, time.isMachineReadable ? weight : weight * 0.8, .page, "time")
            // The first date near the headline is the date of the piece; later ones count less and less.
            if published.count > before { weight *= 0.6 }
        }
    }

    /// Takes in times that stand anywhere on the page.
    mutating func collectFarTimes(_ facts: PageFacts) {
        for time in facts.times.prefix(12) { addPublished(time.text, 0.5, .page, "time") }
    }

    /// Takes in dates that stand in the visible text without markup; the first near the headline counts most.
    mutating func addTexts(_ texts: [String]) {
        var weight = 0.8
        for text in texts {
            let before = published.count
            addPublished(text, weight, .text)
            if published.count > before { weight *= 0.5 }
        }
    }

    /// Takes in a date that the data of the page's programs give.
    mutating func addScript(_ text: String, name: String) { addPublished(text, 0.5, .script, name) }

    /// Takes in the date that the feed or sitemap gives.
    mutating func addListing(_ date: Date) {
        let value = ArticleDate(instant: date, precision: .second, offsetSeconds: 0)
        guard isPossible(value) else { return }
        published.append(Vote(date: value, weight: 2.5, source: .listing, text: value.iso8601))
    }

    private mutating func addPublished(
        _ text: String?, _ weight: Double, _ source: MetadataSource, _ name: String? = nil
    ) {
        published += votes(text, weight, source, name)
    }

    private mutating func addModified(
        _ text: String?, _ weight: Double, _ source: MetadataSource, _ name: String? = nil
    ) {
        modified += votes(text, weight, source, name)
    }

    /// The reading of a text, and the one with day and month changed about where the figures allow both.
    private func votes(_ text: String?, _ weight: Double, _ source: MetadataSource, _ name: String?) -> [Vote] {
        guard let text, text.utf8.count < 200, let date = parse(text, language) else { return [] }
        var votes = [Vote(date: date, weight: weight, source: source, name: name, text: text)]
        if let other = swappedLanguage, Self.mayBeSwapped(text), let swapped = parse(text, other),
            Self.day(swapped) != Self.day(date)
        {
            votes.append(
                Vote(date: swapped, weight: weight, source: source, name: name, text: text, isSwapped: true))
        }
        return votes
    }

    private func parse(_ text: String, _ language: String?) -> ArticleDate? {
        guard let date = DateParser.parse(text, languageHint: language, reference: reference) else { return nil }
        return isPossible(date) ? date : nil
    }

    /// Nothing on the web is older than the web's first newspapers' archives; nothing is from the future.
    private func isPossible(_ date: ArticleDate) -> Bool {
        let seconds = date.instant.timeIntervalSince1970
        guard seconds > 0 else { return false }
        return reference.map { seconds <= $0.timeIntervalSince1970 + 172_800 } ?? true
    }

    /// A language that reads `03/04/2025` the other way.
    private var swappedLanguage: String? {
        let context = DateContext(languageHint: language, reference: nil)
        if context.prefersYearFirst { return nil }
        return context.prefersMonthFirst ? "en-GB" : "en-US"
    }

    /// Whether two short numbers stand at the start of a date such as `03/04/2025`.
    private static func mayBeSwapped(_ text: String) -> Bool {
        var digits = 0
        var runs: [Int] = []
        for byte in text.utf8.prefix(60) {
            if byte &- 0x30 < 10 {
                digits += 1
                continue
            }
            if digits > 0 {
                guard digits <= 2, byte == 0x2F || byte == 0x2E || byte == 0x2D else { return false }
                runs.append(digits)
                if runs.count == 2 { return true }
                digits = 0
            } else if !runs.isEmpty {
                return false
            }
        }
        return false
    }

    // MARK: - The choice

    /// The day of publication that most sources agree on, in its most precise form.
    var bestPublished: Choice? {
        guard var choice = Self.best(published) else { return nil }
        if choice.date.precision != .day { choice.date = local(choice.date) }
        return choice
    }

    /// The last change.
    var bestModified: Choice? { Self.best(modified) }

    /// Whether nothing gave a date of publication.
    var hasPublished: Bool { !published.isEmpty }

    /// The sum of the weights of what gave a date of publication.
    var publishedWeight: Double { published.reduce(0) { $1.isSwapped ? $0 : $0 + $1.weight } }

    /// The time by the outlet's own clock, where the page gives one instant both in a zone and by that clock.
    private func local(_ date: ArticleDate) -> ArticleDate {
        for other in published where other.date.precision != .day {
            if date.offsetSeconds == 0, other.date.offsetSeconds == nil, other.source == .page || other.source == .meta,
                let offset = Self.offset(of: other.date, from: date), offset != 0
            {
                return ArticleDate(instant: date.instant, precision: date.precision, offsetSeconds: offset)
            }
            if date.offsetSeconds == nil, other.date.offsetSeconds != nil,
                let offset = Self.offset(of: date, from: other.date)
            {
                return ArticleDate(
                    instant: other.date.instant, precision: other.date.precision, offsetSeconds: offset)
            }
        }
        return date
    }

    /// How far a clock without a zone is ahead of UTC when it shows a known instant, or `nil` when it shows another.
    ///
    /// Zones that are not whole hours apart from UTC are at least three hours away.
    private static func offset(of clock: ArticleDate, from known: ArticleDate) -> Int? {
        let seconds = clock.instant.timeIntervalSince(known.instant)
        let quarters = (seconds / 900).rounded()
        guard abs(seconds - quarters * 900) <= 60, quarters >= -48, quarters <= 56 else { return nil }
        guard Int(quarters) % 4 == 0 || abs(quarters) >= 12 else { return nil }
        return Int(quarters) * 900
    }

    /// Whether two dates are of the same day, or one instant by the clocks of two zones.
    private static func agree(_ one: ArticleDate, _ other: ArticleDate) -> Bool {
        if day(one) == day(other) { return true }
        guard one.precision != .day, other.precision != .day else { return false }
        if one.offsetSeconds != nil, other.offsetSeconds != nil { return one.instant == other.instant }
        if one.offsetSeconds == nil, other.offsetSeconds == nil { return false }
        return one.offsetSeconds == nil ? offset(of: one, from: other) != nil : offset(of: other, from: one) != nil
    }

    private static func score(_ vote: Vote, among votes: [Vote]) -> Double {
        var score = 0.0
        for other in votes where agree(vote.date, other.date) {
            score += other.isSwapped ? other.weight * 0.5 : other.weight
        }
        return score
    }

    private static func best(_ votes: [Vote]) -> Choice? {
        var best: Choice?
        var bestScore = 0.0
        for vote in votes {
            var score = score(vote, among: votes)
            if vote.date.precision != .day { score += 0.3 }
            if vote.date.offsetSeconds != nil { score += 0.2 }
            if score > bestScore {
                best = Choice(date: vote.date, source: vote.source)
                bestScore = score
            }
        }
        return best
    }

    /// All that the sources say.
    var candidates: [MetadataCandidate] {
        Self.candidates(published, .published, Self.best(published))
            + Self.candidates(modified, .modified, Self.best(modified))
    }

    private static func candidates(_ votes: [Vote], _ field: MetadataField, _ best: Choice?) -> [MetadataCandidate] {
        votes.map { vote in
            MetadataCandidate(
                field: field, source: vote.source, name: vote.name, text: vote.text, value: vote.date.iso8601,
                weight: vote.isSwapped ? 0 : vote.weight, votes: score(vote, among: votes),
                isChosen: best.map { agree($0.date, vote.date) } ?? false)
        }
    }

    /// The day in the date's own time zone, counted from 1970.
    private static func day(_ date: ArticleDate) -> Int {
        Int(((date.instant.timeIntervalSince1970 + Double(date.offsetSeconds ?? 0)) / 86400).rounded(.down))
    }
}
