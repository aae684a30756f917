public import ArgumentParser
import Crawling
import Foundation
import Model
public import Operator
import WebURL

/// `wireroom host`
struct HostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host", abstract: "Shows hosts, and orders how they are treated.",
        discussion: "`wireroom pause host NAME` fetches nothing from a host until `wireroom resume host NAME`.",
        subcommands: [
            HostList.self, HostShow.self, HostSet.self, HostBlock.self, HostUnblock.self,
        ])
}

extension HostOffice.Selection: ExpressibleByArgument {}

/// The name of a host, as it is or in a URL.
struct HostArgument: ExpressibleByArgument {
    /// The name, with the port where it is not the scheme's own.
    let name: String

    init?(argument: String) {
        let text = argument.contains("://") ? argument : "http://\(argument)/"
        guard let url = ParsedURL(text), let host = Frontier.discovered(url, kind: .home)?.host else { return nil }
        name = host
    }
}

/// `wireroom host list`
struct HostList: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists hosts: those that are held back, or others.",
        discussion: """
            EXAMPLES
              wireroom host list
              wireroom host list --of ordered --json
            """)

    @OptionGroup var options: OperatorOptions

    @Option(
        help: ArgumentHelp(
            "held: paused or blocked; ordered: with orders of an operator; due: with something to fetch; all.",
            valueName: "which"))
    var of = HostOffice.Selection.held

    @Option(help: "Hosts at most, 1 to 100000.")
    var limit = 1000

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit \(limit) is not within 1 to 100000") }
    }

    func execute(_ session: OperatorSession) async throws {
        let hosts = try await session.withDatabase { try await HostOffice(database: $0).list(of, limit: limit) }
        guard !options.json else { return try hosts.forEach(Console.json) }
        guard !hosts.isEmpty else { return Console.note("no such hosts") }
        var table = TextTable("HOST", "STATE", "SINCE", "DUE", "BLOCKED UNTIL", "DELAY MS", "TODAY", "REASON OR NOTE")
        for host in hosts {
            table.add(
                host.name, host.state, TerminalText.time(host.heldSince), "\(host.due)",
                TerminalText.time(host.blockedUntil),
                host.operatorDelayMilliseconds.map(String.init) ?? "–", "\(host.visitsToday)",
                host.reasonOrNote)
        }
        try table.write()
        if hosts.count == limit { Console.note("there may be more; see --limit") }
    }
}

/// A command about one host, which it shows in the end.
protocol OneHostCommand: OperatorCommand {
    var host: HostArgument { get }
    /// What to order; `nil` to look only.
    func order() throws -> HostOrder?
}

extension OneHostCommand {
    func execute(_ session: OperatorSession) async throws {
        let order = try order()
        let report = try await session.withDatabase { database in
            let office = HostOffice(database: database)
            if let order { try await office.give(order, to: host.name, by: session.name) }
            return try await office.show(host.name)
        }
        guard let report else { throw CommandFailure(.failed, "no host \(host.name) is known") }
        if options.json { try Console.json(report) } else { try report.write() }
    }
}

extension HostReport {
    /// What is noted of it, else why and by whom it is held.
    fileprivate var reasonOrNote: String {
        note ?? [blockedReason, heldBy].compactMap(\.self).joined(separator: ", ")
    }

    /// Writes the report for people.
    fileprivate func write() throws {
        func milliseconds(_ value: Int?) -> String { value.map { "\($0) ms" } ?? "–" }
        var table = TextTable()
        table.add("host", name)
        let holder = heldBy.map { " by \($0)" } ?? ""
        table.add("state", state + (heldSince.map { " since \(TerminalText.time($0))\(holder)" } ?? holder))
        table.add("due now", TerminalText.count(due, "URL"))
        table.add("next request", "not before \(TerminalText.time(nextAllowedAt))")
        if let leasedBy { table.add("leased by", leasedBy) }
        if let blockedReason {
            table.add("blocked", "until \(TerminalText.time(blockedUntil)): \(blockedReason), incident \(incidents)")
        }
        table.add(
            "delay",
            "operator \(milliseconds(operatorDelayMilliseconds)), robots.txt \(milliseconds(crawlDelayMilliseconds)), "
                + "last answer \(milliseconds(lastResponseMilliseconds))")
        let budget = dailyBudget.map(String.init) ?? "as crawl.daily-budget says"
        table.add("visits today", "\(visitsToday), budget: \(budget)")
        if let delayGroup { table.add("group", delayGroup) }
        table.add("address", serverAddress ?? "–")
        let robots = robotsStatus.map { $0 == 0 ? "cannot be asked for" : "HTTP \($0)" } ?? "not asked for yet"
        table.add("robots.txt", "\(robots), \(TerminalText.time(robotsFetchedAt))")
        if let note { table.add("note", note) }
        try table.write()
    }
}

/// `wireroom host show`
struct HostShow: OneHostCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one host: state, delay, blocks, robots.txt, budget.",
        discussion: """
            EXAMPLE
              wireroom host show www.example.com
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: ArgumentHelp("Host name, or a URL on it.", valueName: "host"))
    var host: HostArgument

    func order() -> HostOrder? { nil }
}

/// `wireroom host set`
struct HostSet: OneHostCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Sets delay, daily budget, group or note of a host; \"default\" takes it back.",
        discussion: """
            Workers heed it with the next release; a lease that runs heeds it after the page in hand. A host that is not known \
            yet is made, so that the order counts from its first request on.

            EXAMPLES
              wireroom host set www.example.com --delay-ms 30000 --note "asked by mail, ticket 12"
              wireroom host set www.example.com --delay-ms default --daily-budget 500
              wireroom host set a.example.com --group example && wireroom host set b.example.com --group example
            """)

    /// A number, or `default` to take an order back.
    struct Number: ExpressibleByArgument {
        let change: HostOrder.Change<Int>

        init?(argument: String) {
            if argument == "default" {
                change = .clear
            } else if let number = Int(argument), (0...86_400_000).contains(number) {
                change = .set(number)
            } else {
                return nil
            }
        }
    }

    @OptionGroup var options: OperatorOptions

    @Argument(help: ArgumentHelp("Host name, or a URL on it.", valueName: "host"))
    var host: HostArgument

    @Option(help: ArgumentHelp("Time between two requests in milliseconds; nothing else counts then.", valueName: "ms"))
    var delayMs: Number?

    @Option(help: ArgumentHelp("URLs visited in a UTC day at most.", valueName: "n"))
    var dailyBudget: Number?

    @Option(help: ArgumentHelp("Hosts of one group are contacted one at a time, with one delay.", valueName: "name"))
    var group: String?

    @Option(help: "Why, for who comes after you.")
    var note: String?

    func validate() throws {
        guard delayMs != nil || dailyBudget != nil || group != nil || note != nil else {
            throw ValidationError("nothing to set; see --help")
        }
    }

    func order() -> HostOrder? {
        var order = HostOrder()
        order.delayMilliseconds = delayMs?.change
        order.dailyBudget = dailyBudget?.change
        order.delayGroup = group.map { $0 == "default" ? .clear : .set($0) }
        order.note = note.map { $0 == "default" ? .clear : .set($0) }
        return order
    }
}

/// `wireroom host block`
struct HostBlock: OneHostCommand {
    static let configuration = CommandConfiguration(
        commandName: "block", abstract: "Leaves a host alone for some time.",
        discussion: """
            EXAMPLES
              wireroom host block www.example.com --hours 12
              wireroom host block www.example.com --until 2026-03-01T06:00:00Z
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: ArgumentHelp("Host name, or a URL on it.", valueName: "host"))
    var host: HostArgument

    @Option(help: ArgumentHelp("Until then: \(DateArgument.formHelp).", valueName: "date"))
    var until: DateArgument?

    @Option(help: "So many hours, fractions too.")
    var hours: Double?

    func validate() throws {
        guard (until == nil) != (hours == nil) else { throw ValidationError("give --until or --hours") }
        if let hours, !(hours > 0 && hours <= 87_600) {
            throw ValidationError("--hours \(hours) is not within 0 to 87600")
        }
    }

    func order() -> HostOrder? {
        var order = HostOrder()
        let end = until?.date ?? Date(timeIntervalSinceNow: (hours ?? 0) * 3600)
        order.blockedUntil = .set(end)
        return order
    }
}

/// `wireroom host unblock`
struct HostUnblock: OneHostCommand {
    static let configuration = CommandConfiguration(
        commandName: "unblock", abstract: "Ends a block, whoever made it, and forgives what led to it.",
        discussion: """
            EXAMPLE
              wireroom host unblock www.example.com
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: ArgumentHelp("Host name, or a URL on it.", valueName: "host"))
    var host: HostArgument

    func order() -> HostOrder? {
        var order = HostOrder()
        order.blockedUntil = .clear
        return order
    }
}
