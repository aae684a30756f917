import ArgumentParser
import Foundation
import Operator
import Parsing

/// `wireroom rule`
struct RuleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rule",
        abstract: "Says what is wrong with a source's pages: rules for the extraction, with dates.",
        discussion: """
            SELECTOR is a part of CSS: element names, *, .class, #id, [attribute] with =, ^=, $= or *=, descendants (a space), \
            children (>), lists (,). ACTION is drop (no text of the article), keep (text of the article), title, or author.
            """,
        subcommands: [RuleAdd.self, RuleList.self, RuleRemove.self, RulePreviewCommand.self])
}

/// The flags that make a rule.
struct RuleOptions: ParsableArguments {
    /// The actions, as words of the command line.
    enum Action: String, ExpressibleByArgument, CaseIterable {
        case drop, keep, title, author

        var value: ExtractionRule.Action {
            switch self {
            case .drop: .drop
            case .keep: .keep
            case .title: .title
            case .author: .author
            }
        }
    }

    @Option(help: "What is done with the elements.")
    var action: Action

    @Argument(help: "Which elements, such as 'aside.box' or 'div[data-type=note] > p'.")
    var selector: String

    @Option(help: ArgumentHelp("The source; see `wireroom source list`.", valueName: "id"))
    var source: Int64

    func parsedSelector() throws -> ElementSelector {
        do {
            return try ElementSelector(selector)
        } catch {
            throw CommandFailure(.usage, "the selector cannot be used: \(error.message)")
        }
    }
}

/// `wireroom rule add`
struct RuleAdd: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Adds a rule for the pages of a source.",
        discussion: """
            It holds for pages that are parsed from now on; `wireroom replay --stage parse --source ID` takes the stored ones.

            EXAMPLE
              wireroom rule add --source 3 --action drop 'div.appeal' --from 2026-03-01 --note 'new template'
            """)

    @OptionGroup var options: OperatorOptions
    @OptionGroup var rule: RuleOptions

    @Option(help: ArgumentHelp("Only for pages fetched then or later: \(DateArgument.formHelp).", valueName: "date"))
    var from: DateArgument?

    @Option(help: ArgumentHelp("Only for pages fetched before: \(DateArgument.formHelp).", valueName: "date"))
    var until: DateArgument?

    @Option(help: "Why the rule is there.")
    var note: String?

    func validate() throws {
        if let from, let until, from.date >= until.date { throw ValidationError("--from is not before --until") }
    }

    func execute(_ session: OperatorSession) async throws {
        let selector = try rule.parsedSelector()
        let number = try await session.withDatabase { database in
            try await ExtractionRuleStore().add(
                rule.action.value, selector, sourceID: rule.source, validFrom: from?.date, validUntil: until?.date,
                note: note,
                to: database)
        }
        guard let number else { throw CommandFailure(.failed, "there is no source \(rule.source)") }
        guard !options.json else { return try Console.json(["rule_id": number]) }
        try Console.line("rule \(number)")
    }
}

/// `wireroom rule list`
struct RuleList: OperatorCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the rules.")

    @OptionGroup var options: OperatorOptions

    @Option(help: ArgumentHelp("Only those of this source.", valueName: "id"))
    var source: Int64?

    private struct Line: Encodable {
        var rule_id: Int64
        var source_id: Int64
        var source: String
        var action: String
        var selector: String
        var valid_from: Date?
        var valid_until: Date?
        var note: String?
        var created_at: Date
    }

    func execute(_ session: OperatorSession) async throws {
        let entries = try await session.withDatabase {
            try await ExtractionRuleStore().entries(sourceID: source, in: $0)
        }
        let lines = entries.map { entry in
            Line(
                rule_id: entry.rule.ruleID, source_id: entry.sourceID, source: entry.sourceName,
                action: entry.rule.action.rawValue, selector: entry.rule.selector.description,
                valid_from: entry.rule.validFrom, valid_until: entry.rule.validUntil, note: entry.note,
                created_at: entry.createdAt)
        }
        guard !options.json else { return try lines.forEach(Console.json) }
        guard !lines.isEmpty else { return Console.note("there are no rules; see `wireroom rule add --help`") }
        var table = TextTable("RULE", "SOURCE", "ACTION", "FROM", "UNTIL", "SELECTOR", "NOTE")
        for line in lines {
            table.add(
                "\(line.rule_id)", "\(line.source_id) \(line.source)", line.action, TerminalText.time(line.valid_from),
                TerminalText.time(line.valid_until), line.selector, line.note ?? "")
        }
        try table.write()
    }
}

/// `wireroom rule remove`
struct RuleRemove: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Removes a rule; what was parsed by it stays as it is until it is parsed again.")

    @OptionGroup var options: OperatorOptions

    @Argument(help: ArgumentHelp("The rule's number.", valueName: "rule"))
    var number: Int64

    func execute(_ session: OperatorSession) async throws {
        let isGone = try await session.withDatabase { try await ExtractionRuleStore().remove(number, from: $0) }
        guard isGone else { throw CommandFailure(.failed, "there is no rule \(number)") }
        if options.json { try Console.json(["removed": number]) } else { try Console.line("rule \(number) removed") }
    }
}

/// `wireroom rule preview`
struct RulePreviewCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview", abstract: "Shows which stored pages of the source a rule would touch, and how.",
        discussion: """
            Nothing is written.

            EXAMPLE
              wireroom rule preview --source 3 --action drop 'div.appeal' --limit 50
            """)

    @OptionGroup var options: OperatorOptions
    @OptionGroup var rule: RuleOptions

    @Option(help: "The newest pages of the source to look at, 1 to 1000.")
    var limit = 100

    func validate() throws {
        if !(1...1000).contains(limit) { throw ValidationError("--limit \(limit) is not within 1 to 1000") }
    }

    func execute(_ session: OperatorSession) async throws {
        let candidate = ExtractionRule(ruleID: 0, action: rule.action.value, selector: try rule.parsedSelector())
        let pages = try await session.withDatabase {
            try await StoredPages(database: $0).sample(
                ReplayFilter(sourceID: rule.source), limit: limit, isNewest: true)
        }
        guard !pages.isEmpty else { throw CommandFailure(.failed, "nothing is stored of source \(rule.source)") }
        let previews = pages.map { RulePreview(candidate, on: $0) }
        guard !options.json else { return try previews.forEach(Console.json) }
        for preview in previews where preview.matches > 0 { try show(preview) }
        let matched = previews.count { $0.matches > 0 }
        let touched = previews.count(where: \.isTouched)
        Console.note("matches in \(matched) of \(TerminalText.count(pages.count, "page")), changes \(touched)")
    }

    private func show(_ preview: RulePreview) throws {
        let isQuiet = preview.isTouched ? "" : ", changes nothing"
        try Console.line(
            "\(TerminalText.plain(preview.url))  \(TerminalText.count(preview.matches, "element"))\(isQuiet)")
        for text in preview.texts { try Console.line("    takes “\(TerminalText.shortened(text, to: 90))”") }
        try ComparisonText.write(preview.changes, preview.body)
    }
}
