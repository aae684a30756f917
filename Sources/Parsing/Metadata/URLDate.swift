internal import Foundation

/// Reads dates out of addresses, such as `/2024/05/17/`, `/2024/may/17/`, `-20240517` or `17-05-2024`.
enum URLDate {
    /// A run of letters or digits of an address.
    private struct Part {
        var bytes: ArraySlice<UInt8>
        /// The byte before it.
        var separator: UInt8

        /// The number, where it is one of so many digits.
        func number(digits: ClosedRange<Int>) -> Int? {
            guard digits.contains(bytes.count), bytes.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
            return bytes.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }

        /// The month that it names or numbers.
        var month: Int? {
            if let number = number(digits: 1...2) { return number }
            guard bytes.count >= 3, bytes.count <= 10, bytes.allSatisfy({ $0 &- 0x30 >= 10 }) else { return nil }
            let month = DateLexicon.month(String(decoding: bytes, as: UTF8.self).lowercased(), language: nil)
            return month.flatMap { $0 < DateLexicon.solarHijriBase ? $0 : nil }
        }
    }

    /// The day that the path names, or `nil`.
    static func date(in url: String) -> ArticleDate? {
        let parts = parts(of: Array(url.utf8.prefix(2048)))
        for index in parts.indices {
            if let found = yearFirst(parts, index) ?? compact(parts[index]) { return found }
        }
        for index in parts.indices {
            if let found = dayFirst(parts, index) { return found }
        }
        return nil
    }

    private static func parts(of bytes: [UInt8]) -> [Part] {
        var parts: [Part] = []
        var start = 8
        var position = start
        while position <= bytes.count {
            let isEnd =
                position == bytes.count
                || (bytes[position] < 0x80 && (bytes[position] | 0x20) &- 0x61 >= 26
                    && bytes[position] &- 0x30 >= 10)
            if isEnd {
                if position > start, parts.count < 64 {
                    parts.append(Part(bytes: bytes[start..<position], separator: bytes[start - 1]))
                }
                start = position + 1
            }
            position += 1
        }
        return parts
    }

    /// `2024/05/17`, `2024-05-17`, `2024/may/17`.
    private static func yearFirst(_ parts: [Part], _ index: Int) -> ArticleDate? {
        guard index + 2 < parts.count, parts[index + 1].separator == parts[index + 2].separator,
            let year = parts[index].number(digits: 4...4), let month = parts[index + 1].month,
            let day = day(parts[index + 2])
        else { return nil }
        return date(year, month, day)
    }

    /// The number of a day; letters and figures may follow it at once, as in `17t093000`.
    private static func day(_ part: Part) -> Int? {
        let digits = part.bytes.prefix { $0 &- 0x30 < 10 }
        guard (1...2).contains(digits.count), digits.count == part.bytes.count || part.bytes.count > 4 else {
            return nil
        }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// `20240517`, also with letters around it.
    private static func compact(_ part: Part) -> ArticleDate? {
        for run in part.bytes.split(whereSeparator: { $0 &- 0x30 >= 10 }) where run.count == 8 {
            func number(_ range: Range<Int>) -> Int {
                run[(run.startIndex + range.lowerBound)..<(run.startIndex + range.upperBound)]
                    .reduce(0) { $0 * 10 + Int($1 - 0x30) }
            }
            if let found = date(number(0..<4), number(4..<6), number(6..<8)) { return found }
        }
        return nil
    }

    /// `17-05-2024`.
    private static func dayFirst(_ parts: [Part], _ index: Int) -> ArticleDate? {
        guard index + 2 < parts.count, parts[index + 1].separator == parts[index + 2].separator,
            parts[index + 1].separator != 0x2F, let day = parts[index].number(digits: 2...2),
            let month = parts[index + 1].number(digits: 2...2), let year = parts[index + 2].number(digits: 4...4)
        else { return nil }
        return date(year, month, day)
    }

    private static func date(_ year: Int, _ month: Int, _ day: Int) -> ArticleDate? {
        guard (1995...2100).contains(year), let civil = CivilDate(year: year, month: month, day: day) else {
            return nil
        }
        return ArticleDate(
            instant: Date(timeIntervalSince1970: Double(civil.daysSinceEpoch) * 86_400), precision: .day)
    }
}
