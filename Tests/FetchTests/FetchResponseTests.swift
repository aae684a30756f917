import Foundation
import Testing
import WebURL

@testable import Fetch

struct FetchResponseTests {
    private func response(_ fields: [(name: String, value: String)], status: Int = 503) throws -> FetchResponse {
        FetchResponse(
            url: try #require(ParsedURL("https://site.example/a")), status: status, headers: HTTPHeaders(fields))
    }

    @Test(
        arguments: [
            ("120", 120), ("0", 0), ("-5", nil), ("soon", nil), ("99999999999", 31_536_000),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("Sunday, 06-Nov-94 08:49:37 GMT", 37),
            ("Sun Nov  6 08:49:37 1994", 37),
            ("Sun, 06 Nov 1994 08:48:00 GMT", 0), ("Sun, 06 Foo 1994 08:49:37 GMT", nil),
            ("Sun, 06 Nov 1994 28:49:37 GMT", nil),
        ] as [(String, Int64?)])
    func readsRetryAfter(value: String, seconds: Int64?) throws {
        let now = Date(timeIntervalSince1970: 784_111_740)
        #expect(
            try response([(name: "retry-after", value: value)]).retryAfter(now: now) == seconds.map { .seconds($0) })
    }

    @Test func ignoresALocationThatIsNoURL() throws {
        #expect(try response([(name: "Location", value: "http://a b/")], status: 302).redirectTarget == nil)
    }

    @Test(arguments: [
        ("//u:p@other.example/x", "https://other.example/x"),
        ("https://u:p@site.example/x", "https://u:p@site.example/x"),
        ("http://site.example/x", "http://site.example/x"), ("?y", "https://site.example/a?y"),
        ("mailto:x", "mailto:x"),
    ])
    func dropsCredentialsWhereARedirectLeavesTheOrigin(location: String, target: String) throws {
        #expect(try response([(name: "Location", value: location)], status: 301).redirectTarget?.href == target)
    }

    @Test func joinsFoldedHeaderLines() {
        var collector = ResponseCollector(maximumBodyBytes: 0, maximumHeaderBytes: 1_000, maximumHeaderLines: 10)
        for line in ["HTTP/1.1 200 OK\r\n", "A: one\r\n", "  two\r\n", "no colon\r\n", "\r\n"] {
            let isTaken = collector.receiveHeader(Array(line.utf8))
            #expect(isTaken)
        }
        #expect(collector.headers["a"] == "one two")
        #expect(collector.headers.fields.count == 1)
    }

    @Test func readsLatin1HeaderValues() {
        var collector = ResponseCollector(maximumBodyBytes: 0, maximumHeaderBytes: 1_000, maximumHeaderLines: 10)
        let isTaken = collector.receiveHeader(Array("Location: /caf".utf8) + [0xE9, 0x0D, 0x0A])
        #expect(isTaken)
        #expect(collector.headers["Location"] == "/café")
    }
}
