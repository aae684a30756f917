import ArgumentParser
import Foundation
import Operator

/// `wireroom article`
struct Article: OperatorCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows an article with everything that is known of it.",
        discussion: """
            EXAMPLES
              wireroom article 17
              wireroom article 17 --json | jq .quotes
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: ArgumentHelp("Number of the article.", valueName: "id"))
    var articleID: Int64

    func execute(_ session: OperatorSession) async throws {
        guard let json = try await session.withDatabase({ try await NewsReader(database: $0).article(articleID) })
        else {
            throw CommandFailure(
                .failed, "there is no article \(articleID); one that is not indexed yet is found by `wireroom trace`")
        }
        guard !options.json else { return try Console.line(json) }
        try JSONDecoder().decode(ArticlePage.self, from: Data(json.utf8)).write()
    }
}

/// The parts of an article that people read.
private struct ArticlePage: Decodable {
    struct Topic: Decodable {
        var name: String
        var score: Double
    }
    struct Named: Decodable {
        var name: String
    }
    struct Quote: Decodable {
        var quote: String
        var speaker: String?
    }
    struct Event: Decodable {
        var name: String
        var actor: String?
        var target: String?
    }
    struct Evidence: Decodable {
        var source: String
        var sources: [String]?
        var agreement: Double?
    }
    struct Reprint: Decodable {
        var article_id: Int64
        var kind: String
    }

    var article_id: Int64
    var title: String?
    var authors: [String]?
    var outlet: String?
    var language: String?
    var published_at: String?
    var url: String
    var story_id: Int64?
    var original_source: String?
    var dateline: String?
    var canonical_url: String?
    var amp_url: String?
    var modified_at: String?
    var section: String?
    var is_paywalled: Bool?
    var evidence: [String: Evidence]?
    var body: String?
    var topics: [Topic]
    var places: [Named]
    var actors: [Named]
    var quotes: [Quote]
    var events: [Event]
    var reprints: [Reprint]

    func write() throws {
        try Console.line(TerminalText.plain(title ?? "(no title)"))
        let byline = [
            authors.flatMap { $0.isEmpty ? nil : "by " + $0.joined(separator: ", ") }, outlet,
            published_at.map { String($0.prefix(16)) },
            language, original_source.map { "source: \($0)" }, dateline,
        ].compactMap { $0 }
        try Console.line(TerminalText.plain(byline.joined(separator: " · ")))
        try Console.line(TerminalText.plain(url))
        for line in TerminalText.paragraphs("\n" + (body ?? "")).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            try Console.line(String(line))
        }
        try Console.line()
        var table = TextTable()
        table.add("article", "\(article_id)" + (story_id.map { " in story \($0)" } ?? ""))
        if let section { table.add("section", section) }
        if let modified_at { table.add("changed", String(modified_at.prefix(16))) }
        if let canonical_url, canonical_url != url { table.add("canonical", canonical_url) }
        if let amp_url { table.add("AMP", amp_url) }
        if let is_paywalled { table.add("paywall", is_paywalled ? "yes" : "no") }
        for (field, found) in (evidence ?? [:]).sorted(by: { $0.key < $1.key }) {
            let share = found.agreement.map { " (\(Int(($0 * 100).rounded())) % of the votes)" } ?? ""
            table.add("evidence", "\(field): \((found.sources ?? [found.source]).joined(separator: ", "))\(share)")
        }
        table.add("topics", topics.map { "\($0.name) \(($0.score * 100).rounded() / 100)" }.joined(separator: ", "))
        table.add("places", Self.names(places))
        table.add("actors", Self.names(actors))
        for quote in quotes { table.add("quote", "\(quote.speaker ?? "someone"): “\(quote.quote)”") }
        for event in events {
            table.add("event", [event.actor, event.name, event.target].compactMap { $0 }.joined(separator: " → "))
        }
        for reprint in reprints where reprint.article_id != article_id {
            table.add("reprint", "article \(reprint.article_id) (\(reprint.kind))")
        }
        try table.write()
    }

    private static func names(_ list: [Named]) -> String {
        var seen: Set<String> = []
        return list.map(\.name).filter { seen.insert($0).inserted }.joined(separator: ", ")
    }
}
