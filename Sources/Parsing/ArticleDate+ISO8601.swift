internal import Foundation

extension ArticleDate {
    /// The date in ISO 8601: a day alone where no more is known, else the local time with its offset.
    ///
    /// A date without a known offset is written without one.
    public var iso8601: String {
        let local = instant.timeIntervalSince1970 + Double(offsetSeconds ?? 0)
        let seconds = Int(local.rounded(.down))
        let day = Int((Double(seconds) / 86400).rounded(.down))
        let (year, month, dayOfMonth) = Self.civil(day)
        var text = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(dayOfMonth, 2))"
        guard precision != .day else { return text }
        let time = seconds - day * 86400
        text += "T\(Self.padded(time / 3600, 2)):\(Self.padded(time / 60 % 60, 2)):\(Self.padded(time % 60, 2))"
        guard let offset = offsetSeconds else { return text }
        if offset == 0 { return text + "Z" }
        let minutes = abs(offset) / 60
        return text + (offset < 0 ? "-" : "+") + "\(Self.padded(minutes / 60, 2)):\(Self.padded(minutes % 60, 2))"
    }

    private static func padded(_ number: Int, _ count: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
    }

    /// Year, month and day of a day counted from 1970 (civil from days, H. Hinnant's algorithm).
    private static func civil(_ day: Int) -> (Int, Int, Int) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
    }
}
