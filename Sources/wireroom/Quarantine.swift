public import ArgumentParser
public import Model
import Operator
import Pipeline

/// `wireroom quarantine`
struct Quarantine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks after the messages that were set aside for a human to look at.",
        subcommands: [
            QuarantineGroups.self, QuarantineList.self, QuarantineShow.self, QuarantineRetry.self, QuarantineDrop.self,
        ])
}

extension StageName: ExpressibleByArgument {}
extension QuarantineReason: ExpressibleByArgument {}

/// Which messages are meant.
struct QuarantineSelection: ParsableArguments {
    @Argument(help: ArgumentHelp("Numbers of messages.", valueName: "id"))
    var ids: [Int64] = []

    @Option(help: "Only of this stage: crawl, parse, classify or index.")
    var stage: StageName?

    @Option(help: "Only for this reason.")
    var reason: QuarantineReason?

    @Option(help: "Only about URLs of this host.")
    var host: String?

    @Option(help: "Only about URLs of the source with this number.")
    var source: Int64?

    /// The filter.
    var filter: QuarantineFilter {
        QuarantineFilter(
            ids: ids, stage: stage?.rawValue, reason: reason?.rawValue, host: host, sourceID: source)
    }

    /// Whether everything is meant.
    var isEverything: Bool { ids.isEmpty && stage == nil && reason == nil && host == nil && source == nil }
}

extension QuarantineGroup.Key: ExpressibleByArgument {}

/// `wireroom quarantine groups`
struct QuarantineGroups: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "groups", abstract: "Counts held messages by what they have in common, the largest group first.",
        discussion: """
            EXAMPLES
              wireroom quarantine groups
              wireroom quarantine groups --by host --reason attempts-exhausted
            """)

    @OptionGroup var options: OperatorOptions
    @OptionGroup var selection: QuarantineSelection

    @Option(help: "What to group by: reason, stage, host or source.")
    var by = QuarantineGroup.Key.reason

    func execute(_ session: OperatorSession) async throws {
        let groups = try await session.withDatabase {
            try await QuarantineOffice(database: $0).groups(selection.filter, by: by)
        }
        guard !options.json else { return try groups.forEach(Console.json) }
        guard !groups.isEmpty else { return Console.note("no messages") }
        var table = TextTable("MESSAGES", by.rawValue.uppercased(), "OLDEST", "NEWEST", "NEWEST SAYS")
        for group in groups {
            table.add(
                "\(group.count)", group.key, TerminalText.time(group.oldest), TerminalText.time(group.newest),
                TerminalText.shortened(group.detail ?? "", to: 80))
        }
        try table.write()
    }
}

/// `wireroom quarantine list`
struct QuarantineList: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists messages, newest first.",
        discussion: """
            EXAMPLE
              wireroom quarantine list --stage parse --reason corrupt-capture
            """)

    @OptionGroup var options: OperatorOptions
    @OptionGroup var selection: QuarantineSelection

    @Flag(help: "Those that were retried or dropped too.")
    var resolved = false

    @Option(help: "Messages at most, 1 to 100000.")
    var limit = 100

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit \(limit) is not within 1 to 100000") }
    }

    func execute(_ session: OperatorSession) async throws {
        let messages = try await session.withDatabase {
            try await QuarantineOffice(database: $0).list(selection.filter, includingResolved: resolved, limit: limit)
        }
        guard !options.json else { return try messages.forEach(Console.json) }
        guard !messages.isEmpty else { return Console.note("no messages") }
        try messages.writeTable()
        if messages.count == limit { Console.note("there may be more; see --limit") }
    }
}

extension [QuarantinedMessage] {
    /// Writes one row for each message.
    func writeTable() throws {
        var table = TextTable("ID", "SET ASIDE", "STAGE", "REASON", "ATTEMPTS", "STATE", "URL", "DETAIL")
        for message in self {
            table.add(
                "\(message.quarantineID)", TerminalText.time(message.quarantinedAt), message.stage, message.reason,
                "\(message.attempts)",
                message.state, TerminalText.shortened(message.url ?? "–", to: 60),
                TerminalText.shortened(message.detail ?? "", to: 100))
        }
        try table.write()
    }
}

/// `wireroom quarantine show`
struct QuarantineShow: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows messages with everything that is known of them.",
        discussion: """
            EXAMPLE
              wireroom quarantine show 3
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: ArgumentHelp("Numbers of messages.", valueName: "id"))
    var ids: [Int64]

    func execute(_ session: OperatorSession) async throws {
        let messages = try await session.withDatabase {
            try await QuarantineOffice(database: $0).list(
                QuarantineFilter(ids: ids), includingResolved: true, limit: ids.count)
        }
        for (index, message) in messages.enumerated() {
            if options.json {
                try Console.json(message)
                continue
            }
            if index > 0 { try Console.line() }
            var table = TextTable()
            table.add("message", "\(message.quarantineID) \(message.messageID)")
            table.add("state", message.state)
            table.add("stage", message.stage)
            table.add("reason", message.reason)
            table.add("attempts", "\(message.attempts)")
            table.add("set aside", "\(TerminalText.time(message.quarantinedAt)) by \(message.worker ?? "the broker")")
            if let url = message.url { table.add("url", url) }
            if let detail = message.detail { table.add("detail", detail) }
            if let error = message.firstError { table.add("first error", error) }
            table.add("content", message.message ?? "not JSON; it cannot be retried")
            try table.write()
        }
        let missing = Set(ids).subtracting(messages.map(\.quarantineID)).sorted()
        if !missing.isEmpty {
            throw CommandFailure(.failed, "not in quarantine: \(missing.map(String.init).joined(separator: ", "))")
        }
    }
}

/// A command that ends the quarantine of messages.
protocol QuarantineResolution: OperatorCommand {
    static var participle: String { get }
    var selection: QuarantineSelection { get }
    var all: Bool { get }
    var dryRun: Bool { get }
    /// Whether the message can be resolved in this way.
    func takes(_ message: QuarantinedMessage) -> Bool
    func resolve(
        _ session: OperatorSession, _ office: QuarantineOffice, _ relay: () throws -> OutboxRelay
    ) async throws -> Int
}

extension QuarantineResolution {
    func validate() throws { try validateSelection() }

    func validateSelection() throws {
        if selection.isEverything, !all {
            throw ValidationError("name messages, --stage, --reason, --host or --source; or --all for everything")
        }
        if !selection.isEverything, all { throw ValidationError("--all and a choice of messages exclude each other") }
    }

    func execute(_ session: OperatorSession) async throws {
        try await session.withDatabase { database in
            let office = QuarantineOffice(database: database)
            if dryRun {
                let messages = try await office.list(selection.filter, limit: 100_000).filter(takes)
                if options.json {
                    try messages.forEach(Console.json)
                } else if !messages.isEmpty {
                    try messages.writeTable()
                }
                return Console.note("\(TerminalText.count(messages.count, "message")) would be \(Self.participle)")
            }
            let count = try await resolve(session, office) {
                OutboxRelay(
                    topology: session.topology, broker: try session.broker(), database: database, logger: session.logger
                )
            }
            let left = try await office.list(selection.filter, limit: 100_000).count { !takes($0) }
            if left > 0 { Console.note("\(TerminalText.count(left, "message")) not readable, and left in quarantine") }
            if options.json {
                try Console.json([Self.participle: count])
            } else {
                try Console.line("\(TerminalText.count(count, "message")) \(Self.participle)")
            }
            let asked = Set(selection.ids).count
            if count < asked {
                throw CommandFailure(
                    .failed, "\(asked - count) of \(asked) are not held, or of another stage or reason, or not readable"
                )
            }
        }
    }
}

/// `wireroom quarantine retry`
struct QuarantineRetry: QuarantineResolution {
    static let participle = "retried"
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Sends messages to their stage again; those that are not readable stay.",
        discussion: """
            EXAMPLES
              wireroom quarantine retry 3 4
              wireroom quarantine retry --stage classify --reason attempts-exhausted --dry-run
              wireroom quarantine retry --host www.example.org --rate 20
              wireroom quarantine retry --all
            """)

    @OptionGroup var options: OperatorOptions
    @OptionGroup var selection: QuarantineSelection

    @Flag(help: "Everything that is held.")
    var all = false

    @Flag(help: "Show what would be retried, and retry nothing.")
    var dryRun = false

    @Option(help: "Messages a second at most, 1 to 10000.")
    var rate = 100

    func validate() throws {
        try validateSelection()
        guard (1...10_000).contains(rate) else { throw ValidationError("--rate \(rate) is not within 1 to 10000") }
    }

    func takes(_ message: QuarantinedMessage) -> Bool { message.message != nil }

    func resolve(
        _ session: OperatorSession, _ office: QuarantineOffice, _ relay: () throws -> OutboxRelay
    ) async throws -> Int {
        try await session.withBroker { _ in }
        return try await office.retry(selection.filter, by: session.name, relay: relay, rate: rate) { count in
            if count > rate { Console.note("\(TerminalText.count(count, "message")) sent so far") }
        }
    }
}

/// `wireroom quarantine drop`
struct QuarantineDrop: QuarantineResolution {
    static let participle = "dropped"
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Gives messages up: they stay on record, and their URLs count as dropped.",
        discussion: """
            EXAMPLE
              wireroom quarantine drop --reason malformed-message --dry-run
            """)

    @OptionGroup var options: OperatorOptions
    @OptionGroup var selection: QuarantineSelection

    @Flag(help: "Everything that is held.")
    var all = false

    @Flag(help: "Show what would be dropped, and drop nothing.")
    var dryRun = false

    func takes(_ message: QuarantinedMessage) -> Bool { true }

    func resolve(
        _ session: OperatorSession, _ office: QuarantineOffice, _ relay: () throws -> OutboxRelay
    ) async throws -> Int {
        try await office.drop(selection.filter, by: session.name)
    }
}
