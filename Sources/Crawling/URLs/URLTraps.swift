public import WebURL

/// Why a URL looks like a part of an endless space rather than a page.
public enum URLTrap: String, Sendable, CaseIterable {
    /// The URL is longer than allowed.
    case tooLong = "too-long"
    /// The path has more segments than allowed.
    case tooDeep = "too-deep"
    /// A segment, or a sequence of segments, is repeated: the mark of a broken relative link.
    case repeatedSegments = "repeated-segments"
    /// A calendar page far from the present.
    case calendar
    /// More query parameters than a page needs.
    case tooManyParameters = "too-many-parameters"
    /// The path holds another URL.
    case nestedURL = "nested-url"
}

/// Recognises URLs that lead a crawler into endless spaces, by their form alone.
public struct URLTraps: Sendable {
    /// The longest URL, in bytes.
    public var maximumLength = 2_048
    /// The most path segments.
    public var maximumDepth = 16
    /// The most query parameters.
    public var maximumParameters = 20
    /// How often one segment may occur in a path.
    public var maximumRepetitions = 3
    /// The years that a calendar page may show.
    public var plausibleYears: ClosedRange<Int>

    /// Makes traps with the usual limits; `currentYear` is what calendars are judged by.
    public init(currentYear: Int) {
        plausibleYears = 1_990...max(1_990, currentYear + 1)
    }

    /// The trap that `url` looks like, or `nil`.
    public func trap(in url: ParsedURL) -> URLTrap? {
        guard url.href.utf8.count <= maximumLength else { return .tooLong }
        let segments = url.path.split(separator: "/")
        guard segments.count <= maximumDepth else { return .tooDeep }
        if isNested(url.path, segments) { return .nestedURL }
        if isRepetitive(segments) { return .repeatedSegments }
        let parameters = (url.query ?? "").split(separator: "&")
        guard parameters.count <= maximumParameters else { return .tooManyParameters }
        return isFarCalendar(segments, parameters) ? .calendar : nil
    }

    private func isNested(_ path: String, _ segments: [Substring]) -> Bool {
        segments.dropFirst().contains { $0 == "http:" || $0 == "https:" }
    }

    /// Whether one segment occurs too often, or the path ends in the same two or more segments three times over.
    private func isRepetitive(_ segments: [Substring]) -> Bool {
        guard segments.count >= maximumRepetitions else { return false }
        var counts: [Substring: Int] = [:]
        for segment in segments where segment.utf8.contains(where: { $0 > UInt8(ascii: "9") }) {
            counts[segment, default: 0] += 1
            if counts[segment, default: 0] > maximumRepetitions { return true }
        }
        for (previous, next) in zip(segments, segments.dropFirst()) where previous == next {
            if counts[previous, default: 0] >= maximumRepetitions { return true }
        }
        return (2...4).contains { length in
            guard segments.count >= length * 3 else { return false }
            let tail = segments.suffix(length)
            return segments.dropLast(length).suffix(length) == tail
                && segments.dropLast(length * 2).suffix(length) == tail
        }
    }

    /// Whether a calendar, a date archive or an event list shows a year that is not plausible.
    private func isFarCalendar(_ segments: [Substring], _ parameters: [Substring]) -> Bool {
        let parameterYears = parameters.compactMap(Self.yearParameter)
        if parameterYears.contains(where: { !plausibleYears.contains($0) }) { return true }
        let hasFarYear = segments.contains { segment in
            Self.leadingYear(segment).map { !plausibleYears.contains($0) } ?? false
        }
        return hasFarYear && segments.contains { Self.calendarWords.contains($0.lowercased()) }
    }

    private static let calendarWords: Set<String> = [
        "calendar", "calendario", "calendrier", "kalender", "events", "event", "agenda", "month", "week", "day",
        "veranstaltungen", "termine", "archive", "archives", "archiv",
    ]

    private static let dateParameters: Set<String> = [
        "year", "month", "date", "day", "cal", "ical", "tribe-bar-date", "start", "from", "jahr", "annee",
    ]

    /// The year of `2031` or `2031-05`, or `nil` for other text.
    private static func leadingYear(_ text: Substring) -> Int? {
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        let next = text.utf8.dropFirst(digits.count).first
        guard digits.count == 4, next == nil || next == UInt8(ascii: "-") else { return nil }
        guard let year = Int(Substring(digits)), (1_000...9_999).contains(year) else { return nil }
        return year
    }

    private static func yearParameter(_ parameter: Substring) -> Int? {
        let parts = parameter.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, dateParameters.contains(parts[0].lowercased()) else { return nil }
        return leadingYear(parts[1])
    }
}
