import ArgumentParser
import Foundation
import Model
import Operator
import Pipeline

/// `wireroom replay`
struct Replay: OperatorCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sends stored documents through the line again, from a stage on; nothing is fetched.",
        discussion: """
            For use after a stage has become better. Asks before it starts, unless --yes is given.

            EXAMPLES
              wireroom replay --stage classify --since 2026-03-01 --dry-run
              wireroom replay --stage parse --source 12 --yes
              wireroom replay --stage parse --url https://www.example.org/2026/03/a-story.html --yes
            """)

    /// The stages that work on what is stored.
    enum Stage: String, CaseIterable, ExpressibleByArgument {
        case parse, classify, index

        var name: StageName {
            switch self {
            case .parse: .parse
            case .classify: .classify
            case .index: .index
            }
        }
    }

    @OptionGroup var options: OperatorOptions

    @Option(help: "The stage to begin with; those behind it follow.")
    var stage: Stage

    @Option(help: ArgumentHelp("Only of this source; see `wireroom source list`.", valueName: "id"))
    var source: Int64?

    @Option(help: ArgumentHelp("Only what was captured then or later: \(DateArgument.formHelp).", valueName: "date"))
    var since: DateArgument?

    @Option(help: ArgumentHelp("Only what was captured before: \(DateArgument.formHelp).", valueName: "date"))
    var until: DateArgument?

    @Option(help: "Only this URL.")
    var url: String?

    @Flag(help: "Say how many it would be, and send nothing.")
    var dryRun = false

    @Flag(help: "Do not ask.")
    var yes = false

    private struct Answer: Encodable {
        var stage: String
        var found: Int
        var sent: Int
    }

    func execute(_ session: OperatorSession) async throws {
        let filter = ReplayFilter(sourceID: source, since: since?.date, until: until?.date, url: url)
        try await session.withDatabase { database in
            let replayer = Replayer(database: database)
            let count = try await replayer.count(stage.name, filter)
            if count == 0 { throw CommandFailure(.failed, "nothing stored matches") }
            if dryRun { return try report(found: count, sent: 0) }
            try await session.withBroker { _ in }  // better now than after the messages are in the outbox
            try confirm(count)
            let relay = OutboxRelay(
                topology: session.topology, broker: try session.broker(), database: database, logger: session.logger)
            let mark = "r\(Int64(Date().timeIntervalSince1970 * 1000))"
            let sent = try await replayer.run(stage.name, filter, mark: mark, relay: relay) {
                Console.note("\($0) of \(count) sent")
            }
            try report(found: count, sent: sent)
        }
    }

    private func confirm(_ count: Int) throws {
        guard !yes else { return }
        let question = "\(TerminalText.count(count, "message")) will be sent to the \(stage.rawValue) stage"
        guard Console.isInteractive else {
            throw CommandFailure(.usage, "\(question); say --yes to do it, or --dry-run")
        }
        Console.note("\(question). Go on? [y/N]")
        let answer = readLine()?.lowercased()
        guard answer == "y" || answer == "yes" else { throw CommandFailure(.failed, "nothing was sent") }
    }

    private func report(found: Int, sent: Int) throws {
        guard !options.json else { return try Console.json(Answer(stage: stage.rawValue, found: found, sent: sent)) }
        let number = TerminalText.count(dryRun ? found : sent, "message")
        try Console.line(
            dryRun
                ? "\(number) would be sent to the \(stage.rawValue) stage"
                : "\(number) sent to the \(stage.rawValue) stage")
    }
}
