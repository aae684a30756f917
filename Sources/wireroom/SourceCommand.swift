import ArgumentParser
import Captures
import Crawling
import Fetch
import Foundation
import Operations
import Postgres

/// `wireroom source`
struct SourceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source", abstract: "Adds, lists, changes, pauses and removes the outlets that are watched.",
        subcommands: [
            SourceAdd.self, SourceList.self, SourceSet.self, SourcePause.self, SourceResume.self, SourceRemove.self,
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
            """)

    @OptionGroup var options: OperatorOptions

    @Flag(help: "Removed ones too.")
    var all = false

    func execute(_ session: OperatorSession) async throws {
        let sources = try await session.withDatabase { try await session.frontier($0).sources(includingRemoved: all) }
        guard !options.json else { return try sources.forEach(Console.json) }
        guard !sources.isEmpty else {
            return Console.note("there are no sources; add one with `wireroom source add URL`")
        }
        var table = TextTable(
            "ID", "STATE", "FEEDS", "MAPS", "FOUND", "INDEXED", "DROPPED", "WAITING", "LAST FETCH", "NAME", "HOME PAGE")
        for source in sources {
            table.add(
                "\(source.sourceID)", source.state, "\(source.feeds)", "\(source.sitemaps)", "\(source.discovered)",
                "\(source.indexed)",
                "\(source.dropped)", "\(source.waiting)", TerminalText.time(source.lastFetchedAt), source.name,
                source.homepage)
        }
        try table.write()
    }
}

/// A command that changes the state of one source.
protocol SourceStateCommand: OperatorCommand {
    static var newState: String { get }
    var sourceID: Int64 { get }
}

extension SourceStateCommand {
    func execute(_ session: OperatorSession) async throws {
        let isKnown = try await session.withDatabase {
            try await session.frontier($0).setState(Self.newState, ofSource: sourceID)
        }
        guard isKnown else {
            throw CommandFailure(.failed, "there is no source \(sourceID); see `wireroom source list`")
        }
        guard !options.json else { return try Console.json(SourceState(sourceID: sourceID, state: Self.newState)) }
        try Console.line("source \(sourceID) is \(Self.newState)")
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

/// `wireroom source pause`
struct SourcePause: SourceStateCommand {
    static let newState = "paused"
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Stops fetching from a source; what it has brought stays.",
        discussion: """
            EXAMPLE
              wireroom source pause 12
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: "Number of the source.")
    var sourceID: Int64
}

/// `wireroom source resume`
struct SourceResume: SourceStateCommand {
    static let newState = "active"
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Goes on fetching from a source that was paused or removed.",
        discussion: """
            EXAMPLE
              wireroom source resume 12
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: "Number of the source.")
    var sourceID: Int64
}

/// `wireroom source remove`
struct SourceRemove: SourceStateCommand {
    static let newState = "removed"
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Gives a source up: nothing is fetched any more; its articles stay.",
        discussion: """
            EXAMPLE
              wireroom source remove 12
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: "Number of the source.")
    var sourceID: Int64
}
