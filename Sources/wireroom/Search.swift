import ArgumentParser
import Foundation
import Operator

/// `wireroom search`
struct Search: OperatorCommand {
    static let configuration = CommandConfiguration(
        abstract: "Searches the articles.",
        discussion: """
            Words are searched in the article's own language, with its word forms. "…" searches a phrase, a minus leaves a word \
            out, and `or` takes either; put -- before words that begin with a minus. Ends with 1 when nothing is found.

            EXAMPLES
              wireroom search central bank --since 2026-01-01 --until 2026-02-01
              wireroom search --language de --limit 5 -- Wahl -Umfrage
              wireroom search '"interest rates" or inflation' --json
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: "What to search for.")
    var words: [String]

    @Option(help: "Only articles in this language, such as en.")
    var language: String?

    @Option(help: ArgumentHelp("Only articles published then or later: \(DateArgument.formHelp).", valueName: "date"))
    var since: DateArgument?

    @Option(help: ArgumentHelp("Only articles published before: \(DateArgument.formHelp).", valueName: "date"))
    var until: DateArgument?

    @Option(help: ArgumentHelp("Only articles of this source; see `wireroom source list`.", valueName: "id"))
    var source: Int64?

    @Option(help: "Hits at most, 1 to 1000.")
    var limit = 20

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit \(limit) is not within 1 to 1000") }
        guard words.contains(where: { $0.contains { !$0.isWhitespace } }) else {
            throw ValidationError("there are no words to search for")
        }
    }

    func execute(_ session: OperatorSession) async throws {
        let filter = SearchFilter(
            language: language, since: since?.date, until: until?.date, sourceID: source, limit: limit)
        let query = words.joined(separator: " ").replacing("\0", with: " ")
        let hits = try await session.withDatabase { try await NewsReader(database: $0).search(query, filter) }
        for hit in hits {
            if options.json {
                try Console.json(hit)
                continue
            }
            try Console.line(TerminalText.plain("\(hit.articleID)  \(hit.title ?? "(no title)")"))
            let facts = [
                hit.outlet, hit.language, TerminalText.time(hit.publishedAt), hit.storyID.map { "story \($0)" },
                hit.url,
            ].compactMap { $0 }
            try Console.line("    " + TerminalText.plain(facts.joined(separator: " · ")))
            if let snippet = hit.snippet { try Console.styledLine("    " + Self.marked(TerminalText.plain(snippet))) }
        }
        if !options.json { Console.note(hits.isEmpty ? "nothing found" : TerminalText.count(hits.count, "article")) }
        if hits.isEmpty { throw CommandFailure(.failed) }
    }

    /// The passage with the words that were found in bold type on a terminal, and plain elsewhere.
    private static func marked(_ snippet: String) -> String {
        let (start, end) = Console.isTerminal ? ("\u{1B}[1m", "\u{1B}[0m") : ("", "")
        return snippet.replacing("<b>", with: start).replacing("</b>", with: end)
    }
}
