import Foundation
import Testing

@testable import Parsing

/// A text, what it is read with, and the date that it means.
struct DateCase: Sendable, CustomTestStringConvertible {
    var text: String
    var language: String?
    var expected: String?

    init(_ text: String, _ expected: String?, _ language: String? = nil) {
        self.text = text
        self.language = language
        self.expected = expected
    }

    var testDescription: String { "\(language ?? "-"): \(text)" }
}

@Suite struct DateParserTests {
    /// Wednesday, 16 April 2025, noon UTC.
    static let reference = Date(timeIntervalSince1970: 1_744_804_800)

    /// `2024-11-28`, `2024-11-28T07:42Z` or `2024-11-28T07:42:00Z`, by precision.
    static func describe(_ date: ArticleDate?) -> String? {
        guard let date else { return nil }
        let text = ISO8601DateFormatter().string(from: date.instant)
        switch date.precision {
        case .day: return String(text.prefix(10))
        case .minute: return text.prefix(16) + "Z"
        case .second: return text
        }
    }

    @Test(arguments: DateCases.absolute) func readsAbsoluteDates(_ item: DateCase) {
        let date = DateParser.parse(item.text, languageHint: item.language, reference: Self.reference)
        #expect(Self.describe(date) == item.expected)
    }

    @Test(arguments: DateCases.relative) func readsRelativeDates(_ item: DateCase) {
        let date = DateParser.parse(item.text, languageHint: item.language, reference: Self.reference)
        #expect(Self.describe(date) == item.expected)
    }

    @Test(arguments: DateCases.none) func refusesWhatIsNoDate(_ item: DateCase) {
        let date = DateParser.parse(item.text, languageHint: item.language, reference: Self.reference)
        #expect(Self.describe(date) == nil)
    }

    @Test func relativeDatesNeedAReference() {
        #expect(DateParser.parse("3 hours ago") == nil)
        #expect(DateParser.parse("28 November") == nil)
    }

    @Test func refusesWhatLiesMoreThanADayAhead() {
        #expect(DateParser.parse("2025-04-17T11:59:00Z", reference: Self.reference) != nil)
        #expect(DateParser.parse("2025-04-17T12:01:00Z", reference: Self.reference) == nil)
        #expect(DateParser.parse("19 April 2025", reference: Self.reference) == nil)
        #expect(DateParser.parse("19 April 2025") != nil)
    }

    @Test func keepsTheOffset() {
        #expect(DateParser.parse("28 November 2024 11:42 +04:00")?.offsetSeconds == 14_400)
        #expect(DateParser.parse("Nov 28, 2024 9:00 AM ET")?.offsetSeconds == -18_000)
        #expect(DateParser.parse("July 28, 2024 9:00 AM ET")?.offsetSeconds == -14_400)
        #expect(DateParser.parse("28 November 2024 11:42")?.offsetSeconds == nil)
    }

    @Test func findsEveryDateWithItsPlace() {
        let text = "© 2025 The Ledger. Published 3 March 2025, 10:15 GMT | Updated 4 March 2025"
        let matches = DateParser.find(in: text, reference: Self.reference)
        #expect(matches.map { Self.describe($0.date) } == ["2025-03-03T10:15Z", "2025-03-04"])
        let scalars = Array(text.unicodeScalars)
        let words = matches.map { match in
            var words = String.UnicodeScalarView()
            words.append(contentsOf: scalars[match.scalars])
            return String(words)
        }
        #expect(words == ["3 March 2025, 10:15 GMT", "4 March 2025"])
    }

    @Test func acceptsHostileText() {
        for text in ["", "\0\0\0", String(repeating: "1/", count: 100_000), String(repeating: "9", count: 100_000)] {
            #expect(DateParser.find(in: text, reference: Self.reference).isEmpty)
        }
        let many = String(repeating: "3 March 2025 ", count: 100_000)
        #expect(DateParser.find(in: many, limit: 5).count == 5)
    }

    @Test func countsDaysBothWays() {
        for days in stride(from: -80_000, through: 80_000, by: 997) {
            #expect(CivilDate(daysSinceEpoch: days).daysSinceEpoch == days)
        }
        #expect(CivilDate(year: 2023, month: 2, day: 29) == nil)
        #expect(CivilDate(solarHijriYear: 1403, month: 12, day: 30) == CivilDate(year: 2025, month: 3, day: 20))
    }
}
