import Foundation

/// PostgreSQL's clock: microseconds since 2000-01-01 00:00 UTC, with the two ends of `Int64` for ±infinity.
enum Timestamps {
    /// Seconds from 2000-01-01 (PostgreSQL) to 2001-01-01 (Foundation): a leap year.
    private static let epochOffset = 31_622_400.0

    static func microseconds(_ date: Date) -> Int64 {
        if date >= .distantFuture { return .max }
        if date <= .distantPast { return .min }
        let value = ((date.timeIntervalSinceReferenceDate + epochOffset) * 1_000_000).rounded()
        return Int64(exactly: value) ?? (value > 0 ? .max : .min)
    }

    static func date(microseconds: Int64) -> Date {
        if microseconds == .max { return .distantFuture }
        if microseconds == .min { return .distantPast }
        return Date(timeIntervalSinceReferenceDate: Double(microseconds) / 1_000_000 - epochOffset)
    }

    static func date(days: Int32) -> Date {
        if days == .max { return .distantFuture }
        if days == .min { return .distantPast }
        return Date(timeIntervalSinceReferenceDate: Double(days) * 86_400 - epochOffset)
    }

    /// The text form, `2024-05-06 07:08:09.123456+00`; with `BC` for years before 1.
    static func text(microseconds: Int64, zone: String = "+00") -> String {
        if microseconds == .max { return "infinity" }
        if microseconds == .min { return "-infinity" }
        let day = microseconds.quotientFloored(86_400_000_000)
        let rest = microseconds - day * 86_400_000_000
        let seconds = rest / 1_000_000
        var time = "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
        if rest % 1_000_000 != 0 { time += "." + padded(rest % 1_000_000, 6) }
        let civil = civilDate(daysSince2000: day)
        return "\(civil.text) \(time)\(zone)" + (civil.isBeforeChrist ? " BC" : "")
    }

    /// The text form of a `date`.
    static func text(days: Int32) -> String {
        if days == .max { return "infinity" }
        if days == .min { return "-infinity" }
        let civil = civilDate(daysSince2000: Int64(days))
        return civil.text + (civil.isBeforeChrist ? " BC" : "")
    }

    /// Reads the ISO text form of timestamptz, timestamp and date; a missing zone is UTC.
    static func microseconds(text: String) -> Int64? {
        if text == "infinity" { return .max }
        if text == "-infinity" { return .min }
        var scanner = DigitScanner(Array(text.utf8))
        guard let year = scanner.number(), scanner.take(UInt8(ascii: "-")), let month = scanner.number(),
            scanner.take(UInt8(ascii: "-")), let day = scanner.number(), (1...12).contains(month),
            (1...31).contains(day), year < 300_000
        else { return nil }
        var time: Int64 = 0
        var zone: Int64 = 0
        if scanner.take(UInt8(ascii: " ")), scanner.isAtDigit {
            guard let clock = scanner.clock() else { return nil }
            time = clock
            zone = scanner.zone()
            _ = scanner.take(UInt8(ascii: " "))
        }
        let isBeforeChrist = scanner.take(UInt8(ascii: "B")) && scanner.take(UInt8(ascii: "C"))
        guard scanner.isAtEnd else { return nil }
        let days = daysSince2000(year: isBeforeChrist ? 1 - year : year, month: month, day: day)
        return days * 86_400_000_000 + time - zone
    }

    /// Days since 2000-01-01 of a day of the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible low-level
    /// date algorithms", days_from_civil).
    private static func daysSince2000(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = year.quotientFloored(400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 730_425
    }

    /// The inverse (civil_from_days).
    private static func civilDate(daysSince2000 days: Int64) -> (text: String, isBeforeChrist: Bool) {
        let shifted = days + 730_425
        let era = shifted.quotientFloored(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        return ("\(padded(year > 0 ? year : 1 - year, 4))-\(padded(month, 2))-\(padded(day, 2))", year <= 0)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Int64 {
    fileprivate func quotientFloored(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

/// Reads the numbers of a timestamp from left to right.
private struct DigitScanner {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { index == bytes.count }

    var isAtDigit: Bool { index < bytes.count && bytes[index] >= 0x30 && bytes[index] <= 0x39 }

    mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    /// A number of up to nine digits.
    mutating func number() -> Int64? {
        let start = index
        var value: Int64 = 0
        while isAtDigit, index - start < 9 {
            value = value * 10 + Int64(bytes[index] - 0x30)
            index += 1
        }
        return index > start ? value : nil
    }

    /// `hh:mm:ss[.ffffff]` in microseconds.
    mutating func clock() -> Int64? {
        guard let hours = number(), take(UInt8(ascii: ":")), let minutes = number(), take(UInt8(ascii: ":")),
            let seconds = number(), hours <= 24, minutes < 60, seconds <= 60
        else { return nil }
        var fraction: Int64 = 0
        if take(UInt8(ascii: ".")) {
            var scale: Int64 = 100_000
            while isAtDigit {
                fraction += Int64(bytes[index] - 0x30) * scale
                scale /= 10
                index += 1
            }
        }
        return ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + fraction
    }

    /// `±hh[:mm[:ss]]` in microseconds; 0 when there is none.
    mutating func zone() -> Int64 {
        let isNegative = take(UInt8(ascii: "-"))
        guard isNegative || take(UInt8(ascii: "+")), let hours = number() else { return 0 }
        var seconds = hours * 3600
        if take(UInt8(ascii: ":")) { seconds += (number() ?? 0) * 60 }
        if take(UInt8(ascii: ":")) { seconds += number() ?? 0 }
        return (isNegative ? -seconds : seconds) * 1_000_000
    }
}
