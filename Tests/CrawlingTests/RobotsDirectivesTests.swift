import Fetch
import Testing

@testable import Crawling

struct RobotsDirectivesTests {
    private func read(
        headers: [String] = [], page: String = "", contentType: String? = "text/html; charset=utf-8"
    ) -> [String] {
        RobotsDirectives.read(
            headers: HTTPHeaders(headers.map { ("x-robots-tag", $0) }), body: Array(page.utf8),
            contentType: contentType,
            productToken: "Wireroom")
    }

    @Test(arguments: [
        ("noindex", ["noindex"]), ("NOINDEX , NoArchive", ["noindex", "noarchive"]),
        ("none", ["noindex", "nofollow"]), ("wireroom: noindex", ["noindex"]), ("WireRoom:noarchive", ["noarchive"]),
        ("googlebot: noindex", []), ("googlebot: noindex, nofollow", []),
        ("googlebot: nofollow, wireroom: noindex", ["noindex"]),
        ("max-image-preview: large, noindex", ["max-image-preview: large", "noindex"]),
        ("unavailable_after: 25 Jun 2030 15:00:00 PST", ["unavailable_after: 25 jun 2030 15:00:00 pst"]),
        ("", []), (",,", []),
    ])
    func readsHeaders(value: String, directives: [String]) {
        #expect(read(headers: [value]) == directives)
    }

    @Test func severalHeadersAddUp() {
        #expect(read(headers: ["noindex", "otherbot: noarchive", "nofollow"]) == ["noindex", "nofollow"])
    }

    @Test(arguments: [
        ("<meta name=robots content='noindex,nofollow'>", ["noindex", "nofollow"]),
        ("<META NAME=\"Robots\" CONTENT=\" NoArchive \">", ["noarchive"]),
        ("<meta content=\"noindex\" name=\"wireroom\">", ["noindex"]),
        ("<meta name=googlebot content=noindex>", []),
        ("<!-- <meta name=robots content=noindex> -->", []),
        ("<script>'<meta name=robots content=noindex>'</script><meta name=robots content=noarchive>", ["noarchive"]),
        ("<body><meta name=robots content=noindex>", []),
        ("<meta name=robots>", []), ("<meta name=robots content=noindex", ["noindex"]),
        ("<script>never closed <meta name=robots content=noindex>", []),
    ])
    func readsMetaElements(page: String, directives: [String]) {
        #expect(read(page: "<!doctype html><html><head><title>Bridge</title>" + page) == directives)
    }

    @Test func aDocumentThatIsNoPageHasNoMetaElements() {
        #expect(read(page: "<meta name=robots content=noindex>", contentType: "text/plain") == [])
    }

    @Test func endlessListsAreCut() {
        #expect(read(headers: [(0..<1000).map { "d\($0)" }.joined(separator: ",")]).count == 16)
    }
}
