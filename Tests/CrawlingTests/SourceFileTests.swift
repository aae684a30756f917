import Testing

@testable import Crawling

struct SourceFileTests {
    private func read(_ text: String, _ form: SourceFile.Form) -> SourceFile.Contents {
        SourceFile.read(Array(text.utf8), as: form)
    }

    @Test func readsFeedReadersExports() {
        let contents = read(
            """
            <?xml version="1.0"?><opml version="2.0"><head><title>My feeds</title></head><body>
            <outline text="Papers"><outline type="rss" text="Courier" title="The Courier" xmlUrl="https://courier.example/feed.xml"
              htmlUrl="https://courier.example/"/><outline text="Sport" xmlUrl="https://courier.example/sport.xml" htmlUrl="https://courier.example/"/>
            </outline><outline text="Ledger &amp; Co" xmlUrl="http://feeds.ledger.example/all" language="de"/>
            <outline text="broken" xmlUrl="not an address"/></body></opml>
            """, .opml)
        #expect(
            contents.entries == [
                SourceEntry(
                    homepage: "https://courier.example/", name: "The Courier",
                    feeds: ["https://courier.example/feed.xml", "https://courier.example/sport.xml"]),
                SourceEntry(
                    homepage: "http://feeds.ledger.example/", name: "Ledger & Co", language: "de",
                    feeds: ["http://feeds.ledger.example/all"]),
            ])
        #expect(contents.problems.count == 1)
    }

    @Test(arguments: [",", ";", "\t"]) func readsTables(separator: String) {
        let rows = [
            ["Homepage", "Name", "Feeds", "Language", "Allowed hosts"],
            [
                "courier.example", "\"The \"\"Courier\"\"\(separator)\ndaily\"",
                "https://courier.example/a https://courier.example/b", "en", "media.example",
            ],
            ["", "", "", "", ""],
            ["https://ledger.example/news#top", "", "", "", ""],
            ["ftp://files.example/", "Files", "", "", ""],
        ]
        let contents = read(rows.map { $0.joined(separator: separator) }.joined(separator: "\r\n"), .csv)
        #expect(
            contents.entries == [
                SourceEntry(
                    homepage: "https://courier.example/", name: "The \"Courier\"\(separator)\ndaily", language: "en",
                    allowedHosts: ["media.example"], feeds: ["https://courier.example/a", "https://courier.example/b"]),
                SourceEntry(homepage: "https://ledger.example/news", name: "ledger.example"),
            ])
        #expect(contents.problems == ["line 6: \"ftp://files.example/\" is no web address"])
    }

    @Test func aTableWithoutHomePagesIsRefused() {
        #expect(read("name,feed\nCourier,https://courier.example/feed", .csv).problems.count == 1)
        #expect(read("", .csv) == SourceFile.Contents())
    }

    @Test func readsJSONLines() {
        let contents = read(
            """
            {"homepage": "https://courier.example", "name": "Courier", "feeds": ["https://courier.example/f"], "sitemaps": ["https://courier.example/s.xml"]}

            {"url": "ledger.example", "allowed_hosts": ["l.example"], "more": 1}
            {"name": "nowhere"}
            nonsense
            """, .jsonl)
        #expect(
            contents.entries == [
                SourceEntry(
                    homepage: "https://courier.example/", name: "Courier", feeds: ["https://courier.example/f"],
                    sitemaps: ["https://courier.example/s.xml"]),
                SourceEntry(homepage: "https://ledger.example/", name: "ledger.example", allowedHosts: ["l.example"]),
            ])
        #expect(contents.problems.map { $0.prefix(6) } == ["line 4", "line 5"])
    }

    @Test(arguments: [
        ("a.opml", "", SourceFile.Form.opml), ("a.CSV", "<", .csv), ("a.ndjson", "", .jsonl),
        ("list", " <opml>", .opml),
        ("list", "{}", .jsonl), ("list", "url", .csv), ("list", "\u{FEFF}<opml>", .opml),
    ])
    func knowsTheFormOfAFile(name: String, text: String, form: SourceFile.Form) {
        #expect(SourceFile.form(ofFile: name, Array(text.utf8)) == form)
    }
}
