import Foundation
import Markup
import Testing

@testable import Parsing

private func extract(
    _ html: String, url: String? = nil, fetchedAt: Date? = nil, listing: ListingWords? = nil
) -> ExtractedArticle {
    ArticleExtractor.extract(
        HTMLDocument(parsing: Array(html.utf8)), url: url, fetchedAt: fetchedAt, listing: listing)
}

private let sentence =
    "The ferry left at six in the morning, and nobody on the quay had expected it to come back, said the pilot. "
private let prose = (1...5).map { "<p>Entry \($0): \(sentence)\(sentence)</p>" }.joined()

private func structured(_ members: String) -> String {
    #"<script type="application/ld+json">{"@type":"NewsArticle",\#(members)}</script>"#
}

@Suite struct TitleChoiceTests {
    @Test func takesTheHeadingOverTheTextWhereTheFirstOneIsABreadcrumb() {
        let article = extract(
            """
            \(structured(#""headline":"Old ferry returns to the quay after a decade""#))
            <title>Ferry: Pilot brings old boat home</title>
            <meta property="og:title" content="Ferry: Pilot brings old boat home">
            <meta name="twitter:title" content="Ferry: Pilot brings old boat home">
            <ol><li><a href="/">Home</a></li><li><h1>Ferry: Pilot brings old boat home</h1></li></ol>
            <article><h2>Old ferry returns to the quay after a decade</h2>\(prose)</article>
            """)
        #expect(article.title == "Old ferry returns to the quay after a decade")
    }

    @Test func takesAShorterHeadlineOfTheEditors() {
        let article = extract(
            """
            \(structured(#""headline":"Pilot brings the old ferry back home after ten long years""#))
            <title>Pilot brings the old ferry back home after ten long years | Quay News</title>
            <meta property="og:title" content="Pilot brings the old ferry back home">
            <h1>Pilot brings the old ferry back home after ten long years</h1>\(prose)
            """)
        #expect(article.title == "Pilot brings the old ferry back home")
    }

    @Test func partsTheHeadlineFromADateInTheHeading() {
        let article = extract(
            """
            <title>Port - Statistics - Ferries carried more people in May</title>
            <meta name="twitter:title" content="Ferries carried more people in May">
            <h1><span>27.05.2022</span>Ferries carried more people in May</h1>\(prose)
            """)
        #expect(article.title == "Ferries carried more people in May")
    }

    @Test(arguments: ["Ferry returns to the quay:Quay News", "Quay News：Ferry returns to the quay"])
    func takesOffTheSitesNameWithoutWhiteSpace(_ title: String) {
        let article = extract(
            #"<title>\#(title)</title><meta property="og:site_name" content="Quay News">\#(prose)"#)
        #expect(article.title == "Ferry returns to the quay")
    }

    @Test func takesOffAnyNameOfTheSite() {
        let article = extract(
            """
            <title>Ferry returns to the quay - The Harbour and Coastal Shipping Gazette Online</title>
            <meta property="og:site_name" content="HCG">
            <script type="application/ld+json">
            {"@type":"WebSite","name":"The Harbour and Coastal Shipping Gazette Online"}</script>\(prose)
            """)
        #expect(article.title == "Ferry returns to the quay")
    }

    @Test func takesThePartOfTheTitleThatIsALineOfThePage() {
        let article = extract(
            """
            <title>Quay Blog » Archive » How the ferry came back</title><h1>Quay Blog</h1>
            <div class="post"><strong>How the ferry came back</strong>\(prose)</div>
            """, url: "https://quayblog.example/2013/ferry")
        #expect(article.title == "How the ferry came back")
    }

    @Test func knowsASloganInTheFirstHeadingByTheTitle() {
        let article = extract(
            """
            <title>Stewed mussels with leek and cider | Food from the quay</title>
            <h1>Food from the quay</h1><h3>Stewed mussels with leek and cider</h3>\(prose)
            """)
        #expect(article.title == "Stewed mussels with leek and cider")
    }

    @Test func takesTheHeadlineBehindAKicker() {
        let heading =
            #"<h1><span class="topline">Harbour dispute</span><span>Ferry returns to the old quay</span></h1>"#
        #expect(extract(heading + prose).title == "Ferry returns to the old quay")
        // Where the page's data give both as one, they are one.
        let data = structured(#""headline":"Harbour dispute: Ferry returns to the old quay""#)
        let meta = #"<meta property="og:title" content="Harbour dispute: Ferry returns to the old quay">"#
        #expect(extract(data + meta + heading + prose).title == "Harbour dispute: Ferry returns to the old quay")
        // Marked words inside a headline are no kicker.
        #expect(
            extract("<h1><em>Ferry</em> Returns to the old quay</h1>" + prose).title == "Ferry Returns to the old quay")
        #expect(
            extract("<h1><span>Ferry</span> returns to the old quay</h1>" + prose).title
                == "Ferry returns to the old quay")
    }

    @Test func passesOverAHeadingThatLinksToTheFrontPage() {
        let logo = #"<h1><a href="https://quay.example/">All about the old quay</a></h1>"#
        let article = extract(logo + "<h2>Ferry returns</h2><title>Ferry returns</title>" + prose)
        #expect(article.title == "Ferry returns")
    }

    @Test func letsTheFeedVote() {
        let page = """
            <title>Ferry back | Quay</title><meta property="og:title" content="The ferry that came back">\(prose)
            """
        #expect(extract(page).title == "The ferry that came back")
        let listing = ListingWords(title: "Ferry back")
        let article = extract(page, listing: listing)
        #expect(article.title == "Ferry back")
        #expect(article.candidates.evidence(for: .title)?.sources == ["listing", "title"])
    }

    @Test func keepsAllCandidatesWithTheirVotes() throws {
        let article = extract(
            """
            <title>Ferry returns to the quay | Quay News</title>
            <meta property="og:title" content="Ferry returns to the quay">
            <meta name="twitter:title" content="It is back!"><h1>Ferry returns to the quay</h1>\(prose)
            """)
        let candidates = article.candidates[.title]
        #expect(candidates.count == 4)
        let best = try #require(candidates.first)
        #expect(best.isChosen && best.value == "Ferry returns to the quay" && best.votes > 8)
        let other = try #require(candidates.last)
        #expect(other.source == .twitter && !other.isChosen && other.votes == other.weight)
        let document = try #require(candidates.first { $0.source == .documentTitle })
        #expect(document.text == "Ferry returns to the quay | Quay News")
        #expect(document.value == "Ferry returns to the quay")
        let evidence = try #require(article.fieldEvidence["title"])
        #expect(evidence.source == "heading")
        #expect(try #require(evidence.agreement) > 0.85 && evidence.agreement != 1)
        #expect(article.evidence["title"] == evidence.source)
    }
}

@Suite struct DateChoiceTests {
    private func published(_ html: String, url: String? = nil, listing: ListingWords? = nil) -> String? {
        extract(html + "<h1>Ferry returns</h1>" + prose, url: url, listing: listing).published?.iso8601
    }

    @Test func readsAnAmbiguousDateAsTheAddressDoes() {
        let visible = #"<html lang="en"><body><span class="post-date">03/10/2023</span>"#
        #expect(published(visible) == "2023-03-10")
        #expect(published(visible, url: "https://quay.example/2023/october/03/ferry") == "2023-10-03")
        #expect(published(visible, url: "https://quay.example/2023/10/03/ferry") == "2023-10-03")
    }

    @Test func readsAnAmbiguousDateAsTheCountryDoes() {
        let visible = #"<html lang="en"><body><span class="post-date">03/10/2023</span>"#
        #expect(published(visible, url: "https://quay.example.au/ferry") == "2023-10-03")
        let locale = #"<meta property="og:locale" content="en_GB">"#
        #expect(published(locale + visible) == "2023-10-03")
        #expect(published(visible, url: "https://quay.example.us/ferry") == "2023-03-10")
    }

    @Test func joinsTheOutletsClockWithTheInstant() {
        let local = #"<meta name="sailthru.date" content="2016-12-19 19:08:44">"#
        let zoned = #"<meta property="article:published_time" content="2016-12-20T00:08:44+00:00">"#
        #expect(published(local + zoned) == "2016-12-19T19:08:44-05:00")
        #expect(published(zoned) == "2016-12-20T00:08:44Z")
        // Forty minutes apart are two times, not two clocks.
        let other = #"<meta name="sailthru.date" content="2016-12-19 18:28:44">"#
        #expect(published(other + zoned) != "2016-12-19T18:28:44-05:00")
    }

    @Test func takesADateOutOfTheDataOfPrograms() {
        let members = #""created_at":"2019-03-02T06:27:24+01:00","published_at":"2019-03-01T06:22:28+01:00""#
        let script = "<script>window.state={\"item\":{\(members)}};</script>"
        #expect(published(script) == "2019-03-01T06:22:28+01:00")
        let escaped = #"<script>x("{\"publishedDate\":\"2016-11-04T20:37:27Z\"}")</script>"#
        #expect(published(escaped) == "2016-11-04T20:37:27Z")
        #expect(published(#"<script>var build = "2019-03-02"; var published = true;</script>"#) == nil)
        // A date that readers see is worth more.
        #expect(published(script + #"<span class="date">4 May 2020</span>"#) == "2020-05-04")
    }

    @Test func readsTheDateThatTheTextOpensWith() {
        let text = "<p>17.05.2024 – \(sentence)</p><p>\(sentence)</p>"
        let comment = #"<div class="comments"><time datetime="2024-06-01T10:00:00Z">1 June</time></div>"#
        #expect(extract("<h1>Ferry returns</h1>\(text)\(prose)\(comment)").published?.iso8601 == "2024-05-17")
    }

    @Test func readsADateBesideTheHeadlineInWhateverBox() {
        let bar = #"<ul class="nav meta"><li><a href="/time/x">13 Oct 2020 18:29</a></li></ul>"#
        #expect(published("<h1>Ferry returns</h1>" + bar) == "2020-10-13T18:29:00")
    }

    @Test func readsFiguresOfOtherScripts() {
        let date = #"<html lang="ar"><body><span class="post-date">٥ يناير ٢٠٢٥</span>"#
        #expect(published(date) == "2025-01-05")
    }

    @Test func countsTheFirstLineWithADateMost() {
        let lines = "<p>4 May 2020</p>" + String(repeating: "<p>Photo taken on 3 March 2018</p>", count: 3)
        #expect(extract("<h1>Ferry returns</h1>\(lines)\(prose)").published?.iso8601 == "2020-05-04")
    }

    @Test func letsTheFeedVote() {
        let listing = ListingWords(published: Date(timeIntervalSince1970: 1_589_198_400))
        #expect(published("", listing: listing) == "2020-05-11T12:00:00Z")
        // The day that two sources give counts more than one that the text names.
        let visible = #"<span class="date">9 May 2020</span>"#
        #expect(
            published(visible, url: "https://quay.example/2020/05/11/ferry", listing: listing) == "2020-05-11T12:00:00Z"
        )
        #expect(extract("<h1>Ferry</h1>" + prose, listing: listing).candidates[.published].first?.source == .listing)
    }

    @Test(
        arguments: [
            ("https://quay.example/2024/05/17/ferry", "2024-05-17"),
            ("https://quay.example/2024/may/7/ferry", "2024-05-07"),
            ("https://quay.example/ferry-20240517.html", "2024-05-17"),
            ("https://quay.example/a/~17-05-2024-ferry", "2024-05-17"),
            ("https://quay.example/2024-5-17-ferry", "2024-05-17"), ("https://quay.example/2024/31/12/ferry", nil),
            ("https://quay.example/item/20241799", nil), ("https://quay.example/12345678901234", nil),
            ("https://a.b", nil), ("", nil),
        ] as [(String, String?)])
    func readsAddresses(_ url: String, _ expected: String?) {
        #expect(URLDate.date(in: url)?.iso8601 == expected)
    }
}

@Suite struct AuthorChoiceTests {
    private func authors(_ html: String, listing: ListingWords? = nil) -> [String] {
        extract("<h1>Ferry returns to the quay</h1>" + html + prose, listing: listing).authors
    }

    @Test func takesTheFullerListOfTheData() {
        let people = ["Ann Reed", "Bo Lind", "Cy Moor"].map { #"{"@type":"Person","name":"\#($0)"}"# }
        let data = structured(#""author":[\#(people.joined(separator: ","))]"#)
        let meta = #"<meta name="author" content="Ann Reed"><meta name="parsely-author" content="Ann Reed">"#
        #expect(authors(data + meta) == ["Ann Reed", "Bo Lind", "Cy Moor"])
        // Words that a page shows beside the name make no fuller list.
        #expect(authors(meta + #"<div class="byline"><a>Ann Reed</a> <a>Watch Live</a></div>"#) == ["Ann Reed"])
    }

    @Test func takesTheNameBehindALinkToAnAuthorsPage() {
        let link = #"<div><span>by</span> <a href="/articles/authors/ann-reed">Ann Reed</a></div>"#
        #expect(authors(link) == ["Ann Reed"])
        #expect(authors(#"<div><a href="/articles/harbour/ann-reed">Ann Reed</a></div>"#).isEmpty)
    }

    @Test func takesANameFromTheLineAfterItsLabel() {
        #expect(authors("<div><b>Von:</b><br>Götz Lindner</div>") == ["Götz Lindner"])
    }

    @Test func takesAnAccountOnlyWhereNoPersonIsNamed() {
        let account = #"<meta name="author" content="karstenr">"#
        #expect(authors(account) == ["karstenr"])
        #expect(authors(account + "<p>By Ann Reed</p>") == ["Ann Reed"])
        for word in ["admin", "Editor", "web-admin", "https://quay.example/a", "info@quay.example", "2024"] {
            #expect(authors(#"<meta name="author" content="\#(word)">"#).isEmpty)
        }
    }

    @Test func takesADeskOnlyWhereNoPersonIsNamed() {
        let desk = #"<meta name="author" content="Quay News Staff">"#
        #expect(authors(desk) == ["Quay News Staff"])
        #expect(authors(desk + "<p>By Ann Reed</p>") == ["Ann Reed"])
        #expect(authors(#"<meta name="author" content="Staff Writer">"#).isEmpty)
    }

    @Test func letsTheFeedVote() {
        #expect(authors("", listing: ListingWords(authors: ["Ann Reed"])) == ["Ann Reed"])
    }

    @Test func namesOnceWhatIsThereForTheEyeAndForScreenReaders() {
        let name = #"<div class="author"><a href="/x">Yucy</a> <span class="sr-only">Yucy</span></div>"#
        #expect(authors(name) == ["Yucy"])
    }
}

@Suite struct OtherMetadataTests {
    @Test(
        arguments: [
            (#""isAccessibleForFree":false"#, "", true), (#""isAccessibleForFree":"True""#, "", false),
            (#""isAccessibleForFree":"False""#, "", true), (#""headline":"x""#, "", nil),
            (#""headline":"x""#, #"<meta property="article:content_tier" content="metered">"#, true),
            (#""headline":"x""#, #"<meta property="article:content_tier" content="free">"#, false),
            (#""hasPart":{"@type":"WebPageElement","isAccessibleForFree":false}"#, "", true),
        ] as [(String, String, Bool?)])
    func readsThePaywall(_ members: String, _ meta: String, _ expected: Bool?) {
        let article = extract(structured(members) + meta + "<h1>Ferry returns</h1>" + prose)
        #expect(article.isPaywalled == expected)
    }

    @Test(
        arguments: [
            (#"<meta name="original-source" content="https://www.wire.example/a">"#, "wire.example"),
            (#"<link rel="canonical" href="https://other.example/a">"#, "other.example"),
            (#"<link rel="canonical" href="https://quay.example/b">"#, nil), ("<p>By Reuters</p>", "Reuters"),
            (structured(#""sourceOrganization":{"@type":"Organization","name":"Coast Wire"}"#), "Coast Wire"),
            (structured(#""isBasedOn":"https://www.coast.example/a""#), "coast.example"), ("<p>By Ann Reed</p>", nil),
        ] as [(String, String?)])
    func findsTheOrigin(_ html: String, _ expected: String?) {
        let article = extract("<h1>Ferry returns</h1>" + html + prose, url: "https://quay.example/a")
        #expect(article.originalSource == expected)
    }

    @Test func findsACreditBelowTheText() {
        let article = extract(
            "<h1>Ferry returns</h1><article>\(prose)<p>Original source: www.coast.example</p></article>")
        #expect(article.originalSource == "www.coast.example")
    }

    @Test func readsTheAddressOfTheAMPVersion() {
        let article = extract(
            #"<link rel="amphtml" href="/amp/a"><h1>Ferry returns</h1>"# + prose, url: "https://quay.example/a")
        #expect(article.ampURL == "https://quay.example/amp/a")
    }

    @Test func takesTheNameThatMostSourcesGive() {
        let article = extract(
            """
            <meta property="og:site_name" content="quay.example">
            <meta name="application-name" content="Quay News"><script type="application/ld+json">
            {"@type":"NewsArticle","publisher":{"@type":"Organization","name":"Quay News"}}</script>
            <h1>Ferry returns</h1>\(prose)
            """)
        #expect(article.siteName == "Quay News")
        #expect(article.fieldEvidence["site-name"]?.agreement == 0.55)
    }
}
