import ArgumentParser
import Captures
import Crawling
import Fetch
import Foundation
import Operations
import Operator
import Postgres

/// `wireroom source`
struct SourceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source", abstract: "Adds, lists, changes and removes the outlets that are watched.",
        subcommands: [
            SourceAdd.self, SourceImport.self, SourceList.self, SourceShow.self, SourceSet.self, SourceRemove.self,
        ])
}

extension OperatorSession {
    /// The frontier, for commands that fetch nothing themselves.
    func frontier(_ database: PostgresPool) -> Frontier {
        Frontier(
            database: database, captures: PostgresCaptureStore(),
            configuration: CrawlConfiguration(contact: settings.text("crawl.contact") ?? ""))
    }
}

/// `wireroom source list`
struct SourceList: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the sources with what came of them.",
        discussion: """
            EXAMPLE
              wireroom source list --all
              wireroom source list --silent
            """)

    @OptionGroup var options: OperatorOptions

    @Flag(help: "Removed ones too.")
    var all = false

    @Flag(help: "Only those that give far less than they usually do.")
    var silent = false

    private struct Row: Encodable {
        var summary: SourceSummary
        var health: SourceHealth?

        enum CodingKeys: String, CodingKey {
            case health
        }

        func encode(to encoder: any Encoder) throws {
            try summary.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encodeIfPresent(health, forKey: .health)
        }
    }

    func execute(_ session: OperatorSession) async throws {
        let rows = try await session.withDatabase { database in
            let sources = try await session.frontier(database).sources(includingRemoved: all)
            var health: [Int64: SourceHealth] = [:]
            for one in try await SourceOffice(database: database).health() { health[one.sourceID] = one }
            return sources.map { Row(summary: $0, health: health[$0.sourceID]) }.filter {
                !silent || $0.health?.isSilent == true
            }
        }
        guard !options.json else { return try rows.forEach(Console.json) }
        guard !rows.isEmpty else {
            return Console.note(
                silent ? "no source is silent" : "there are no sources; add one with `wireroom source add URL`")
        }
        var table = TextTable(
            "ID", "STATE", "FEEDS", "MAPS", "FOUND", "INDEXED", "DROPPED", "WAITING", "A DAY", "TODAY", "LAST FETCH",
            "NAME", "HOME PAGE")
        for row in rows {
            let source = row.summary
            table.add(
                "\(source.sourceID)", row.health?.isSilent == true ? "SILENT" : source.state, "\(source.feeds)",
                "\(source.sitemaps)", "\(source.discovered)", "\(source.indexed)", "\(source.dropped)",
                "\(source.waiting)", row.health?.usualPerDay.map { "\(Int($0.rounded()))" } ?? "–",
                "\(row.health?.foundToday ?? 0)", TerminalText.time(source.lastFetchedAt), source.name,
                source.homepage)
        }
        try table.write()
    }
}

/// The answer of a command that changes a source's state.
private struct SourceState: Encodable {
    var sourceID: Int64
    var state: String

    enum CodingKeys: String, CodingKey {
        case state
        case sourceID = "source_id"
    }
}

/// `wireroom source remove`
struct SourceRemove: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Gives a source up: nothing is fetched any more; its articles stay.",
        discussion: """
            `wireroom source add` with its home page brings it back; `wireroom pause source` stops it for a while only.

            EXAMPLE
              wireroom source remove 12
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: "Number of the source.")
    var sourceID: Int64

    func execute(_ session: OperatorSession) async throws {
        let isKnown = try await session.withDatabase {
            try await session.frontier($0).setState("removed", ofSource: sourceID)
        }
        guard isKnown else {
            throw CommandFailure(.failed, "there is no source \(sourceID); see `wireroom source list`")
        }
        guard !options.json else { return try Console.json(SourceState(sourceID: sourceID, state: "removed")) }
        try Console.line("source \(sourceID) is removed")
    }
}
