import AMQP
import ArgumentParser
import Model
import Operator
import Pipeline

/// `wireroom topology`
struct TopologyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topology", abstract: "Shows, makes or checks the broker's queues.",
        subcommands: [TopologyShow.self, TopologyApply.self, TopologyVerify.self])
}

/// `wireroom topology show`
struct TopologyShow: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows the queues that the line needs, with their arguments; asks no broker.",
        discussion: """
            EXAMPLE
              wireroom topology show --json
            """)

    @OptionGroup var options: OperatorOptions

    private struct Line: Encodable {
        var queue: String
        var arguments: [String: String]
    }

    func execute(_ session: OperatorSession) async throws {
        var table = TextTable()
        for queue in session.topology.allQueues {
            let arguments = queue.arguments.mapValues(Self.text)
            if options.json { try Console.json(Line(queue: queue.name, arguments: arguments)) }
            table.add(
                queue.name, arguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " "))
        }
        guard !options.json else { return }
        try table.write()
        try Console.line("topic exchange \(session.topology.eventsExchange)")
    }

    private static func text(_ value: AMQPValue) -> String {
        switch value {
        case .string(let text): text
        case .int(let number): "\(number)"
        case .bool(let flag): "\(flag)"
        default: "\(value)"
        }
    }
}

/// `wireroom topology apply`
struct TopologyApply: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Declares all queues; those that exist as they should be are left as they are.",
        discussion: """
            EXAMPLE
              wireroom topology apply --broker-url amqp://wireroom:secret@localhost/
            """)

    @OptionGroup var options: OperatorOptions

    private struct Answer: Encodable {
        var queues: [String]
    }

    func execute(_ session: OperatorSession) async throws {
        let names = try await session.withBroker { try await session.topology.apply($0) }
        guard !options.json else { return try Console.json(Answer(queues: names)) }
        try Console.line("\(TerminalText.count(names.count, "queue")) declared")
    }
}

/// `wireroom topology verify`
struct TopologyVerify: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Checks that all queues are there with their arguments; ends with 69 if not.",
        discussion: """
            EXAMPLE
              wireroom topology verify && systemctl start wireroom-parse
            """)

    @OptionGroup var options: OperatorOptions

    private struct Answer: Encodable {
        var problems: [String]
    }

    func execute(_ session: OperatorSession) async throws {
        do {
            try await session.withBroker { try await session.topology.verify(StageName.allCases, on: $0) }
        } catch let error as TopologyError where options.json {
            try Console.json(Answer(problems: error.problems))
            throw error
        }
        guard !options.json else { return try Console.json(Answer(problems: [])) }
        try Console.line("all \(session.topology.allQueues.count) queues are as they should be")
    }
}
