public import Foundation

/// Finds dates in text as news outlets write them, in the major news languages.
///
/// Understood are ISO 8601, RFC 3339, RFC 822 and asctime forms; textual dates with month names, genitives and
/// abbreviations; numeric dates; East Asian, Solar Hijri (Persian) and Buddhist-era dates; digits of any script; times with
/// zone names or offsets; and relative dates ("3 hours ago", "gestern"). A date without a zone is taken as UTC. A year
/// without a day never makes a date, so that a copyright year cannot become one.
public enum DateParser {
    /// Parses the first date in the text, which should hold little else.
    ///
    /// - Parameters:
    ///   - text: For example the value of a meta tag, or a line of a page; a number of 10 or 13 digits alone is Unix time.
    ///   - languageHint: A BCP 47 tag such as `en`, `en-GB` or `de`; decides the order of day and month in `03/04/2025`.
    ///   - reference: When the text was fetched. Relative dates and dates without a year need it, and a date more than a
    ///     day after it is refused.
    /// - Returns: The date, or `nil` when the text has none.
    public static func parse(_ text: String, languageHint: String? = nil, reference: Date? = nil) -> ArticleDate? {
        let context = DateContext(languageHint: languageHint, reference: reference)
        var scanner = DateScanner(tokens: DateTokenizer(text).tokens, context: context)
        if let stamp = scanner.unixTime() { return stamp }
        return scanner.next()?.date
    }

    /// Finds the dates in a text, in the order they stand in.
    ///
    /// - Parameters:
    ///   - text: Looked at up to 65,536 scalars.
    ///   - languageHint: As in ``parse(_:languageHint:reference:)``.
    ///   - reference: As in ``parse(_:languageHint:reference:)``.
    ///   - limit: How many dates to return at most.
    /// - Returns: Dates with their places; never two that overlap.
    public static func find(
        in text: String, languageHint: String? = nil, reference: Date? = nil, limit: Int = 16
    ) -> [DateMatch] {
        let context = DateContext(languageHint: languageHint, reference: reference)
        var scanner = DateScanner(tokens: DateTokenizer(text).tokens, context: context)
        var matches: [DateMatch] = []
        while matches.count < limit, let match = scanner.next() { matches.append(match) }
        return matches
    }
}

/// A date found in a text.
public struct DateMatch: Sendable, Equatable {
    /// The date.
    public var date: ArticleDate
    /// Where it stands, in Unicode scalars of the text, its time and zone included.
    public var scalars: Range<Int>
    /// Whether it was worked out from the reference ("yesterday").
    public var isRelative: Bool
    /// Whether the text itself gives the year.
    public var hasYear: Bool
}

/// What the scanner knows beside the text.
struct DateContext: Sendable {
    /// The primary language subtag in lower case.
    let language: String?
    /// Whether the hint speaks for month before day.
    let prefersMonthFirst: Bool
    /// Whether the hint speaks for year first, also with two digits.
    let prefersYearFirst: Bool
    let reference: Date?
    /// The reference's day.
    let today: CivilDate?

    init(languageHint: String?, reference: Date?) {
        let subtags = (languageHint ?? "").lowercased().split { $0 == "-" || $0 == "_" }.map(String.init)
        language = subtags.first
        let region = subtags.dropFirst().last { $0.count == 2 }
        prefersMonthFirst = subtags.first == "en" && (region == nil || ["us", "ph", "pr"].contains(region ?? ""))
        prefersYearFirst = ["zh", "ja", "ko", "hu", "lt", "mn"].contains(subtags.first ?? "")
        self.reference = reference
        today = reference.flatMap { DateContext.civil($0) }
    }

    /// The UTC day of an instant between the years 1 and 9999.
    static func civil(_ date: Date) -> CivilDate? {
        let seconds = date.timeIntervalSince1970
        guard seconds.isFinite, abs(seconds) < 253_402_300_800 else { return nil }
        return CivilDate(daysSinceEpoch: Int((seconds / 86_400).rounded(.down)))
    }

    /// Whether a publication date may lie on this instant: at most a day after the reference.
    func allows(_ instant: Date) -> Bool {
        guard let reference else { return true }
        return instant.timeIntervalSince(reference) <= 86_400
    }

    /// Whether a day may be a publication day; a day allows for zones that are ahead of UTC.
    func allows(_ day: CivilDate) -> Bool {
        guard let today else { return true }
        return day.daysSinceEpoch <= today.daysSinceEpoch + 1
    }
}
