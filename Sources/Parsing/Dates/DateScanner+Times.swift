/// A time of day with its zone.
struct ClockTime: Sendable {
    /// Seconds since midnight.
    var seconds: Double
    var hasSeconds: Bool
    /// East of UTC.
    var offsetSeconds: Int?
    /// Standard minutes of a North American zone whose daylight time depends on the day.
    var american: Int?
}

/// The forms of a time.
extension DateScanner {
    /// The time that follows a date, after a few connectors.
    func time(after index: Int) -> (clock: ClockTime, end: Int)? {
        var next = index
        var connected = false
        while next < index + 5 {
            if isGap(next, symbols: ",-–—|•·/().;@،:（）") {
                next += 1
            } else if let word = word(next), isTimeConnector(word) {
                connected = true
                next += 1
            } else {
                break
            }
        }
        return clock(at: next, isConnected: connected)
    }

    private func isTimeConnector(_ word: String) -> Bool {
        if DateLexicon.meridiems[word] != nil { return false }
        return word == "t" || DateLexicon.connectors.contains(word) || DateLexicon.isWeekday(word)
            || "月火水木金土日".contains(word)
    }

    /// The time right before a date: `11:42, 28 November 2024`.
    func timeBefore(_ start: Int, first: inout Int) -> (clock: ClockTime, end: Int)? {
        for back in 3...9 {
            let index = start - back
            guard token(index)?.kind == .number, isSymbol(index + 1, ":"), !isSymbol(index - 1, ":") else { continue }
            guard let found = clock(at: index, isConnected: false), found.end <= start else { continue }
            var next = found.end
            while next < start, isGap(next, symbols: ",-–—|•·/().") || word(next).map(isTimeConnector) == true {
                next += 1
            }
            guard next == start else { continue }
            first = index
            return found
        }
        return nil
    }

    /// The token after a clock time, or `nil` where none begins.
    func clockEnd(_ index: Int) -> Int? { clock(at: index, isConnected: false)?.end }

    func clock(at index: Int, isConnected: Bool) -> (clock: ClockTime, end: Int)? {
        var next = index
        var afternoon: Bool?
        if let (value, after) = meridiem(at: next) ?? hanMeridiem(at: next) {
            afternoon = value
            next = after
        }
        if let compact = compactClock(next, isConnected: isConnected) { return compact }
        guard var hour = number(next), hour <= 24 else { return nil }
        var minute = 0
        var seconds: Double?
        let hasMark: Bool
        if let mark = minuteMark(next + 1, isConnected: isConnected), let value = number(next + 2, digits: 2...2) {
            minute = value
            next += 3
            hasMark = mark
            (seconds, next) = secondsPart(next)
        } else if let word = word(next + 1), ["時", "时", "시", "點", "点"].contains(word) {
            (minute, next) = eastAsianMinutes(next + 2)
            hasMark = true
        } else {
            next += 1
            hasMark = false
        }
        if let (value, after) = meridiem(at: next) {
            afternoon = value
            next = after
        }
        guard hasMark || afternoon != nil, minute < 60, (seconds ?? 0) < 61 else { return nil }
        if let afternoon, hour <= 12 { hour = hour % 12 + (afternoon ? 12 : 0) }
        guard hour < 24 || minute == 0 else { return nil }
        var clock = ClockTime(
            seconds: Double(hour * 3600 + minute * 60) + (seconds ?? 0), hasSeconds: seconds != nil)
        next = zone(at: next, into: &clock)
        return (clock, next)
    }

    /// `114205` or `1142` after a compact date's `T`.
    private func compactClock(_ index: Int, isConnected: Bool) -> (clock: ClockTime, end: Int)? {
        guard isConnected, word(index - 1) == "t", let value = number(index, digits: 4...6), tokens[index].digits != 5
        else {
            return nil
        }
        let full = tokens[index].digits == 6 ? value : value * 100
        guard full / 10_000 < 24, full / 100 % 100 < 60, full % 100 < 61 else { return nil }
        var clock = ClockTime(
            seconds: Double(full / 10_000 * 3600 + full / 100 % 100 * 60 + full % 100),
            hasSeconds: tokens[index].digits == 6)
        let end = zone(at: index + 1, into: &clock)
        return (clock, end)
    }

    /// Whether the token divides hours from minutes; the dot and `h` need more evidence.
    private func minuteMark(_ index: Int, isConnected: Bool) -> Bool? {
        guard let mark = token(index), !mark.isSpaced || mark.text == "h" else { return nil }
        if mark.isSymbol(":") || mark.isSymbol("：") || mark.isSymbol("∶") { return true }
        if mark.kind == .word, ["h", "u", "g"].contains(mark.text) { return true }
        guard mark.isSymbol("."), number(index + 1, digits: 2...2) != nil else { return nil }
        let after = word(index + 2)
        let isNamed =
            after == "uhr" || after == "uur" || after == "wib" || after.map { DateLexicon.meridiems[$0] != nil } == true
            || (isSymbol(index + 3, ".") && ["a", "p"].contains(after))
        return isConnected || isNamed || ["fi", "da", "it", "id", "no"].contains(context.language) ? true : nil
    }

    /// `:05`, `:05.123`.
    private func secondsPart(_ index: Int) -> (seconds: Double?, next: Int) {
        guard isSymbol(index, ":"), let whole = number(index + 1, digits: 2...2) else { return (nil, index) }
        guard isGap(index + 2, symbols: ".,"), let fraction = token(index + 3), fraction.kind == .number,
            !fraction.isSpaced
        else { return (Double(whole), index + 2) }
        let value = fraction.digits <= 9 ? Double(fraction.value) / power(of: fraction.digits) : 0
        return (Double(whole) + value, index + 4)
    }

    private func power(of digits: Int) -> Double { (0..<digits).reduce(1.0) { value, _ in value * 10 } }

    private func eastAsianMinutes(_ index: Int) -> (minute: Int, next: Int) {
        guard let minute = number(index), ["分", "분"].contains(word(index + 1)) else { return (0, index) }
        if number(index + 2) != nil, ["秒", "초"].contains(word(index + 3)) { return (minute, index + 4) }
        return (minute, index + 2)
    }

    private func hanMeridiem(at index: Int) -> (value: Bool, after: Int)? {
        guard let first = word(index), let second = word(index + 1), second == "午" else { return nil }
        switch first {
        case "上": return (false, index + 2)
        case "下": return (true, index + 2)
        default: return nil
        }
    }

    /// `am`, `p.m.`, `오후`, `午後`.
    private func meridiem(at index: Int) -> (value: Bool, after: Int)? {
        guard let first = word(index) else { return nil }
        if let value = DateLexicon.meridiems[first] { return (value, index + 1) }
        if first == "午", let second = word(index + 1) {
            if second == "前" { return (false, index + 2) }
            if second == "後" || second == "后" { return (true, index + 2) }
        }
        guard first == "a" || first == "p", isSymbol(index + 1, "."), word(index + 2) == "m" else { return nil }
        return (first == "p", isSymbol(index + 3, ".") ? index + 4 : index + 3)
    }

    // MARK: Zones

    /// Reads the zone, if any, and returns the token after it.
    private func zone(at start: Int, into clock: inout ClockTime) -> Int {
        var next = start
        while let word = word(next), ["uhr", "uur", "h", "hs", "hrs", "hours", "น", "часа", "часов"].contains(word) {
            next += 1
        }
        let parenthesis = isSymbol(next, "(")
        if parenthesis { next += 1 }
        if let found = namedZone(next, into: &clock)
            ?? numericOffset(next).map({ found in
                clock.offsetSeconds = found.seconds
                return found.end
            })
        {
            return parenthesis && isSymbol(found, ")") ? found + 1 : found
        }
        return parenthesis ? next - 1 : next
    }

    private func namedZone(_ index: Int, into clock: inout ClockTime) -> Int? {
        guard let name = word(index) else { return nil }
        if let minutes = DateLexicon.zones[name] {
            if minutes == 0, name != "z", let offset = numericOffset(index + 1) {
                clock.offsetSeconds = offset.seconds
                return offset.end
            }
            clock.offsetSeconds = minutes * 60
            return index + 1
        }
        guard let standard = DateLexicon.americanZones[name] else { return nil }
        clock.american = standard
        return index + 1
    }

    /// `+04:00`, `+0400`, `+4`, `−05:00`.
    private func numericOffset(_ index: Int) -> (seconds: Int, end: Int)? {
        let sign: Int
        if isSymbol(index, "+") {
            sign = 1
        } else if isGap(index, symbols: "-−‑") {
            sign = -1
        } else {
            return nil
        }
        guard let token = token(index + 1), token.kind == .number, !token.isSpaced else { return nil }
        if token.digits == 4, token.value / 100 <= 14, token.value % 100 < 60 {
            return (sign * (token.value / 100 * 3600 + token.value % 100 * 60), index + 2)
        }
        guard token.digits <= 2, token.value <= 14 else { return nil }
        if isSymbol(index + 2, ":"), let minutes = number(index + 3, digits: 2...2), minutes < 60 {
            return (sign * (token.value * 3600 + minutes * 60), index + 4)
        }
        return (sign * token.value * 3600, index + 2)
    }
}
