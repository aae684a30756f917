internal import Foundation

/// Chooses the dates of publication and of the last change among what the page's sources say.
struct DateChooser {
    /// A chosen date and where it comes from.
    struct Choice {
        var date: ArticleDate
        var source: String
    }

    let language: String?
    let reference: Date?
    private var published: [(date: ArticleDate, weight: Double, source: String)] = []
    private var modified: [(date: ArticleDate, weight: Double, source: String)] = []

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

    /// Takes in everything that the page says.
    mutating func collect(_ facts: PageFacts, article: JSONValue?, url: String?, isNear: (Int) -> Bool) {
        if let article {
            addPublished(article["datePublished"]?.text, 4, "json-ld")
            addPublished(article["dateCreated"]?.text, 1.5, "json-ld")
            addPublished(article["uploadDate"]?.text, 2, "json-ld")
            addModified(article["dateModified"]?.text, 4, "json-ld")
        }
        for name in Self.publishedMetas {
            for content in facts.allMeta(name).prefix(1) { addPublished(content, 3, "meta") }
        }
        for name in Self.modifiedMetas {
            for content in facts.allMeta(name).prefix(1) { addModified(content, 3, "meta") }
        }
        for meta in facts.metas.prefix(200) where !Self.known.contains(meta.name) {
            let isDate = meta.name.contains("date") || meta.name.contains("time")
            if isDate, meta.name.contains("publi") || meta.name.contains("issued") {
                addPublished(meta.content, 2, "meta")
            }
            if isDate, meta.name.contains("modif") || meta.name.contains("updat") {
                addModified(meta.content, 2, "meta")
            }
        }
        for item in facts.itemDates.prefix(6) {
            if item.property == "dateModified" {
                addModified(item.value, 3, "microdata")
            } else {
                addPublished(item.value, item.property == "datePublished" ? 3 : 1.5, "microdata")
            }
        }
        collectTimes(facts, isNear)
        if let url, let date = URLDate.date(in: url) { published.append((date, 2, "url")) }
        if published.isEmpty {
            for object in facts.structured.objects.prefix(40) {
                addPublished(object["datePublished"]?.text, 1.5, "json-ld")
            }
        }
    }

    private mutating func collectTimes(_ facts: PageFacts, _ isNear: (Int) -> Bool) {
        var weight = 2.0
        let near = facts.times.filter { isNear($0.node) }
        let onlyChanges = near.allSatisfy(\.isChange)
        for time in near {
            if time.isChange, !onlyChanges {
                addModified(time.text, 2, "page")
                continue
            }
            let before = published.count
            addPublished(time.text, time.isMachineReadable ? weight : weight * 0.8, "page")
            // The first date near the headline is the date of the piece; later ones count less and less.
            if published.count > before { weight *= 0.6 }
        }
        guard published.isEmpty else { return }
        for time in facts.times.prefix(12) { addPublished(time.text, 0.5, "page") }
    }

    /// Takes in a date that stands in the visible text without markup.
    mutating func addText(_ text: String) { addPublished(text, 0.8, "text") }

    private mutating func addPublished(_ text: String?, _ weight: Double, _ source: String) {
        guard let date = parse(text) else { return }
        published.append((date, weight, source))
    }

    private mutating func addModified(_ text: String?, _ weight: Double, _ source: String) {
        guard let date = parse(text) else { return }
        modified.append((date, weight, source))
    }

    private func parse(_ text: String?) -> ArticleDate? {
        guard let text, text.utf8.count < 200 else { return nil }
        guard let date = DateParser.parse(text, languageHint: language, reference: reference) else { return nil }
        let seconds = date.instant.timeIntervalSince1970
        // Nothing on the web is older than the web's first newspapers' archives; nothing is from the future.
        guard seconds > 0 else { return nil }
        if let reference, seconds > reference.timeIntervalSince1970 + 172_800 { return nil }
        return date
    }

    /// The day of publication that most sources agree on, in its most precise form.
    var bestPublished: Choice? {
        guard var choice = Self.best(published) else { return nil }
        if choice.date.precision != .day, choice.date.offsetSeconds == 0 {
            choice.date.offsetSeconds = localOffset(choice)
        }
        return choice
    }

    /// The outlet's offset from UTC, where the page shows the instant that its data gives in UTC by its own clock too.
    ///
    /// Zones that are not whole hours apart from UTC are at least three hours away.
    private func localOffset(_ choice: Choice) -> Int {
        for other in published
        where other.source == "page" && other.date.precision != .day && other.date.offsetSeconds == nil {
            let seconds = other.date.instant.timeIntervalSince(choice.date.instant)
            let quarters = (seconds / 900).rounded()
            guard abs(seconds - quarters * 900) <= 60, quarters >= -48, quarters <= 56 else { continue }
            let isWhole = Int(quarters) % 4 == 0
            guard isWhole || abs(quarters) >= 12 else { continue }
            return Int(quarters) * 900
        }
        return 0
    }

    /// The last change.
    var bestModified: Choice? { Self.best(modified) }

    /// Whether nothing gave a date of publication.
    var hasPublished: Bool { !published.isEmpty }

    private static func best(_ candidates: [(date: ArticleDate, weight: Double, source: String)]) -> Choice? {
        var best: Choice?
        var bestScore = 0.0
        for candidate in candidates {
            var score = 0.0
            for other in candidates where abs(day(other.date) - day(candidate.date)) < 1 { score += other.weight }
            if candidate.date.precision != .day { score += 0.3 }
            if candidate.date.offsetSeconds != nil { score += 0.2 }
            if score > bestScore {
                best = Choice(date: candidate.date, source: candidate.source)
                bestScore = score
            }
        }
        return best
    }

    /// The day in the date's own time zone, counted from 1970.
    private static func day(_ date: ArticleDate) -> Int {
        Int(((date.instant.timeIntervalSince1970 + Double(date.offsetSeconds ?? 0)) / 86400).rounded(.down))
    }
}

/// Reads dates out of addresses, such as `/2024/05/17/`.
enum URLDate {
    /// The day that the path names, or `nil`.
    static func date(in url: String) -> ArticleDate? {
        let bytes = Array(url.utf8)
        var position = 8
        while position + 8 <= bytes.count {
            if !isDigit(bytes[position - 1]), let found = match(bytes, position) { return found }
            position += 1
        }
        return nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// Four digits of a year, a month and a day, with or without `/`, `-` or `_` between them.
    private static func match(_ bytes: [UInt8], _ start: Int) -> ArticleDate? {
        guard let year = number(bytes, start, 4), year >= 1995, year <= 2100 else { return nil }
        var position = start + 4
        let separator = bytes[position]
        let isSeparated = separator == 0x2F || separator == 0x2D || separator == 0x5F
        if isSeparated { position += 1 }
        guard let month = number(bytes, position, 2), month >= 1, month <= 12 else { return nil }
        position += 2
        if isSeparated {
            guard position < bytes.count, bytes[position] == separator else { return nil }
            position += 1
        }
        guard let day = number(bytes, position, 2), day >= 1, day <= 31 else { return nil }
        position += 2
        if position < bytes.count, isDigit(bytes[position]) { return nil }
        return ArticleDate(instant: instant(year, month, day), precision: .day)
    }

    private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int? {
        guard start + count <= bytes.count else { return nil }
        var value = 0
        for position in start..<(start + count) {
            guard isDigit(bytes[position]) else { return nil }
            value = value * 10 + Int(bytes[position] - 0x30)
        }
        return value
    }

    /// Midnight in UTC of a day of the Gregorian calendar (days from civil, H. Hinnant's algorithm).
    private static func instant(_ year: Int, _ month: Int, _ day: Int) -> Date {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Date(timeIntervalSince1970: Double(era * 146_097 + dayOfEra - 719_468) * 86400)
    }
}
