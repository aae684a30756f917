import Foundation
import Operator
import Parsing
import Testing

@Suite struct InspectionPageTests {
    private func inspection(_ html: String) throws -> PageInspection {
        var context = ExtractionContext()
        context.wantsInspection = true
        return try #require(
            DocumentExtractor.extraction(
                bytes: Array(html.utf8), url: "https://quay.example/a", contentType: "text/html", charset: nil,
                fetchedAt: nil, context: context
            ).inspection)
    }

    private static let text = (1...6).map {
        "<p>Report \($0) on the anchor says that nobody had expected it, and that the anchor will stay.</p>"
    }.joined()

    @Test func saysWhatBecameOfEachBlock() throws {
        let found = try inspection(
            """
            <html><body><nav><a href="/">Home of the harbour</a></nav><article class="story"><h1>The anchor came up</h1>
            \(Self.text)<div class="newsletter"><p>Sign up for the news of the harbour, which comes each morning.</p></div>
            </article><footer><p>The Quay Gazette, on the quay since 1911, and in all weathers.</p></footer></body></html>
            """)
        let decisions = Dictionary(found.blocks.map { (String($0.text.prefix(8)), $0.decision) }) { first, _ in first }
        #expect(decisions["Report 1"] == .article)
        #expect(decisions["Home of "] == .outside)
        #expect(decisions["The Quay"] == .outside)
        #expect(decisions["Sign up "] == .rejected)
        #expect(found.blocks.first { $0.text.hasPrefix("Sign") }?.reason.contains("promotion") == true)
        #expect(found.container?.contains("article.story") == true)
        #expect(found.fields.first { $0.name == "title" }?.value == "The anchor came up")
    }

    @Test func showsTextAndCarriesNothingOut() throws {
        let attack = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;"
        let found = try inspection(
            """
            <html><head><title>\(attack) &quot;'&amp;</title></head>
            <body><article class="a&quot;&gt;&lt;script&gt;alert(3)&lt;/script&gt;" id="&lt;/style&gt;"><h1>\(attack)</h1>
            \(Self.text)<p>\(attack) is what they wrote on the wall, and it says a lot about the town, they say.</p>
            </article></body></html>
            """)
        let page = InspectionPage(address: "https://quay.example/\"><script>alert(4)</script>", inspection: found).html
        #expect(!page.contains("<script"))
        #expect(!page.contains("<img"))
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(page.components(separatedBy: "</style>").count == 2)
        #expect(page.contains("default-src 'none'"))
    }
}
