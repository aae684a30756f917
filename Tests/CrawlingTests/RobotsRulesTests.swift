import Testing

@testable import Crawling

struct RobotsRulesTests {
    private func allows(_ file: String, _ target: String, as agent: String = "TestBot") -> Bool {
        RobotsRules(Array(file.utf8)).verdict(for: target, productToken: agent).isAllowed
    }

    @Test func emptyFileAllowsEverything() {
        #expect(allows("", "/a"))
        #expect(allows("nonsense\n<html>\n\u{0}\u{1}", "/a"))
    }

    @Test(arguments: ["\n", "\r", "\r\n", "\n\r\n"])
    func readsAnyLineEnd(lineEnd: String) {
        let file = ["User-agent: *", "Disallow: /a # not this", "Allow: /a/b"].joined(separator: lineEnd)
        #expect(!allows(file, "/a/c"))
        #expect(allows(file, "/a/b"))
        #expect(allows("\u{FEFF}" + file, "/b"))
        #expect(!allows("\u{FEFF}" + file, "/a"))
    }

    @Test func theLongestMatchDecidesAndAllowWinsATie() {
        #expect(allows("User-agent: *\nDisallow: /\nAllow: /a", "/a/b"))
        #expect(!allows("User-agent: *\nAllow: /a\nDisallow: /a/b", "/a/b"))
        #expect(allows("User-agent: *\nDisallow: /a\nAllow: /a", "/a"))
        #expect(allows("User-agent: *\nDisallow: /*.html\nAllow: /page.html", "/page.html"))
        #expect(allows("User-agent: *\nDisallow:\n", "/a"))
    }

    @Test func namesTheDecidingRule() {
        let rules = RobotsRules(Array("User-agent: *\nDisallow: /ä*x$\n".utf8))
        #expect(
            rules.verdict(for: "/%c3%a4/x", productToken: "a") == RobotsVerdict(isAllowed: false, rule: "/%C3%A4*x$"))
        #expect(rules.verdict(for: "/b", productToken: "a") == RobotsVerdict(isAllowed: true, rule: nil))
    }

    @Test func robotsFileItselfIsAlwaysAllowed() {
        #expect(allows("User-agent: *\nDisallow: /", "/robots.txt"))
        #expect(allows("User-agent: *\nDisallow: /", "/robots.txt?x"))
        #expect(!allows("User-agent: *\nDisallow: /", "/robots.txt.bak"))
    }

    @Test func matchesTheProductTokenWithoutCaseAndVersion() {
        let file = "User-agent: testBOT/2.0 (x)\nDisallow: /a\n\nUser-agent: *\nDisallow: /b"
        #expect(!allows(file, "/a", as: "TestBot"))
        #expect(!allows(file, "/a", as: "TestBot/1.1 (+https://bot.example)"))
        #expect(allows(file, "/b", as: "TestBot"))
        #expect(!allows(file, "/b", as: "TestBotNews"))
        #expect(!allows(file, "/b", as: "Other"))
    }

    @Test func mergesGroupsOfTheSameAgent() {
        let file =
            "User-agent: TestBot\nDisallow: /a\nUser-agent: x\nDisallow: /b\nUser-agent: TestBot\nUser-agent: y\nDisallow: /c"
        #expect(!allows(file, "/a"))
        #expect(allows(file, "/b"))
        #expect(!allows(file, "/c"))
        #expect(!allows(file, "/c", as: "y"))
        #expect(allows(file, "/a", as: "y"))
    }

    @Test func ignoresRulesBeforeTheFirstAgent() {
        #expect(allows("Disallow: /a\nUser-agent: *\nDisallow: /b", "/a"))
    }

    @Test(arguments: [
        ("/a*b$", "/a/x/b", true), ("/a*b$", "/a/b/c", false), ("/a*b", "/a/b/c", true), ("*", "/", true),
        ("/*?", "/a?b", true),
        ("/*?", "/a", false), ("/a$b", "/a$b", true), ("/a%24", "/a$", true), ("/a$", "/a", true),
        ("/a$", "/ab", false),
        ("/a*a$", "/a", false), ("/a**b", "/axb", true), ("/x*/y*/z", "/x1/y2/z3", true),
        ("/x*/y*/z", "/x1/z3/y2", false),
        ("/file-%2A.html", "/file-*.html", true), ("/%62%61r", "/bar", true), ("/a%2fb", "/a/b", false),
        ("/a<b", "/a%3Cb", true),
        ("a/b", "/a/b/c", true), ("*.pdf$", "/x.pdf", true), ("*.pdf$", "/x.pdf?y", false), ("/*aab", "/aaaab", true),
    ])
    func matchesPatterns(pattern: String, path: String, matches: Bool) {
        #expect(allows("User-agent: *\nDisallow: \(pattern)", path) == !matches)
    }

    @Test func readsCrawlDelayAndSitemaps() {
        let file = """
            Sitemap: https://a.example/one.xml#x
            User-agent: *
            Crawl-delay: 2.5
            sitemap:https://a.example/two.xml
            Sitemap: https://a.example/two.xml
            User-agent: slow
            Crawl-delay: 99999999
            User-agent: odd
            Crawl-delay: -1
            Crawl-delay: nan
            """
        let rules = RobotsRules(Array(file.utf8))
        #expect(rules.sitemaps == ["https://a.example/one.xml#x", "https://a.example/two.xml"])
        #expect(rules.crawlDelay(productToken: "any") == 2.5)
        #expect(rules.crawlDelay(productToken: "slow") == RobotsRules.maximumCrawlDelay)
        #expect(rules.crawlDelay(productToken: "odd") == nil)
    }

    @Test func parsesOnlyTheFirst500KiB() {
        let filler = String(repeating: "# x\n", count: RobotsRules.maximumBytes / 4)
        #expect(allows(filler + "User-agent: *\nDisallow: /a", "/a"))
        #expect(!allows("User-agent: *\nDisallow: /a\n" + filler, "/a"))
    }

    @Test func understandsAMissingColonInALineOfTwoWords() {
        #expect(!allows("user-agent testbot\ndisallow /a", "/a"))
        #expect(allows("user-agent testbot\ndisallow /a /b", "/a"))
    }

    @Test(.timeLimit(.minutes(1)))
    func matchesHostilePatternsInLinearTime() {
        let stars = String(repeating: "*a", count: 1_000) + "b$"
        let repeats = "/*" + String(repeating: "a", count: 1_000) + "b"
        let path = "/" + String(repeating: "a", count: 2_000)
        let file = "User-agent: *\n" + String(repeating: "Disallow: \(stars)\nDisallow: \(repeats)\n", count: 50)
        #expect(allows(file, path))
    }

    @Test(
        arguments: [
            (200, RobotsAvailability.rulesApply), (204, .rulesApply), (301, .everythingAllowed),
            (404, .everythingAllowed),
            (403, .everythingAllowed), (429, .nothingAllowed), (503, .nothingAllowed), (nil, .nothingAllowed),
        ] as [(Int?, RobotsAvailability)])
    func judgesTheStatusOfTheFile(status: Int?, availability: RobotsAvailability) {
        #expect(RobotsAvailability(status: status) == availability)
    }

    @Test(arguments: [
        (
            #"{"id":7,"robots_txt":"User-agent: *\nDisallow: /a\nCrawl-delay: 3","user_agent":"x","url":"https://a.example/a?b"}"#,
            #"{"allowed":false,"crawl_delay":3,"id":7,"rule":"/a","sitemaps":[]}"#
        ),
        (#"{"robots_txt":"Sitemap: /s","user_agent":"x"}"#, #"{"crawl_delay":null,"sitemaps":["/s"]}"#),
        (#"{"id":"b","user_agent":"x"}"#, #"{"error":"not a JSON object with robots_txt and user_agent","id":"b"}"#),
        (#"{"id":1,"robots_txt":"","user_agent":"x","url":"no"}"#, #"{"error":"url is not a valid URL","id":1}"#),
        ("[", #"{"error":"not a JSON object with robots_txt and user_agent"}"#),
    ])
    func answersTheCommand(record: String, answer: String) {
        #expect(String(decoding: RobotsCommandCore().respond(to: Array(record.utf8)), as: UTF8.self) == answer)
    }
}
