import Testing

@testable import WebURL

struct ParsedURLTests {
    /// An input, its base, and the serialised result or `nil` for failure.
    struct Case: CustomTestStringConvertible, Sendable {
        let input: String
        let base: String?
        let href: String?

        init(_ input: String, base: String? = nil, _ href: String?) {
            self.input = input
            self.base = base
            self.href = href
        }

        var testDescription: String { "\(input) on \(base ?? "nothing")" }
    }

    private func check(_ sample: Case) throws {
        let base = try sample.base.map { try #require(ParsedURL($0)) }
        let url = ParsedURL(sample.input, base: base)
        #expect(url?.href == sample.href)
        guard let url else { return }
        #expect(ParsedURL(url.href) == url, "serialising is idempotent")
    }

    @Test(arguments: [
        Case("https://News.Example/A b?q=ä&x='#Fr ag", "https://news.example/A%20b?q=%C3%A4&x=%27#Fr%20ag"),
        Case("  http://a.example\t/x\r\ny  ", "http://a.example/xy"),
        Case("HTTP:\\\\a.example\\b", "http://a.example/b"),
        Case("http:a.example/b", "http://a.example/b"),
        Case("http:///a.example", "http://a.example/"),
        Case("http://a.example:80/", "http://a.example/"), Case("http://a.example:0080/", "http://a.example/"),
        Case("http://a.example:8080", "http://a.example:8080/"), Case("http://a.example:/", "http://a.example/"),
        Case("http://a.example:65536/", nil), Case("http://a.example:8x/", nil),
        Case("http://u:p@a.example/", "http://u:p@a.example/"),
        Case("http://u@v@a.example/", "http://u%40v@a.example/"),
        Case("http://u:@a.example/", "http://u@a.example/"), Case("http://u@/x", nil), Case("http://@/x", nil),
        Case("http://", nil), Case("http://:80/", nil), Case("http://a b/", nil), Case("http://a%00b/", nil),
        Case("http://a.example/%zz%2e/%2E%2e/b/./c", "http://a.example/b/c"),
        Case("http://a.example/a/b/../../../c/..", "http://a.example/"),
        Case("http://a.example//x//", "http://a.example//x//"),
        Case("http://a.example?q", "http://a.example/?q"), Case("http://a.example#f", "http://a.example/#f"),
        Case("http://a.example/?", "http://a.example/?"), Case("relative", nil), Case("", nil),
        Case("//a.example/", nil),
    ])
    func parsesHTTP(sample: Case) throws {
        try check(sample)
    }

    @Test(arguments: [
        Case("../x?y#z", base: "https://a.example/b/c/d?q#f", "https://a.example/b/x?y#z"),
        Case("", base: "https://a.example/b?q#f", "https://a.example/b?q"),
        Case("#n", base: "https://a.example/b?q#f", "https://a.example/b?q#n"),
        Case("?n", base: "https://a.example/b?q#f", "https://a.example/b?n"),
        Case("//c.example/d", base: "https://a.example/b", "https://c.example/d"),
        Case("\\\\c.example\\d", base: "https://a.example/b", "https://c.example/d"),
        Case("/d", base: "https://u:p@a.example:8443/b?q", "https://u:p@a.example:8443/d"),
        Case("https:d", base: "https://a.example/b/c", "https://a.example/b/d"),
        Case("http:d", base: "https://a.example/b/c", "http://d/"),
        Case(":d", base: "https://a.example/b/c", "https://a.example/b/:d"),
        Case("x", base: "mailto:someone", nil), Case("#x", base: "mailto:someone", "mailto:someone#x"),
        Case("../../..", base: "https://a.example/", "https://a.example/"),
    ])
    func resolves(sample: Case) throws {
        try check(sample)
    }

    @Test(arguments: [
        Case("mailto:a b c?d e", "mailto:a b c?d%20e"), Case("data: x #y", "data: x%20#y"),
        Case("feed:/a/../b", "feed:/b"), Case("app://h ost/", nil), Case("app://Ho%41t/x", "app://Ho%41t/x"),
        Case("app:/.//x", "app:/.//x"), Case("app://", "app://"), Case("app:///x", "app:///x"), Case("app://:80/", nil),
    ])
    func parsesOtherSchemes(sample: Case) throws {
        try check(sample)
    }

    @Test(arguments: [
        Case("file:///C|/a/../..", "file:///C:/"), Case("file:c:\\x", "file:///c:/x"),
        Case("file://localhost/x", "file:///x"), Case("file://h/x", "file://h/x"), Case("file:", "file:///"),
        Case("/x", base: "file:///C:/a", "file:///C:/x"), Case("//d:/x", base: "file:///C:/a", "file:///d:/x"),
        Case("x", base: "file:///C:/a/b", "file:///C:/a/x"), Case("?q", base: "file:///a", "file:///a?q"),
    ])
    func parsesFileURLs(sample: Case) throws {
        try check(sample)
    }

    @Test func hasComponents() throws {
        let url = try #require(ParsedURL("https://us er:pa:ss@www.news.co.uk:8443/a/b?c=d#e"))
        #expect(url.scheme == "https")
        #expect(url.username == "us%20er")
        #expect(url.password == "pa%3Ass")
        #expect(url.host == "www.news.co.uk")
        #expect(url.port == 8_443)
        #expect(url.path == "/a/b")
        #expect(url.query == "c=d")
        #expect(url.fragment == "e")
        #expect(url.pathAndQuery == "/a/b?c=d")
        #expect(url.authority == "www.news.co.uk:8443")
        #expect(url.origin == "https://www.news.co.uk:8443")
        #expect(url.isHTTP)
        #expect(url.withoutFragment.href.hasSuffix("?c=d"))
        #expect(url.withoutCredentials.href == "https://www.news.co.uk:8443/a/b?c=d#e")
    }

    @Test func descriptionHidesCredentials() throws {
        let url = try #require(ParsedURL("https://name:secret@a.example/x"))
        #expect("\(url)" == "https://a.example/x")
    }

    @Test func distinguishesAnEmptyQueryFromNone() throws {
        #expect(try #require(ParsedURL("http://a.example/?")).query == "")
        #expect(try #require(ParsedURL("http://a.example/")).query == nil)
        #expect(try #require(ParsedURL("http://a.example/")).effectivePort == 80)
        #expect(try #require(ParsedURL("mailto:x")).origin == nil)
        #expect(try #require(ParsedURL("mailto:x")).host == nil)
    }

    @Test(arguments: [
        ("www.bbc.co.uk", "bbc.co.uk"), ("a.b.example.com", "example.com"), ("example.com", "example.com"),
        ("news.gov.au", "news.gov.au"), ("www.zeit.de", "zeit.de"), ("10.1.2.3", "10.1.2.3"), ("[::1]", "[::1]"),
        ("localhost", "localhost"), ("t.co", "t.co"), ("a.t.co", "t.co"),
    ])
    func guessesTheRegistrableHost(host: String, registrable: String) throws {
        #expect(try #require(ParsedURL("https://\(host)/")).registrableHost == registrable)
    }

    @Test func takesTimeLinearInTheInput() throws {
        let slashes = String(repeating: "../a/", count: 200_000)
        #expect(try #require(ParsedURL("http://a.example/" + slashes)).path == "/a/")
        let signs = String(repeating: ":@", count: 200_000)
        #expect(ParsedURL("http://\(signs)a.example/")?.host == "a.example")
        #expect(ParsedURL("http://" + String(repeating: "ä", count: 200_000)) == nil)
    }

    @Test func survivesRandomInput() {
        let alphabet = Array(#"http:/\?#[]@.:%2eäxn--ß|C 0x7f\#t"#.utf8) + [0x00, 0x80, 0xFF]
        var generator = SplitMix(state: 7)
        let base = ParsedURL("file:///C:/x")
        for _ in 0..<20_000 {
            let count = Int.random(in: 0..<24, using: &generator)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            for url in [
                ParsedURL(utf8: bytes), ParsedURL(utf8: Array("http://".utf8) + bytes),
                ParsedURL(utf8: bytes, base: base),
            ] {
                guard let url else { continue }
                #expect(ParsedURL(url.href) == url)
                #expect(url.href.utf8.allSatisfy { $0 < 0x80 })
            }
        }
    }
}

/// A small generator with a fixed sequence.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
