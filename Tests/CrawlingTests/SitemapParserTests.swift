import Compression
import Crawling
import Foundation
import Testing

private func parse(_ text: String, url: String? = nil) throws -> Sitemap {
    try SitemapParser.parse(Array(text.utf8), url: url)
}

private let news = """
    <?xml version="1.0" encoding="UTF-8"?>
    <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"
     xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
    <url><loc>https://s.test/a?x=1&amp;y=2</loc><lastmod>2024-05-14</lastmod><changefreq>Daily</changefreq>
    <priority>0.8</priority><image:image><image:loc>https://s.test/a.jpg</image:loc><image:title>Pic</image:title></image:image>
    <n:news><n:publication><n:name>The Star</n:name><n:language>en</n:language></n:publication>
    <n:publication_date>2024-05-14T06:00:00Z</n:publication_date><n:title>Rain &amp; wind</n:title>
    <n:keywords>rain, wind</n:keywords></n:news></url>
    <url><loc>
      https://s.test/b
    </loc></url></urlset>
    """

@Suite struct SitemapParserTests {
    @Test func readsNewsAndIgnoresImages() throws {
        let sitemap = try parse(news)
        #expect(sitemap.kind == .urlset)
        #expect(sitemap.urls.map(\.location) == ["https://s.test/a?x=1&y=2", "https://s.test/b"])
        let first = sitemap.urls[0]
        #expect(first.lastModified == FeedDateParser.parse("2024-05-14"))
        #expect(first.changeFrequency == "daily")
        #expect(first.priority == 0.8)
        #expect(first.news?.title == "Rain & wind")
        #expect(first.news?.publication == "The Star")
        #expect(first.news?.language == "en")
        #expect(first.news?.keywords == ["rain", "wind"])
        #expect(first.news?.published == FeedDateParser.parse("2024-05-14T06:00:00Z"))
        #expect(sitemap.urls[1].news == nil)
    }

    @Test func readsIndexesWithoutNamespace() throws {
        let sitemap = try parse("<sitemapindex><sitemap><loc>http://s.test/1.xml.gz</loc></sitemap></sitemapindex>")
        #expect(sitemap.kind == .index)
        #expect(sitemap.urls.map(\.location) == ["http://s.test/1.xml.gz"])
    }

    @Test func readsCompressedText() throws {
        let packed = try Gzip.compress(Array("\u{FEFF}http://s.test/1\r\nhttps://s.test/2\n\nnonsense\n".utf8))
        let sitemap = try SitemapParser.parse(packed)
        #expect(sitemap.kind == .text)
        #expect(sitemap.urls.map(\.location) == ["http://s.test/1", "https://s.test/2"])
        #expect(sitemap.skipped == 1)
        let twice = try SitemapParser.parse(try Gzip.compress(packed))
        #expect(twice.urls.count == 2)
    }

    @Test func readsFeeds() throws {
        let rss = try parse("<rss><channel><item><title>T</title><link>http://s.test/1</link></item></channel></rss>")
        #expect(rss.kind == .rss)
        #expect(rss.urls.first?.news?.title == "T")
        let atom = try parse(
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='http://s.test/1'/></entry></feed>")
        #expect(atom.kind == .atom)
        #expect(atom.urls.map(\.location) == ["http://s.test/1"])
    }

    @Test func givesCompleteEntriesBeforeABreak() throws {
        for cut in ["<url><loc>http://s.test/2</loc><lastm", "<url><loc>http://s.te", "<url", "<!--"] {
            let sitemap = try parse("<urlset><url><loc>http://s.test/1</loc></url>" + cut)
            #expect(sitemap.urls.map(\.location) == ["http://s.test/1"])
            #expect(sitemap.isTruncated)
        }
    }

    @Test func missingEndTagsDoNotLoseEntries() throws {
        let sitemap = try parse("<urlset><url><loc>http://s.test/1</loc><url><loc>http://s.test/2</loc></url></urlset>")
        #expect(sitemap.urls.map(\.location) == ["http://s.test/1", "http://s.test/2"])
        let merged = try parse("<urlset><url><loc>http://s.test/1</loc><loc>http://s.test/2</loc></url></urlset>")
        #expect(merged.urls.count == 2)
    }

    @Test func takesOnlyAddressesOfTheWeb() throws {
        let sitemap = try parse(
            "<urlset><url><loc>file:///etc/hosts</loc></url><url><loc>javascript:x</loc></url><url><loc>/r</loc></url></urlset>",
            url: "https://s.test/map.xml")
        #expect(sitemap.urls.map(\.location) == ["https://s.test/r"])
        #expect(sitemap.skipped == 2)
    }

    @Test func neverExpandsEntities() throws {
        let sitemap = try parse(
            "<!DOCTYPE u [<!ENTITY x SYSTEM 'file:///etc/hosts'>]><urlset><url><loc>http://s.test/&x;</loc></url></urlset>"
        )
        #expect(sitemap.urls.isEmpty)
        #expect {
            try parse("<!DOCTYPE u [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]><urlset><url><loc>&b;</loc></url></urlset>")
        } throws: { ($0 as? SitemapError)?.code == .hostile }
    }

    @Test func entriesAreCapped() throws {
        let entry = "<url><loc>http://s.test/1</loc></url>"
        let sitemap = try parse("<urlset>" + String(repeating: entry, count: 50_010) + "</urlset>")
        #expect(sitemap.urls.count == 50_000)
        #expect(sitemap.isTruncated)
    }

    @Test(arguments: [
        ("", "empty"), ("hello", "not_a_sitemap"), ("<html><body/></html>", "not_a_sitemap"), ("<", "not_a_sitemap"),
    ])
    func refusesWhatIsNoSitemap(_ text: String, _ code: String) {
        #expect { try parse(text) } throws: { ($0 as? SitemapError)?.shortDescription == code }
    }

    @Test func commandAnswersRecords() throws {
        let line = try JSONSerialization.data(withJSONObject: ["id": "n", "text": news])
        let object = try JSONSerialization.jsonObject(with: Data(SitemapCommandCore().respond(to: Array(line))))
        let answer = try #require(object as? [String: Any])
        #expect(answer["count"] as? Int == 2)
        let first = try #require((answer["urls"] as? [[String: Any]])?.first)
        #expect(first["news_date"] as? String == "2024-05-14T06:00:00Z")
    }
}
