import Foundation
import Model
import Testing

/// Inputs that fuzzing found (`scripts/fuzz envelope`), by what they broke.
struct FuzzFindingsTests {
    /// A time that was read and written went back by a millisecond.
    @Test(
        arguments: [
            ("2026-09-21T14:13:20.999Z", "2026-09-21T14:13:20.999Z"),
            ("2026-09-21T14:13:20.9999Z", "2026-09-21T14:13:21.000Z"),
            ("9999-12-31T23:59:59.9999+14:00", "9999-12-31T10:00:00.000Z"),
            ("2026-09-21T14:13:20.001Z", "2026-09-21T14:13:20.001Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
        ])
    func timesThatAreReadAndWritten(text: String, expected: String) throws {
        var written = text
        for _ in 1...3 {
            written = WireTime.string(try #require(WireTime.date(written)))
            #expect(written == expected)
        }
    }
}
