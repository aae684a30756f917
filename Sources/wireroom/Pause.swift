import ArgumentParser
import Model
import Operator

/// What is to be paused or resumed.
struct PauseArguments: ParsableArguments {
    @Argument(help: ArgumentHelp("stage, source or host; without it, list what is paused.", valueName: "kind"))
    var kind: String?

    @Argument(
        help: ArgumentHelp(
            "crawl, parse, classify or index; a source's number; a host's name, or a URL on it.", valueName: "name"))
    var name: String?

    func validate() throws { _ = try target() }

    /// The target, or `nil` when none was given.
    func target() throws -> PauseTarget? {
        guard let kind else { return nil }
        guard let name else { throw ValidationError("which \(kind)?") }
        switch kind {
        case "stage":
            guard let stage = StageName(rawValue: name) else {
                throw ValidationError("\(name) is none of crawl, parse, classify, index")
            }
            return .stage(stage)
        case "source":
            guard let id = Int64(name) else {
                throw ValidationError("\(name) is no number of a source; see `wireroom source list`")
            }
            return .source(id)
        case "host":
            guard let host = HostArgument(argument: name) else { throw ValidationError("\(name) is no host") }
            return .host(host.name)
        default: throw ValidationError("\(kind) is none of stage, source, host")
        }
    }
}

/// `wireroom pause` and `wireroom resume`
protocol PauseCommand: OperatorCommand {
    static var isPausing: Bool { get }
    var arguments: PauseArguments { get }
}

extension PauseCommand {
    func execute(_ session: OperatorSession) async throws {
        try await session.withDatabase { database in
            let office = PauseOffice(database: database)
            guard let target = try arguments.target(), let kind = arguments.kind, let name = arguments.name else {
                return try await list(office)
            }
            guard try await office.set(target, isPaused: Self.isPausing, by: session.name) else {
                throw CommandFailure(.failed, "there is no \(kind) \(TerminalText.plain(name))")
            }
            if options.json {
                try Console.json(PauseAnswer(kind: kind, name: name, isPaused: Self.isPausing))
            } else {
                try Console.line("\(kind) \(TerminalText.plain(name)) \(Self.isPausing ? "is paused" : "goes on")")
            }
        }
    }

    private func list(_ office: PauseOffice) async throws {
        let paused = try await office.list()
        guard !options.json else { return try paused.forEach(Console.json) }
        guard !paused.isEmpty else { return Console.note("nothing is paused") }
        var table = TextTable("KIND", "NAME", "SINCE", "BY", "TITLE")
        for thing in paused {
            table.add(thing.kind, thing.name, TerminalText.time(thing.since), thing.by ?? "–", thing.title ?? "")
        }
        try table.write()
    }
}

private struct PauseAnswer: Encodable {
    var kind: String
    var name: String
    var isPaused: Bool

    enum CodingKeys: String, CodingKey {
        case kind, name
        case isPaused = "is_paused"
    }
}

/// `wireroom pause`
struct Pause: PauseCommand {
    static let isPausing = true
    static let configuration = CommandConfiguration(
        abstract: "Lets a stage, a source or a host stand still; alone, lists what is paused.",
        discussion: """
            Takes hold within seconds and lasts until it is resumed, over restarts too. Workers finish what they have in hand.

            EXAMPLES
              wireroom pause stage classify
              wireroom pause source 12
              wireroom pause host www.example.org
              wireroom pause
            """)

    @OptionGroup var options: OperatorOptions
    @OptionGroup var arguments: PauseArguments
}

/// `wireroom resume`
struct Resume: PauseCommand {
    static let isPausing = false
    static let configuration = CommandConfiguration(
        abstract: "Lets a stage, a source or a host go on; alone, lists what is paused.",
        discussion: """
            EXAMPLE
              wireroom resume stage classify
            """)

    @OptionGroup var options: OperatorOptions
    @OptionGroup var arguments: PauseArguments
}
