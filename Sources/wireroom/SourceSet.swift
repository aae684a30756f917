import ArgumentParser
import Crawling
import Foundation
import WebURL

/// The flags of `source add` and `source set` that say which articles of a source are wanted, and when they are fetched again.
struct SourceRuleOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Another host whose articles belong to the outlet, with its subdomains; may be repeated.", valueName: "host"
        ))
    var allowHost: [String] = []

    @Option(
        help: ArgumentHelp(
            "Take only articles whose path and query match this pattern, as in robots.txt: * for anything, $ at the end; repeatable.",
            valueName: "pattern"))
    var include: [String] = []

    @Option(help: ArgumentHelp("Leave articles out that match this pattern; may be repeated.", valueName: "pattern"))
    var exclude: [String] = []

    @Option(
        help: ArgumentHelp(
            "Leave articles out that a feed or sitemap dates longer ago, such as 30d or 12h; off for no limit.",
            valueName: "age"))
    var maxAge: String?

    @Option(
        help: ArgumentHelp(
            "Fetch articles again at these ages, such as 1h,6h,1d,7d; off for never, default for the crawler's own schedule.",
            valueName: "ages"))
    var revisits: String?

    func validate() throws {
        for host in allowHost where Self.host(host) == nil {
            throw ValidationError("--allow-host \(host) is not a host name")
        }
        for pattern in include + exclude where !SourceRules.isPattern(pattern) {
            throw ValidationError("\(pattern) is not a pattern: it has to begin with / or *")
        }
        if let maxAge, Self.age(maxAge) == nil {
            throw ValidationError("--max-age \(maxAge) is not an age such as 30d, or off")
        }
        if let revisits, revisits != "default", RevisitSchedule.ages(revisits) == nil {
            throw ValidationError("--revisits \(revisits) is not a list such as 1h,6h,1d,7d, nor off or default")
        }
    }

    /// The host names in the form of URLs.
    var hosts: [String] { allowHost.compactMap(Self.host) }

    private static func host(_ text: String) -> String? {
        ParsedURL("https://\(text)/")?.host.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func age(_ text: String) -> Duration? {
        guard let ages = RevisitSchedule.ages(text), ages.count <= 1 else { return nil }
        return ages.first ?? .zero
    }

    /// The rules that the flags name.
    var rules: SourceRules {
        SourceRules(
            include: include, exclude: exclude, maximumAge: maxAge.flatMap(Self.age).flatMap { $0 > .zero ? $0 : nil })
    }

    /// The settings that the flags name.
    var settings: SourceSettings {
        SourceSettings(
            includePatterns: include.isEmpty ? nil : include, excludePatterns: exclude.isEmpty ? nil : exclude,
            maximumAge: maxAge.flatMap(Self.age), revisitAges: revisits.flatMap(RevisitSchedule.ages),
            usesDefaultRevisits: revisits == "default")
    }
}

/// `wireroom source set`
struct SourceSet: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Changes what is fetched from a source, and when articles are fetched again.",
        discussion: """
            What is not named stays as it is; a list that is named takes the place of the old one. Without flags it shows what holds. \
            Workers heed it with their next lease: articles that are known and no longer wanted are dropped as out-of-scope when \
            their turn comes.

            EXAMPLES
              wireroom source set 12 --exclude '/sport/*' --exclude '/*/live$' --max-age 30d
              wireroom source set 12 --revisits 30m,2h,1d
              wireroom source set 12 --accept-any-certificate "expired since May, the outlet knows"
              wireroom source set 12 --clear include --clear exclude --max-age off --revisits default
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: "Number of the source.")
    var sourceID: Int64

    @OptionGroup var rules: SourceRuleOptions

    @Option(help: "Its name.")
    var name: String?

    @Option(help: "Its main language, such as en.")
    var language: String?

    @Option(help: ArgumentHelp("Empty a list: include, exclude or hosts; may be repeated.", valueName: "list"))
    var clear: [ClearedList] = []

    @Option(
        help: ArgumentHelp("Do not check certificates, for this reason, which is shown with it.", valueName: "reason"))
    var acceptAnyCertificate: String?

    @Flag(help: "Check certificates again.")
    var checkCertificates = false

    func validate() throws {
        if acceptAnyCertificate != nil, checkCertificates {
            throw ValidationError("--accept-any-certificate and --check-certificates exclude each other")
        }
        if acceptAnyCertificate?.allSatisfy(\.isWhitespace) == true {
            throw ValidationError("--accept-any-certificate needs a reason")
        }
    }

    enum ClearedList: String, ExpressibleByArgument, CaseIterable {
        case include, exclude, hosts
    }

    func execute(_ session: OperatorSession) async throws {
        var settings = rules.settings
        settings.name = name
        settings.language = language
        if !rules.hosts.isEmpty { settings.allowedHosts = rules.hosts }
        for list in clear {
            switch list {
            case .include: settings.includePatterns = settings.includePatterns ?? []
            case .exclude: settings.excludePatterns = settings.excludePatterns ?? []
            case .hosts: settings.allowedHosts = settings.allowedHosts ?? []
            }
        }
        let wanted = settings
        guard
            let holding = try await session.withDatabase({
                let frontier = session.frontier($0)
                if acceptAnyCertificate != nil || checkCertificates {
                    _ = try await frontier.setTLSException(acceptAnyCertificate, ofSource: sourceID)
                }
                return try await frontier.set(wanted, ofSource: sourceID)
            })
        else {
            throw CommandFailure(.failed, "there is no source \(sourceID); see `wireroom source list`")
        }
        let report = SourceRuleReport(sourceID, holding)
        guard !options.json else { return try Console.json(report) }
        try report.write()
    }
}

/// The rules of a source as they are shown.
private struct SourceRuleReport: Encodable {
    var sourceID: Int64
    var name: String?
    var language: String?
    var hosts: [String]
    var include: [String]
    var exclude: [String]
    var maximumAge: String?
    var revisits: String?

    enum CodingKeys: String, CodingKey {
        case name, language, hosts, include, exclude, revisits
        case sourceID = "source_id"
        case maximumAge = "max_age"
    }

    init(_ sourceID: Int64, _ settings: SourceSettings) {
        self.sourceID = sourceID
        name = settings.name
        language = settings.language
        hosts = settings.allowedHosts ?? []
        include = settings.includePatterns ?? []
        exclude = settings.excludePatterns ?? []
        maximumAge = settings.maximumAge.map { RevisitSchedule.text(of: [$0]) }
        revisits = settings.revisitAges.map { RevisitSchedule.text(of: $0) }
    }

    func write() throws {
        func list(_ values: [String], none: String) -> String { values.isEmpty ? none : values.joined(separator: " ") }
        var table = TextTable()
        table.add("source", "\(sourceID)")
        table.add("name", name ?? "")
        table.add("language", language ?? "unknown")
        table.add("other hosts", list(hosts, none: "none"))
        table.add("include", list(include, none: "everything"))
        table.add("exclude", list(exclude, none: "nothing"))
        table.add("maximum age", maximumAge ?? "none")
        table.add("revisits", revisits ?? "the crawler's own schedule")
        try table.write()
    }
}
