public import AMQP
public import Model

/// Every queue and exchange of the line, declared here and nowhere else.
///
/// All queues are quorum queues. What correctness needs is an argument of the queue; sizes belong into policies, because a
/// queue's arguments cannot be changed after it exists.
public struct Topology: Sendable, Equatable {
    /// One delay of the retry ladder.
    public struct Rung: Sendable, Equatable {
        /// The rung's name in its queue's name.
        public var name: String
        /// How long a message waits in it.
        public var delay: Duration

        /// Makes a rung.
        public init(name: String, delay: Duration) {
            self.name = name
            self.delay = delay
        }
    }

    /// A queue with all its arguments.
    public struct Queue: Sendable, Equatable {
        /// The queue's name.
        public var name: String
        /// The queue's arguments.
        public var arguments: AMQPTable
    }

    /// The waiting times after the first, second, third and fourth failed attempt.
    public static let ladder = [
        Rung(name: "15s", delay: .seconds(15)), Rung(name: "2m", delay: .seconds(120)),
        Rung(name: "15m", delay: .seconds(900)), Rung(name: "2h", delay: .seconds(7200)),
    ]

    /// How often the broker delivers a message before it dead-letters it by itself: a backstop far above the suspect lane's
    /// own limit, because neighbours of a poison message are redelivered with it.
    public static let deliveryLimit = 20

    /// What all names start with; tests use their own.
    public var prefix: String
    /// The ladder's rungs; tests use shorter ones.
    public var rungs: [Rung]

    /// Makes the topology.
    public init(prefix: String = "wireroom", rungs: [Rung] = Topology.ladder) {
        self.prefix = prefix
        self.rungs = rungs
    }

    /// The stage's own queue: work that could start now.
    public func stageQueue(_ stage: StageName) -> String { "\(prefix).\(stage.rawValue)" }
    /// Messages that were in hand when a worker died, to be run one at a time.
    public func suspectQueue(_ stage: StageName) -> String { "\(prefix).suspect.\(stage.rawValue)" }
    /// Messages that wait for another attempt.
    public func retryQueue(_ stage: StageName, _ rung: Rung) -> String {
        "\(prefix).retry.\(stage.rawValue).\(rung.name)"
    }
    /// Messages on their way into the quarantine table.
    public func quarantineQueue(_ stage: StageName) -> String { "\(prefix).quarantine.\(stage.rawValue)" }
    /// The topic exchange for downstream listeners.
    public var eventsExchange: String { "\(prefix).events" }

    /// The smallest rung that waits at least this long, or the longest one.
    public func rung(atLeast delay: Duration) -> Rung? {
        rungs.first { $0.delay >= delay } ?? rungs.last
    }

    /// All queues of a stage.
    public func queues(_ stage: StageName) -> [Queue] {
        let dead: AMQPTable = [
            "x-dead-letter-exchange": .string(""),
            "x-dead-letter-routing-key": .string(quarantineQueue(stage)),
            "x-dead-letter-strategy": .string("at-least-once"),
            "x-overflow": .string("reject-publish"),
            "x-queue-type": .string("quorum"),
            "x-delivery-limit": .int(Int64(Self.deliveryLimit)),
        ]
        let retries = rungs.map { rung in
            Queue(
                name: retryQueue(stage, rung),
                arguments: [
                    "x-queue-type": .string("quorum"),
                    "x-message-ttl": .int(rung.delay.milliseconds),
                    "x-dead-letter-exchange": .string(""),
                    "x-dead-letter-routing-key": .string(stageQueue(stage)),
                    "x-dead-letter-strategy": .string("at-least-once"),
                    "x-overflow": .string("reject-publish"),
                ])
        }
        let quarantine = Queue(
            name: quarantineQueue(stage), arguments: ["x-queue-type": .string("quorum")])
        return [
            Queue(name: stageQueue(stage), arguments: dead), Queue(name: suspectQueue(stage), arguments: dead),
            quarantine,
        ] + retries
    }

    /// All queues of all stages.
    public var allQueues: [Queue] { StageName.allCases.flatMap(queues) }

    /// Declares everything; what exists already with the same arguments is left as it is.
    ///
    /// - Returns: the names of the queues, in the order of declaration.
    /// - Throws: ``TopologyError`` when a queue exists with other arguments, `AMQPError` when the broker does not answer.
    @discardableResult
    public func apply(_ administration: AMQPAdministration) async throws -> [String] {
        try await administration.declareExchange(
            eventsExchange, type: "topic", durable: true, passive: false, arguments: [:])
        var names: [String] = []
        for queue in allQueues {
            try await declare(queue, on: administration)
            names.append(queue.name)
        }
        return names
    }

    /// Checks that a stage's queues exist with the arguments that the loop relies on.
    ///
    /// Declaring a queue again with the same arguments changes nothing, and with others fails: so checking is declaring,
    /// after a look whether the queue is there at all.
    ///
    /// - Throws: ``TopologyError`` naming every queue that is missing or differs.
    public func verify(_ stages: [StageName], on administration: AMQPAdministration) async throws {
        var problems: [String] = []
        for queue in stages.flatMap(queues) {
            guard try await administration.inspectQueue(queue.name) != nil else {
                problems.append("queue \(queue.name) is missing")
                continue
            }
            do {
                try await declare(queue, on: administration)
            } catch let error as TopologyError {
                problems += error.problems
            }
        }
        if try await !administration.exchangeExists(eventsExchange) {
            problems.append("exchange \(eventsExchange) is missing")
        }
        guard problems.isEmpty else { throw TopologyError(problems: problems) }
    }

    /// Deletes every queue and the exchange: for tests that made their own.
    public func remove(_ administration: AMQPAdministration) async throws {
        for queue in allQueues { try await administration.deleteQueue(queue.name) }
        try await administration.deleteExchange(eventsExchange)
    }

    private func declare(_ queue: Queue, on administration: AMQPAdministration) async throws {
        do {
            _ = try await administration.declareQueue(
                queue.name, durable: true, exclusive: false, autoDelete: false, arguments: queue.arguments)
        } catch let error as AMQPError where error.code == .preconditionFailed {
            throw TopologyError(problems: ["queue \(queue.name) exists with other arguments: \(error.message)"])
        }
    }
}

/// The broker's queues are not those that the line needs.
public struct TopologyError: Error, CustomStringConvertible {
    /// One sentence for each queue or exchange.
    public var problems: [String]

    public var description: String {
        problems.joined(separator: "; ") + "; run `wireroom topology apply`"
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    public var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
