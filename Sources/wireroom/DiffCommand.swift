import ArgumentParser
import Foundation
import Operator

/// `wireroom diff`
struct DiffCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Shows what this program's extraction would change of stored articles, and writes nothing.",
        discussion: """
            Takes a sample of stored captures, the same each time, extracts them as the parse stage would, and compares with \
            what is stored. With --json, one object a page that would change and a summary at the end.

            EXAMPLES
              wireroom diff --sample 500
              wireroom diff --sample 100 --source 3 --since 2026-03-01 --json
            """)

    @OptionGroup var options: OperatorOptions

    @Option(help: "How many pages, 1 to 100000.")
    var sample = 200

    @Option(help: ArgumentHelp("Only of this source; see `wireroom source list`.", valueName: "id"))
    var source: Int64?

    @Option(help: ArgumentHelp("Only what was captured then or later: \(DateArgument.formHelp).", valueName: "date"))
    var since: DateArgument?

    @Option(help: ArgumentHelp("Only what was captured before: \(DateArgument.formHelp).", valueName: "date"))
    var until: DateArgument?

    @Option(help: "Only this URL.")
    var url: String?

    func validate() throws {
        if !(1...100_000).contains(sample) { throw ValidationError("--sample \(sample) is not within 1 to 100000") }
    }

    func execute(_ session: OperatorSession) async throws {
        let filter = ReplayFilter(sourceID: source, since: since?.date, until: until?.date, url: url)
        var summary = ExtractionComparisonSummary()
        try await session.withDatabase { database in
            try await StoredPages(database: database).forEach(filter, limit: sample) { page in
                let comparison = ExtractionComparison(page)
                summary.add(comparison)
                guard comparison.outcome != .same else { return }
                if options.json { try Console.json(comparison) } else { try show(comparison) }
            }
        }
        guard summary.pages > 0 else { throw CommandFailure(.failed, "nothing stored matches") }
        if options.json { try Console.json(["summary": summary]) } else { try show(summary) }
    }

    private func show(_ page: ExtractionComparison) throws {
        let version = page.storedVersion.map { " (stored by version \($0))" } ?? ""
        let reason = page.reason.map { ": \($0)" } ?? ""
        try Console.line("\(page.outcome.rawValue)  \(TerminalText.plain(page.url))\(version)\(reason)")
        try ComparisonText.write(page.changes, page.body)
    }

    private func show(_ summary: ExtractionComparisonSummary) throws {
        try Console.line()
        var table = TextTable()
        table.add("pages", "\(summary.pages)")
        for outcome in ExtractionComparison.Outcome.allCases {
            table.add(outcome.rawValue, "\(summary.outcomes[outcome.rawValue] ?? 0)")
        }
        for (field, count) in summary.fields.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            table.add("  \(field)", "\(count)")
        }
        if summary.removedLines + summary.addedLines > 0 {
            table.add("lines of text", "\(summary.removedLines) would go, \(summary.addedLines) would come")
        }
        try table.write()
        if summary.changedWithinVersion > 0 {
            Console.note(
                """
                \(TerminalText.count(summary.changedWithinVersion, "page")) stored by version \(summary.version) would come out \
                otherwise by version \(summary.version): what the site's memory or a rule did since, or a change of the program \
                without a new version
                """)
        }
    }
}

/// What would change, for people.
enum ComparisonText {
    static func write(_ changes: [ExtractionComparison.Change], _ body: ExtractionComparison.BodyChange?) throws {
        for change in changes {
            let old = TerminalText.shortened(change.stored ?? "–", to: 60)
            try Console.line("    \(change.field): \(old) → \(TerminalText.shortened(change.new ?? "–", to: 60))")
        }
        guard let body else { return }
        try Console.line(
            "    body: \(body.storedWords) → \(body.newWords) words, −\(body.removedLines) +\(body.addedLines) lines")
        for line in body.removed { try Console.line("      - \(TerminalText.shortened(line, to: 100))") }
        for line in body.added { try Console.line("      + \(TerminalText.shortened(line, to: 100))") }
    }
}
