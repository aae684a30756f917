import ArgumentParser
import Captures
import Operator

/// `wireroom import`
struct Import: OperatorCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings documents in: files and folders of text, HTML, gzip, WARC or JSON lines.",
        discussion: """
            A line of a .jsonl file is {"url"?, "id"?, "html" | "text" | "body" | "path", "content_type"?, "charset"?, "fetched_at"?}. \
            A document that is there already, byte for byte, is left alone. Inputs that cannot be read are named and the rest \
            goes on; then the command ends with 1.

            EXAMPLES
              wireroom import articles/ --wait
              wireroom import crawl-2026-03.warc.gz letters.jsonl
            """)

    @OptionGroup var options: OperatorOptions
    @OptionGroup var waiting: WaitingOptions

    @Argument(help: ArgumentHelp("Files and folders.", valueName: "path"))
    var paths: [String]

    private struct Answer: Encodable {
        var report: DocumentImporter.Report
        var progress: ArrivalWatcher.Progress?

        enum CodingKeys: String, CodingKey {
            case progress
        }

        func encode(to encoder: any Encoder) throws {
            try report.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encodeIfPresent(progress, forKey: .progress)
        }
    }

    /// Names the first inputs that were left out: thousands of bad lines are no help; `--json` has them all.
    private static func tell(_ what: String, _ inputs: [String]) {
        for input in inputs.prefix(50) { Console.note("\(what) \(TerminalText.plain(input))") }
        if inputs.count > 50 { Console.note("\(what) \(inputs.count - 50) more, named with --json") }
    }

    func execute(_ session: OperatorSession) async throws {
        let broker = try session.broker()
        try await session.withBroker { _ in }  // better now than after the documents are stored
        try await session.withDatabase { database in
            let importer = DocumentImporter(
                database: database, captures: PostgresCaptureStore(), topology: session.topology, broker: broker,
                logger: session.logger)
            let report = try await importer.run(paths) { count in
                if count.isMultiple(of: 500) { Console.note("\(count) documents read") }
            }
            Self.tell("skipped", report.skipped)
            Self.tell("failed", report.failed)
            if !options.json {
                try Console.line(
                    "\(TerminalText.count(report.imported, "document")) imported, \(report.unchanged) unchanged, "
                        + "\(report.skipped.count) skipped, \(report.failed.count) failed")
            }
            var progress: ArrivalWatcher.Progress?
            if waiting.wait, !report.urlIDs.isEmpty {
                progress = try await waiting.waitForArrival(report.urlIDs, in: database)
                if let progress, !options.json { try Console.line(WaitingOptions.summary(progress)) }
            }
            if options.json { try Console.json(Answer(report: report, progress: progress)) }
            if !report.failed.isEmpty { throw CommandFailure(.failed) }
        }
    }
}
