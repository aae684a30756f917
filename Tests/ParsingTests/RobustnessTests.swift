import Foundation
import Markup
@testable import Parsing
import Synchronization
import Testing

/// A page that is made to be hard, around an article that is not.
struct HostilePage: Sendable, CustomTestStringConvertible {
    static let title = "The bridge will be rebuilt"
    static let paragraph =
        "<p>The council of the town met on Tuesday and decided, after a long debate, that the bridge is rebuilt next year.</p>"

    let testDescription: String
    let html: String

    /// - Parameters:
    ///   - head: What stands in the head.
    ///   - tail: What follows the article.
    init(_ name: String, head: String = "", tail: String = "") {
        testDescription = name
        html =
            "<html><head><title>\(Self.title)</title>\(head)</head><body><article><h1>\(Self.title)</h1>"
            + String(repeating: Self.paragraph, count: 6) + "</article>" + tail
    }

    private static func times(_ count: Int, _ text: String) -> String { String(repeating: text, count: count) }

    private static func jsonLD(_ text: String) -> String {
        "<script type=\"application/ld+json\">\(text)</script>"
    }

    static let all: [HostilePage] = [
        HostilePage("200,000 tags", tail: times(50_000, "<div><b>x</b></div>")),
        HostilePage("paragraphs that never end", tail: times(25_000, "<p>x")),
        HostilePage("10,000 levels", tail: times(10_000, "<div>") + paragraph),
        HostilePage("inline levels", tail: times(5_000, "<b><i><u>") + "x"),
        HostilePage("an attribute of 8 MB", tail: "<div class='\(times(4 << 20, "a "))'>x</div>"),
        HostilePage("attributes in masses", tail: "<div " + times(50_000, "a=1 ") + ">x"),
        HostilePage("quotation marks that never end", tail: times(50_000, "<a href=\"")),
        HostilePage("NULs", tail: times(1 << 20, "\0")),
        HostilePage("NULs in tags", tail: times(20_000, "<p\0>a\0b</p\0>")),
        HostilePage("a table without end", tail: "<table>" + times(10_000, "<tr><td>1<td>2<td>3")),
        HostilePage("tables in tables", tail: times(20_000, "<table><tr><td>") + "x"),
        HostilePage("script soup", tail: times(20_000, "<script>if(a<b){document.write('<p>x</p>')}</scrip>")),
        HostilePage("scripts in masses", tail: times(30_000, "<script>var a=1;</script>")),
        HostilePage("JSON-LD of 100,000 levels", head: jsonLD(times(50_000, "{\"@graph\":["))),
        HostilePage(
            "JSON-LD of 10,000 objects",
            head: jsonLD("[" + times(10_000, "{\"@type\":\"NewsArticle\",\"author\":{\"name\":\"\"}},") + "]")),
        HostilePage("metas in masses", head: times(30_000, "<meta name=x content=y>")),
        HostilePage("ampersands", tail: "<p>" + times(1 << 20, "&")),
        HostilePage("less-than signs", tail: times(1 << 20, "<")),
        HostilePage("comments that never end", tail: times(50_000, "<!--")),
        HostilePage("end tags without start", tail: times(200, "<b><div>") + times(50_000, "</b></i></u></em>")),
        HostilePage("lists in lists", tail: times(20_000, "<ul><li>")),
        HostilePage("line breaks", tail: "<div>" + times(50_000, "<br>")),
        HostilePage("links in masses", tail: times(50_000, "<a href='/x'></a> ")),
        HostilePage("forms in forms", tail: times(30_000, "<form><button><select><option>")),
        HostilePage("drawings without end", tail: times(12_000, "<svg>")),
    ]
}

@Suite struct RobustnessTests {
    private func extract(
        _ text: String, contentType: String? = "text/html", _ context: ExtractionContext = ExtractionContext(),
        budget: WorkBudget = WorkBudget(.seconds(600))
    ) -> ExtractedArticle {
        DocumentExtractor.extraction(
            bytes: Array(text.utf8), url: "https://quay.example/a", contentType: contentType, charset: nil,
            fetchedAt: nil, context: context, budget: budget
        ).article
    }

    /// A clock that moves on whenever it is looked at.
    private func budget(after questions: Int) -> WorkBudget {
        let asked = Mutex(-1)
        return WorkBudget(.milliseconds(questions)) {
            asked.withLock {
                $0 += 1
                return Double($0)
            }
        }
    }

    @Test(arguments: HostilePage.all)
    func findsTheArticleInAHostilePage(_ page: HostilePage) {
        let article = extract(page.html)
        #expect(article.title == HostilePage.title)
        #expect(article.body.hasPrefix("The council of the town met on Tuesday"))
        #expect(article.notArticleReason == nil)
    }

    @Test(
        arguments: [("text/html", 0), ("text/html", 1), ("text/html", 4)] + (0...6).map { ("text/plain", $0) })
    func givesUpWhenTheTimeIsSpent(_ contentType: String, _ questions: Int) {
        let text = contentType == "text/html" ? HostilePage("plain").html : "The council met on Tuesday. It decided."
        let article = extract(text, contentType: contentType, budget: budget(after: questions))
        #expect(article.notArticleReason == .tooCostly)
        #expect(article.body.isEmpty)
    }

    @Test func givesUpInTheMidstOfTags() {
        let page = HostilePage("tags", tail: String(repeating: "<b></b>", count: 100_000))
        let asked = Mutex(0)
        var limits = HTMLLimits()
        limits.shouldStop = {
            asked.withLock {
                $0 += 1
                return $0 == 3
            }
        }
        let document = HTMLDocument(parsing: Array(page.html.utf8), limits: limits)
        #expect(asked.withLock { $0 } == 3)
        #expect(document.isTruncated)
        #expect(document.nodes.count < 20_000)
    }

    @Test func readsNoMoreThanTheLimit() {
        let html = HostilePage("long", tail: "<p>" + String(repeating: "The end is never read, they say. ", count: 900))
            .html
        var context = ExtractionContext()
        context.limits.maximumBytes = 880
        let article = extract(html, context)
        #expect(article.title == HostilePage.title)
        #expect(!article.body.contains("never read, they say"))
    }

    @Test func boundsWhatAnAttributeKeeps() {
        let page = HostilePage("attributes", tail: "<div class='\(String(repeating: "a", count: 4 << 20))'>x</div>")
        let document = HTMLDocument(parsing: Array(page.html.utf8))
        #expect(document.text.count < 100_000)
    }

    @Test(arguments: ["a\u{301}", "👩‍", "\0", "\r\n", "1234567890 ", "By Ann Poe\n", "5 January 2024\n"])
    func readsHostileTexts(_ unit: String) {
        let article = extract(String(repeating: unit, count: 10_000), contentType: "text/plain")
        #expect(article.notArticleReason != .tooCostly)
    }

    @Test(
        arguments: [
            [0xFF, 0xFE], [0xFE, 0xFF, 0], [0xEF, 0xBB, 0xBF], [0xE2, 0x80], [0x1B, 0x24, 0x42], [0x81, 0x30, 0x81],
            [0, 0, 0, 0x3C], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
        ] as [[UInt8]])
    func readsBytesThatMeanNothing(_ unit: [UInt8]) {
        let bytes = Array(repeatElement(unit, count: 2_000).joined())
        for charset in [nil, "utf-8", "utf-16", "shift_jis", "gb18030", "iso-2022-jp", "big5", "koi8-r", "nonsense"] {
            let article = DocumentExtractor.extract(
                bytes: bytes, url: nil, contentType: "text/html", charset: charset, fetchedAt: nil)
            #expect(article.notArticleReason != .tooCostly)
        }
    }
}
