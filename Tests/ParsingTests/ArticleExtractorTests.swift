import Foundation
import Markup
import Parsing
import Testing

private func extract(_ html: String, url: String? = nil, fetchedAt: Date? = nil) -> ExtractedArticle {
    ArticleExtractor.extract(HTMLDocument(parsing: Array(html.utf8)), url: url, fetchedAt: fetchedAt)
}

private let sentence =
    "The ferry left at six in the morning, and nobody on the quay had expected it to come back, said the pilot. "
private let prose = (1...5).map { "<p>Entry \($0): \(sentence)\(sentence)</p>" }.joined()

@Suite struct ArticleExtractorTests {
    @Test func prefersTheHeadlineThatSourcesAgreeOn() {
        let article = extract(
            """
            <title>Ferry returns - Quay News</title><meta property="og:site_name" content="Quay News">
            <h1>Quay News</h1><h1>Ferry returns</h1>\(prose)
            """)
        #expect(article.title == "Ferry returns")
        #expect(article.siteName == "Quay News")
    }

    @Test func leavesADashInTheHeadlineAlone() {
        let article = extract(
            "<title>The ferry is back – at last! | Quay News</title><h1>The ferry is back – at last!</h1>\(prose)")
        #expect(article.title == "The ferry is back – at last!")
    }

    @Test func takesTheHeadlineThatEditorsOfNewsWroteForOtherSites() {
        let page = """
            <title>Ferry comes back to the old quay | Quay News</title>
            <meta property="og:title" content="The pilot who would not give up his ferry">
            <h1>Ferry comes back to the old quay</h1>\(prose)
            """
        let type = #"<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2024-01-02"}</script>"#
        #expect(extract(type + page).title == "The pilot who would not give up his ferry")
        #expect(extract(page).title == "Ferry comes back to the old quay")
    }

    @Test func keepsTheHeadlineWhereTheSharedOneIsMadeForSearch() {
        let article = extract(
            """
            <script type="application/ld+json">{"@type":"NewsArticle",
            "headline":"Ferry comes back to the old quay"}</script>
            <title>Ferry quay return news and times today</title>
            <meta property="og:title" content="Ferry quay return news and times today">
            <h1>Ferry comes back to the old quay</h1>\(prose)
            """)
        #expect(article.title == "Ferry comes back to the old quay")
    }

    @Test func findsTheHeadlineThatThePageAlsoCallsItsSite() {
        let article = extract(
            """
            <meta property="og:site_name" content="Ferry returns to the quay"><h1>Ferry returns to the quay</h1>\(prose)
            """)
        #expect(article.title == "Ferry returns to the quay")
    }

    @Test func findsTheHeadlineBehindALabel() {
        let article = extract(
            """
            <title>Harbour notes: How the ferry returned</title><meta property="og:title" \
            content="Harbour notes: How the ferry returned"><h1>How the ferry returned</h1><h1>Timetable</h1>\(prose)
            """)
        #expect(article.title == "How the ferry returned")
    }

    @Test func tellsAChangeFromThePublication() {
        let named = extract(
            """
            <article><h1>Ferry</h1><time class="updated" datetime="2024-03-05">5 March 2024</time>
            <time class="published" datetime="2024-01-02">2 January 2024</time>\(prose)</article>
            """)
        #expect(named.published?.iso8601 == "2024-01-02")
        #expect(named.modified?.iso8601 == "2024-03-05")
        let told = extract(
            """
            <article><h1>Ferry</h1><p>Updated: <time datetime="2024-03-05">5 March 2024</time></p>
            <p>Published <time datetime="2024-01-02">2 January 2024</time></p>\(prose)</article>
            """)
        #expect(told.published?.iso8601 == "2024-01-02")
        let only = extract(
            """
            <article><h1>Ferry</h1><time class="entry-date updated" datetime="2024-01-02">2 January 2024</time>\(prose)
            </article>
            """)
        #expect(only.published?.iso8601 == "2024-01-02")
    }

    @Test func passesTheDateOfAQuotedPostOver() {
        let article = extract(
            """
            <article><h1>Ferry</h1><blockquote><p>We sail!</p><time datetime="2019-05-06">6 May 2019</time></blockquote>
            \(prose)<time datetime="2024-01-02">2 January 2024</time></article>
            """)
        #expect(article.published?.iso8601 == "2024-01-02")
    }

    @Test func givesTheDayOfTheOutletsOwnClock() {
        let article = extract(
            """
            <meta property="article:published_time" content="2024-01-03T01:30:00Z">
            <article><h1>Ferry</h1><time datetime="2024-01-02 17:30:00">January 2, 2024 at 5:30 p.m.</time>\(prose)
            </article>
            """)
        #expect(article.published?.iso8601 == "2024-01-02T17:30:00-08:00")
    }

    @Test func readsMetaElementsWithAValue() {
        let article = extract("<meta name='article:published_time' value='2024-01-02T03:04:05Z'><h1>Ferry</h1>\(prose)")
        #expect(article.published?.iso8601 == "2024-01-02T03:04:05Z")
    }

    @Test func leavesOtherPiecesInFullOut() {
        let article = extract(
            """
            <article><h1>Ferry</h1>\(prose)<h3>You may also like…</h3>
            <article><p>Another story altogether: \(sentence)\(sentence)</p></article></article>
            """)
        #expect(!article.body.contains("Another story"))
        #expect(article.body.contains("Entry 5"))
    }

    @Test func leavesQuestionsToTheReaderOut() {
        let article = extract(
            "<article><h1>T</h1>\(prose)<p>Wie hat Ihnen dieser Artikel gefallen?</p>"
                + "<p>Reporting by A. Berg; Editing by B. Falk</p></article>"
        )
        #expect(!article.body.contains("gefallen"))
        #expect(!article.body.contains("Editing"))
    }

    @Test func readsTolerantJSONLD() {
        let article = extract(
            """
            <script type="application/ld+json"><!-- {"@type":"NewsArticle", // a comment
            "headline":"Ferry &amp; quay","author":["Ann Berg",{"name":"Bo Falk"},],"datePublished":"2024-01-02",
            "note":"a line
            break",} --></script>\(prose)
            """)
        #expect(article.title == "Ferry & quay")
        #expect(article.authors == ["Ann Berg", "Bo Falk"])
        #expect(article.published?.iso8601 == "2024-01-02")
        #expect(article.evidence["authors"] == "json-ld")
    }

    @Test func takesTheDateOutOfTheAddress() {
        let article = extract("<h1>Ferry</h1>\(prose)", url: "https://quay.example/2021/03/09/ferry")
        #expect(article.published == ArticleDate(instant: Date(timeIntervalSince1970: 1_615_248_000), precision: .day))
        #expect(article.evidence["published"] == "url")
    }

    @Test func refusesDatesFromTheFuture() {
        let html = "<meta property='article:published_time' content='2031-01-01T00:00:00Z'><h1>Ferry</h1>\(prose)"
        #expect(extract(html, fetchedAt: Date(timeIntervalSince1970: 1_700_000_000)).published == nil)
        #expect(extract(html).published != nil)
    }

    @Test func resolvesLinksAndAddresses() {
        let article = extract(
            "<link rel=canonical href='/a?x=1'><p>\(sentence)<a href='../map'>The map</a> shows it. \(sentence)</p>\(prose)",
            url: "https://quay.example/news/ferry")
        #expect(article.canonicalURL == "https://quay.example/a?x=1")
        #expect(article.blocks.first?.links == [ArticleLink(text: "The map", target: "https://quay.example/map")])
    }

    @Test func readsTextBehindMisleadingNames() {
        let article = extract("<div class='sidebar related'><h1>Ferry</h1>\(prose)</div>")
        #expect(article.body.contains("The ferry left"))
    }

    @Test func keepsTheKindsOfBlocks() {
        let article = extract(
            "<article><h1>T</h1>\(prose)<h2>Times</h2><ul><li>At six in the morning</li><li>At noon</li></ul>"
                + "<blockquote><p>We shall see.</p></blockquote><pre>a\n  b</pre><p>Last. \(sentence)</p></article>")
        #expect(article.blocks.contains(ArticleBlock(kind: .heading, text: "Times", level: 2)))
        #expect(article.blocks.filter { $0.kind == .listItem }.count == 2)
        #expect(article.blocks.contains { $0.kind == .quote && $0.text == "We shall see." })
        #expect(article.blocks.contains { $0.kind == .preformatted && $0.text.contains("\n") })
    }

    @Test func judgesEmptyPages() {
        #expect(extract("").notArticleReason == .empty)
        #expect(extract("<script>var a = 1</script><body></body>").notArticleReason == .empty)
        #expect(extract("<p>Too short.</p>").notArticleReason == .tooShort)
    }

    @Test func saysRepeatedParagraphsOnce() {
        let twice = "<p>For wide screens and for narrow ones: \(sentence)</p>"
        let body = extract("<article><h1>T</h1>\(prose)\(twice)<h2>And</h2>\(twice)</article>").body
        #expect(body.split(separator: "\n").count { $0.hasPrefix("For wide screens") } == 1)
    }

    @Test func keepsTheCellsOfALayoutTableApart() {
        let sentence = "The ferry left the quay at dawn with three hundred people and a cargo of timber on board. "
        let page = """
            <table><tr><td width=160><b>Most read</b></td><td><h1>Ferry leaves at dawn for the outer islands</h1>
            <div class=lead><b>The first boat of the season has sailed, two weeks late.</b></div>
            <div class=who>By Elin Marstrand, 20 November 2025, 06:00</div>
            <div class=text><p>\(sentence)\(sentence)</p><p>\(sentence)\(sentence)</p><p>\(sentence)\(sentence)</p></div></td></tr></table>
            """
        let article = extract(page)
        #expect(article.authors == ["Elin Marstrand"])
        #expect(article.blocks.first?.text == "The first boat of the season has sailed, two weeks late.")
        #expect(!article.body.contains("Marstrand"))
        #expect(article.blocks.allSatisfy { $0.kind == .paragraph })
    }

    @Test func leavesListsOfSourcesOut() {
        let article = extract(
            "<article><h1>T</h1>\(prose)<h2>References</h2><ol><li>A. Berg, On Ferries, 1999, pages 4 to 17.</li></ol></article>"
        )
        #expect(!article.body.contains("Berg"))
        #expect(!article.body.contains("References"))
    }

    // MARK: - Documents

    @Test func tellsPlainTextFromHTML() {
        let text = "Ferry returns\n\n\(sentence)\(sentence)\n\n\(sentence)\(sentence)\n"
        let plain = DocumentExtractor.extract(
            bytes: Array(text.utf8), url: nil, contentType: "text/plain", charset: nil, fetchedAt: nil)
        #expect(plain.body.contains("The ferry left"))
        let page = DocumentExtractor.extract(
            bytes: Array("<html><body><h1>Ferry</h1>\(prose)".utf8), url: nil, contentType: "text/plain", charset: nil,
            fetchedAt: nil)
        #expect(page.title == "Ferry")
    }

    @Test func decodesByTheHeader() {
        let bytes = Array("<h1>Caf".utf8) + [0xE9] + Array("</h1>\(prose)".utf8)
        let article = DocumentExtractor.extract(
            bytes: bytes, url: nil, contentType: "text/html; charset=iso-8859-1", charset: nil, fetchedAt: nil)
        #expect(article.title == "Café")
    }

    // MARK: - Hostile input

    @Test(arguments: [
        String(repeating: "<div>", count: 100_000) + prose,
        String(repeating: "<div class='comment'><p>", count: 30_000),
        String(repeating: "<ul><li>x", count: 30_000),
        String(repeating: "<table><tr><td>x", count: 20_000),
        String(repeating: "<p>word, word and word.</p>", count: 20_000),
        String(repeating: "<h1>same heading</h1>", count: 20_000),
        String(repeating: "<time datetime='2020-01-01'>x</time>", count: 20_000),
        "<script type='application/ld+json'>" + String(repeating: "[", count: 200_000) + "</script>",
        "<script type='application/ld+json'>" + String(repeating: "{\"a\":", count: 100_000) + "</script>",
        "<script type='application/ld+json'>{\"@type\":\"Article\",\"articleBody\":\""
            + String(repeating: "a ", count: 300_000) + "\"}</script>" + prose,
        "<div class=\"" + String(repeating: "comment ", count: 200_000) + "\">" + prose,
        "<title>" + String(repeating: "a | ", count: 50_000) + "</title>" + prose,
        "<span class=byline>" + String(repeating: "By and, ", count: 50_000) + "</span>" + prose,
    ])
    func survivesHostilePages(_ html: String) {
        let clock = ContinuousClock()
        let took = clock.measure { _ = extract(html, url: "https://quay.example/") }
        // Far above what any of them takes, far below what quadratic work would take.
        #expect(took < .seconds(20))
    }

    @Test func survivesRandomBytes() {
        var state: UInt64 = 7
        for _ in 0..<200 {
            var bytes: [UInt8] = []
            for _ in 0..<600 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(UInt8(truncatingIfNeeded: state >> 40))
            }
            let article = DocumentExtractor.extract(
                bytes: bytes, url: "x", contentType: "text/html", charset: "utf-8", fetchedAt: nil)
            #expect(article.blocks.count < 600)
        }
    }
}
