import ArgumentParser
import Crawling
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

            EXAMPLE
              wireroom crawl https://www.example.org/2026/03/a-story.html --wait
            """)

    @OptionGroup var options: OperatorOptions
    @OptionGroup var waiting: WaitingOptions

    @Argument(help: ArgumentHelp("Addresses of articles.", valueName: "url"))
    var urls: [String]

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
        for url in urls where ParsedURL(url)?.isHTTP != true {
            throw ValidationError("\(url) is not a web address (http or https)")
        }
    }

    func execute(_ session: OperatorSession) async throws {
        let requests = urls.compactMap { ParsedURL($0) }.compactMap { Frontier.discovered($0, kind: .article) }
        guard requests.count == urls.count else {
            throw CommandFailure(.failed, "some addresses cannot be crawled; see `wireroom url`")
        }
        try await session.withDatabase { database in
            let ids = try await session.frontier(database).request(requests)
            guard waiting.wait else {
                for (request, id) in zip(requests, ids) where options.json {
                    try Console.json(Line(url: request.url, urlID: id))
                }
                if !options.json {
                    try Console.line("\(TerminalText.count(ids.count, "page")) due; follow with `wireroom trace URL`")
                }
                return
            }
            let progress = try await waiting.waitForArrival(ids, in: database)
            let reader = TraceReader(database: database)
            for request in requests {
                guard let trace = try await reader.read(request.url) else { continue }
                if options.json {
                    try Console.json(
                        Line(
                            url: trace.url, urlID: trace.urlID, state: trace.state, summary: trace.summary,
                            articleID: trace.articleID))
                } else {
                    try Console.line(TerminalText.plain("\(trace.url) \(trace.summary)"))
                }
            }
            if progress.indexed < Set(ids).count { throw CommandFailure(.failed) }
        }
    }
}
