/// Dates of HTTP header fields (RFC 9110, section 5.6.7), in the current form and the two obsolete ones.
enum HTTPDate {
    /// Seconds since 1970, or `nil`.
    static func parse(_ text: String) -> Double? {
        let words = text.utf8.split { byte in byte == 0x20 || byte == 0x2C || byte == 0x2D }.map {
            String(Substring($0))
        }
        var numbers: [Int] = []
        var month: Int?
        var time: Int?
        for word in words.prefix(8) {
            if let found = months.firstIndex(of: word.lowercased()) {
                month = found + 1
            } else if word.utf8.contains(0x3A) {
                time = secondsOfDay(word)
            } else if let number = Int(word), (0...9_999).contains(number) {
                numbers.append(number)
            }
        }
        guard numbers.count == 2, let month, let time, (1...31).contains(numbers[0]) else { return nil }
        let days = daysSince1970(year: fullYear(numbers[1]), month: month, day: numbers[0])
        return Double(days * 86_400 + time)
    }

    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    private static func secondsOfDay(_ text: String) -> Int? {
        let parts = text.split(separator: ":").map { Int($0) ?? -1 }
        guard parts.count == 3, (0...23).contains(parts[0]), (0...59).contains(parts[1]), (0...60).contains(parts[2])
        else {
            return nil
        }
        return parts[0] * 3_600 + parts[1] * 60 + parts[2]
    }

    /// Two digits stand for a year from 1970 to 2069.
    private static func fullYear(_ year: Int) -> Int {
        year >= 100 ? year : year < 70 ? 2_000 + year : 1_900 + year
    }

    /// The day number of a date of the Gregorian calendar, counting years from March.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
