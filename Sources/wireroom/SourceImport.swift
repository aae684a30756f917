public import ArgumentParser
public import Crawling
import Foundation
import Model
import Operator
import WebURL

extension SourceFile.Form: ExpressibleByArgument {}

/// `wireroom source import`
struct SourceImport: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Adds many outlets at once: OPML, CSV or JSON lines.",
        discussion: """
            Nothing is fetched: unlike `source add`, it believes the list. Feeds and sitemaps are looked at first by the crawl \
            workers; sitemaps that a robots.txt names are found by them, and an outlet without either has its home page watched.

            CSV has a heading: homepage (or url), name, language, feeds, sitemaps, allowed_hosts; several values of a field have \
            spaces between them. A JSON line is {"homepage", "name"?, "language"?, "feeds"?: [], "sitemaps"?: [], \
            "allowed_hosts"?: []}. OPML is what feed readers export. An outlet that is there already is brought up to date.

            EXAMPLES
              wireroom source import subscriptions.opml --dry-run
              wireroom source import outlets.csv
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: ArgumentHelp("Lists of outlets.", valueName: "file"))
    var files: [String]

    @Option(help: "opml, csv or jsonl. [default: what the name or the first bytes say]")
    var form: SourceFile.Form?

    @Flag(help: "Show what would be added, and add nothing; needs no database.")
    var dryRun = false

    private struct Answer: Encodable {
        var sources = 0
        var watched = 0
        var new = 0
        var problems: [String] = []
    }

    func execute(_ session: OperatorSession) async throws {
        var answer = Answer()
        var entries: [SourceEntry] = []
        for file in files {
            guard let data = FileManager.default.contents(atPath: file) else {
                answer.problems.append("\(file): cannot be read")
                continue
            }
            let bytes = [UInt8](data)
            let contents = SourceFile.read(bytes, as: form ?? SourceFile.form(ofFile: file, bytes))
            entries += contents.entries
            answer.problems += contents.problems.map { "\(file): \($0)" }
        }
        for problem in answer.problems.prefix(50) { Console.note(TerminalText.plain(problem)) }
        if answer.problems.count > 50 { Console.note("and \(answer.problems.count - 50) more, all with --json") }
        if dryRun { try show(entries, &answer) } else { try await add(entries, session, &answer) }
        if options.json {
            if !dryRun { try Console.json(answer) }
        } else if !dryRun {
            try Console.line(
                "\(TerminalText.count(answer.sources, "source")), \(TerminalText.count(answer.watched, "address", "addresses")) "
                    + "to watch, \(answer.new) of them new")
        }
        if !answer.problems.isEmpty { throw CommandFailure(.failed) }
    }

    private func show(_ entries: [SourceEntry], _ answer: inout Answer) throws {
        guard !options.json else { return try entries.forEach(Console.json) }
        var table = TextTable("HOME PAGE", "FEEDS", "MAPS", "LANGUAGE", "NAME")
        for entry in entries {
            table.add(
                entry.homepage, "\(entry.feeds.count)", "\(entry.sitemaps.count)", entry.language ?? "–", entry.name)
        }
        try table.write()
        Console.note("nothing was added (--dry-run)")
    }

    private func add(_ entries: [SourceEntry], _ session: OperatorSession, _ answer: inout Answer) async throws {
        answer = try await session.withDatabase { [answer] database in
            var answer = answer
            let frontier = session.frontier(database)
            for entry in entries {
                let urls = Self.urls(of: entry)
                let hosts = entry.allowedHosts.compactMap { ParsedURL("https://\($0)/")?.host }
                let added = try await frontier.addSource(
                    name: entry.name, homepage: entry.homepage, language: entry.language, allowedHosts: hosts,
                    urls: urls)
                answer.sources += 1
                answer.watched += urls.count
                answer.new += added.added
                if answer.sources.isMultiple(of: 1000) { Console.note("\(answer.sources) sources added") }
            }
            return answer
        }
    }

    private static func urls(of entry: SourceEntry) -> [DiscoveredURL] {
        let listings =
            entry.feeds.compactMap { ParsedURL($0).flatMap { Frontier.discovered($0, kind: .feed) } }
            + entry.sitemaps.compactMap { ParsedURL($0).flatMap { Frontier.discovered($0, kind: .sitemap) } }
        guard listings.isEmpty else { return listings }
        return [ParsedURL(entry.homepage).flatMap { Frontier.discovered($0, kind: .home) }].compactMap { $0 }
    }
}
