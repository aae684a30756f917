import Foundation

/// Walks over tokens and recognises dates; one pass with bounded look-ahead.
struct DateScanner {
    /// A day found in the tokens.
    struct Day {
        var civil: CivilDate
        /// The token after it.
        var end: Int
        var hasYear = true
    }

    let tokens: [DateToken]
    let context: DateContext
    private var index = 0
    /// The token after the last match, so that matches do not overlap.
    private var floor = 0

    init(tokens: [DateToken], context: DateContext) {
        self.tokens = tokens
        self.context = context
    }

    func token(_ index: Int) -> DateToken? { index >= 0 && index < tokens.count ? tokens[index] : nil }

    func word(_ index: Int) -> String? { token(index).flatMap { $0.kind == .word ? $0.text : nil } }

    func isSymbol(_ index: Int, _ symbol: Character) -> Bool { token(index)?.isSymbol(symbol) ?? false }

    func number(_ index: Int, digits: ClosedRange<Int> = 1...2) -> Int? {
        guard let token = token(index), token.kind == .number, digits.contains(token.digits) else { return nil }
        return token.value
    }

    /// A number of 10 digits (seconds) or 13 (milliseconds) that is all there is.
    func unixTime() -> ArticleDate? {
        guard tokens.count == 1, let value = number(0, digits: 10...13), tokens[0].digits != 11, tokens[0].digits != 12
        else { return nil }
        let instant = Date(timeIntervalSince1970: tokens[0].digits == 13 ? Double(value) / 1000 : Double(value))
        guard value > 500_000_000, context.allows(instant) else { return nil }
        return ArticleDate(instant: instant, precision: .second, offsetSeconds: 0)
    }

    /// The next date, or `nil` at the end.
    mutating func next() -> DateMatch? {
        while index < tokens.count {
            let start = index
            index += 1
            if let match = match(at: start) { return match }
        }
        return nil
    }

    private mutating func match(at start: Int) -> DateMatch? {
        if let relative = relative(at: start) {
            index = relative.end
            floor = relative.end
            return DateMatch(
                date: relative.date, scalars: span(start, relative.end), isRelative: true, hasYear: true)
        }
        guard !isPartOfNumber(start), let day = day(at: start), context.allows(day.civil) else { return nil }
        var first = start
        var end = day.end
        var time = time(after: day.end)
        if let found = time { end = found.end } else { time = timeBefore(start, first: &first) }
        let date = assemble(day.civil, time: time?.clock)
        guard context.allows(date.instant) else { return nil }
        index = end
        floor = end
        return DateMatch(date: date, scalars: span(first, end), isRelative: false, hasYear: day.hasYear)
    }

    /// Whether the token continues a longer figure, such as a decimal, an address or a version.
    private func isPartOfNumber(_ start: Int) -> Bool {
        guard let here = token(start), here.kind == .number, !here.isSpaced, let before = token(start - 1) else {
            return false
        }
        if before.kind == .symbol, ".,:/-".contains(before.text), !before.isSpaced, token(start - 2)?.kind == .number {
            return start - 2 >= floor
        }
        return false
    }

    private func span(_ first: Int, _ end: Int) -> Range<Int> {
        tokens[first].range.lowerBound..<tokens[end - 1].range.upperBound
    }

    func assemble(_ day: CivilDate, time: ClockTime?) -> ArticleDate {
        let midnight = Double(day.daysSinceEpoch) * 86_400
        guard let time else {
            return ArticleDate(instant: Date(timeIntervalSince1970: midnight), precision: .day)
        }
        let offset = time.offsetSeconds ?? time.american.map { AmericanDaylight.offset(standardMinutes: $0, on: day) }
        let instant = midnight + time.seconds - Double(offset ?? 0)
        return ArticleDate(
            instant: Date(timeIntervalSince1970: instant), precision: time.hasSeconds ? .second : .minute,
            offsetSeconds: offset)
    }
}

/// Daylight time of the North American zones, by the rule that holds since 2007.
enum AmericanDaylight {
    /// The offset in seconds on a day: daylight time from the second Sunday of March to the first of November.
    static func offset(standardMinutes: Int, on day: CivilDate) -> Int {
        let isDaylight: Bool
        switch day.month {
        case 4...10: isDaylight = true
        case 3: isDaylight = day.day - day.weekday >= 8
        case 11: isDaylight = day.day - day.weekday < 1
        default: isDaylight = false
        }
        return (standardMinutes + (isDaylight ? 60 : 0)) * 60
    }
}
