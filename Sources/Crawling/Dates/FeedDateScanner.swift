/// Takes a date apart, word by word.
struct FeedDateScanner {
    private var parts = FeedDateParts()
    private var hasTime = false

    /// Seconds since 1970, or `nil`.
    static func seconds(in text: String) -> Int? {
        var scanner = FeedDateScanner()
        let words = scanner.words(of: text)
        guard !words.isEmpty else { return nil }
        if words.count == 1, let number = Self.epoch(words[0]) { return number }
        for word in words where !scanner.take(word) { return nil }
        return scanner.finished()
    }

    /// A bare number of seconds or milliseconds since 1970, from 2001 on.
    private static func epoch(_ word: [Unicode.Scalar]) -> Int? {
        guard let number = number(word[...]), word.count == 10 || word.count == 13 else { return nil }
        let seconds = word.count == 13 ? number / 1000 : number
        return seconds >= 1_000_000_000 ? seconds : nil
    }

    private mutating func finished() -> Int? {
        if parts.year != nil, parts.month == nil, parts.day == nil { parts.month = 1 }
        if parts.year != nil, parts.month != nil, parts.day == nil, !hasTime { parts.day = 1 }
        if parts.hour == nil { parts.hour = 0 }
        return parts.seconds
    }

    /// The words in lower case. Comments in parentheses are left out; East Asian units become separators.
    private mutating func words(of text: String) -> [[Unicode.Scalar]] {
        var found: [[Unicode.Scalar]] = [[]]
        var nesting = 0
        for scalar in text.lowercased().unicodeScalars {
            switch scalar {
            case "(": nesting += 1
            case ")": nesting = max(0, nesting - 1)
            case _ where nesting > 0: continue
            case "년", "月", "월", "年":
                if scalar == "년" || scalar == "월" { parts.impliedOffset = 9 * 3_600 }
                found[found.count - 1].append("-")
            case " ", "\t", "\n", "\r", ",", "\u{A0}", "일", "日", "\u{200E}", "\u{200F}": found.append([])
            default: found[found.count - 1].append(scalar)
            }
        }
        return joined(found.filter { !$0.isEmpty })
    }

    /// Puts together what units and spaces have torn apart: `2004-`, `05-`, `28`.
    private func joined(_ words: [[Unicode.Scalar]]) -> [[Unicode.Scalar]] {
        var output: [[Unicode.Scalar]] = []
        for word in words {
            if let last = output.last, last.last == "-", Self.isDigit(last[0]), Self.isDigit(word[0]) {
                output[output.count - 1] += word
            } else {
                output.append(word)
            }
        }
        return output
    }

    /// Takes one word; false when it shows that this is no date.
    private mutating func take(_ word: [Unicode.Scalar]) -> Bool {
        let first = word[0]
        if Self.isDigit(first) {
            if let split = timeStart(word) { return takeDate(word[..<split]) && takeTime(word[(split + 1)...]) }
            return word.contains(":") ? takeTime(word[...]) : takeDate(word[...])
        }
        if first == "t", word.count > 2, Self.isDigit(word[1]) { return takeTime(word.dropFirst()) }
        if first == "+" || first == "-" { return takeOffset(word[...]) }
        return takeName(word)
    }

    /// Where the `T` between date and time stands.
    private func timeStart(_ word: [Unicode.Scalar]) -> Int? {
        word.indices.first { index in
            word[index] == "t" && index + 1 < word.count && Self.isDigit(word[index - 1])
                && (Self.isDigit(word[index + 1]) || word[(index + 1)...].contains(":"))
        }
    }

    /// A month, weekday, zone or half of the day; other words are passed over.
    private mutating func takeName(_ word: [Unicode.Scalar]) -> Bool {
        var letters = word[...]
        while let last = letters.last, last == "." || last == ";" { letters.removeLast() }
        let name = String(String.UnicodeScalarView(letters))
        if let month = FeedDateNames.month(name) {
            parts.month = month
        } else if let half = FeedDateNames.halfDay[name] {
            parts.isAfternoon = half
            if name == "오전" || name == "오후" { parts.impliedOffset = 9 * 3_600 }
        } else if hasTime, let offset = FeedDateNames.zones[name] {
            parts.offset = offset
        } else if let sign = letters.firstIndex(where: { $0 == "+" || $0 == "-" }), hasTime {
            let zone = String(String.UnicodeScalarView(letters[..<sign]))
            return FeedDateNames.zones[zone] == nil || takeOffset(letters[sign...])
        }
        return true
    }

    /// A date of numbers: one number, or several with separators, of which one may be a month's name.
    private mutating func takeDate(_ word: ArraySlice<Unicode.Scalar>) -> Bool {
        let pieces = word.split { $0 == "-" || $0 == "/" || $0 == "." || $0 == "–" }
        guard let first = pieces.first else { return false }
        if pieces.count == 1 { return takeNumber(first) }
        guard pieces.count <= 3 else { return false }
        if first.count == 4, let year = Self.number(first) { return takeYear(year, pieces.dropFirst()) }
        guard pieces.count == 3, let a = Self.number(first), let c = Self.number(pieces[2]) else { return false }
        parts.year = Self.fullYear(c, digits: pieces[2].count)
        guard let b = Self.number(pieces[1]) else {
            parts.month = FeedDateNames.month(String(String.UnicodeScalarView(pieces[1])))
            parts.day = a
            return parts.month != nil
        }
        // Slashes are American unless the first number cannot be a month.
        let isMonthFirst = word.contains("/") && a <= 12
        (parts.month, parts.day) = isMonthFirst ? (a, b) : (b, a)
        return true
    }

    /// What follows a year: a month with or without a day, a day of the year, or a week.
    private mutating func takeYear(_ year: Int, _ rest: ArraySlice<ArraySlice<Unicode.Scalar>>) -> Bool {
        parts.year = year
        guard let second = rest.first else { return true }
        let third = rest.dropFirst().first
        if second.first == "w" {
            guard let week = Self.number(second.dropFirst().prefix(2)) else { return false }
            let weekday = Self.number(third ?? second.dropFirst(3)) ?? 1
            return parts.setWeek(week, day: weekday, of: year)
        }
        let month = Self.number(second) ?? FeedDateNames.month(String(String.UnicodeScalarView(second)))
        guard let month else { return false }
        // Three digits and no day is the day of the year; with a day they are a month with a zero too many.
        if second.count == 3, third == nil { return parts.setOrdinal(month, of: year) }
        parts.month = month
        guard let third else { return true }
        guard let day = Self.number(third) else { return false }
        parts.day = day
        return true
    }

    /// A number on its own: a day, a year, or a whole date without separators.
    private mutating func takeNumber(_ digits: ArraySlice<Unicode.Scalar>) -> Bool {
        var digits = digits
        if digits.count >= 3, let suffix = FeedDateNames.ordinalSuffix(digits) { digits.removeLast(suffix) }
        guard let number = Self.number(digits) else { return digits.contains { !Self.isDigit($0) } && hasTime }
        switch digits.count {
        case 1, 2:
            if parts.day == nil {
                parts.day = number
            } else if parts.year == nil {
                parts.year = Self.fullYear(number, digits: digits.count)
            }
        case 3: parts.year = parts.year ?? Self.fullYear(number, digits: 3)
        case 4: parts.year = number
        case 6:
            (parts.year, parts.month, parts.day) = (
                Self.fullYear(number / 10_000, digits: 2), number / 100 % 100, number % 100
            )
        case 7: return parts.setOrdinal(number % 1000, of: number / 1000)
        case 8: (parts.year, parts.month, parts.day) = (number / 10_000, number / 100 % 100, number % 100)
        case 12, 14:
            let whole = digits.count == 14 ? number : number * 100
            let date = whole / 1_000_000
            (parts.year, parts.month, parts.day) = (date / 10_000, date / 100 % 100, date % 100)
            (parts.hour, parts.minute, parts.second) = (whole / 10_000 % 100, whole / 100 % 100, whole % 100)
            hasTime = true
        default: return false
        }
        return true
    }

    /// `9:15`, `10:14:55.5`, with a zone or half of the day behind it; or `1014`, `101455` behind a `T`.
    private mutating func takeTime(_ word: ArraySlice<Unicode.Scalar>) -> Bool {
        guard !hasTime || parts.hour == nil else { return true }
        let clock = word.prefix { Self.isDigit($0) || $0 == ":" || $0 == "." }
        let zone = word.dropFirst(clock.count)
        var fields = clock.split(separator: ":", omittingEmptySubsequences: false)
        if fields.count == 1, let only = fields.first, only.count == 4 || only.count == 6 {
            fields = stride(from: only.startIndex, to: only.endIndex, by: 2).map { only[$0..<($0 + 2)] }
        }
        guard (1...3).contains(fields.count), let hour = Self.number(fields[0]) else { return false }
        parts.hour = hour
        if fields.count > 1 {
            guard let minute = Self.number(fields[1].prefix { $0 != "." }) else { return false }
            parts.minute = minute
        }
        if fields.count > 2 {
            guard let second = Self.number(fields[2].prefix { $0 != "." }) else { return false }
            parts.second = second
        }
        hasTime = true
        return takeZone(zone)
    }

    private mutating func takeZone(_ zone: ArraySlice<Unicode.Scalar>) -> Bool {
        guard let first = zone.first else { return true }
        if first == "+" || first == "-" { return takeOffset(zone) }
        let name = String(String.UnicodeScalarView(zone))
        if let half = FeedDateNames.halfDay[name] {
            parts.isAfternoon = half
        } else if let offset = FeedDateNames.zones[name] {
            parts.offset = offset
        } else {
            return false
        }
        return true
    }

    /// `+0200`, `+02:00`, `+2`; or, before any time, a dash that means nothing.
    private mutating func takeOffset(_ word: ArraySlice<Unicode.Scalar>) -> Bool {
        let digits = word.dropFirst().filter { $0 != ":" }
        if digits.isEmpty { return word.count == 1 }
        guard hasTime, let number = Self.number(digits[...]), digits.count <= 4 else { return false }
        let hours = digits.count <= 2 ? number : number / 100
        let minutes = digits.count <= 2 ? 0 : number % 100
        guard hours < 24, minutes < 60 else { return false }
        parts.offset = (word.first == "-" ? -1 : 1) * (hours * 3_600 + minutes * 60)
        return true
    }

    private static func fullYear(_ year: Int, digits: Int) -> Int {
        switch digits {
        case 1, 2: year < 50 ? 2000 + year : 1900 + year
        case 3: 1900 + year
        default: year
        }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x30 && scalar.value <= 0x39
    }

    private static func number(_ digits: ArraySlice<Unicode.Scalar>) -> Int? {
        guard !digits.isEmpty, digits.count <= 14, digits.allSatisfy(isDigit) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1.value - 0x30) }
    }
}
