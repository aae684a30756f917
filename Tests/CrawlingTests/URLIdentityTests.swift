import Foundation
import Testing
import WebURL

@testable import Crawling

/// The canonical form of a URL, or `nil` when either step fails.
private func form(of text: String) -> CanonicalURL? {
    ParsedURL(text).flatMap { CanonicalURL($0) }
}

struct URLIdentityTests {
    private func canonical(_ text: String) -> String? {
        form(of: text)?.description
    }

    @Test(arguments: [
        ("HTTP://News.Example.:80/a#top", "http://news.example/a"),
        ("https://u:p@news.example:8443/", "https://news.example:8443/"),
        ("https://news.example/%7Euser/%e4%2f%zz", "https://news.example/~user/%E4%2F%25zz"),
        ("https://news.example//a///b/", "https://news.example/a/b/"),
        ("https://news.example/a;jsessionid=ABC?x", "https://news.example/a?x"),
        ("https://news.example/a;JSESSIONID=1;v=2;jsessionid=3/b", "https://news.example/a;v=2/b"),
        ("https://news.example/?b=2&a=1&b=1", "https://news.example/?a=1&b=2&b=1"),
        ("https://news.example/a?utm_source=x&UTM_Medium=y&fbclid=z&id=7", "https://news.example/a?id=7"),
        ("https://news.example/a?gclid=1&&", "https://news.example/a"),
        ("https://news.example/a?", "https://news.example/a"),
        ("https://news.example/a?q=&r", "https://news.example/a?q&r"),
        ("https://news.example/a?q==", "https://news.example/a?q=="),
        ("https://news.example/a?x[]=1|2", "https://news.example/a?x%5B%5D=1%7C2"),
        ("https://news.example/a?q=a+b%20c", "https://news.example/a?q=a+b%20c"),
    ])
    func bringsURLsToOneForm(input: String, expected: String) {
        let text = canonical(input)
        #expect(text == expected)
        #expect(canonical(expected) == expected, "the form is stable")
    }

    @Test(arguments: [
        ("https://a.example/x", "http://a.example/x"), ("https://a.example/x", "https://a.example/x/"),
        ("https://a.example/x", "https://a.example/X"), ("https://a.example/?id=1", "https://a.example/?id=2"),
        ("https://a.example/", "https://www.a.example/"), ("https://a.example/a%2Fb", "https://a.example/a/b"),
    ])
    func keepsDistinctPagesApart(left: String, right: String) throws {
        let first = try #require(form(of: left))
        let second = try #require(form(of: right))
        #expect(first.identity != second.identity)
    }

    @Test func theFormOfAFormIsItself() {
        let alphabet = Array("/%2e2F5.~;=&?#[]a+'<é|jsessionid=utm_x".utf8)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            let tail = (0..<Int.random(in: 0..<24, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            guard let url = ParsedURL(utf8: Array("https://a.example/".utf8) + tail), let first = CanonicalURL(url)
            else {
                continue
            }
            #expect(form(of: first.description) == first, "\(url.href)")
        }
    }

    @Test func hasNoFormForOtherSchemes() {
        #expect(canonical("ftp://a.example/") == nil)
        #expect(canonical("mailto:a") == nil)
    }

    @Test func identityIsTheStartOfTheSHA256OfTheText() throws {
        let url = try #require(form(of: "https://example.com/"))
        #expect(
            url.identity == [
                0x0F, 0x11, 0x5D, 0xB0, 0x62, 0xB7, 0xC0, 0xDD, 0x03, 0x0B, 0x16, 0x87, 0x8C, 0x99, 0xDE, 0xA5,
            ])
    }
}

struct URLTrapsTests {
    private func trap(_ text: String) throws -> URLTrap? {
        URLTraps(currentYear: 2_026).trap(in: try #require(ParsedURL("https://a.example" + text)))
    }

    @Test(arguments: [
        ("/" + String(repeating: "x", count: 2_100), URLTrap.tooLong),
        (String(repeating: "/x", count: 9) + "/a/b/c/d/e/f/g/h", .tooDeep),
        ("/news/news/news/a", .repeatedSegments), ("/a/b/c/a/b/d/a/b/a", .repeatedSegments),
        ("/x/a/b/a/b/a/b", .repeatedSegments),
        ("/calendar/2087/05", .calendar), ("/events/1200-01-01", .calendar), ("/termine?year=2031", .calendar),
        ("/x?date=2100-01", .calendar),
        ("/x?" + (0..<30).map { "a\($0)=1" }.joined(separator: "&"), .tooManyParameters),
        ("/a/http://b.example/", .nestedURL),
    ])
    func recognisesTraps(path: String, expected: URLTrap) throws {
        #expect(try trap(path) == expected)
    }

    @Test(arguments: [
        "/", "/2026/11/22/politics/story-of-the-day", "/news/2026/news/a", "/archive/2019/01/02/x", "/events/2027/fair",
        "/11/11/11/11", "/politics/1848-and-after", "/a/b/a/b/c", "/essay/2084", "/search?q=2099&page=3",
        "/web/20260101000000/x",
    ])
    func letsPagesPass(path: String) throws {
        #expect(try trap(path) == nil)
    }
}

struct URLCommandCoreTests {
    @Test(arguments: [
        ("nope", #"{"failure":true,"input":"nope"}"#),
        (
            #"{"id":"a","url":"/x?utm_id=1","base":"http://h.example/"}"#,
            #"{"canonical":"http://h.example/x","host":"h.example","href":"http://h.example/x?utm_id=1","id":"a","#
                + #""identity":"IDENTITY","input":"/x?utm_id=1","path":"/x","port":80,"query":"utm_id=1","scheme":"http"}"#
        ),
        (
            "file:///etc/passwd",
            #"{"host":"","href":"file:///etc/passwd","input":"file:///etc/passwd","path":"/etc/passwd","refused":"scheme","#
                + #""scheme":"file"}"#
        ),
        (#"{"url":"x","base":"no"}"#, #"{"error":"base is not a valid URL"}"#),
        (#"{"id":4}"#, #"{"error":"not a JSON object with url","id":4}"#),
    ])
    func answers(record: String, answer: String) throws {
        let identity = try #require(form(of: "http://h.example/x")).identity
        let hexadecimal = identity.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let text = String(decoding: URLCommandCore(currentYear: 2_026).respond(to: Array(record.utf8)), as: UTF8.self)
        #expect(text == answer.replacing("IDENTITY", with: hexadecimal))
    }

    struct Judged: Decodable, Equatable {
        var refused: String?
        var refusedAt: String?

        enum CodingKeys: String, CodingKey {
            case refused
            case refusedAt = "refused_at"
        }
    }

    /// Every address that a name resolves to, and every hop of a redirect, is judged.
    @Test(
        arguments: [
            (#""addresses":["93.184.216.34","2606:4700:4700::1111"]"#, nil, nil),
            (#""addresses":["93.184.216.34","10.0.0.1"]"#, "private-network", "10.0.0.1"),
            (#""addresses":["::ffff:127.0.0.1"]"#, "translation", "::ffff:127.0.0.1"),
            (#""addresses":[]"#, "unresolved", nil), (#""addresses":["x"]"#, "not-an-address", "x"),
            (#""redirects":["/next","//other.example/x","https://1.1.1.1/"]"#, nil, nil),
            (#""redirects":["https://1.1.1.1/","//10.0.0.1/a"]"#, "private-network", "https://10.0.0.1/a"),
            (#""redirects":["gopher://1.1.1.1/"]"#, "scheme", "gopher://1.1.1.1/"),
            (#""redirects":["http://[::1]:15672/"]"#, "port", nil),
            (#""redirects":["http://:80/"]"#, "not-a-url", "http://:80/"),
            (#""addresses":["::1"],"redirects":["/next"]"#, "loopback", "::1"),
        ] as [(String, String?, String?)])
    func judgesAddressesAndRedirects(fields: String, refused: String?, at place: String?) throws {
        let record = #"{"url":"http://news.example.org/",\#(fields)}"#
        let answer = URLCommandCore(currentYear: 2_026).respond(to: Array(record.utf8))
        let judged = try JSONDecoder().decode(Judged.self, from: Data(answer))
        #expect(judged.refused == refused)
        if let place { #expect(judged.refusedAt == place) }
    }
}
