import Foundation

/// The forms of relative dates.
extension DateScanner {
    /// A relative date that begins at the token, or `nil`, also without a reference.
    func relative(at start: Int) -> (date: ArticleDate, end: Int)? {
        guard let reference = context.reference, let today = context.today else { return nil }
        guard let first = token(start), first.kind != .symbol else { return nil }
        if let found = namedDay(at: start, today: today) { return found }
        guard let (amount, unit, end) = span(at: start), amount <= 10_000 else { return nil }
        return (subtract(amount, unit, from: reference, today: today), end)
    }

    private func subtract(
        _ amount: Int, _ unit: RelativeDateLexicon.Unit, from reference: Date, today: CivilDate
    ) -> ArticleDate {
        let seconds: Int
        switch unit {
        case .second: seconds = amount
        case .minute: seconds = amount * 60
        case .hour: seconds = amount * 3600
        case .day: return assemble(CivilDate(daysSinceEpoch: today.daysSinceEpoch - amount), time: nil)
        case .week: return assemble(CivilDate(daysSinceEpoch: today.daysSinceEpoch - 7 * amount), time: nil)
        case .month: return assemble(today.adding(months: -min(amount, 1200)), time: nil)
        case .year: return assemble(today.adding(months: -12 * min(amount, 100)), time: nil)
        }
        return ArticleDate(
            instant: reference.addingTimeInterval(-Double(seconds)), precision: .minute, offsetSeconds: nil)
    }

    // MARK: Named days

    /// `yesterday`, `gestern um 14:30`, `昨天 09:15`, "just now".
    private func namedDay(at start: Int, today: CivilDate) -> (date: ArticleDate, end: Int)? {
        guard let (offset, end) = dayPhrase(at: start) else { return nil }
        guard end > start else { return nil }
        let day = CivilDate(daysSinceEpoch: today.daysSinceEpoch + offset)
        guard let time = time(after: end) else {
            return isDayWord(start, end) ? (assemble(day, time: nil), end) : nil
        }
        let date = assemble(day, time: time.clock)
        return context.allows(date.instant) ? (date, time.end) : nil
    }

    private func isDayWord(_ start: Int, _ end: Int) -> Bool { end - start <= 3 }

    private func dayPhrase(at start: Int) -> (offset: Int, end: Int)? {
        var phrase = ""
        var found: (Int, Int)?
        for length in 1...3 {
            guard let word = word(start + length - 1) else { break }
            phrase += (phrase.isEmpty ? "" : " ") + word
            if RelativeDateLexicon.now.contains(phrase) { found = (0, start + length) }
            guard let offset = RelativeDateLexicon.days[phrase] else { continue }
            if let language = RelativeDateLexicon.daysNeedingLanguage[phrase], language != context.language { continue }
            found = (offset, start + length)
        }
        return found
    }

    // MARK: Spans

    /// `3 hours ago`, `vor einer Stunde`, `il y a 2 heures`, `3小时前`, `2h ago`.
    private func span(at start: Int) -> (amount: Int, unit: RelativeDateLexicon.Unit, end: Int)? {
        var next = start
        let prefixed = prefix(at: &next)
        var amount: Int?
        if let value = number(next, digits: 1...4) {
            amount = value
            next += 1
        } else if let word = word(next), RelativeDateLexicon.one.contains(word), unit(at: next + 1) != nil {
            amount = 1
            next += 1
        } else if let word = word(next), let value = RelativeDateLexicon.numbers[word], unit(at: next + 1) != nil {
            amount = value
            next += 1
        } else if let word = word(next), let dual = RelativeDateLexicon.duals[word] {
            guard prefixed || suffix(at: next + 1) != nil else { return nil }
            return (2, dual, suffix(at: next + 1) ?? next + 1)
        }
        guard let (unit, after) = unit(at: next) else { return nil }
        if amount == nil, !prefixed || next == start {
            guard next == start, let end = suffix(at: after), word(next)?.utf8.count ?? 0 > 2 else { return nil }
            return (1, unit, end)
        }
        let isSelfMarked = word(after - 1).map(RelativeDateLexicon.selfMarked.contains) ?? false
        if let end = suffix(at: after) { return (amount ?? 1, unit, end) }
        return prefixed || isSelfMarked ? (amount ?? 1, unit, after) : nil
    }

    private func prefix(at index: inout Int) -> Bool {
        guard let word = word(index) else { return false }
        if word == "il", self.word(index + 1) == "y", self.word(index + 2) == "a" {
            index += 3
            return true
        }
        guard RelativeDateLexicon.prefixes.contains(word) else { return false }
        index += 1
        if let filler = self.word(index), ["απο", "около", "circa", "etwa", "environ", "cerca"].contains(filler) {
            index += 1
        }
        return true
    }

    private func unit(at index: Int) -> (unit: RelativeDateLexicon.Unit, after: Int)? {
        guard let first = word(index) else { return nil }
        if let second = word(index + 1), !RelativeDateLexicon.suffixes.contains(second),
            let unit = RelativeDateLexicon.units[first + second]
        {
            return (unit, index + 2)
        }
        guard let unit = RelativeDateLexicon.units[first] else { return nil }
        let after = index + 1
        return (unit, isSymbol(after, ".") && word(after + 1) != nil ? after + 1 : after)
    }

    private func suffix(at index: Int) -> Int? {
        guard let word = word(index) else { return nil }
        if word == "yang", let next = self.word(index + 1), next == "lalu" { return index + 2 }
        return RelativeDateLexicon.suffixes.contains(word) ? index + 1 : nil
    }
}
