import Crawling
import Foundation
import Testing

@Suite struct FeedDateParserTests {
    /// 14 May 2024, 07:08:09 UTC, and its midnight.
    private static let instant = 1_715_670_489
    private static let midnight = 1_715_644_800

    @Test(arguments: [
        "Tue, 14 May 2024 07:08:09 GMT", "14 May 2024 07:08:09", "Tue,14 May 24 07:08:09 Z",
        "Tue, 14 May 2024 09:08:09 +0200",
        "Tuesday, 14-May-24 07:08:09 UT", "Tue May 14 07:08:09 2024", "Tue May 14 03:08:09 EDT 2024",
        "May 14, 2024 7:08:09 AM", "May 14th 2024 3:08:09 am EDT", "14 May 2024 07:08:09 GMT+0000",
        "2024-05-14T07:08:09Z",
        "2024-05-14 07:08:09", "2024-05-14T09:08:09.123+02:00", "2024-05-14T09:08:09+0200", "20240514T070809Z",
        "20240514070809", "2024-135T07:08:09Z", "2024-W20-2T07:08:09Z", "1715670489", "1715670489000",
        "14.05.2024 07:08:09", "05/14/2024 07:08:09", "14/05/2024 07:08:09", "2024/05/14 07:08:09",
        "Di, 14 Mai 2024 09:08:09 MESZ", "mar, 14 mai 2024 09:08:09 CEST", "Вт, 14 мая 2024 10:08:09 MSK",
        "Τρι, 14 Μαΐου 2024 10:08:09 EEST", "2024-május-14T9:08:09+02:00", "2024년 05월 14일 16:08:09",
        "2024-05-14 오후 4:08:09", "14 Mei 2024 14:08:09 WIB", "Tue, 14 May 2024 07:08:09 GMT (ignored)",
    ])
    func readsTheSameInstantInEveryForm(_ text: String) {
        #expect(FeedDateParser.parse(text)?.timeIntervalSince1970 == Double(Self.instant))
    }

    @Test(arguments: [
        "2024-05-14", "20240514", "14 May 2024", "Tue, 14 May 2024", "14.05.2024", "240514", "2024年5月14日",
    ])
    func aDateWithoutTimeIsMidnight(_ text: String) {
        #expect(FeedDateParser.parse(text)?.timeIntervalSince1970 == Double(Self.midnight))
    }

    @Test(arguments: [("2024", 1_704_067_200), ("2024-05", 1_714_521_600), ("2020-W53-5", 1_609_459_200)])
    func missingPartsAreTheFirst(_ text: String, _ seconds: Int) {
        #expect(FeedDateParser.parse(text)?.timeIntervalSince1970 == Double(seconds))
    }

    @Test(arguments: [
        "", "yesterday", "2024-13-01", "2024-02-30", "31 Jun 2024", "2024-05-14T25:00:00Z", "2024-05-14T10:61:00Z",
        "2024-05-14T10:00:00+99:00", "2024-05-14T10:00:00Zjunk", "2024-05-14T10:xx:00Z", "14 2024 10:00", "-", "+",
        "::",
        "2024-W54-1", "2023-366", "99999999999999999999", "T", "1/2/3/4", "0000-00-00",
        "Tue, 14 May 2024 07:08:09 +zz:00",
    ])
    func refusesWhatIsNoDate(_ text: String) {
        #expect(FeedDateParser.parse(text) == nil)
    }

    @Test func longTextIsNoDate() {
        #expect(FeedDateParser.parse(String(repeating: "1 ", count: 100_000)) == nil)
    }
}
