import Foundation
import Testing

@testable import Classifying

@Suite struct RobustnessTests {
    @Test(arguments: [
        "", " ", "\n\r\n\u{0}", "\u{FEFF}", "\u{202E}abc", "👨‍👩‍👧‍👦", "e\u{301}\u{301}\u{301}", "'", "’’’", "\"", "...", "A.",
        "A.B.C", "-a-", "«»", "“”", "()",
        "U.S.", "O’", "d’", "Mr.", "President", "the of and", "12:30", "1,000.5%", "\u{5E9}\u{5DC}\u{5D5}\u{5DD}",
        "ประเทศไทย", "\u{10FFFF}",
    ]) func survives(_ body: String) throws {
        let annotations = try Fixture.annotate(body, title: body)
        let length = body.unicodeScalars.count
        let spans =
            annotations.places.flatMap { $0.mentions.map(\.span) } + annotations.actors.flatMap(\.mentions)
            + annotations.quotes.map(\.span)
        #expect(spans.allSatisfy { $0.start >= 0 && $0.start < $0.end && $0.end <= length })
    }

    @Test(
        .timeLimit(.minutes(2)),
        arguments: [
            "A ", "A. ", "President ", "Paris, ", "“", "said “x y z w q” ", "Mr. A ", "de la ", "中国", "\n\n", "a-",
            "O'", "(A) ", "Bank of ",
        ]) func takesTimeInProportion(_ unit: String) throws
    {
        _ = try Fixture.annotate(String(repeating: unit, count: 4_000))
    }

    @Test func givesTheSameAnswerEachTime() throws {
        let body =
            "President Anna Lind met Kenya's team. “We won the match and the election,” Lind said in Paris, Texas."
        let first = try Fixture.annotate(body)
        for _ in 0..<5 { #expect(try Fixture.annotate(body) == first) }
    }

    @Test func cutsWordsAsTheyAreWritten() {
        let text = ArticleText("The U.S. and St. Petersburg’s well-known O’Brien.\r\nL’Union européenne d'Ivoire")
        let words = text.tokens.filter { $0.kind == .word }.map { String(decoding: text.bytes($0), as: UTF8.self) }
        #expect(
            words == [
                "The", "US", "and", "St", "Petersburg", "well", "known", "O'Brien", "L", "Union", "européenne", "d",
                "Ivoire",
            ])
        #expect(text.sentenceStarts.count == 3)
    }

    @Test func refusesDamagedResources() throws {
        #expect(throws: ClassifyingError.self) { try Gazetteer([1, 2, 3]) }
        #expect(throws: ClassifyingError.self) {
            try Gazetteer(Array("WRGZ".utf8) + [2, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 12) + [0])
        }
        #expect(throws: ClassifyingError.self) { try Lexicon(words: Array("[nothing]\na".utf8), names: []) }
        #expect(throws: ClassifyingError.self) { try TopicModel(Array("3: a".utf8)) }
        #expect(throws: ClassifyingError.self) { try EventLexicon(Array("attack".utf8)) }
    }
}

@Suite struct ClassifyCommandTests {
    private func answer(_ line: String) throws -> [String: Any] {
        let core = ClassifyCommandCore(classifier: try Fixture.classifier())
        let bytes = core.respond(to: Array(line.utf8))
        return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    @Test func answersARecord() throws {
        let answer = try answer(
            #"{"id":"a1","title":"Talks","body":"Kenya held talks with Uganda. “We agreed on the road,” said Anna Lind."}"#
        )
        #expect(answer["id"] as? String == "a1")
        #expect(answer["language"] as? String == "en")
        #expect((answer["places"] as? [[String: Any]])?.first?["country"] as? String == "KE")
        #expect((answer["quotes"] as? [[String: Any]])?.count == 1)
        #expect((answer["events"] as? [[String: Any]])?.first?["event"] as? String == "CONSULT")
        #expect(answer["ms"] is Double)
        for key in ["topics", "actors"] { #expect(answer[key] is [Any]) }
    }

    @Test(arguments: ["", "{", "[]", "null", "7", #"{"id":"x"}"#, #"{"id":"x","body":7}"#, #"{"body":null}"#])
    func answersABadRecordWithAnError(_ line: String) throws {
        #expect(try answer(line)["error"] is String)
    }

    @Test func givesBackTheIdentityOfABadRecord() throws {
        #expect(try answer(#"{"id":"x","body":7}"#)["id"] as? String == "x")
        #expect(try answer(#"{"id":12}"#)["id"] as? Int == 12)
    }
}
