import AMQP
import Logging
import Model
import Pipeline
import Postgres
import ServiceLifecycle
import TestSupport
import Testing

@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(3)), .serialized)
struct StageRunnerTests {
    private func message(_ id: Int64, urlID: Int64? = nil) throws -> OutgoingMessage {
        try .next(Envelope(IndexArticle(articleID: id, revision: 1), urlID: urlID))
    }

    private func runner(
        _ stage: ScriptedStage, _ line: TestServices.Line, name: String = "w", prefetch: Int = 32,
        documentBytes: Int = 1 << 20
    ) -> StageRunner<ScriptedStage> {
        StageRunner(
            stage: stage,
            configuration: StageRunnerConfiguration(
                worker: name, version: "t", prefetch: prefetch, maximumBatch: 16, documentBytes: documentBytes),
            topology: line.topology, broker: line.broker, database: line.database, logger: TestServices.logger)
    }

    /// Runs services until the body ends, then stops them gracefully.
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

    @Test func persistsPublishesAndAcknowledges() async throws {
        try await TestServices.withLine { line in
            let stage = ScriptedStage { $0 % 2 == 0 ? .publish : .done }
            try await ScriptedStage.prepare(line.database)
            for id in 1...40 as ClosedRange<Int64> { try await line.publish(try message(id)) }
            let runner = runner(stage, line)
            try await run([runner]) {
                try await line.wait(for: "SELECT count(*) FROM wireroom.stage_event") { $0 == 40 }
            }
            #expect(runner.statistics.done == 40)
            #expect(try await line.messages(in: line.topology.stageQueue(.index)) == 0)
            #expect(try await line.messages(in: line.topology.stageQueue(.classify)) == 20)
            let effects = try await line.database.query("SELECT count(*), max(times) FROM effect")
            #expect(try effects.first?.decode(0, as: Int.self) == 40)
            #expect(try effects.first?.decode(1, as: Int.self) == 1)
        }
    }

    @Test(arguments: [(100, 3), (900, 1)]) func loadsNoMoreDocumentsThanItsMemoryIsMeantFor(
        _ bytes: Int, _ most: Int
    ) async throws {
        try await TestServices.withLine { line in
            let stage = ScriptedStage(documentBytes: bytes) { _ in .done }
            try await ScriptedStage.prepare(line.database)
            for id in 1...40 as ClosedRange<Int64> { try await line.publish(try message(id)) }
            let runner = runner(stage, line, documentBytes: 350)
            try await run([runner]) {
                try await line.wait(for: "SELECT count(*) FROM wireroom.stage_event") { $0 == 40 }
            }
            #expect(runner.statistics.done == 40)
            #expect(stage.seen.mostLoaded == most)
        }
    }

    @Test func climbsTheLadderAndThenQuarantines() async throws {
        try await TestServices.withLine { line in
            let stage = ScriptedStage { $0 == 1 ? .fail : .failOnce }
            try await ScriptedStage.prepare(line.database)
            try await line.publish(try message(1))
            try await line.publish(try message(2))
            let drainer = QuarantineDrainer(
                stage: .index, topology: line.topology, broker: line.broker, database: line.database,
                logger: TestServices.logger)
            try await run([drainer, runner(stage, line)]) {
                try await line.wait(for: "SELECT count(*) FROM wireroom.quarantine") { $0 == 1 }
                try await line.wait(for: "SELECT count(*) FROM effect") { $0 == 1 }
            }
            // Two rungs: three attempts.
            #expect(stage.seen.count(1) == 3)
            #expect(stage.seen.count(2) == 2)
            let row = try await line.database.query(
                "SELECT message_id, reason, attempts, first_error, message ->> 'id' AS id, worker FROM wireroom.quarantine"
            ).first
            #expect(try row?.decode("message_id", as: String.self) == "index:1:1")
            #expect(try row?.decode("reason", as: String.self) == "attempts-exhausted")
            #expect(try row?.decode("attempts", as: Int.self) == 3)
            #expect(try row?.decode("first_error", as: String.self).contains("Failure") == true)
            #expect(try row?.decode("id", as: String.self) == "index:1:1")
            #expect(try row?.decode("worker", as: String.self) == "w")
            let outcomes = try await line.database.query(
                "SELECT outcome, attempt FROM wireroom.stage_event WHERE message_id = 'index:1:1' ORDER BY stage_event_id"
            )
            #expect(try outcomes.map { try $0.decode("outcome", as: String.self) } == ["retry", "retry", "quarantine"])
            #expect(try outcomes.map { try $0.decode("attempt", as: Int.self) } == [1, 2, 3])
        }
    }

    @Test func aSnoozeUsesUpNoAttempt() async throws {
        try await TestServices.withLine { line in
            let stage = ScriptedStage { _ in .end(.snooze(.milliseconds(10))) }
            try await ScriptedStage.prepare(line.database)
            try await line.publish(try message(5))
            try await run([runner(stage, line)]) {
                try await line.wait(for: "SELECT count(*) FROM wireroom.stage_event") { $0 >= 5 }
            }
            let attempts = try await line.database.query(
                "SELECT max(attempt), count(DISTINCT round) - count(*) FROM wireroom.stage_event")
            #expect(try attempts.first?.decode(0, as: Int.self) == 1)
            #expect(try attempts.first?.decode(1, as: Int.self) == 0)
        }
    }

    @Test func oneBadRowDoesNotTakeItsNeighboursAlong() async throws {
        try await TestServices.withLine { line in
            let stage = ScriptedStage { $0 == 7 ? .badData : .done }
            try await ScriptedStage.prepare(line.database)
            for id in 1...12 as ClosedRange<Int64> { try await line.publish(try message(id)) }
            try await run([runner(stage, line)]) {
                try await line.wait(for: "SELECT count(*) FROM wireroom.stage_event") { $0 == 12 }
            }
            let outcomes = try await line.database.query(
                "SELECT message_id, reason FROM wireroom.stage_event WHERE outcome <> 'done'")
            #expect(outcomes.count == 1)
            #expect(try outcomes.first?.decode("message_id", as: String.self) == "index:7:1")
            #expect(try outcomes.first?.decode("reason", as: String.self) == "bad-data")
            #expect(try await line.messages(in: line.topology.quarantineQueue(.index)) == 1)
            #expect(try await line.database.query("SELECT count(*) FROM effect").first?.decode(0, as: Int.self) == 11)
        }
    }

    @Test func quarantinesWhatItCannotRead() async throws {
        try await TestServices.withLine { line in
            let stage = ScriptedStage { _ in .done }
            try await ScriptedStage.prepare(line.database)
            let queue = line.topology.stageQueue(.index)
            try await line.publish(raw: Array("not json".utf8), to: queue)
            try await line.publish(raw: Array(#"{"type":"index.article","version":9,"id":"x"}"#.utf8), to: queue)
            try await line.publish(raw: Array(#"{"type":"parse.capture","version":1,"id":"y"}"#.utf8), to: queue)
            try await line.publish(raw: [0xFF, 0x00, 0x80], to: queue)
            let drainer = QuarantineDrainer(
                stage: .index, topology: line.topology, broker: line.broker, database: line.database,
                logger: TestServices.logger)
            try await run([drainer, runner(stage, line)]) {
                try await line.wait(for: "SELECT count(*) FROM wireroom.quarantine") { $0 == 4 }
            }
            let rows = try await line.database.query("SELECT reason, raw FROM wireroom.quarantine ORDER BY reason")
            #expect(
                try rows.map { try $0.decode("reason", as: String.self) }
                    == ["malformed-message", "malformed-message", "unknown-type", "unsupported-version"])
            #expect(try rows.filter { try $0.decode("raw", as: [UInt8]?.self) != nil }.count == 2)
        }
    }

    @Test func aSecondCopyIsCountedOnceButPublishesAgain() async throws {
        try await TestServices.withLine { line in
            let stage = ScriptedStage { _ in .publish }
            try await ScriptedStage.prepare(line.database)
            try await line.publish(try message(3))
            try await line.publish(try message(3))
            let runner = runner(stage, line)
            try await run([runner]) {
                try await line.wait(for: "SELECT coalesce(sum(times), 0) FROM effect") { $0 == 2 }
            }
            #expect(
                try await line.database.query("SELECT count(*) FROM wireroom.stage_event").first?.decode(
                    0, as: Int.self) == 1)
            #expect(try await line.messages(in: line.topology.stageQueue(.classify)) == 2)
        }
    }

    @Test(arguments: [(deaths: 1, suspected: 0), (deaths: 2, suspected: 2)])
    func messagesThatWereInHandAtTwoDeathsGoThroughTheSuspectLane(deaths: Int, suspected: Int) async throws {
        try await TestServices.withLine { line in
            try await ScriptedStage.prepare(line.database)
            try await line.publish(try message(1))
            try await line.publish(try message(2))
            // A worker takes both and dies with them in hand: its connection is closed without an answer.
            for _ in 1...deaths {
                let dying = AMQPConsumer(
                    configuration: line.broker, queue: line.topology.stageQueue(.index), prefetch: 10,
                    logger: TestServices.logger)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await dying.run() }
                    var taken = 0
                    while taken < 2 { taken += try await dying.nextBatch(limit: 2, lingering: .zero).count }
                    await dying.close()
                    try await group.waitForAll()
                }
            }
            let runner = runner(ScriptedStage { _ in .done }, line)
            try await run([runner]) {
                try await line.wait(for: "SELECT count(*) FROM wireroom.stage_event") { $0 == 2 }
            }
            #expect(runner.statistics.redelivered == 2)
            #expect(runner.statistics.suspected == suspected)
            #expect(runner.statistics.done == 2)
            #expect(try await line.messages(in: line.topology.suspectQueue(.index)) == 0)
        }
    }

    @Test func threeDeathsInTheSuspectLaneQuarantineAlone() async throws {
        try await TestServices.withLine { line in
            try await ScriptedStage.prepare(line.database)
            let queue = line.topology.suspectQueue(.index)
            try await line.publish(
                raw: try Envelope(IndexArticle(articleID: 9, revision: 1), urlID: nil).encoded(), to: queue)
            for _ in 1...3 { try await die(with: queue, line) }
            let stage = ScriptedStage { _ in .done }
            try await run([runner(stage, line)]) {
                try await line.wait(for: "SELECT count(*) FROM wireroom.stage_event WHERE reason = 'crashed-worker'") {
                    $0 == 1
                }
            }
            #expect(stage.seen.count(9) == 0)
            #expect(try await line.messages(in: line.topology.quarantineQueue(.index)) == 1)
        }
    }

    private func until(_ holds: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !holds() {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Takes a message of a queue and ends without an answer.
    private func die(with queue: String, _ line: TestServices.Line) async throws {
        let dying = AMQPConsumer(
            configuration: line.broker, queue: queue, prefetch: 1, logger: TestServices.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await dying.run() }
            _ = try await dying.nextBatch(limit: 1, lingering: .zero)
            await dying.close()
            try await group.waitForAll()
        }
    }

    @Test func aMessageThatIsDoneIsNotBlamedForDeaths() async throws {
        try await TestServices.withLine { line in
            try await ScriptedStage.prepare(line.database)
            let message = try Envelope(IndexArticle(articleID: 9, revision: 1), urlID: nil).encoded()
            try await line.publish(raw: message, to: line.topology.stageQueue(.index))
            let stage = ScriptedStage { _ in .done }
            try await run([runner(stage, line)]) {
                try await line.wait(for: "SELECT count(*) FROM wireroom.stage_event") { $0 == 1 }
            }
            // The copies whose acknowledgements were lost.
            let queue = line.topology.suspectQueue(.index)
            try await line.publish(raw: message, to: queue)
            for _ in 1...3 { try await die(with: queue, line) }
            let second = runner(stage, line)
            try await run([second]) {
                try await self.until { second.statistics.done == 1 }
            }
            #expect(stage.seen.count(9) == 2)
            #expect(second.statistics.quarantined == 0)
            #expect(try await line.messages(in: queue) == 0)
            #expect(try await line.messages(in: line.topology.quarantineQueue(.index)) == 0)
            let rows = try await line.database.query("SELECT outcome FROM wireroom.stage_event")
            #expect(try rows.map { try $0.decode("outcome", as: String.self) } == ["done"])
        }
    }

    @Test func aSecondCopyLeavesTheStateOfItsURL() async throws {
        try await TestServices.withLine { line in
            try await ScriptedStage.prepare(line.database)
            let url: Int64 = try await line.database.query(
                """
                WITH h AS (INSERT INTO wireroom.host (name) VALUES ('h.example') RETURNING host_id)
                INSERT INTO wireroom.url (identity, url, host_id, kind, state)
                SELECT substring(sha256('a') FOR 16), 'https://h.example/a', host_id, 'article', 'classified' FROM h RETURNING url_id
                """
            ).first!.decode("url_id")
            let message = try Envelope(IndexArticle(articleID: 9, revision: 1), urlID: url).encoded()
            func state() async throws -> String? {
                try await line.database.query("SELECT state FROM wireroom.url").first?.decode("state")
            }
            try await line.publish(raw: message, to: line.topology.stageQueue(.index))
            let first = runner(ScriptedStage { _ in .done }, line)
            try await run([first]) {
                try await line.wait(for: "SELECT count(*) FROM wireroom.stage_event") { $0 == 1 }
            }
            #expect(try await state() == "indexed")
            // Meanwhile something else has come of it.
            _ = try await line.database.query("UPDATE wireroom.url SET state = 'captured'")
            try await line.publish(raw: message, to: line.topology.stageQueue(.index))
            let second = runner(ScriptedStage { _ in .end(.drop(.removed)) }, line)
            try await run([second]) { try await self.until { second.statistics.dropped == 1 } }
            #expect(try await state() == "captured")
        }
    }

    @Test func aCleanStopRedeliversNothing() async throws {
        try await TestServices.withLine { line in
            try await ScriptedStage.prepare(line.database)
            for id in 1...300 as ClosedRange<Int64> { try await line.publish(try message(id)) }
            let first = runner(ScriptedStage { _ in .done }, line, name: "first", prefetch: 8)
            try await run([first]) { try await line.wait(for: "SELECT count(*) FROM effect") { $0 >= 20 } }
            let second = runner(ScriptedStage { _ in .done }, line, name: "second")
            try await run([second]) { try await line.wait(for: "SELECT count(*) FROM effect") { $0 == 300 } }
            #expect(first.statistics.done + second.statistics.done == 300)
            #expect(second.statistics.redelivered == 0)
            #expect(try await line.database.query("SELECT max(times) FROM effect").first?.decode(0, as: Int.self) == 1)
        }
    }
}
