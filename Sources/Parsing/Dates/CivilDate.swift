/// A day of the proleptic Gregorian calendar, and the arithmetic that dates need (no time zones, no locale).
struct CivilDate: Sendable, Equatable {
    var year: Int
    var month: Int
    var day: Int

    /// Makes a date, or `nil` when there is no such day.
    init?(year: Int, month: Int, day: Int) {
        guard (1...12).contains(month), day >= 1, day <= CivilDate.length(ofMonth: month, year: year) else {
            return nil
        }
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day that lies `days` after 1 January 1970.
    ///
    /// Counts in eras of 400 years that begin in March, so that the leap day is the last day of a year.
    init(daysSinceEpoch days: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1 January 1970.
    var daysSinceEpoch: Int {
        let marchYear = month <= 2 ? year - 1 : year
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// Sunday is 0.
    var weekday: Int {
        let remainder = (daysSinceEpoch + 4) % 7
        return remainder < 0 ? remainder + 7 : remainder
    }

    /// The same day `count` months later, moved to the month's last day where it has no such day.
    func adding(months count: Int) -> CivilDate {
        let total = year * 12 + (month - 1) + count
        let newYear = total / 12
        let newMonth = total % 12 + 1
        let newDay = min(day, CivilDate.length(ofMonth: newMonth, year: newYear))
        return CivilDate(year: newYear, month: newMonth, day: newDay) ?? self
    }

    static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// The Gregorian day of a day in the Solar Hijri calendar, for the years 1300 to 1500.
    ///
    /// The arithmetic 33-year cycle, which agrees with the astronomical calendar over these years.
    init?(solarHijriYear year: Int, month: Int, day: Int) {
        guard (1300...1500).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        guard month <= 6 || day <= 30 else { return nil }
        let leapDays = { (year: Int) in
            year / 33 * 8 + [1, 5, 9, 13, 17, 22, 26, 30].count { $0 < year % 33 }
        }
        let daysBefore = 365 * (year - 1400) + leapDays(year) - leapDays(1400)
        let dayOfYear = month <= 7 ? (month - 1) * 31 : 186 + (month - 7) * 30
        // 1 Farvardin 1400 was 21 March 2021, day 18,707.
        self.init(daysSinceEpoch: 18_707 + daysBefore + dayOfYear + day - 1)
    }
}
