import Foundation
import Operator
import Pipeline
import Postgres
import TestSupport
import Testing

/// The whole line as an operator runs it: worker processes, a real broker and database, documents and websites.
@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(6)), .serialized)
struct LineTests {
    private static let stages = ["crawl", "parse", "classify", "index"]

    private func settle(_ line: TestServices.Line) async throws {
        let reader = StatusReader(database: line.database, topology: line.topology)
        while try await !reader.read(line.administration).isSettled { try await Task.sleep(for: .milliseconds(200)) }
    }

    private func addSources(_ fixture: LineFixture, _ site: DemoSite) throws {
        for host in DemoSite.hosts {
            let (code, text) = try fixture.wireroom(["source", "add", "http://\(host)/"], site.settings)
            try #require(code == 0, "\(text)")
        }
    }

    @Test func documentsGoInAndSearchableArticlesComeOut() async throws {
        try await TestServices.withLine(rungs: Topology.ladder) { line in
            let fixture = LineFixture(line: line)
            let workers = try Self.stages.map { try fixture.worker($0) }
            defer { workers.forEach { $0.kill() } }
            let folder = TestServices.project + "/docker/demo/documents"
            let (code, text) = try fixture.wireroom(["import", folder])
            #expect(code == 0, "\(text)")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".txt") }
                .count
            try await line.wait(for: "SELECT count(*) FROM news.articles") { $0 == files }
            try await settle(line)
            #expect(try await line.number("SELECT count(*) FROM wireroom.quarantine") == 0)
            for phrase in ["Leave a Reply", "Share this", "Views:", "Your email address", "Subscribe"] {
                let rows = try await line.database.query(
                    "SELECT url FROM news.articles WHERE strpos(body, $1) > 0", [.text(phrase)])
                #expect(rows.isEmpty, "\(phrase)")
            }
            #expect(try await line.number("SELECT count(*) FROM news.article_topics") > 0)
            #expect(try await line.number("SELECT count(*) FROM news.quotes") > 0)
            // A second import of the same bytes changes nothing.
            #expect(try fixture.wireroom(["import", folder]).code == 0)
            try await settle(line)
            #expect(try await line.number("SELECT count(*) FROM wireroom.capture") == files)
            #expect(try await line.number("SELECT count(*) FROM wireroom.change WHERE kind = 'article'") == files)
            for worker in workers {
                #expect(worker.stop() == 0)
                #expect(worker.text.contains("Stopped"))
            }
        }
    }

    @Test func websitesAreCrawledAndBrokenPagesEndWithAReason() async throws {
        try await TestServices.withLine(rungs: Topology.ladder) { line in
            let fixture = LineFixture(line: line)
            let site = try await DemoSite.start()
            defer { site.stop() }
            try addSources(fixture, site)
            let shelf = "http://kiosk.demo.test/broken/"
            let pages = ["missing", "loop", "report", "soft404", "inside", "huge", "moved", "busy"].map { shelf + $0 }
            #expect(try fixture.wireroom(["crawl"] + pages, site.settings).code == 0)
            let workers = try Self.stages.map { try fixture.worker($0, site.settings) }
            defer { workers.forEach { $0.kill() } }
            try await line.wait(for: "SELECT count(*) FROM news.articles") { $0 >= 40 }
            // The shelf's host is blocked for a while by its own 429, and a blocked host counts as settled.
            try await line.wait(
                for: "SELECT count(*) FROM wireroom.url WHERE state IN ('indexed', 'dropped') AND url LIKE '\(shelf)%'"
            ) { $0 >= pages.count }
            try await settle(line)
            func end(_ page: String) async throws -> String? {
                try await line.database.query(
                    "SELECT concat_ws(' ', state, reason) AS words FROM wireroom.url WHERE url = $1",
                    [.text(shelf + page)]
                ).first?.decode("words", as: String.self)
            }
            #expect(try await end("missing") == "dropped not-found")
            #expect(try await end("loop") == "dropped bad-redirect")
            #expect(try await end("report") == "dropped unsupported-content")
            #expect(try await end("inside") == "dropped bad-redirect")
            #expect(try await end("huge") == "dropped too-large")
            #expect(try await end("moved") == "indexed")
            #expect(try await end("busy") == "indexed")
            // Nothing that a robots.txt forbids was asked for, and no article twice.
            let requests = try site.requests()
            let disallowed = try await line.database.query(
                "SELECT url FROM wireroom.url WHERE reason = 'robots-disallowed'")
            for row in disallowed {
                let url = try row.decode("url", as: String.self)
                #expect(requests[String(url.dropFirst("http://".count))] == nil, "\(url)")
            }
            let indexed = try await line.database.query("SELECT url FROM wireroom.url WHERE state = 'indexed'")
            for row in indexed {
                let path = String(try row.decode("url", as: String.self).dropFirst("http://".count))
                // The source's sample article was looked at once more when it was added.
                #expect((requests[path] ?? 0) <= 2, "\(path)")
            }
        }
    }

    @Test func killingAnyWorkerLosesNothingAndDuplicatesNothing() async throws {
        try await TestServices.withLine(rungs: Topology.ladder) { line in
            let fixture = LineFixture(line: line)
            let site = try await DemoSite.start()
            defer { site.stop() }
            let documents = FileManager.default.temporaryDirectory.appending(
                path: "documents-\(UUID().uuidString).jsonl")
            // The temporary folder is cleared sometime anyway.
            defer { try? FileManager.default.removeItem(at: documents) }
            try Self.generated(count: 240).write(to: documents, atomically: true, encoding: .utf8)
            try addSources(fixture, site)
            #expect(try fixture.wireroom(["import", documents.path]).code == 0)

            var workers: [String: TestProcess] = [:]
            defer { workers.values.forEach { $0.kill() } }
            for stage in Self.stages { workers[stage] = try fixture.worker(stage, site.settings) }
            // Each worker dies twice in the middle of its work, whatever it has in hand, and another takes its place.
            for round in 1...2 {
                for (place, stage) in ["parse", "crawl", "classify", "index"].enumerated() {
                    let mark = (round - 1) * 4 + place + 1
                    try await line.wait(for: "SELECT count(*) FROM wireroom.stage_event") { $0 >= mark * 60 }
                    workers[stage]?.kill()
                    workers[stage] = try fixture.worker(stage, site.settings)
                }
            }
            try await line.wait(for: "SELECT count(*) FROM news.articles") { $0 >= 280 }
            try await settle(line)

            // Every document is there once, with its own text, in every table that holds one row for it.
            #expect(
                try await line.number("SELECT count(*) FROM news.articles WHERE url LIKE 'https://generated.example/%'")
                    == 240)
            #expect(
                try await line.number(
                    """
                    SELECT count(*) FROM news.articles WHERE url LIKE 'https://generated.example/%'
                    AND strpos(body, 'number ' || split_part(url, '/', 4) || ' ') = 0
                    """) == 0)
            let articles = try await line.number("SELECT count(*) FROM news.articles")
            for table in ["article", "article_revision", "article_search", "story_article", "reprint_signature"] {
                #expect(try await line.number("SELECT count(*) FROM wireroom.\(table)") == articles, "\(table)")
            }
            // Every message was counted once, none is left, none is in quarantine.
            #expect(try await line.number("SELECT count(*) FROM wireroom.quarantine") == 0)
            #expect(
                try await line.number(
                    "SELECT count(*) FROM (SELECT 1 FROM wireroom.stage_event WHERE stage <> 'crawl' GROUP BY stage, url_id HAVING count(*) > 1) AS d"
                ) == 0)
            #expect(
                try await line.number("SELECT count(*) FROM wireroom.change WHERE kind = 'article'")
                    == line.number("SELECT count(DISTINCT article_id) FROM wireroom.change WHERE kind = 'article'"))
            #expect(
                try await line.number(
                    "SELECT count(*) FROM wireroom.url WHERE kind IN ('article', 'document') AND state NOT IN ('indexed', 'dropped') AND due_at IS NULL"
                ) == 0)
        }
    }

    /// Documents of our own making, no two alike: their words differ, so that none is a reprint of another.
    private static func generated(count: Int) -> String {
        let nouns = [
            "harbour", "council", "bridge", "orchard", "railway", "library", "museum", "airport", "factory", "theatre",
        ]
        let verbs = [
            "opened", "closed", "rebuilt", "sold", "praised", "questioned", "delayed", "funded", "moved", "surveyed",
        ]
        let places = ["Oslo", "Lima", "Nairobi", "Hanoi", "Quito", "Riga", "Dakar", "Perth", "Turin", "Osaka"]
        return (0..<count).map { number in
            let sentences = (0..<14).map { line in
                let pick = number * 31 + line * 17
                return
                    "The \(nouns[pick % 10]) near \(places[(pick / 10) % 10]) was \(verbs[(pick / 7) % 10]) in phase \(number * line), "
                    + "officials of the \(nouns[(pick / 3) % 10]) board in \(places[(pick / 13) % 10]) said about item \(pick)."
            }
            let text =
                "Report number \(number) from \(places[number % 10])\n\n"
                + "This is report number \(number) on what became of the \(nouns[number % 10]) this week. "
                + sentences.enumerated().map { $0 % 4 == 3 ? "\($1)\n\n" : "\($1) " }.joined()
            let record = ["url": "https://generated.example/\(number)", "text": text]
            let data = try? JSONEncoder().encode(record)  // a dictionary of strings always encodes
            return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
        }.joined(separator: "\n")
    }
}
