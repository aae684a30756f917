import ArgumentParser
import Captures
import Crawling
import Fetch
import Foundation
import Operations
import Operator
import Parsing
import Postgres
import WebURL

/// `wireroom source add`
struct SourceAdd: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Looks at an outlet's site and adds it as a source.",
        discussion: """
            Reads robots.txt and the home page, finds feeds and sitemaps by itself, shows how many articles they name and the \
            newest of their dates, extracts one sample article, and then adds the source. Adding it again brings it up to date.

            Each host that it asks is held meanwhile, so that no crawl worker contacts it at the same time, and the host's delay is \
            kept. A host that a worker has in hand is waited for, up to a minute.

            EXAMPLES
              wireroom source add https://www.example.org/ --dry-run
              wireroom source add www.example.org --name "The Example" --language en --allow-host media.example.net
              wireroom source add www.example.org --exclude '/sport/*' --max-age 30d --revisits off
              wireroom source add www.example.org --accept-any-certificate "expired since May, the outlet knows"
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: ArgumentHelp("The outlet's home page.", valueName: "url"))
    var address: String

    @Option(help: "The outlet's name. [default: the name that its pages give, else the host]")
    var name: String?

    @OptionGroup var rules: SourceRuleOptions

    @Option(help: "Main language, such as en. [default: that of the sample article]")
    var language: String?

    @Option(
        help: "Where an outlet can learn who crawls it: an https:// page or mailto: address. [WIREROOM_CRAWL_CONTACT]")
    var contact: String?

    @Option(
        help: ArgumentHelp("Do not check certificates, for this reason, which is shown with it.", valueName: "reason"))
    var acceptAnyCertificate: String?

    @Flag(help: "Look only, and add nothing; needs no database, and holds no hosts where none is set.")
    var dryRun = false

    var settings: [String: String] { ["crawl.contact": contact].compactMapValues { $0 } }

    func validate() throws {
        guard homepage != nil else { throw ValidationError("\(address) is not a web address") }
        if acceptAnyCertificate?.allSatisfy(\.isWhitespace) == true {
            throw ValidationError("--accept-any-certificate needs a reason")
        }
    }

    /// The address, with `https://` put before a bare host name.
    private var homepage: ParsedURL? {
        let text = address.contains("://") ? address : "https://" + address
        return ParsedURL(text).flatMap { $0.isHTTP ? $0.withoutFragment : nil }
    }

    func execute(_ session: OperatorSession) async throws {
        let configuration = try CrawlConfiguration(settings: session.settings)
        guard dryRun, session.settings.secret("database.url") == nil else {
            return try await session.withDatabase { database in
                // Better to know before the outlet is asked a dozen times.
                _ = try await database.query("SELECT 1 FROM wireroom.source LIMIT 1")
                try await look(session, configuration, database)
            }
        }
        try await look(session, configuration, nil)
    }

    private func look(
        _ session: OperatorSession, _ configuration: CrawlConfiguration, _ database: PostgresPool?
    ) async throws {
        let frontier = database.map {
            Frontier(database: $0, captures: PostgresCaptureStore(), configuration: configuration)
        }
        let proposal = try await probe(session, configuration, frontier)
        var report = SourceReport(proposal, article: proposal.sample.map(Self.extract), name: name, language: language)
        if !options.json { try report.write() }
        if !dryRun, let frontier { report.addition = try await add(proposal, report, to: frontier) }
        if options.json { try Console.json(report) }
        if dryRun { Console.note("nothing was added (--dry-run)") }
    }

    private func probe(
        _ session: OperatorSession, _ configuration: CrawlConfiguration, _ frontier: Frontier?
    ) async throws -> SourceProposal {
        guard let homepage else { throw CommandFailure(.usage) }
        let fetcher = FetchClient(try configuration.fetchConfiguration(session.settings), logger: session.logger)
        let turns = HostTurns(frontier: frontier, configuration: configuration, holder: session.name) { words in
            Console.note(TerminalText.plain(words))
        }
        let probe = SourceProbe(
            configuration: configuration, fetcher: fetcher, turns: turns, allowedHosts: rules.hosts,
            rules: rules.rules, acceptsAnyCertificate: acceptAnyCertificate != nil)
        do {
            let proposal = try await probe.probe(homepage) { step in
                Console.note("looking at \(TerminalText.plain(step))")
            }
            await fetcher.close()
            return proposal
        } catch {
            await fetcher.close()
            throw error
        }
    }

    private static func extract(_ response: FetchResponse) -> (url: String, article: ExtractedArticle) {
        let article = DocumentExtractor.extract(
            bytes: response.body, url: response.url.href, contentType: response.headers["Content-Type"], charset: nil,
            fetchedAt: Date())
        return (response.url.href, article)
    }

    private func add(
        _ proposal: SourceProposal, _ report: SourceReport, to frontier: Frontier
    ) async throws -> SourceReport.Addition {
        let added = try await frontier.addSource(
            name: report.name, keepsName: name == nil, homepage: proposal.homepage.href, language: report.language,
            allowedHosts: rules.hosts, urls: proposal.urls, settings: rules.settings)
        if let acceptAnyCertificate {
            _ = try await frontier.setTLSException(acceptAnyCertificate, ofSource: added.sourceID)
        }
        if !options.json {
            try Console.line()
            let watched = TerminalText.count(proposal.urls.count, "address", "addresses")
            try Console.line("added as source \(added.sourceID); \(watched) to watch, \(added.added) of them new")
        }
        return SourceReport.Addition(sourceID: added.sourceID, watched: proposal.urls.count, new: added.added)
    }
}

/// What was found out about an outlet, as it is shown.
struct SourceReport: Encodable {
    /// The source that was made.
    struct Addition: Encodable {
        var sourceID: Int64
        var watched: Int
        var new: Int

        enum CodingKeys: String, CodingKey {
            case watched, new
            case sourceID = "source_id"
        }
    }

    private struct Sample: Encodable {
        var url: String
        var article: ExtractedArticle
    }

    var homepage: String
    var name: String
    var language: String?
    var robots: String
    var listings: [SourceProposal.Listing]
    private var sample: Sample?
    var addition: Addition?

    enum CodingKeys: String, CodingKey {
        case homepage, name, language, robots, listings, sample
        case addition = "added"
    }

    init(
        _ proposal: SourceProposal, article: (url: String, article: ExtractedArticle)?, name: String?, language: String?
    ) {
        homepage = proposal.homepage.href
        self.name = name ?? article?.article.siteName ?? proposal.name
        self.language = language ?? article?.article.language
        robots = proposal.robots
        listings = proposal.listings
        sample = article.map { Sample(url: $0.url, article: $0.article) }
    }

    /// Writes the report for people.
    func write() throws {
        var table = TextTable()
        table.add("home page", homepage)
        table.add("name", name)
        table.add("language", language ?? "unknown")
        table.add("robots.txt", robots)
        try table.write()
        try Console.line()
        if listings.isEmpty { try Console.line("no feed and no sitemap; the home page itself will be watched") }
        var found = TextTable()
        for listing in listings {
            let state = listing.problem.map { "not usable: \($0)" } ?? TerminalText.count(listing.items, "item")
            found.add(listing.kind, state, "newest \(TerminalText.time(listing.newest))", listing.url)
        }
        try found.write()
        try Console.line()
        guard let sample else { return try Console.line("no sample article could be had") }
        try Console.line("sample article \(TerminalText.plain(sample.url))")
        if let reason = sample.article.notArticleReason { try Console.line("  not an article: \(reason.rawValue)") }
        try ArticleText(sample.article).write(indent: "  ", paragraphs: 3)
    }
}
