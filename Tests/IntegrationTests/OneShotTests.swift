import Foundation
import TestSupport
import Testing

/// The commands that scripts and measurements rely on, as processes.
@Suite(
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: TestProcess.folder + "/wireroom"), "needs the built programs"),
    .timeLimit(.minutes(2)))
struct OneShotTests {
    /// A command with a good record; `%` stands for a file with ``page``.
    struct Stream: Sendable, CustomStringConvertible {
        var command: String
        var record: String
        var key: String
        var description: String { command }
    }

    static let page = """
        <html><head><title>Bridge opens</title></head><body><article><h1>Bridge opens</h1><p>The new bridge over the Kura opened \
        on Monday after two years of work, the city said.</p><p>“It was time,” said Nino Beridze, who lives beside it.</p>\
        </article></body></html>
        """
    static let feed =
        #"<rss version="2.0"><channel><title>T</title><item><link>https://a.example/1</link></item></channel></rss>"#
    static let sitemap = "<urlset><url><loc>https://a.example/1</loc></url></urlset>"

    static let streams = [
        Stream(command: "extract", record: #"{"id":"I","path":"%"}"#, key: "body"),
        Stream(command: "classify", record: #"{"id":"I","body":"Anna Müller spoke in Berlin."}"#, key: "actors"),
        Stream(
            command: "group", record: #"{"id":"I","body":"The bridge over the river is open again."}"#, key: "story"),
        Stream(
            command: "robots",
            record: #"{"id":"I","robots_txt":"User-agent: *\nDisallow: /a","user_agent":"W","url":"http://h/a"}"#,
            key: "allowed"),
        Stream(command: "feed", record: #"{"id":"I","date":"Tue, 03 Jun 2025 10:00:00 GMT"}"#, key: "utc"),
        Stream(command: "sitemap", record: #"{"id":"I","text":"https://a.example/1"}"#, key: "urls"),
        Stream(command: "url", record: #"{"id":"I","url":"https://a.example/1"}"#, key: "canonical"),
    ]

    @Test(arguments: streams) func answersInOrderAndSurvivesBadRecords(_ stream: Stream) throws {
        try OneShotProcess.withFile("page.html", Self.page) { path in
            let good = stream.record.replacing("%", with: path)
            let input = (0..<40).map { $0 == 20 ? "{\"id\":\"20\",}" : good.replacing("\"I\"", with: "\"\($0)\"") }
            let run = try OneShotProcess([stream.command], input: input.joined(separator: "\r\n\n"))
            #expect(run.code == 0)
            #expect(run.objects.count == 40)
            for (index, object) in run.objects.enumerated() {
                if index == 20 {
                    #expect(object["error"] != nil)
                } else {
                    #expect(object["id"] as? String == "\(index)")
                    #expect(object[stream.key] != nil, "\(run.lines[index])")
                }
            }
        }
    }

    @Test func givesTheSameOnOneProcessorAndOnMany() throws {
        let input = (0..<500).map { "https://h\($0).example/a/../b?utm_source=x&c=\($0)" }.joined(separator: "\n")
        let one = try OneShotProcess(["url", "--jobs", "1"], input: input)
        let many = try OneShotProcess(["url", "--jobs", "8"], input: input)
        #expect(one.lines.count == 500)
        #expect(one.lines == many.lines)
    }

    @Test func showsAnArticleToPeopleAndToPrograms() throws {
        try OneShotProcess.withFile("page.html", Self.page) { path in
            let text = try OneShotProcess(["extract", path])
            #expect(text.lines.first == "Bridge opens")
            let line = try OneShotProcess(["extract", "--json", path])
            #expect(line.objects.first?["title"] as? String == "Bridge opens")
            let stream = try OneShotProcess(["extract", "--json", "-"], input: Self.page)
            #expect(stream.objects.first?["body"] as? String == line.objects.first?["body"] as? String)
        }
    }

    @Test func readsDocumentsThatAreNamed() throws {
        try OneShotProcess.withFile("feed.xml", Self.feed) { path in
            let run = try OneShotProcess(["feed", path])
            #expect(run.code == 0)
            #expect(run.objects.first?["id"] as? String == path)
            #expect(run.objects.first?["feed"] != nil)
        }
        try OneShotProcess.withFile("sitemap.xml", Self.sitemap) { path in
            let run = try OneShotProcess(["sitemap", path])
            #expect(run.objects.first?["count"] as? Int == 1)
        }
        try OneShotProcess.withFile("robots.txt", "User-agent: Wireroom\nDisallow: /private/\n") { path in
            let arguments = [
                "robots", "--agent", "Wireroom", "--url", "http://h/private/1", "--url", "http://h/2", path,
            ]
            let run = try OneShotProcess(arguments)
            #expect(run.objects.map { $0["allowed"] as? Bool } == [false, true])
        }
    }

    @Test(arguments: ["extract", "feed", "sitemap"]) func namesTheFileThatCannotBeReadAndGoesOn(
        _ command: String
    ) throws {
        let text = command == "feed" ? Self.feed : command == "sitemap" ? Self.sitemap : Self.page
        try OneShotProcess.withFile("good", text) { path in
            let run = try OneShotProcess([command, "/nowhere/at-all", path])
            #expect(run.code == 1)
            #expect(run.messages.contains("/nowhere/at-all"))
            #expect(!run.lines.isEmpty)
        }
    }

    @Test func resolvesAgainstTheBaseAndTellsFailures() throws {
        let run = try OneShotProcess(["url", "--base", "https://a.example/b/", "../c", "http://[::1"])
        #expect(run.code == 1)
        #expect(run.objects.first?["href"] as? String == "https://a.example/c")
        #expect(run.objects.last?["failure"] as? Bool == true)
    }

    static let codes: [String: Int32] = [
        "url --base nonsense a": 64, "robots robots.txt": 64, "extract --jobs 0": 64, "search x --since 2026-02-31": 64,
        "quarantine drop": 64, "replay --stage crawl": 64, "crawl mailto:a@b.example": 64, "stories": 78,
        "topology apply": 78,
        "doctor": 1, "stories --database-url postgres://x@127.0.0.1:1/x": 69,
        "topology verify --broker-url amqp://127.0.0.1:1/": 69, "migrate --migrations /nowhere": 78,
    ]

    @Test(arguments: codes) func endsWithTheDocumentedCode(_ command: String, _ code: Int32) throws {
        let run = try OneShotProcess(command.split(separator: " ").map(String.init))
        #expect(run.code == code, "\(run.messages)")
        #expect(!run.messages.isEmpty)
    }

    @Test func neverShowsAPassword() throws {
        let secret = "hush-hush"
        for url in ["postgres://x:\(secret)@127.0.0.1:1/x", "postgres://x:\(secret)@[x", "x:\(secret)"] {
            let run = try OneShotProcess(
                ["doctor", "--log-level", "trace"], environment: ["WIREROOM_DATABASE_URL": url])
            #expect(!(run.messages + run.lines.joined()).contains(secret))
        }
    }

    @Test func stopsQuietlyWhenTheReaderHasGone() throws {
        let lines = (0..<20_000).map { "https://h.example/\($0)" }.joined(separator: "\n")
        try OneShotProcess.withFile("urls.txt", lines) { path in
            let script =
                "'\(TestProcess.folder)/wireroom' url < '\(path)' | head -n 1 > /dev/null; exit ${PIPESTATUS[0]}"
            let shell = try TestProcess("/usr/bin/env", ["bash", "-c", script])
            #expect(shell.wait() == 0)
            #expect(shell.text.isEmpty)
        }
    }

    @Test func tellsAFullDisk() throws {
        let script = "echo https://h.example/ | '\(TestProcess.folder)/wireroom' url > /dev/full"
        let shell = try TestProcess("/usr/bin/env", ["bash", "-c", script])
        #expect(shell.wait() == 70)
    }
}
