import ArgumentParser
import Foundation
import Operator

/// `wireroom funnel`
struct Funnel: OperatorCommand {
    static let configuration = CommandConfiguration(
        abstract: "Counts what came to each stage and what became of it: in = done + dropped + quarantined + pending.",
        discussion: """
            For parse, classify and index, messages are counted on the day on which they were sent to the stage; for crawl, \
            URLs of articles on the day of their discovery. Days are those of UTC.

            EXAMPLES
              wireroom funnel --since 2026-03-01
              wireroom funnel --source 12 --by-day
              wireroom funnel --by-source --json
            """)

    @OptionGroup var options: OperatorOptions

    @Option(help: "Number of the only source to count.")
    var source: Int64?

    @Option(help: ArgumentHelp("First day. [default: seven days ago]", valueName: "date"))
    var since: DateArgument?

    @Flag(help: "One row for each day.")
    var byDay = false

    @Flag(help: "One row for each source.")
    var bySource = false

    func execute(_ session: OperatorSession) async throws {
        let week = Date(timeIntervalSinceNow: -7 * 86_400)
        let first = Date(
            timeIntervalSince1970: ((since?.date ?? week).timeIntervalSince1970 / 86_400).rounded(.down) * 86_400)
        let rows = try await session.withDatabase {
            try await FunnelReader(database: $0).read(
                since: first, sourceID: source, grouping: FunnelGrouping(byDay: byDay, bySource: bySource))
        }
        guard !options.json else { return try rows.forEach(Console.json) }
        guard !rows.isEmpty else { return Console.note("nothing since \(TerminalText.time(first).prefix(10))") }
        var table = TextTable(
            "DAY", "SOURCE", "STAGE", "IN", "DONE", "DROPPED", "QUARANTINED", "PENDING", "RETRIES", "REASONS")
        for row in rows {
            let reasons = row.reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
            let source = row.source ?? (bySource ? "–" : self.source.map(String.init) ?? "all")
            table.add(
                row.day ?? "all", TerminalText.shortened(source, to: 24), row.stage, "\(row.entered)", "\(row.done)",
                "\(row.dropped)", "\(row.quarantined)", "\(row.pending)", "\(row.retried)",
                reasons.joined(separator: ", "))
        }
        try table.write()
    }
}
