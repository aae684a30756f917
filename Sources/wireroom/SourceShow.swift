import ArgumentParser
import Foundation
import Operator

/// `wireroom source show`
struct SourceShow: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one source: its feeds, what came of its articles, its usual rate.",
        discussion: """
            EXAMPLE
              wireroom source show 12
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: "Number of the source.")
    var sourceID: Int64

    func execute(_ session: OperatorSession) async throws {
        let details = try await session.withDatabase { try await SourceOffice(database: $0).show(sourceID) }
        guard let details else {
            throw CommandFailure(.failed, "there is no source \(sourceID); see `wireroom source list`")
        }
        guard !options.json else { return try Console.json(details) }
        try details.write()
    }
}

extension SourceDetails {
    /// Writes the details for people.
    fileprivate func write() throws {
        var head = TextTable()
        let pause = stateSince.map { " since \(TerminalText.time($0))" } ?? ""
        head.add("source", "\(sourceID), \(state)\(pause), added \(TerminalText.time(createdAt))")
        head.add("name", name)
        head.add("home page", homepage)
        head.add("language", language ?? "unknown")
        if !allowedHosts.isEmpty { head.add("further hosts", allowedHosts.joined(separator: ", ")) }
        if let tlsException { head.add("certificates", "not checked: \(tlsException)") }
        head.add("hosts", hosts.joined(separator: ", "))
        let order = [
            "discovered", "fetched", "indexed", "waiting", "revisiting", "failing", "blocked", "dropped", "quarantined",
        ]
        head.add("articles", order.map { "\(articles[$0] ?? 0) \($0)" }.joined(separator: ", "))
        for loss in losses {
            let times = "first \(TerminalText.time(loss.first)), newest \(TerminalText.time(loss.newest))"
            head.add(loss == losses.first ? "refused" : "", "\(loss.count) \(loss.reason), \(times), \(loss.example)")
        }
        let links = listings.reduce(into: [:]) { $0.merge($1.refusals, uniquingKeysWith: +) }
        if !links.isEmpty { head.add("links left out", Self.words(links) + ", at the last looks") }
        if let health { head.add("rate", health.words) }
        try head.write()
        try Console.line()
        guard !listings.isEmpty else { return try Console.line("no feed, sitemap or home page is watched") }
        try listings.writeTable(withSource: false)
    }

    /// Counts by reason, the greatest first.
    private static func words(_ reasons: [String: Int]) -> String {
        reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
            .joined(separator: ", ")
    }
}

extension SourceHealth {
    /// The rate in words.
    var words: String {
        let usual = usualPerDay.map { "usually \(Int($0.rounded())) a day" } ?? "known only after three days"
        let newest = "newest \(TerminalText.time(lastFoundAt))"
        return "\(usual), \(foundToday) in the last 24 hours, \(newest)" + (isSilent ? " – SILENT" : "")
    }
}

extension [ListingReport] {
    /// Writes one row for each feed, sitemap or home page.
    func writeTable(withSource: Bool) throws {
        var table = TextTable(
            "KIND", "STATE", "NEXT", "EVERY", "LAST", "HTTP", "ITEMS", "NEWEST", withSource ? "SOURCE" : "", "URL")
        for listing in self {
            let since = listing.failingSince.map { "since \(TerminalText.time($0)): " } ?? ""
            let error = listing.lastError.map { " (\(since)\(TerminalText.shortened($0, to: 80)))" } ?? ""
            table.add(
                listing.kind, listing.state, TerminalText.time(listing.nextAt),
                listing.intervalSeconds.map { "\($0 / 60) min" } ?? "–", TerminalText.time(listing.lastFetchedAt),
                listing.lastStatus.map(String.init) ?? "–", listing.items.map(String.init) ?? "–",
                TerminalText.time(listing.newestItemAt),
                withSource ? listing.sourceID.map { String($0) } ?? "–" : "", listing.url + error)
        }
        try table.write()
    }
}

/// `wireroom feed list`
struct FeedList: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists feeds, sitemaps and home pages that are watched, the next one first.",
        discussion: """
            EXAMPLES
              wireroom feed list --source 12
              wireroom feed list --failing --json
            """)

    @OptionGroup var options: OperatorOptions

    @Option(help: ArgumentHelp("Only of this source.", valueName: "id"))
    var source: Int64?

    @Flag(help: "Only those whose last look failed.")
    var failing = false

    @Option(help: "Rows at most, 1 to 1000000.")
    var limit = 1000

    func validate() throws {
        guard (1...1_000_000).contains(limit) else {
            throw ValidationError("--limit \(limit) is not within 1 to 1000000")
        }
    }

    func execute(_ session: OperatorSession) async throws {
        let listings = try await session.withDatabase {
            try await SourceOffice(database: $0).listings(of: source, onlyFailing: failing, limit: limit)
        }
        guard !options.json else { return try listings.forEach(Console.json) }
        guard !listings.isEmpty else {
            return Console.note("no such feeds; add a source with `wireroom source add URL`")
        }
        try listings.writeTable(withSource: true)
        if listings.count == limit { Console.note("there may be more; see --limit") }
    }
}
