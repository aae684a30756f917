import ArgumentParser
import Foundation
import Model
import Operator

/// `wireroom tail`
struct Tail: OperatorCommand {
    /// The outcomes of the ledger.
    enum Outcome: String, ExpressibleByArgument, CaseIterable {
        case done, drop, retry, snooze, quarantine
    }

    static let configuration = CommandConfiguration(
        abstract: "Follows what happens: one line for each message that was settled.",
        discussion: """
            Ends with Ctrl-C, or after --lines with --once. A lease of the crawl stage shows its host.

            EXAMPLES
              wireroom tail
              wireroom tail --stage parse --outcome drop
              wireroom tail --source 12 --json
              wireroom tail --once --lines 50
            """)

    @OptionGroup var options: OperatorOptions

    @Option(help: "Only of this stage: crawl, parse, classify or index.")
    var stage: StageName?

    @Option(help: "Only of the source with this number.")
    var source: Int64?

    @Option(help: "Only with this outcome: done, drop, retry, snooze or quarantine.")
    var outcome: Outcome?

    @Option(name: .shortAndLong, help: "Lines of the past to begin with, 0 to 10000.")
    var lines = 10

    @Flag(help: "Show the past and end.")
    var once = false

    func validate() throws {
        guard (0...10_000).contains(lines) else { throw ValidationError("--lines \(lines) is not within 0 to 10000") }
    }

    func execute(_ session: OperatorSession) async throws {
        try await session.withDatabase { database in
            var follower = LedgerFollower(
                database: database,
                filter: LedgerFilter(stage: stage?.rawValue, sourceID: source, outcome: outcome?.rawValue))
            try await follower.start(lines: lines).forEach(show)
            while !once {
                try await Task.sleep(for: .milliseconds(500))
                try await follower.next().forEach(show)
            }
        }
    }

    private func show(_ line: LedgerLine) throws {
        if options.json { return try Console.json(line) }
        let time = line.at.formatted(.iso8601).dropFirst(11).prefix(8)
        let stage = line.stage.padding(toLength: 8, withPad: " ", startingAt: 0)
        let outcome = line.outcome.padding(toLength: 10, withPad: " ", startingAt: 0)
        let milliseconds = line.milliseconds.map { "\($0) ms" } ?? ""
        var parts = ["\(time) \(stage) \(outcome)", milliseconds]
        if line.attempt > 1 { parts.append("attempt \(line.attempt)") }
        if let reason = line.reason { parts.append(line.detail.map { "\(reason): \($0)" } ?? reason) }
        parts.append(line.subject ?? line.messageID)
        try Console.line(TerminalText.plain(parts.filter { !$0.isEmpty }.joined(separator: "  ")))
    }
}
