import Testing
import WebURL

@testable import Crawling

/// Inputs that fuzzing found (`scripts/fuzz`), by what they broke.
struct FuzzFindingsTests {
    /// Hosts of dots: the canonical form of a canonical form was another one, or none.
    @Test(
        arguments: [
            ("http://./", nil), ("http://.../a", nil), ("http://a../", "http://a/"),
            ("http://0xc0../", "http://0.0.0.192/"), ("http://news.example.../a", "http://news.example/a"),
        ] as [(String, String?)])
    func dotsAtTheEndOfAHost(input: String, canonical: String?) throws {
        let form = ParsedURL(input).flatMap { CanonicalURL($0) }
        #expect(form?.description == canonical)
        if let form { #expect(ParsedURL(form.description).flatMap { CanonicalURL($0) } == form) }
    }

    /// A session in a segment of dots: without it the segment became a step up.
    @Test(arguments: [
        ("http://h/a/..;jsessionid=1/b", "http://h/a/..;jsessionid=1/b"),
        ("http://h/.;JSESSIONID=1", "http://h/.;JSESSIONID=1"),
        ("http://h/a;jsessionid=1/b;jsessionid=2;v=1", "http://h/a/b;v=1"),
    ])
    func sessionsInSegmentsOfDots(input: String, canonical: String) throws {
        let form = try #require(ParsedURL(input).flatMap { CanonicalURL($0) })
        #expect(form.description == canonical)
        #expect(ParsedURL(form.description).flatMap { CanonicalURL($0) } == form)
    }
}
