import Foundation
import Model
import Testing

/// One message of each type as it stands on the wire: a change here breaks workers of another version.
@Suite struct EnvelopeTests {
    private static let time = Date(timeIntervalSince1970: 1_790_000_000.25)
    private static let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private func golden(_ name: String) throws -> String {
        let url = try #require(Bundle.module.url(forResource: "Golden/\(name)", withExtension: "json"))
        return try String(contentsOf: url, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func check<Payload: MessagePayload>(_ payload: Payload, urlID: Int64?) throws {
        let envelope = Envelope(payload, urlID: urlID, trace: Self.trace, producedAt: Self.time)
        let expected = try golden(Payload.type)
        #expect(String(decoding: try envelope.encoded(), as: UTF8.self) == expected)
        #expect(try Envelope<Payload>(decoding: [UInt8](expected.utf8)) == envelope)
    }

    @Test func leaseMatchesItsGoldenFile() throws {
        try check(CrawlLease(hostID: 12, leaseNumber: 345), urlID: nil)
    }

    @Test func captureMatchesItsGoldenFile() throws {
        try check(ParseCapture(captureID: 9_007, capturedAtMilliseconds: 1_790_000_000_123), urlID: 7)
    }

    @Test func classifyMatchesItsGoldenFile() throws {
        try check(ClassifyArticle(articleID: 55, revision: 2), urlID: 7)
    }

    @Test func indexMatchesItsGoldenFile() throws {
        try check(IndexArticle(articleID: 55, revision: 2), urlID: 7)
    }

    @Test func aReplayIsANewMessage() {
        let first = Envelope(IndexArticle(articleID: 1, revision: 1), urlID: nil)
        let again = Envelope(IndexArticle(articleID: 1, revision: 1), urlID: nil, replay: "r7")
        #expect(first.id == "index:1:1")
        #expect(again.id == "index:1:1:r7")
    }

    @Test(arguments: [
        ("", QuarantineReason.malformedMessage), ("[]", .malformedMessage),
        ("{\"type\":\"index.article\"}", .malformedMessage),
        ("{\"type\":\"parse.capture\",\"version\":1}", .unknownType),
        ("{\"type\":\"index.article\",\"version\":2}", .unsupportedVersion),
        (
            "{\"type\":\"index.article\",\"version\":1,\"id\":\"x\",\"produced_at\":\"yesterday\",\"payload\":{}}",
            .malformedMessage
        ),
        ("\u{FFFD}\u{0}", .malformedMessage),
    ]) func refusesWhatItCannotRead(text: String, reason: QuarantineReason) {
        let error = #expect(throws: EnvelopeError.self) { try Envelope<IndexArticle>(decoding: [UInt8](text.utf8)) }
        #expect(error?.reason == reason)
    }

    @Test func ignoresFieldsItDoesNotKnow() throws {
        let text = """
            {"type":"index.article","version":1,"id":"x","produced_at":"2026-09-21T13:33:20Z","later":true,\
            "payload":{"article_id":1,"revision":2,"more":[]}}
            """
        let envelope = try Envelope<IndexArticle>(decoding: [UInt8](text.utf8))
        #expect(envelope.payload == IndexArticle(articleID: 1, revision: 2))
        #expect(envelope.trace.hasPrefix("00-"))
    }
}
