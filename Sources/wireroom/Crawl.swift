import ArgumentParser
import Crawling
import Foundation
import Model
import Operator
import WebURL

/// `wireroom crawl`
struct Crawl: OperatorCommand {
    static let configuration = CommandConfiguration(
        abstract: "Has single pages fetched as soon as their hosts allow it.",
        discussion: """
            The crawl workers fetch them, under the same rules as everything: robots.txt, and the pause between two requests to \
            a host. Pages that are known already are fetched again.

            With --lost, those articles of a source are fetched again that were dropped or quarantined for a reason, once the \
            outlet or the source's rules have been mended; see the reasons in `wireroom source show`.

            EXAMPLES
              wireroom crawl https://www.example.org/2026/03/a-story.html --wait
              wireroom crawl --source 12 --lost access-denied --since 2026-03-01
            """)

    @OptionGroup var options: OperatorOptions
    @OptionGroup var waiting: WaitingOptions

    @Argument(help: ArgumentHelp("Addresses of articles.", valueName: "url"))
    var urls: [String] = []

    @Option(help: ArgumentHelp("Articles of --source that were lost for this reason.", valueName: "reason"))
    var lost: String?

    @Option(help: ArgumentHelp("With --lost: articles of this source.", valueName: "id"))
    var source: Int64?

    @Option(
        help: ArgumentHelp(
            "With --lost: only what was discovered then or later: \(DateArgument.formHelp).", valueName: "date"))
    var since: DateArgument?

    private struct Line: Encodable {
        var url: String
        var urlID: Int64
        var state: String?
        var summary: String?
        var articleID: Int64?

        enum CodingKeys: String, CodingKey {
            case url, state, summary
            case urlID = "url_id"
            case articleID = "article_id"
        }
    }

    func validate() throws {
        guard urls.isEmpty == (lost != nil), (lost != nil) == (source != nil), since == nil || lost != nil else {
            throw ValidationError("give addresses, or --lost with --source")
        }
        for url in urls where ParsedURL(url)?.isHTTP != true {
            throw ValidationError("\(url) is not a web address (http or https)")
        }
    }

    func execute(_ session: OperatorSession) async throws {
        try await session.withDatabase { database in
            let pages = try await request(session.frontier(database))
            guard waiting.wait else {
                for page in pages where options.json { try Console.json(Line(url: page.url, urlID: page.urlID)) }
                if !options.json {
                    try Console.line("\(TerminalText.count(pages.count, "page")) due; follow with `wireroom trace URL`")
                }
                return
            }
            let progress = try await waiting.waitForArrival(pages.map(\.urlID), in: database)
            let reader = TraceReader(database: database)
            for page in pages {
                guard let trace = try await reader.read(page.url) else { continue }
                if options.json {
                    try Console.json(
                        Line(
                            url: trace.url, urlID: trace.urlID, state: trace.state, summary: trace.summary,
                            articleID: trace.articleID))
                } else {
                    try Console.line(TerminalText.plain("\(trace.url) \(trace.summary)"))
                }
            }
            if progress.indexed < Set(pages.map(\.urlID)).count { throw CommandFailure(.failed) }
        }
    }

    private func request(_ frontier: Frontier) async throws -> [(url: String, urlID: Int64)] {
        if let lost, let source {
            let pages = try await frontier.request(lostFor: lost, ofSource: source, since: since?.date ?? .distantPast)
            guard !pages.isEmpty else { throw CommandFailure(.failed, "source \(source) has lost no article for that") }
            return pages
        }
        let requests = urls.compactMap { ParsedURL($0) }.compactMap { Frontier.discovered($0, kind: .article) }
        guard requests.count == urls.count else {
            throw CommandFailure(.failed, "some addresses cannot be crawled; see `wireroom url`")
        }
        return zip(requests.map(\.url), try await frontier.request(requests)).map { (url: $0, urlID: $1) }
    }
}
