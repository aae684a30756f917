import Foundation
import Markup
@testable import Parsing
import Testing

@Suite struct ExtractionRuleTests {
    private static let html = """
        <html><head><title>The anchor came up</title></head><body><div id="page"><h1>The anchor came up</h1>
        <p class="kicker">Harbour of the old town</p><span class="by line">Ann Poe</span>
        <div class="story text"><p>The anchor came up on Tuesday, and nobody knew whose it was, said the master.</p>
        <div data-type="note-1"><p>What the paper thinks of anchors is known, and this is where it says it again.</p></div>
        <p>It lay in the mud for ninety years, as far as anybody in the town can tell, and longer.</p></div>
        <aside><p>The crew of the tug had a picture taken with it, which hangs in the hall of the town.</p></aside>
        </div></body></html>
        """

    private func extract(_ rules: (ExtractionRule.Action, String)...) throws -> ExtractedArticle {
        var context = ExtractionContext()
        context.rules = try rules.enumerated().map {
            ExtractionRule(
                ruleID: Int64($0.offset + 1), action: $0.element.0, selector: try ElementSelector($0.element.1))
        }
        return DocumentExtractor.extraction(
            bytes: Array(Self.html.utf8), url: nil, contentType: "text/html", charset: nil, fetchedAt: nil,
            context: context
        ).article
    }

    @Test func dropsAnElement() throws {
        #expect(try extract().body.contains("What the paper thinks"))
        let article = try extract((.drop, "div[data-type^=note]"))
        #expect(!article.body.contains("What the paper thinks"))
        #expect(article.body.contains("It lay in the mud"))
        #expect(article.evidence["rules"] == "1")
    }

    @Test func keepsAnElement() throws {
        #expect(try !extract().body.contains("The crew of the tug"))
        #expect(try extract((.keep, "aside > p")).body.hasSuffix("which hangs in the hall of the town."))
    }

    @Test func keepsInsideOfWhatIsDropped() throws {
        let article = try extract((.keep, ".story p"), (.drop, ".story"))
        #expect(article.body.contains("The anchor came up on Tuesday"))
    }

    @Test func takesTitleAndAuthors() throws {
        let article = try extract((.title, "p.kicker"), (.author, ".by.line"))
        #expect(article.title == "Harbour of the old town")
        #expect(article.authors == ["Ann Poe"])
        #expect(article.evidence["title"] == "rule 1")
        #expect(article.evidence["authors"] == "rule 2")
    }

    @Test(arguments: [
        ("p", 5), ("*", 15), (".story", 1), (".text.story", 1), (".stor", 0), ("#page", 1), ("div#page p", 5),
        ("#page > p", 1), ("div div p", 3), ("[data-type]", 1), ("[data-type=note-1]", 1), ("[data-type='note-2']", 0),
        ("[data-type*=ote]", 1), ("[data-type$=\"-1\"]", 1), ("aside p, h1", 2), ("main p", 0), ("body > p", 0),
    ])
    func selects(_ selector: String, _ count: Int) throws {
        let document = HTMLDocument(parsing: Array(Self.html.utf8))
        let rule = ExtractionRule(ruleID: 1, action: .drop, selector: try ElementSelector(selector))
        #expect(RuleMatcher(document: document).nodes(rule).count == count)
    }

    @Test(arguments: [
        "", " ", ",", "p,", "p >", "> p", "blink", "[onclick]", "[class", "[class*]", "[class=]", ".", "#", "p:hover",
        "a + b",
        "a b a b a b a b a",
    ])
    func refusesWhatItCannotRead(_ selector: String) {
        #expect(throws: ElementSelector.SyntaxError.self) { try ElementSelector(selector) }
    }

    @Test func holdsWithinItsDates() throws {
        let from = Date(timeIntervalSince1970: 1000)
        let until = Date(timeIntervalSince1970: 2000)
        let rule = ExtractionRule(
            ruleID: 1, action: .drop, selector: try ElementSelector("p"), validFrom: from, validUntil: until)
        #expect(rule.holds(at: from))
        #expect(!rule.holds(at: from - 1))
        #expect(rule.holds(at: until - 1))
        #expect(!rule.holds(at: until))
    }
}
