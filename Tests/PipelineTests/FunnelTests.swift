import AMQP
import CoreMetrics
import Logging
import Model
import Pipeline
import Postgres
import ServiceLifecycle
import TestSupport
import Testing

@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(3)))
struct FunnelTests {
    private func message(_ id: Int64, replay: String? = nil) throws -> OutgoingMessage {
        try .next(Envelope(IndexArticle(articleID: id, revision: 1), urlID: nil, replay: replay))
    }

    private func runner(_ stage: ScriptedStage, _ line: TestServices.Line) -> StageRunner<ScriptedStage> {
        StageRunner(
            stage: stage,
            configuration: StageRunnerConfiguration(worker: "w", version: "t", prefetch: 32, maximumBatch: 4),
            topology: line.topology, broker: line.broker, database: line.database, logger: TestServices.logger)
    }

    /// Counts by stage and outcome, and what is open, by stage.
    private func counts(_ line: TestServices.Line) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        let rows = try await line.database.query(
            """
            SELECT stage || ' ' || outcome AS name, sum(number)::bigint AS number
            FROM (SELECT stage, outcome, number FROM wireroom.funnel
                  UNION ALL SELECT stage, outcome, number FROM wireroom.funnel_delta
                  UNION ALL SELECT stage, 'open', 1 FROM wireroom.open_message) AS f GROUP BY 1
            """)
        for row in rows { counts[try row.decode("name")] = try row.decode("number", as: Int.self) }
        return counts
    }

    private func open(_ ids: ClosedRange<Int64>, _ line: TestServices.Line) async throws {
        for id in ids {
            _ = try await line.database.query(
                "SELECT wireroom.open_messages('index', ARRAY[$1::text], ARRAY[NULL::bigint])::text",
                [.text("index:\(id):1")])
        }
    }

    @Test func addsUpWhateverBecomesOfMessages() async throws {
        try await TestServices.withLine { line in
            try await ScriptedStage.prepare(line.database)
            let stage = ScriptedStage { id in
                switch id {
                case 1...5: .publish
                case 6...8: .end(.drop(.superseded))
                case 9: .fail
                case 10: .failOnce
                default: .done
                }
            }
            try await open(1...14, line)
            // The last two are never sent: they stay open. One comes that nobody has announced, and one that nobody can read.
            for id in 1...12 as ClosedRange<Int64> { try await line.publish(try message(id)) }
            try await line.publish(try message(99))
            try await line.publish(raw: [1, 2, 3], to: line.topology.stageQueue(.index))
            try await run([runner(stage, line)]) {
                try await line.wait(
                    for: "SELECT count(*) FROM wireroom.stage_event WHERE outcome IN ('done', 'drop', 'quarantine')"
                ) { $0 == 14 }
            }
            _ = try await line.database.query("SELECT wireroom.roll_up_funnel()::text")
            let counts = try await counts(line)
            #expect(counts["index in"] == 16)
            #expect(counts["index done"] == 9)
            #expect(counts["index drop"] == 3)
            #expect(counts["index quarantine"] == 2)
            #expect(counts["index open"] == 2)
            // Two rungs: the one that never works failed twice before, the other one once.
            #expect(counts["index retry"] == 3)
            #expect(counts["classify in"] == 5)
            #expect(counts["classify open"] == 5)
            #expect(try await line.number("SELECT count(*) FROM wireroom.funnel_delta") == 0)
        }
    }

    @Test func countsAMessageThatComesTwiceOnce() async throws {
        try await TestServices.withLine { line in
            try await ScriptedStage.prepare(line.database)
            let stage = ScriptedStage { _ in .publish }
            try await open(1...3, line)
            for _ in 1...3 { for id in 1...3 as ClosedRange<Int64> { try await line.publish(try message(id)) } }
            let runner = runner(stage, line)
            try await run([runner]) {
                try await line.wait(for: "SELECT count(*) FROM wireroom.stage_event") { $0 == 3 }
                while runner.statistics.done < 9 { try await Task.sleep(for: .milliseconds(10)) }
            }
            let counts = try await counts(line)
            #expect(counts["index in"] == 3)
            #expect(counts["index done"] == 3)
            #expect(counts["index open"] == nil)
            #expect(counts["classify in"] == 3)
            #expect(counts["classify open"] == 3)
        }
    }

    @Test func countsWhatTheBrokerGaveUp() async throws {
        try await TestServices.withLine { line in
            try await open(1...1, line)
            try await line.publish(
                raw: Envelope(IndexArticle(articleID: 1, revision: 1), urlID: nil).encoded(),
                to: line.topology.quarantineQueue(.index))
            let drainer = QuarantineDrainer(
                stage: .index, topology: line.topology, broker: line.broker, database: line.database,
                logger: TestServices.logger)
            try await run([drainer]) {
                try await line.wait(for: "SELECT count(*) FROM wireroom.quarantine") { $0 == 1 }
            }
            let counts = try await counts(line)
            #expect(counts["index in"] == 1)
            #expect(counts["index quarantine"] == 1)
            #expect(counts["index open"] == nil)
        }
    }

    @Test func countsAnOutboxMessageAsOpenOnce() async throws {
        try await TestServices.withLine { line in
            let envelopes = [1, 2].map { Envelope(IndexArticle(articleID: $0, revision: 1), urlID: nil) }
            for _ in 1...2 {
                try await line.database.withTransaction {
                    _ = try await $0.pipeline([try OutboxRelay.insertion(envelopes)])
                }
            }
            let lease = [Envelope(CrawlLease(hostID: 1, leaseNumber: 1), urlID: nil)]
            try await line.database.withTransaction {
                _ = try await $0.pipeline([try OutboxRelay.insertion(lease)])
            }
            #expect(try await line.number("SELECT count(*) FROM wireroom.outbox") == 3)
            #expect(try await counts(line) == ["index in": 2, "index open": 2])
        }
    }

    // MARK: Pausing, and looking at the line

    @Test func standsStillWhileTheStageIsPaused() async throws {
        try await TestServices.withLine { line in
            try await ScriptedStage.prepare(line.database)
            func pause(_ isPaused: Bool) async throws {
                _ = try await line.database.query(
                    "UPDATE wireroom.stage_control SET is_paused = $1 WHERE stage = 'index'", [.bool(isPaused)])
            }
            let runner = runner(ScriptedStage { _ in .done }, line)
            try await pause(true)
            try await run([runner]) {
                try await line.publish(try message(1))
                // Nothing is consumed: the queue has its message and no consumer, over the time of a few looks.
                while await !runner.connections.consumer.isConnected { try await Task.sleep(for: .milliseconds(20)) }
                let status = try await line.administration.inspectQueue(line.topology.stageQueue(.index))
                #expect(status == AMQPQueueStatus(messageCount: 1, consumerCount: 0))
                try await pause(false)
                try await line.wait(for: "SELECT count(*) FROM wireroom.stage_event") { $0 == 1 }
                try await pause(true)
                while await !runner.connections.isPaused { try await Task.sleep(for: .milliseconds(20)) }
                var consumers = 1
                while consumers > 0 {
                    consumers =
                        try await line.administration.inspectQueue(line.topology.stageQueue(.index))?.consumerCount ?? 0
                }
                try await line.publish(try message(2))
                #expect(try await line.messages(in: line.topology.stageQueue(.index)) == 1)
                try await pause(false)
                try await line.wait(for: "SELECT count(*) FROM wireroom.stage_event") { $0 == 2 }
            }
            #expect(runner.statistics.redelivered == 0)
        }
    }

    @Test func oneWorkerLooksAtTheLineAtATime() async throws {
        try await TestServices.withLine { line in
            try await open(1...2, line)
            try await line.publish(try message(1))
            func observer(_ name: String, _ factory: any MetricsFactory) -> LineObserver {
                LineObserver(
                    worker: name, topology: line.topology, broker: line.broker, database: line.database,
                    metrics: factory, interval: .milliseconds(50), logger: TestServices.logger)
            }
            let first = TestGauges()
            let second = TestGauges()
            let pending = "wireroom.pending.messages stage=index"
            let ready = "wireroom.queue.messages kind=stage queue=\(line.topology.stageQueue(.index)) stage=index"
            try await run([observer("a", first)]) {
                while first.values[pending] != 2 || first.values[ready] != 1 {
                    try await Task.sleep(for: .milliseconds(20))
                }
                // The second one looks several times, and sees that the line is looked at.
                try await run([observer("b", second)]) {
                    while second.values["wireroom.line.observer"] == nil {
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    #expect(second.values["wireroom.line.observer"] == 0)
                    #expect(second.values[pending] == nil)
                }
            }
            // The first one has gone and has taken its figures away; the right to look is free at once.
            #expect(first.values[pending] == nil)
            try await run([observer("b", second)]) {
                while second.values[pending] != 2 { try await Task.sleep(for: .milliseconds(20)) }
            }
            #expect(try await line.number("SELECT count(*) FROM wireroom.line_observation") == 1)
        }
    }

    @Test func whoLooksAtTheLineTellsHowManySourcesAreSilent() async throws {
        try await TestServices.withLine { line in
            _ = try await line.database.query(
                """
                INSERT INTO wireroom.source (name, homepage, created_at)
                SELECT 'Courier ' || n, 'https://courier' || n || '.example/', now() - interval '10 days'
                FROM generate_series(1, 3) AS n
                """)
            // The third one goes on as usual.
            _ = try await line.database.query(
                """
                INSERT INTO wireroom.source_activity (source_id, hour, found)
                SELECT s, date_trunc('hour', now()) - make_interval(days => d, hours => 2), 20
                FROM generate_series(1, 3) AS s, generate_series(0, 9) AS d WHERE d > 0 OR s = 3
                """)
            let gauges = TestGauges()
            let observer = LineObserver(
                worker: "a", topology: line.topology, broker: line.broker, database: line.database, metrics: gauges,
                interval: .milliseconds(50), logger: TestServices.logger)
            try await run([observer]) {
                while gauges.values["wireroom.sources.lost"] == nil {
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(gauges.values["wireroom.sources.silent"] == 2)
                #expect(gauges.values["wireroom.sources.lost"] == 0)
            }
        }
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
}
