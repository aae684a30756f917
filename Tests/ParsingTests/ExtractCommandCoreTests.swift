import Foundation
import Parsing
import Testing

@Suite struct ExtractCommandCoreTests {
    private func respond(_ record: String) throws -> [String: Any] {
        let answer = Data(ExtractCommandCore().respond(to: Array(record.utf8)))
        return try #require(try JSONSerialization.jsonObject(with: answer) as? [String: Any])
    }

    @Test func answersARecord() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "extract-\(UUID().uuidString).html")
        let text = String(
            repeating: "<p>The \"ferry\" left at six in the morning, and nobody had expected it to come back.</p>",
            count: 8)
        try Data("<html lang=en><h1>Ferry \\ returns</h1>\(text)".utf8).write(to: file)
        // A file left behind in the temporary folder does no harm.
        defer { try? FileManager.default.removeItem(at: file) }
        let answer = try respond(#"{"id":"a1","path":"\#(file.path)","url":"https://quay.example/2020/02/03/x"}"#)
        #expect(answer["id"] as? String == "a1")
        #expect(answer["title"] as? String == "Ferry \\ returns")
        #expect(answer["date"] as? String == "2020-02-03")
        #expect(answer["language"] as? String == "en")
        #expect((answer["body"] as? String)?.hasPrefix("The \"ferry\" left") == true)
        #expect(answer["ms"] is Double && answer["cpu_ms"] is Double)
        #expect(answer["error"] == nil)
    }

    @Test(
        arguments: [
            ("", nil), ("nonsense", nil), ("[1]", nil), (#"{"path":"x"}"#, nil), (#"{"id":"b"}"#, "b"),
            (#"{"id":"c","path":"/does/not/exist"}"#, "c"),
        ] as [(String, String?)])
    func answersBadRecordsWithAnError(_ record: String, _ id: String?) throws {
        let answer = try respond(record)
        #expect(answer["error"] is String)
        #expect(answer["id"] as? String == id)
    }
}
