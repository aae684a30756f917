import Foundation
import Operator
import Postgres
import TestSupport
import Testing

/// What operators are told of a URL.
@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(2)))
struct TraceTests {
    /// A URL as the crawl stage leaves it, and what is said of it.
    struct Story: Sendable, CustomTestStringConvertible {
        var columns: String
        var words: String
        var testDescription: String { words }
    }

    @Test(arguments: [
        Story(columns: "due_at = now()", words: "waits to be fetched"),
        Story(
            columns: "due_at = now(), attempts = 2, last_error = 'HTTP 500'",
            words: "waits to be fetched again after: HTTP 500"),
        Story(
            columns: "state = 'dropped', reason = 'robots-disallowed', last_error = 'Disallow: /b'",
            words: "was dropped: robots-disallowed, Disallow: /b"),
        Story(
            columns: "state = 'dropped', reason = 'twin', twin_of = 2",
            words: "was dropped: twin, the same page as https://courier.example/amp"),
        Story(columns: "state = 'dropped', reason = 'not-found'", words: "was dropped: not-found"),
        Story(columns: "state = 'captured'", words: "is stored and waits for the parse stage"),
        Story(columns: "kind = 'feed'", words: "is looked at regularly"),
    ])
    func saysWhereAURLIs(story: Story) async throws {
        try await TestServices.withLine { line in
            _ = try await line.database.query(
                """
                INSERT INTO wireroom.url (identity, url, kind) VALUES (substring(sha256('1') FOR 16), 'https://courier.example/bridge', 'article'),
                    (substring(sha256('2') FOR 16), 'https://courier.example/amp', 'article')
                """)
            _ = try await line.database.query("UPDATE wireroom.url SET \(story.columns) WHERE url_id = 1")
            _ = try await line.database.query(
                "INSERT INTO wireroom.article (url_id, capture_id, captured_at, url, body, blocks, word_count, parser_version) VALUES (1, 1, now(), 'x', 'x', '[]', 1, 1)"
            )
            let report = try #require(try await TraceReader(database: line.database).read("1"))
            #expect(report.summary == story.words)
        }
    }

    @Test func showsWhoFoundItWhereItWaitsAndWhatWasStored() async throws {
        try await TestServices.withLine { line in
            let fixture = LineFixture(line: line)
            #expect(try fixture.wireroom(["crawl", "https://courier.example/bridge#top"]).code == 0)
            _ = try await line.database.query(
                """
                INSERT INTO wireroom.url (identity, url, kind) VALUES (substring(sha256('2') FOR 16), 'https://courier.example/feed', 'feed')
                """)
            _ = try await line.database.query(
                "UPDATE wireroom.url SET discovered_from = 2, robots_directives = '{noarchive}' WHERE url_id = 1")
            #expect(try fixture.wireroom(["host", "block", "courier.example", "--hours", "2"]).code == 0)
            // Known by its canonical form, whatever form is asked for.
            let shown = try fixture.wireroom(["trace", "https://COURIER.example/bridge?utm_source=mail"])
            #expect(shown.code == 0)
            for words in [
                "waits to be fetched: the host is left alone until", "because of operator",
                "from https://courier.example/feed", "noarchive",
            ] {
                #expect(shown.text.contains(words), "\(shown.text)")
            }
            #expect(try fixture.wireroom(["trace", "https://courier.example/other"]).code == 1)
        }
    }
}
