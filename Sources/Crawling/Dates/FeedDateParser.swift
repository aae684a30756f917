public import Foundation

/// Reads the dates of feeds and sitemaps.
///
/// The forms are RFC 822 with all its real-world deviations (missing parts, any order, zone names, other languages' month
/// names), `asctime`, RFC 3339 and ISO 8601 with ordinal and week dates, Korean and Japanese forms and seconds since 1970. A
/// date without a time of day is its midnight, a time without a zone is UTC. What is not a date of the calendar is `nil`.
public enum FeedDateParser {
    /// Longer text is not a date.
    static let maximumBytes = 256

    /// The instant that `text` names, to the second, or `nil`.
    public static func parse(_ text: String) -> Date? {
        guard text.utf8.count <= maximumBytes else { return nil }
        guard let seconds = FeedDateScanner.seconds(in: text) else { return nil }
        return Date(timeIntervalSince1970: Double(seconds))
    }
}

/// The parts of a date as they are found.
struct FeedDateParts {
    var year: Int?
    var month: Int?
    var day: Int?
    var hour: Int?
    var minute = 0
    var second = 0
    /// Seconds east of UTC.
    var offset: Int?
    var isAfternoon: Bool?
    /// The zone of a form that is used in one country only.
    var impliedOffset = 0

    /// Seconds since 1970; `nil` when the parts are no date of the calendar.
    var seconds: Int? {
        guard let year, (1...9999).contains(year), let month, (1...12).contains(month), let day, day >= 1,
            day <= Self.daysInMonth(month, of: year), var hour, (0...24).contains(hour), (0...59).contains(minute),
            (0...60).contains(second)
        else { return nil }
        if hour == 24, minute > 0 || second > 0 { return nil }
        if let isAfternoon {
            guard hour <= 12 else { return total(year, month, day, hour) }
            hour = hour % 12 + (isAfternoon ? 12 : 0)
        }
        return total(year, month, day, hour)
    }

    private func total(_ year: Int, _ month: Int, _ day: Int, _ hour: Int) -> Int {
        let days = Self.days(year: year, month: month, day: day)
        return days * 86_400 + hour * 3_600 + minute * 60 + min(second, 59) - (offset ?? impliedOffset)
    }

    static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    static func daysInMonth(_ month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1 January 1970 in the proleptic Gregorian calendar, counting years from March so that the leap day
    /// comes last.
    static func days(year: Int, month: Int, day: Int) -> Int {
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Sets the date from a day of the year, 1 to 366.
    mutating func setOrdinal(_ ordinal: Int, of year: Int) -> Bool {
        guard ordinal >= 1, ordinal <= (Self.isLeap(year) ? 366 : 365) else { return false }
        var rest = ordinal
        var month = 1
        while rest > Self.daysInMonth(month, of: year) {
            rest -= Self.daysInMonth(month, of: year)
            month += 1
        }
        (self.year, self.month, day) = (year, month, rest)
        return true
    }

    /// Sets the date from an ISO week, 1 to 53, and its day, 1 (Monday) to 7.
    mutating func setWeek(_ week: Int, day weekday: Int, of year: Int) -> Bool {
        guard (1...53).contains(week), (1...7).contains(weekday), (1...9998).contains(year) else { return false }
        // The week with 4 January is the first. 1 January 1970 was a Thursday.
        let fourth = Self.days(year: year, month: 1, day: 4)
        let monday = fourth - (((fourth + 3) % 7) + 7) % 7
        let ordinal = monday + (week - 1) * 7 + weekday - 1 - Self.days(year: year, month: 1, day: 1) + 1
        let length = Self.isLeap(year) ? 366 : 365
        if ordinal < 1 { return year > 1 && setOrdinal(ordinal + (Self.isLeap(year - 1) ? 366 : 365), of: year - 1) }
        return ordinal > length ? setOrdinal(ordinal - length, of: year + 1) : setOrdinal(ordinal, of: year)
    }
}
