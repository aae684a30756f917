import Foundation
import Testing

@testable import Indexing

private func answer(_ core: inout GroupCommandCore, _ line: String) throws -> [String: Any] {
    let bytes = core.respond(to: Array(line.utf8))
    return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
}

private func record(_ id: String, _ body: String, time: String? = nil) throws -> String {
    var fields: [String: Any] = ["id": id, "body": body, "language": "en"]
    fields["published_at"] = time
    return String(decoding: try JSONSerialization.data(withJSONObject: fields), as: UTF8.self)
}

@Suite struct GroupCommandTests {
    @Test func answersWithTheIdsOfOriginalAndStory() throws {
        var core = GroupCommandCore()
        let first = try answer(&core, record("a", SampleTexts.dam, time: "2026-03-01T10:00:00Z"))
        let second = try answer(&core, record("b", SampleTexts.damByAnother, time: "2026-03-02"))
        let third = try answer(&core, record("c", SampleTexts.dam, time: "2026-03-02T11:00:00.5+02:00"))
        #expect(
            first["reprint"] as? String == "a" && first["story"] as? String == "a"
                && first["kind"] as? String == "original")
        #expect(second["reprint"] as? String == "b" && second["story"] as? String == "a")
        #expect(
            third["reprint"] as? String == "a" && third["story"] as? String == "a"
                && third["kind"] as? String == "exact")
    }

    @Test func aRecordWithoutATimeAgesNoStory() throws {
        var core = GroupCommandCore()
        _ = try answer(&core, record("a", SampleTexts.dam, time: "2024-03-01"))
        _ = try answer(&core, record("b", SampleTexts.chess, time: "2026-03-01"))
        #expect(try answer(&core, record("c", SampleTexts.damByAnother))["story"] as? String == "a")
        #expect(try answer(&core, record("d", SampleTexts.otherDam))["story"] as? String == "d")
    }

    @Test(arguments: [
        ("", ""), ("{", ""), ("[]", ""), ("null", ""), (#"{"id":"x"}"#, "x"), (#"{"id":7,"body":3}"#, "7"),
        (#"{"body":"text"}"#, ""),
        ("\u{0}\u{1}", ""),
    ])
    func aBadRecordGetsAnErrorAndTheRestGoesOn(_ line: String, _ id: String) throws {
        var core = GroupCommandCore()
        let bad = try answer(&core, line)
        #expect(bad["id"] as? String == id)
        #expect(bad["error"] is String)
        #expect(try answer(&core, record("next", SampleTexts.chess))["story"] as? String == "next")
    }

    @Test func bytesThatAreNoUnicodeGetAnError() {
        var core = GroupCommandCore()
        let bytes = core.respond(to: Array(#"{"id":"x","body":""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8))
        #expect(String(decoding: bytes, as: UTF8.self).contains("id"))
    }

    @Test func headlineAloneIsEnough() throws {
        var core = GroupCommandCore()
        _ = try answer(&core, #"{"id":1,"title":"Divers find nine-metre crack in Karsund dam"}"#)
        let second = try answer(&core, #"{"id":2,"title":"Karsund dam: crack forces families out"}"#)
        #expect(second["story"] as? String == "1")
    }

    @Test(.timeLimit(.minutes(1))) func survivesFiveMegabytes() throws {
        var core = GroupCommandCore()
        let body = String(repeating: "Nothing new under the sun today. ", count: 160_000)
        #expect(try answer(&core, record("huge", body))["story"] as? String == "huge")
        #expect(try answer(&core, record("again", body))["reprint"] as? String == "huge")
    }

    @Test(arguments: [
        ("2026-03-01", 1_772_323_200.0), ("2026-03-01T10:00:00Z", 1_772_359_200),
        ("2026-03-01T10:00:00.250Z", 1_772_359_200.25),
        ("2026-03-01T12:00:00+02:00", 1_772_359_200), ("1772359200", 1_772_359_200),
        ("1772359200250", 1_772_359_200.25),
    ])
    func readsTimes(_ text: String, _ seconds: Double) {
        #expect(RecordTime.seconds(text) == seconds)
    }

    @Test(arguments: ["", "yesterday", "nan", "1e300", "2026-13-45"])
    func leavesBadTimesOut(_ text: String) {
        #expect(RecordTime.seconds(text) == nil)
    }
}

@Suite struct SearchTests {
    @Test(arguments: [
        ("de", "german"), ("de-CH", "german"), ("EN_us", "english"), ("nb", "norwegian"), ("zh-Hant", "simple"),
        ("", "simple"),
        ("x", "simple"), ("tr", "turkish"),
    ])
    func choosesTheConfiguration(_ language: String, _ name: String) {
        #expect(SearchConfiguration.name(language: language) == name)
    }

    @Test(arguments: [
        ("ferry Gotland", "ferry Gotland"), ("  ferry \n Gotland ", "ferry Gotland"),
        ("“night ferry” -strike", "\"night ferry\" -strike"),
        ("\"open quote", "\"open quote\""), ("2026", "2026"),
    ])
    func cleansWords(_ typed: String, _ text: String) {
        #expect(SearchQuery(typed)?.text == text)
    }

    @Test(arguments: ["", "   ", "\"\"", "-", "!!!"])
    func findsNothingToLookFor(_ typed: String) {
        #expect(SearchQuery(typed) == nil)
    }

    @Test func cutsLongQueries() {
        let query = SearchQuery(String(repeating: "word ", count: 1000))
        #expect((query?.text.unicodeScalars.count ?? 0) <= SearchQuery.maximumLength)
    }

    @Test func cutsTheLeadAtAParagraph() {
        let lead = String(repeating: "lead ", count: 90)
        let text = SearchText(title: "Title", body: lead + "\n\nThe rest.")
        #expect(text.lead == lead)
        #expect(text.rest == "\n\nThe rest.")
        #expect(SearchText(title: "", body: "").lead.isEmpty)
        #expect(SearchText(title: "", body: "short").rest.isEmpty)
        #expect(SearchText(title: "", body: String(repeating: "x", count: 5_000_000)).lead.count <= 150_000)
    }
}
