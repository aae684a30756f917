/// The forms of a day.
extension DateScanner {
    /// The day that begins at the token.
    func day(at start: Int) -> Day? {
        guard let first = token(start) else { return nil }
        switch first.kind {
        case .number:
            return first.digits >= 4 ? yearFirst(start) : eastAsianShort(start) ?? dayMonth(start) ?? numeric(start)
        case .word:
            return monthDay(start) ?? vietnamese(start) ?? reiwa(start)
        case .symbol:
            return nil
        }
    }

    // MARK: Year first

    private func yearFirst(_ start: Int) -> Day? {
        if let compact = compact(start) { return compact }
        guard let year = year(start), !isCopyright(before: start) else { return nil }
        if let word = word(start + 1), ["年", "년"].contains(word) { return eastAsian(year, at: start + 2) }
        if let separator = token(start + 1), separator.kind == .symbol, "-/.‐‑–".contains(separator.text),
            let month = number(start + 2), token(start + 3)?.text == separator.text, let day = number(start + 4)
        {
            return make(year, month, day, end: start + 5)
        }
        return yearMonthWord(year, start)
    }

    /// `20241128`, alone or before a `T`.
    private func compact(_ start: Int) -> Day? {
        guard let value = number(start, digits: 8...8), value > 19_000_000, value < 22_000_000 else { return nil }
        return make(value / 10_000, value / 100 % 100, value % 100, end: start + 1)
    }

    /// `2024. november 28.`, `2024 m. lapkričio 28 d.`, `2024. gada 28. novembrī`, `2024-noyabr-28`.
    private func yearMonthWord(_ year: Int, _ start: Int) -> Day? {
        var next = start + 1
        while next < start + 4, isGap(next, symbols: ".,-") || word(next).map(DateLexicon.connectors.contains) == true {
            next += 1
        }
        if let (month, after) = month(at: next) {
            let dayIndex = skip(after, symbols: ".,-")
            guard let day = number(dayIndex), !isSymbol(dayIndex + 1, ":") else { return nil }
            return make(year, month, day, end: isSymbol(dayIndex + 1, ".") ? dayIndex + 2 : dayIndex + 1)
        }
        guard next > start + 1, word(next - 1) != nil, let day = number(next) else { return nil }
        guard let (month, after) = month(at: skip(next + 1, symbols: ".")) else { return nil }
        return make(year, month, day, end: after)
    }

    private func eastAsian(_ year: Int, at start: Int) -> Day? {
        guard let month = number(start), ["月", "월"].contains(word(start + 1)), let day = number(start + 2),
            ["日", "일", "号", "號"].contains(word(start + 3))
        else { return nil }
        return make(year, month, day, end: start + 4)
    }

    private func eastAsianShort(_ start: Int) -> Day? {
        if let year = number(start, digits: 2...2), word(start + 1) == "年" {
            return eastAsian(2000 + year, at: start + 2)
        }
        guard let month = number(start), ["月", "월"].contains(word(start + 1)), let day = number(start + 2),
            ["日", "일"].contains(word(start + 3))
        else { return nil }
        return inferYear(month, day, end: start + 4)
    }

    /// `令和6年11月28日`.
    private func reiwa(_ start: Int) -> Day? {
        guard word(start) == "令", word(start + 1) == "和", let year = number(start + 2), word(start + 3) == "年" else {
            return nil
        }
        return eastAsian(2018 + year, at: start + 4)
    }

    /// `ngày 28 tháng 11 năm 2024`; the scan begins at `ngày`.
    private func vietnamese(_ start: Int) -> Day? {
        guard word(start) == "ngay", let day = number(start + 1) else { return nil }
        guard let marker = word(start + 2), marker == "thang", let month = number(start + 3) else { return nil }
        return finish(month, day, yearAt: start + 4)
    }

    // MARK: Textual

    /// `28 November 2024`, `28. November`, `le 1er avril 2025`, `28 de noviembre de 2024`, `28 tháng 11, 2024`.
    private func dayMonth(_ start: Int) -> Day? {
        guard let day = number(start), day >= 1 else { return nil }
        var next = start + 1
        if let suffix = word(next), DateScanner.ordinals.contains(suffix) { next += 1 }
        while next < start + 4,
            isGap(next, symbols: ".-/,ºª°'’") || word(next).map(DateLexicon.connectors.contains) == true
        {
            next += 1
        }
        if word(next) == "thang", let month = number(next + 1) { return finish(month, day, yearAt: next + 2) }
        guard let (month, after) = month(at: next) else { return nil }
        return finish(month, day, yearAt: after, name: next)
    }

    /// `November 28, 2024`, `Nov. 28`, `Thu Nov 28 11:42:00 2024`.
    private func monthDay(_ start: Int) -> Day? {
        guard let (month, after) = month(at: start) else { return nil }
        let dayIndex = skip(after, symbols: ".-/,")
        guard let day = number(dayIndex), day >= 1 else { return nil }
        var next = dayIndex + 1
        if let suffix = word(next), DateScanner.ordinals.contains(suffix) { next += 1 }
        if self.month(at: skip(next, symbols: ".")) != nil { return nil }
        if let end = clockEnd(next), let year = year(end) {
            guard let civil = CivilDate(year: year, month: month, day: day) else { return nil }
            return Day(civil: civil, end: next)
        }
        return finish(month, day, yearAt: next, name: start)
    }

    private static let ordinals: Set<String> = [
        "st", "nd", "rd", "th", "er", "o", "a", "º", "ª", "e", "ste", "го", "га", "è", "ro", "os",
    ]

    /// Looks for the year after day and month, and infers it from the reference where there is none.
    private func finish(_ month: Int, _ day: Int, yearAt start: Int, name: Int? = nil) -> Day? {
        var next = start
        while next < start + 4, isGap(next, symbols: ".,-/'’") || word(next).map(isYearConnector) == true { next += 1 }
        if let year = year(next), !isSymbol(next + 1, ":") { return make(year, month, day, end: next + 1) }
        if next < start + 4, let short = number(next, digits: 2...2), isShortYear(at: next, from: start) {
            return make(expand(short), month, day, end: next + 1)
        }
        if let name, !isUnmistakable(name) { return nil }
        return inferYear(month, day, end: start)
    }

    private func isYearConnector(_ word: String) -> Bool {
        DateLexicon.connectors.contains(word) || DateLexicon.isWeekday(word)
    }

    /// `28 Nov '24`, `28-Nov-24`, `28 Nov 24 11:42`: two digits right behind a mark or before a time.
    private func isShortYear(at index: Int, from start: Int) -> Bool {
        if isSymbol(index + 1, ":") { return false }
        if index > start, let before = token(index - 1), before.kind == .symbol { return "-/'’.".contains(before.text) }
        return clockEnd(index + 1) != nil
    }

    /// Whether a month's name cannot be another word: long enough, or set beside a capital in no doubt of the language.
    private func isUnmistakable(_ index: Int) -> Bool {
        guard let name = word(index) else { return false }
        if name.unicodeScalars.first.map({ $0.value > 0x2FF }) == true { return true }
        return name.utf8.count >= 4 || ["may", "mai", "mei", "maj"].contains(name) || isSymbol(index + 1, ".")
            || context.language != nil
    }

    // MARK: Numeric

    /// `28.11.2024`, `11/28/2024`, `28-11-24`.
    private func numeric(_ start: Int) -> Day? {
        guard let separator = token(start + 1), separator.kind == .symbol, "./-‐‑–".contains(separator.text),
            let first = number(start), let second = number(start + 2), token(start + 3)?.text == separator.text,
            let third = token(start + 4), third.kind == .number, !isPartOfLongerNumber(start + 5)
        else { return nil }
        if third.digits == 4, let year = year(start + 4) {
            return ordered(first, second, year, separator.text, end: start + 5)
        }
        guard third.digits == 2, tokens[start].digits == 2 || separator.text == "/" else { return nil }
        if context.prefersYearFirst { return make(2000 + first, second, third.value, end: start + 5) }
        guard separator.text != "-" || first <= 31 else { return nil }
        return ordered(first, second, expand(third.value), separator.text, end: start + 5)
    }

    private func isPartOfLongerNumber(_ index: Int) -> Bool {
        guard let mark = token(index), mark.kind == .symbol, "./-".contains(mark.text), !mark.isSpaced else {
            return false
        }
        guard let next = token(index + 1) else { return false }
        return next.kind == .number && !next.isSpaced
    }

    /// Decides which of two numbers is the day.
    private func ordered(_ first: Int, _ second: Int, _ year: Int, _ separator: String, end: Int) -> Day? {
        let dayFirst = year1300(year) ? nil : CivilDate(year: year, month: second, day: first)
        let monthFirst = year1300(year) ? nil : CivilDate(year: year, month: first, day: second)
        guard let dayFirst, let monthFirst else {
            return (dayFirst ?? monthFirst ?? CivilDate(solarHijriYear: year, month: second, day: first)).map {
                Day(civil: $0, end: end)
            }
        }
        let prefersMonth = context.prefersMonthFirst && separator != "."
        let preferred = prefersMonth ? monthFirst : dayFirst
        let other = prefersMonth ? dayFirst : monthFirst
        return Day(civil: !context.allows(preferred) && context.allows(other) ? other : preferred, end: end)
    }

    private func year1300(_ year: Int) -> Bool { (1300...1500).contains(year) }

    // MARK: Parts

    /// The month named at the token, and the token after it.
    func month(at index: Int) -> (month: Int, after: Int)? {
        guard let name = word(index) else { return nil }
        if let second = word(index + 1), let month = DateLexicon.twoWordMonths[name + " " + second] {
            return (month, index + 2)
        }
        if isSymbol(index + 1, "."), let second = word(index + 2),
            let month = DateLexicon.dottedMonths[name + " " + second]
        {
            return (month, isSymbol(index + 3, ".") ? index + 4 : index + 3)
        }
        guard let month = DateLexicon.month(name, language: context.language) else { return nil }
        let after = index + 1
        return (month, isSymbol(after, ".") ? after + 1 : after)
    }

    /// A year of four digits that a news archive may have, in any of the calendars known here.
    func year(_ index: Int) -> Int? {
        guard let value = number(index, digits: 4...4) else { return nil }
        return (1300...1500).contains(value) || (1750...2199).contains(value) || (2400...2699).contains(value)
            ? value : nil
    }

    private func make(_ year: Int, _ month: Int, _ day: Int, end: Int) -> Day? {
        let civil: CivilDate?
        if month > DateLexicon.solarHijriBase || year1300(year) {
            civil = CivilDate(solarHijriYear: year, month: month % DateLexicon.solarHijriBase, day: day)
        } else {
            civil = CivilDate(year: year >= 2400 ? year - 543 : year, month: month, day: day)
        }
        return civil.map { Day(civil: $0, end: end) }
    }

    /// Two digits: the past century where the year would lie in the future.
    private func expand(_ short: Int) -> Int {
        let latest = (context.today?.year ?? 2060) + 1
        return 2000 + short <= latest ? 2000 + short : 1900 + short
    }

    /// The latest such day that is not in the future of the reference.
    private func inferYear(_ month: Int, _ day: Int, end: Int) -> Day? {
        guard let today = context.today else { return nil }
        if month > DateLexicon.solarHijriBase {
            let year = today.year - 621
            for candidate in [year, year - 1] {
                let civil = CivilDate(solarHijriYear: candidate, month: month - DateLexicon.solarHijriBase, day: day)
                if let civil, context.allows(civil) { return Day(civil: civil, end: end, hasYear: false) }
            }
            return nil
        }
        for year in [today.year, today.year - 1] {
            if let civil = CivilDate(year: year, month: month, day: day), context.allows(civil) {
                return Day(civil: civil, end: end, hasYear: false)
            }
        }
        return nil
    }

    /// Whether `©`, `(c)` or "copyright" stands right before.
    private func isCopyright(before index: Int) -> Bool {
        for back in 1...3 {
            guard let token = token(index - back) else { return false }
            if token.text == "©" || token.text == "copyright" { return true }
        }
        return false
    }

    func isGap(_ index: Int, symbols: String) -> Bool {
        guard let token = token(index), token.kind == .symbol else { return false }
        return symbols.contains(token.text)
    }

    func skip(_ index: Int, symbols: String) -> Int {
        isGap(index, symbols: symbols) ? index + 1 : index
    }
}
