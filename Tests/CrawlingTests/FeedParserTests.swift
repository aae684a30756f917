import Compression
import Crawling
import Foundation
import Testing

private func parse(_ text: String, url: String? = nil, contentType: String? = nil) throws -> Feed {
    try FeedParser.parse(Array(text.utf8), url: url, contentType: contentType)
}

private func date(_ text: String) -> Date? { FeedDateParser.parse(text) }

@Suite struct FeedParserTests {
    @Test func readsRSS() throws {
        let feed = try parse(
            """
            <?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"
             xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
             xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
            <channel><title>Harbour &amp; Hill</title><link>https://herald.test/</link><language>en_GB</language>
            <image><title>Logo</title><url>/logo.png</url><link>https://herald.test/about</link></image>
            <ttl>30</ttl><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>
            <atom:link rel="self" href="https://herald.test/rss"/><atom:link rel="hub" href="https://hub.test/"/>
            <lastBuildDate>Tue, 14 May 2024 07:08:09 GMT</lastBuildDate>
            <item><title>Ferry &lt;b&gt;late&lt;/b&gt; &amp;amp; full</title><link> https://herald.test/ferry?a=1&amp;b=2
            </link><guid isPermaLink="false">f-1</guid><dc:creator>Ann Lee</dc:creator><category>Transport</category>
            <category>Sea</category><pubDate>Tue, 14 May 2024 06:00:00 +0000</pubDate><description>Short.</description>
            <content:encoded><![CDATA[<p>Long.</p>]]></content:encoded>
            <enclosure url="/ferry.jpg" type="image/jpeg" length="1234"/></item>
            <item><guid>https://herald.test/second</guid><author>desk@herald.test (News desk)</author></item>
            </channel></rss>
            """, url: "https://herald.test/rss")
        #expect(feed.format == .rss)
        #expect(feed.title == "Harbour & Hill")
        #expect(feed.link == "https://herald.test/")
        #expect(feed.image == "https://herald.test/logo.png")
        #expect(feed.language == "en-GB")
        #expect(feed.updateInterval == 900)
        #expect(feed.hubs == ["https://hub.test/"])
        #expect(feed.selfLink == "https://herald.test/rss")
        let first = try #require(feed.entries.first)
        #expect(first.title == "Ferry late & full")
        #expect(first.link == "https://herald.test/ferry?a=1&b=2")
        #expect(first.id == "f-1")
        #expect(!first.isPermaLink)
        #expect(first.authors == [FeedAuthor(name: "Ann Lee")])
        #expect(first.categories == ["Transport", "Sea"])
        #expect(first.published == date("2024-05-14T06:00:00Z"))
        #expect(first.summary == "Short.")
        #expect(first.content == "<p>Long.</p>")
        #expect(
            first.enclosures == [FeedEnclosure(url: "https://herald.test/ferry.jpg", type: "image/jpeg", length: 1234)])
        #expect(feed.entries[1].link == "https://herald.test/second")
        #expect(feed.entries[1].isPermaLink)
        #expect(feed.entries[1].authors == [FeedAuthor(name: "News desk", email: "desk@herald.test")])
    }

    /// Atom 0.3 has its own names for times, and some write Atom with the links of RSS.
    @Test func readsOldAndOddAtom() throws {
        let feed = try FeedParser.parse(
            Array(
                """
                <feed xmlns="http://purl.org/atom/ns#"><issued>2004-01-01T00:00:00Z</issued>
                <entry><link>https://blatt.test/a</link><id>tag:1</id><issued>2004-01-02T00:00:00Z</issued></entry>
                <entry><link>https://blatt.test/b</link><link rel="alternate" href="https://blatt.test/c"/></entry>
                <entry><link rel="self">https://blatt.test/d</link></entry></feed>
                """.utf8), url: nil, contentType: nil)
        #expect(feed.published == FeedDateParser.parse("2004-01-01T00:00:00Z"))
        #expect(feed.entries.map(\.link) == ["https://blatt.test/a", "https://blatt.test/b", nil])
        #expect(feed.entries[0].published == FeedDateParser.parse("2004-01-02T00:00:00Z"))
    }

    @Test func readsAtom() throws {
        let feed = try parse(
            """
            <feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://blatt.test/">
            <title type="html">Das &amp;lt;Blatt&amp;gt;</title><link href="/"/><link rel="self" href="atom"/>
            <entry xml:base="news/"><id>tag:blatt.test,2024:1</id>
            <title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Sturm <em>über</em> Kiel</div></title>
            <link rel="enclosure" href="a.mp3" type="audio/mpeg"/><link rel="alternate" href="1.html"/>
            <author><name>Jo Öz</name><email>jo@blatt.test</email></author><author><name>Bo</name></author>
            <category term="wetter" label="Wetter"/><published>2024-05-14T06:00:00Z</published>
            <updated>2024-05-14T07:00:00Z</updated><content type="html">&lt;p&gt;Text&lt;/p&gt;</content>
            <source><title>Agentur</title><link href="https://agentur.test/"/></source></entry></feed>
            """)
        #expect(feed.format == .atom)
        #expect(feed.version == "1.0")
        #expect(feed.title == "Das <Blatt>")
        #expect(feed.link == "https://blatt.test/")
        #expect(feed.language == "de")
        let entry = try #require(feed.entries.first)
        #expect(entry.title == "Sturm über Kiel")
        #expect(entry.link == "https://blatt.test/news/1.html")
        #expect(entry.enclosures.map(\.url) == ["https://blatt.test/news/a.mp3"])
        #expect(entry.authors.map(\.name) == ["Jo Öz", "Bo"])
        #expect(entry.categories == ["Wetter"])
        #expect(entry.updated == date("2024-05-14T07:00:00Z"))
        #expect(entry.content == "<p>Text</p>")
        #expect(entry.sourceTitle == "Agentur")
    }

    @Test func readsRDF() throws {
        let feed = try parse(
            """
            <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
             xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://a.test/"><title>A</title>
            <link>https://a.test/</link></channel><item rdf:about="https://a.test/1"><title>One</title>
            <link>https://a.test/1</link><dc:date>2024-05-14T06:00:00+09:00</dc:date></item></rdf:RDF>
            """)
        #expect(feed.format == .rdf)
        #expect(feed.version == "1.0")
        #expect(feed.entries.map(\.id) == ["https://a.test/1"])
        #expect(feed.entries[0].published == date("2024-05-13T21:00:00Z"))
    }

    @Test func readsJSONFeed() throws {
        let feed = try parse(
            """
            {"version":"https://jsonfeed.org/version/1.1","title":"J","home_page_url":"https://j.test/","hubs":[{"url":
            "https://hub.test/","type":"WebSub"}],"items":[{"id":7,"url":"/seven","title":" Seven ","content_html":"<p>7</p>",
            "date_published":"2024-05-14T06:00:00Z","authors":[{"name":"N"}],"tags":["t"],"attachments":[{"url":
            "https://j.test/7.mp3","mime_type":"audio/mpeg","size_in_bytes":9}]},"litter"]}
            """, url: "https://j.test/feed.json")
        #expect(feed.format == .json)
        #expect(feed.entries.count == 1)
        #expect(feed.entries[0].id == "7")
        #expect(feed.entries[0].link == "https://j.test/seven")
        #expect(feed.entries[0].title == "Seven")
        #expect(feed.entries[0].enclosures.first?.length == 9)
    }

    @Test func truncatedFeedGivesItsCompleteEntries() throws {
        let whole = "<rss><channel><item><title>One</title><link>http://t.test/1</link></item><item><title>Two</title>"
        for rest in ["", "<link>http://t.test/2", "<link", "<description><![CDATA[ab"] {
            let feed = try parse(whole + rest)
            #expect(feed.entries.map(\.title) == ["One"])
            #expect(feed.isTruncated)
        }
        let withLink = try parse(whole + "<link>http://t.test/2</link><description>cut")
        #expect(withLink.entries.map(\.link) == ["http://t.test/1", "http://t.test/2"])
        #expect(withLink.entries[1].summary == nil)
    }

    @Test func illFormedFeedIsReadNevertheless() throws {
        let feed = try parse(
            "\n <rss><channel><title>R&D &nbsp; News</title><item><title>A & B</title><link>http://t.test/?a=1&b=2</link>"
                + "<dc:creator>X</dc:creator></item><item><title>C<link>http://t.test/c</link></item></channel>")
        #expect(feed.title == "R&D News")
        #expect(feed.entries.map(\.title) == ["A & B", "C"])
        #expect(feed.entries.map(\.link) == ["http://t.test/?a=1&b=2", "http://t.test/c"])
        #expect(feed.entries[0].authors == [FeedAuthor(name: "X")])
        #expect(feed.repairs > 0)
    }

    @Test func readsOtherEncodingsAndWrongTypes() throws {
        let latin =
            Array("<?xml version='1.0' encoding='iso-8859-1'?><rss><channel><title>caf".utf8) + [0xE9]
            + Array("</title></channel></rss>".utf8)
        let feed = try FeedParser.parse(latin, url: nil, contentType: "text/html")
        #expect(feed.title == "café")
        #expect(feed.encoding == "windows-1252")
        let packed = try FeedParser.parse(try Gzip.compress(latin), url: nil, contentType: nil)
        #expect(packed.title == "café")
    }

    @Test func feedServiceLinksKeepTheirOrigin() throws {
        let feed = try parse(
            "<rss xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'><item><link>http://feeds.test/~r/1</link>"
                + "<feedburner:origLink>http://t.test/1</feedburner:origLink></item></rss>")
        #expect(feed.entries[0].link == "http://feeds.test/~r/1")
        #expect(feed.entries[0].target == "http://t.test/1")
    }

    @Test(arguments: [
        ("", "empty"), ("  \n", "empty"), ("<!DOCTYPE html><html><body><rss/></body></html>", "not_a_feed"),
        ("<urlset/>", "not_a_feed"), ("plain", "not_a_feed"), ("{\"a\":1}", "not_a_feed"), ("{", "not_a_feed"),
        ("<!DOCTYPE rss [<!ENTITY a 'x'><!ENTITY b '&a;&a;'>]><rss><channel>&b;</channel></rss>", "hostile"),
    ])
    func refusesWhatIsNoFeed(_ text: String, _ code: String) {
        #expect { try parse(text) } throws: { ($0 as? FeedError)?.shortDescription == code }
    }

    @Test(
        arguments: [
            ("a@b.test", nil, "a@b.test"), ("a@b.test (Ann)", "Ann", "a@b.test"), ("Ann <a@b.test>", "Ann", "a@b.test"),
            ("Ann (a@b.test)", "Ann", "a@b.test"), ("Ann Lee", "Ann Lee", nil),
        ] as [(String, String?, String?)])
    func takesAuthorsApart(_ text: String, _ name: String?, _ email: String?) throws {
        let escaped = text.replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        let feed = try parse("<rss><item><link>http://t.test/</link><author>\(escaped)</author></item></rss>")
        #expect(feed.entries[0].authors == [FeedAuthor(name: name, email: email)])
    }

    @Test func commandAnswersRecords() throws {
        let core = FeedCommandCore()
        func answer(_ line: String) throws -> [String: Any] {
            let object = try JSONSerialization.jsonObject(with: Data(core.respond(to: Array(line.utf8))))
            return try #require(object as? [String: Any])
        }
        let good = try answer(#"{"id":"a","text":"<rss><channel><title>T</title></channel></rss>"}"#)
        #expect(good["id"] as? String == "a")
        #expect((good["feed"] as? [String: Any])?["title"] as? String == "T")
        #expect(try answer(#"{"id":1,"date":"14 May 2024"}"#)["utc"] as? String == "2024-05-14T00:00:00Z")
        #expect(try answer(#"{"id":1,"date":"soon"}"#)["utc"] is NSNull)
        #expect(try answer(#"{"id":2,"text":"x"}"#)["error"] != nil)
        #expect(try answer("nonsense")["error"] != nil)
    }
}

@Suite struct FeedDiscoveryTests {
    @Test func findsAlternates() {
        let page = """
            <!doctype html><HTML><head><base href="/en/"><!-- <link rel=alternate type="application/rss+xml" href="no"> -->
            <script>"<link rel=alternate type='application/rss+xml' href='no'>"</script>
            <link rel="alternate" type="application/rss+xml" title="News &amp; more" href="news.rss">
            <LINK HREF='https://o.test/atom' TYPE=application/atom+xml REL='alternate home'/>
            <link rel=alternate type=application/rss+xml title="Comments feed" href=/c>
            <link rel=alternate hreflang=de href=/de><link rel="stylesheet" href="x.css">
            <link rel=alternate type=application/json href=/wp-json/wp/v2/posts/1>
            <link rel=alternate type="application/rss+xml" href="news.rss"></head>
            """
        let found = FeedDiscovery.listings(inHeadOf: Array(page.utf8), url: "https://o.test/").feeds
        #expect(found.map(\.url) == ["https://o.test/en/news.rss", "https://o.test/atom"])
        #expect(found.first?.title == "News & more")
    }

    @Test func findsSitemaps() {
        let page = """
            <head><base href=/en/><link rel="sitemap" type="application/xml" href="map.xml"><link rel=sitemap href=map.xml>
            <link rel="Sitemap alternate" href="https://o.test/news.xml"><link rel=sitemap><a rel=sitemap href=/no.xml>
            """
        #expect(
            FeedDiscovery.listings(inHeadOf: Array(page.utf8), url: "https://o.test/").sitemaps == [
                "https://o.test/en/map.xml", "https://o.test/news.xml",
            ])
    }

    @Test func survivesBrokenPages() {
        for text in ["", "<", "<link", "<link rel='", "<!--", "<script", String(repeating: "<link ", count: 10_000)] {
            #expect(FeedDiscovery.listings(inHeadOf: Array(text.utf8)).feeds.isEmpty)
        }
    }
}
