import AMQP
import Foundation
import Logging
import Model
@testable import Pipeline
import Postgres
import ServiceLifecycle
import TestSupport
import Testing

/// What the loop does when the database, the broker or a message misbehaves.
@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(2)), .serialized)
struct FaultTests {
    private func message(_ id: Int64) throws -> OutgoingMessage {
        try .next(Envelope(IndexArticle(articleID: id, revision: 1), urlID: nil))
    }

    private func runner<S: Stage>(
        _ stage: S, _ line: TestServices.Line, broker: AMQPConfiguration? = nil,
        renewal: Duration = .seconds(30)
    ) -> StageRunner<S> {
        StageRunner(
            stage: stage,
            configuration: StageRunnerConfiguration(worker: "w", version: "t", prefetch: 32, maximumBatch: 8),
            topology: line.topology, broker: broker ?? line.broker, database: line.database,
            subscriptionRenewal: renewal, logger: TestServices.logger
        )
    }

    private func drainer(_ line: TestServices.Line) -> QuarantineDrainer {
        QuarantineDrainer(
            stage: .index, topology: line.topology, broker: line.broker, database: line.database,
            logger: TestServices.logger)
    }

    private func run(_ services: [any Service], _ body: () async throws -> Void) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: services, logger: TestServices.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do {
                try await body()
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    // MARK: Errors that no retry can cure

    @Test func anErrorOfTheProgramWhileWritingEndsTheWorkerAndKeepsTheMessage() async throws {
        try await TestServices.withLine { line in
            try await line.publish(try message(1))
            let error = await #expect(throws: PostgresError.self) {
                try await runner(FaultyStage(unwritable: [1]), line).run()
            }
            #expect(error?.sqlState == "42P01")
            try await waitForMessages(1, line.topology.stageQueue(.index), line)
        }
    }

    @Test func anErrorOfTheProgramWhileLoadingEndsTheWorkerAndKeepsTheMessage() async throws {
        try await TestServices.withLine { line in
            try await line.publish(try message(1))
            let error = await #expect(throws: PostgresError.self) {
                try await runner(FaultyStage(withoutTable: [1]), line).run()
            }
            #expect(error?.sqlState == "42P01")
            try await waitForMessages(1, line.topology.stageQueue(.index), line)
        }
    }

    @Test(arguments: [FaultyStage(unwritable: [1]), FaultyStage(withoutTable: [1])])
    func aSuspectIsNotToBlameForErrorsOfTheProgram(stage: FaultyStage) async throws {
        try await TestServices.withLine { line in
            let suspects = line.topology.suspectQueue(.index)
            try await line.publish(raw: try message(1).publication(in: line.topology).message.body, to: suspects)
            // Once more than it takes to be found guilty.
            for _ in 0...Routing.maximumDeaths {
                await #expect(throws: PostgresError.self) { try await runner(stage, line).run() }
                try await waitForMessages(1, suspects, line)
            }
            #expect(try await line.messages(in: line.topology.quarantineQueue(.index)) == 0)
            try await run([runner(FaultyStage(), line)]) {
                try await line.wait(for: "SELECT count(*) FROM wireroom.stage_event WHERE outcome = 'done'") { $0 == 1 }
            }
        }
    }

    private func waitForMessages(_ count: Int, _ queue: String, _ line: TestServices.Line) async throws {
        while try await line.messages(in: queue) != count { try await Task.sleep(for: .milliseconds(20)) }
    }

    // MARK: Messages that the database refuses

    @Test func oneMessageThatCannotBeLoadedEndsAlone() async throws {
        try await TestServices.withLine { line in
            for id in 1...20 as ClosedRange<Int64> { try await line.publish(try message(id)) }
            try await run([runner(FaultyStage(refused: [3]), line)]) {
                try await line.wait(for: "SELECT count(*) FROM wireroom.stage_event") { $0 == 20 }
            }
            let others = try await line.database.query(
                "SELECT message_id, reason FROM wireroom.stage_event WHERE outcome <> 'done'")
            #expect(try others.map { try $0.decode("message_id", as: String.self) } == ["index:3:1"])
            #expect(try others.map { try $0.decode("reason", as: String.self) } == ["bad-data"])
        }
    }

    @Test func anIdentityThatNoRowCanHoldIsQuarantinedUnderAnother() async throws {
        try await TestServices.withLine { line in
            let queue = line.topology.stageQueue(.index)
            func envelope(_ id: String) -> [UInt8] {
                Array(
                    #"{"type":"index.article","version":1,"id":"\#(id)","produced_at":"2026-01-01T00:00:00Z","payload":{"article_id":1,"revision":1}}"#
                        .utf8)
            }
            try await line.publish(raw: envelope(#"nul\u0000"#), to: queue)
            try await line.publish(raw: envelope(String(repeating: "x", count: 300)), to: queue)
            try await line.publish(raw: envelope(""), to: queue)
            try await line.publish(try message(9))
            try await run([drainer(line), runner(FaultyStage(), line)]) {
                try await line.wait(for: "SELECT count(*) FROM wireroom.quarantine") { $0 == 3 }
                try await line.wait(for: "SELECT count(*) FROM wireroom.stage_event WHERE outcome = 'done'") { $0 == 1 }
            }
            let strange = try await line.number(
                "SELECT count(*) FROM wireroom.quarantine WHERE message_id NOT LIKE 'unreadable:%'")
            #expect(strange == 0)
        }
    }

    @Test func theQuarantineTakesCopiesAndAnyBytes() async throws {
        try await TestServices.withLine { line in
            let queue = line.topology.quarantineQueue(.index)
            for _ in 1...3 {
                try await line.publish(
                    raw: Array(#"{"type":"index.article","version":1,"id":"twice"}"#.utf8), to: queue)
            }
            // Of one length, and different: none may overwrite another.
            for text in ["aaaa", "bbbb", "cccc"] { try await line.publish(raw: Array(text.utf8), to: queue) }
            // JSON that decodes, and that no jsonb takes.
            try await line.publish(raw: Array(#"{"type":"t","version":1,"id":"half","more":"\ud800"}"#.utf8), to: queue)
            try await line.publish(raw: Array(#"{"type":"t","version":1,"id":"n\u0000l"}"#.utf8), to: queue)
            try await line.publish(
                raw: Array(#"{"type":"t","version":1,"id":"great","more":1e999999}"#.utf8), to: queue)
            try await run([drainer(line)]) {
                try await line.wait(for: "SELECT count(*) FROM wireroom.quarantine") { $0 == 7 }
                while try await line.messages(in: queue) != 0 { try await Task.sleep(for: .milliseconds(20)) }
            }
            #expect(
                try await line.number(
                    "SELECT count(DISTINCT raw) FROM wireroom.quarantine WHERE message_id LIKE 'unreadable:%'") >= 3)
            #expect(try await line.messages(in: queue) == 0)
        }
    }

    /// Twice the same message: the second is an update, for which inserting is not right enough.
    @Test func theRolesOfTheWorkersMayQuarantine() async throws {
        try await TestServices.withLine { line in
            for stage in StageName.allCases {
                var configuration = try PostgresConfiguration(url: line.databaseURL)
                configuration.role = "wireroom_\(stage.rawValue)"
                let pool = PostgresPool(configuration, maximumConnections: 1, logger: TestServices.logger)
                let queue = line.topology.quarantineQueue(stage)
                let drainer = QuarantineDrainer(
                    stage: stage, topology: line.topology, broker: line.broker, database: pool,
                    logger: TestServices.logger)
                try await run([drainer]) {
                    for round in 1...2 {
                        try await line.publish(raw: Array("no envelope".utf8), to: queue)
                        try await line.wait(
                            for: "SELECT count(*) FROM wireroom.quarantine WHERE stage = '\(stage.rawValue)'"
                        ) { $0 == 1 }
                        if round == 1 {
                            _ = try await line.database.query("UPDATE wireroom.quarantine SET state = 'dropped'")
                        }
                    }
                    try await line.wait(
                        for:
                            "SELECT count(*) FROM wireroom.quarantine WHERE state = 'held' AND stage = '\(stage.rawValue)'"
                    ) { $0 == 1 }
                }
                await pool.close()
            }
        }
    }

    // MARK: Servers that go away

    private static let count = 400

    private func publishAll(_ line: TestServices.Line) async throws {
        for id in 1...Int64(Self.count) { try await line.publish(try message(id)) }
    }

    private func expectEverythingOnce(_ line: TestServices.Line) async throws {
        #expect(try await line.number("SELECT count(*) FROM wireroom.stage_event WHERE outcome = 'done'") == Self.count)
        #expect(try await line.number("SELECT count(*) FROM effect") == Self.count)
        for queue in line.topology.queues(.index) {
            #expect(try await line.messages(in: queue.name) == 0, "\(queue.name)")
        }
    }

    @Test func sessionsEndedByTheDatabaseLoseNothing() async throws {
        try await TestServices.withLine { line in
            try await ScriptedStage.prepare(line.database)
            try await publishAll(line)
            let assassin = try await PostgresConnection.connect(
                try PostgresConfiguration(url: line.databaseURL), logger: TestServices.logger)
            try await run([runner(ScriptedStage { _ in .done }, line)]) {
                for _ in 1...10 {
                    _ = try await assassin.query(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                    try await Task.sleep(for: .milliseconds(30))
                }
                while try await assassin.query("SELECT count(*) AS n FROM wireroom.stage_event").first?.decode(
                    "n", as: Int.self) != Self.count
                {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            await assassin.close()
            try await expectEverythingOnce(line)
        }
    }

    @Test(.enabled(if: Broker.control != nil, "needs WIREROOM_TEST_RABBITMQCTL"))
    func connectionsClosedByTheBrokerLoseNothing() async throws {
        try await TestServices.withLine { line in
            try await ScriptedStage.prepare(line.database)
            try await publishAll(line)
            var broker = line.broker
            broker.connectionName = line.topology.prefix
            try await run([runner(ScriptedStage { _ in .publish }, line, broker: broker)]) {
                for _ in 1...2 { try Broker.closeConnections(named: line.topology.prefix) }
                try await line.wait(for: "SELECT count(*) FROM wireroom.stage_event") { $0 == Self.count }
                for queue in [line.topology.stageQueue(.index), line.topology.suspectQueue(.index)] {
                    while try await line.messages(in: queue) != 0 { try await Task.sleep(for: .milliseconds(20)) }
                }
            }
            try await expectEverythingOnce(line)
            // A publication of unknown fate is sent again: at least one for each article.
            #expect(try await line.messages(in: line.topology.stageQueue(.classify)) ?? 0 >= Self.count)
        }
    }

    /// RabbitMQ 3.10 loses the subscription without a word when the queue is back within milliseconds.
    @Test func aDeletedQueueIsTakenUpAgainOnceItIsBack() async throws {
        try await TestServices.withLine { line in
            try await ScriptedStage.prepare(line.database)
            let queue = line.topology.stageQueue(.index)
            try await run([runner(ScriptedStage { _ in .done }, line, renewal: .milliseconds(300))]) {
                try await line.publish(try message(1))
                try await line.wait(for: "SELECT count(*) FROM effect") { $0 == 1 }
                try await line.administration.deleteQueue(queue)
                try await line.topology.apply(line.administration)
                try await line.publish(try message(2))
                try await line.wait(for: "SELECT count(*) FROM effect") { $0 == 2 }
            }
        }
    }
}

/// What only the broker's own tool can do.
private enum Broker {
    static let control = ProcessInfo.processInfo.environment["WIREROOM_TEST_RABBITMQCTL"]

    static func closeConnections(named name: String) throws {
        let list = try TestProcess(control ?? "", ["-q", "list_connections", "pid", "client_properties"])
        _ = list.wait()
        for line in list.text.split(separator: "\n") where line.contains(name) {
            guard let pid = line.split(separator: "\t").first else { continue }
            _ = try TestProcess(control ?? "", ["-q", "close_connection", String(pid), "fault test"]).wait()
        }
    }
}
