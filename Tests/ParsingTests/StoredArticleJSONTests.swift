import Foundation
import Testing

@testable import Parsing

/// What is written by hand is what the types' own coding reads, so that a field which is added to them is not forgotten.
@Suite struct StoredArticleJSONTests {
    private func read<Value: Decodable>(_ text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }

    /// The names and values that the general encoder gives.
    private func object(_ value: some Encodable) throws -> NSObject {
        try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(value)) as? NSObject)
    }

    private func object(_ text: String) throws -> NSObject {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSObject)
    }

    static let blocks = [
        ArticleBlock(kind: .heading, text: "Harbour", level: 2),
        ArticleBlock(
            kind: .paragraph, text: "The \"new\" pier \\ 👩‍👩‍👧 \u{1}\t\r\n\u{7F}\u{2028}",
            links: [
                ArticleLink(text: "pier \"1\"", target: "https://o.test/a?b=\\c"),
                ArticleLink(text: "", target: "https://o.test/"),
            ]),
        ArticleBlock(kind: .listItem, text: "", links: []),
    ]

    @Test(arguments: [[], Array(blocks.prefix(1)), blocks]) func blocksAreThoseOfTheirCoding(
        _ blocks: [ArticleBlock]
    ) throws {
        let text = StoredArticleJSON.text(of: blocks)
        #expect(try read(text) == blocks)
        #expect(try object(text) == object(blocks))
    }

    @Test(arguments: [
        [:], ["title": FieldEvidence(source: "jsonld")],
        [
            "title": FieldEvidence(source: "a \"b\"", sources: ["x", "y\\"], agreement: 0.67),
            "authors": FieldEvidence(source: "", sources: [], agreement: 1),
        ],
    ]) func evidenceIsThatOfItsCoding(_ evidence: [String: FieldEvidence]) throws {
        let text = StoredArticleJSON.text(of: evidence)
        #expect(try read(text) == evidence)
        #expect(try object(text) == object(evidence))
    }

    @Test func leavesOutWhatJSONBCannotHold() throws {
        let block = ArticleBlock(kind: .quote, text: "a\u{0}b", links: [ArticleLink(text: "\u{0}", target: "c\u{0}")])
        let expected = ArticleBlock(kind: .quote, text: "ab", links: [ArticleLink(text: "", target: "c")])
        #expect(try read(StoredArticleJSON.text(of: [block])) == [expected])
    }
}
