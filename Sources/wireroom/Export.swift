import ArgumentParser
import Captures
import Foundation
import Operator
import Postgres
import WorkerRuntime

/// `wireroom export`
struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes what is stored into files for other tools.",
        subcommands: [ExportWARC.self])
}

/// `wireroom export warc`
struct ExportWARC: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "warc", abstract: "Writes captures as web archives, WARC 1.1, each record a gzip member.",
        discussion: """
            Of each capture a response record (or resource, for imported documents), or a revisit record where the body had not \
            changed, and a metadata record with timing, redirects and what feeds said. `wireroom import` takes such files back. \
            Files that are there already are never written over.

            EXAMPLES
              wireroom export warc march.warc.gz --since 2026-03-01 --until 2026-04-01
              wireroom export warc outlet.warc.gz --source 12 --max-megabytes 500
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: ArgumentHelp("File to write, such as news.warc.gz.", valueName: "file"))
    var path: String

    @Option(help: ArgumentHelp("Only of this source.", valueName: "id"))
    var source: Int64?

    @Option(help: ArgumentHelp("Stored from then on: \(DateArgument.formHelp).", valueName: "date"))
    var since: DateArgument?

    @Option(help: ArgumentHelp("Stored before: \(DateArgument.formHelp).", valueName: "date"))
    var until: DateArgument?

    @Option(help: "Size in megabytes behind which another file is begun.")
    var maxMegabytes = 1000

    func validate() throws {
        guard (1...1_000_000).contains(maxMegabytes) else {
            throw ValidationError("--max-megabytes \(maxMegabytes) is not within 1 to 1000000")
        }
    }

    func execute(_ session: OperatorSession) async throws {
        let filter = CaptureFilter(sourceID: source, since: since?.date, until: until?.date)
        let report = try await session.withDatabase { database in
            try await CaptureExporter(
                database: database, captures: PostgresCaptureStore(),
                software: "Wireroom/\(WorkerApplication.version)"
            ).run(to: path, filter, maximumFileBytes: maxMegabytes * 1_000_000) { count in
                if count.isMultiple(of: 5000), count > 0 { Console.note("\(count) captures written") }
            }
        }
        for message in report.failed.prefix(50) { Console.note("failed \(TerminalText.plain(message))") }
        if options.json {
            try Console.json(report)
        } else {
            try Console.line(
                "\(TerminalText.count(report.documents, "document")) and \(TerminalText.count(report.revisits, "revisit")), "
                    + "\(report.bytes) bytes, \(report.failed.count) failed")
            for file in report.files { try Console.line(file) }
        }
        if !report.failed.isEmpty { throw CommandFailure(.failed) }
        if report.files.isEmpty { Console.note("there are no such captures; nothing was written") }
    }
}

/// `wireroom retention`
struct Retention: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention", abstract: "Drops the captures of old months; articles stay.",
        discussion: """
            Shows the monthly partitions of captures with their sizes; with --months drops those that are older than so many \
            whole months before this one. What was dropped can be parsed no more. The setting crawl.keep-captures-months makes \
            the crawl workers do the same once an hour.

            EXAMPLES
              wireroom retention
              wireroom retention --months 12
            """)

    @OptionGroup var options: OperatorOptions

    @Option(help: "Whole months before this one that are kept, 1 or more.")
    var months: Int?

    func validate() throws {
        if let months, !(1...1200).contains(months) {
            throw ValidationError("--months \(months) is not within 1 to 1200")
        }
    }

    private struct Partition: Encodable {
        var name: String
        var bytes: Int64
    }

    private struct Answer: Encodable {
        var dropped: [String]
        var partitions: [Partition]
    }

    func execute(_ session: OperatorSession) async throws {
        let answer = try await session.withDatabase { database in
            var dropped: [String] = []
            if let months {
                let rows = try await database.query(
                    "SELECT wireroom.drop_captures($1::int) AS dropped", [.int(Int64(months))])
                dropped = try rows.first?.decode("dropped") ?? []
            }
            let partitions = try await database.query(
                """
                SELECT c.relname::text AS name, pg_total_relation_size(c.oid) AS bytes
                FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'wireroom.capture'::regclass ORDER BY c.relname
                """
            ).map { Partition(name: try $0.decode("name"), bytes: try $0.decode("bytes")) }
            return Answer(dropped: dropped, partitions: partitions)
        }
        guard !options.json else { return try Console.json(answer) }
        for name in answer.dropped { try Console.line("dropped \(name)") }
        var table = TextTable("PARTITION", "MEGABYTES")
        for partition in answer.partitions {
            table.add(partition.name, "\((partition.bytes + 500_000) / 1_000_000)")
        }
        try table.write()
    }
}
