public import AMQP
public import Foundation
import Model
public import Pipeline
public import Postgres

/// The line at one moment, for somebody who watches it.
public struct TopReport: Sendable, Codable, Equatable {
    /// A stage with its queues.
    public struct Stage: Sendable, Codable, Equatable {
        /// The stage's name.
        public var stage: String
        /// Whether an operator has paused it.
        public var isPaused = false
        /// Workers seen in the last 30 seconds.
        public var workers = 0
        /// Consumers of the stage's queue; `nil` when the broker gives no answer, like the other numbers of queues.
        public var consumers: Int?
        /// Messages ready in the stage's queue.
        public var ready: Int?
        /// Messages that workers have in hand.
        public var unacked = 0
        /// Messages that came in, a second; `nil` before there are two looks.
        public var inPerSecond: Double?
        /// Messages that were settled for good, a second.
        public var outPerSecond: Double?
        /// Age of the oldest message without an outcome, in seconds; for crawl, how late the oldest due URL is.
        public var oldestSeconds = 0.0
        /// Messages that wait for another attempt, by the delay.
        public var retry: [String: Int] = [:]
        /// Messages in the suspect lane.
        public var suspects: Int?
        /// Messages held in quarantine.
        public var quarantine = 0

        enum CodingKeys: String, CodingKey {
            case stage, workers, consumers, ready, unacked, retry, suspects, quarantine
            case isPaused = "is_paused"
            case inPerSecond = "in_per_second"
            case outPerSecond = "out_per_second"
            case oldestSeconds = "oldest_seconds"
        }
    }

    /// A host that cannot be crawled as it should.
    public struct Host: Sendable, Codable, Equatable {
        /// The host's name.
        public var name: String
        /// blocked, paused or lease expired.
        public var trouble: String
        /// Since when, where that is known.
        public var since: Date?
        /// Until when, where that is known.
        public var until: Date?
        /// Why.
        public var reason: String?
        /// Incidents in a row.
        public var level: Int
    }

    /// When it was read.
    public var at: Date
    /// Milliseconds that the database took for a small answer.
    public var databaseMilliseconds: Double
    /// Milliseconds that the broker took for all queues; `nil` when it gave no answer.
    public var brokerMilliseconds: Double?
    /// What the broker's failure was.
    public var brokerError: String?
    /// The stages in the order of the line.
    public var stages: [Stage]
    /// Workers seen in the last minute.
    public var workers: [StatusReport.Worker]
    /// Hosts in trouble, the worst first.
    public var hosts: [Host]
    /// Further figures: hosts blocked and paused, leases, outbox, database.
    public var figures: [String: Double]

    enum CodingKeys: String, CodingKey {
        case at, stages, workers, hosts, figures
        case databaseMilliseconds = "database_ms"
        case brokerMilliseconds = "broker_ms"
        case brokerError = "broker_error"
    }
}

/// Reads what ``TopReport`` shows, again and again; rates come from the looks of the last ten seconds.
public struct TopReader: Sendable {
    private struct Totals {
        var at: ContinuousClock.Instant
        var entered: [String: Int]
        var settled: [String: Int]
    }

    private let database: PostgresPool
    private let topology: Topology
    private var past: [Totals] = []

    /// Makes a reader.
    public init(database: PostgresPool, topology: Topology) {
        self.database = database
        self.topology = topology
    }

    /// Reads.
    ///
    /// - Parameter administration: a connection to the broker, or why there is none.
    public mutating func read(_ administration: Result<AMQPAdministration, any Error>) async throws -> TopReport {
        let started = ContinuousClock.now
        _ = try await database.query("SELECT 1")
        let databaseTime = ContinuousClock.now - started
        let line = LineFigures(figures: try await LineFigures.read(from: database))
        let workers = try await StatusReader(database: database, topology: topology).workers()
        var report = TopReport(
            at: Date(), databaseMilliseconds: databaseTime / .milliseconds(1), stages: [], workers: workers,
            hosts: try await hosts(), figures: [:])
        for name in [
            "leases.outstanding", "leases.expired", "hosts.blocked", "hosts.paused", "outbox.messages",
            "outbox.oldest", "transactions.oldest", "database.size", "partitions.ahead", "partitions.strays",
        ] {
            report.figures[name] = line.value(name)
        }
        let rates = try await rates(workers)
        let queues = await queues(administration, &report)
        report.stages = StageName.allCases.map { stage in
            var row = TopReport.Stage(stage: stage.rawValue)
            row.isPaused = line.value("stages.paused", stage.rawValue) == 1
            row.workers = Int(line.value("workers", stage.rawValue) ?? 0)
            row.quarantine = Int(line.value("quarantine.messages", stage.rawValue) ?? 0)
            row.oldestSeconds =
                line.value("pending.oldest", stage.rawValue) ?? line.value("release.lag", "live") ?? 0
            row.unacked = workers.filter { $0.stage == stage.rawValue }.reduce(0) { $0 + Self.inHand($1.counts) }
            row.consumers = queues[topology.stageQueue(stage)]?.consumerCount
            row.ready = queues[topology.stageQueue(stage)]?.messageCount
            row.suspects = queues[topology.suspectQueue(stage)]?.messageCount
            for rung in topology.rungs {
                row.retry[rung.name] = queues[topology.retryQueue(stage, rung)]?.messageCount
            }
            row.inPerSecond = rates?.entered[stage.rawValue] ?? (rates == nil ? nil : 0)
            row.outPerSecond = rates?.settled[stage.rawValue] ?? (rates == nil ? nil : 0)
            return row
        }
        return report
    }

    private static func inHand(_ counts: [String: Int]) -> Int {
        max(0, (counts["received"] ?? 0) - settled(counts))
    }

    private static func settled(_ counts: [String: Int]) -> Int {
        ["done", "dropped", "retried", "snoozed", "quarantined"].reduce(0) { $0 + (counts[$1] ?? 0) }
    }

    /// What came in and went out a second: leases by what workers say, messages by the funnel.
    private mutating func rates(
        _ workers: [StatusReport.Worker]
    ) async throws -> (entered: [String: Double], settled: [String: Double])? {
        var now = Totals(at: .now, entered: [:], settled: [:])
        let rows = try await database.query(
            """
            SELECT stage, outcome = 'in' AS is_in, sum(number)::bigint AS number
            FROM (SELECT stage, outcome, number, day FROM wireroom.funnel
                  UNION ALL SELECT stage, outcome, number, day FROM wireroom.funnel_delta) AS f
            WHERE outcome NOT IN ('retry', 'snooze') AND day >= (now() AT TIME ZONE 'UTC')::date - 1 GROUP BY 1, 2
            """)
        for row in rows {
            let stage = try row.decode("stage", as: String.self)
            let number = try row.decode("number", as: Int.self)
            if try row.decode("is_in", as: Bool.self) {
                now.entered[stage] = number
            } else {
                now.settled[stage] = number
            }
        }
        let leases = workers.filter { $0.stage == "crawl" }.map(\.counts)
        now.entered["crawl"] = leases.reduce(0) { $0 + ($1["received"] ?? 0) }
        now.settled["crawl"] = leases.reduce(0) { $0 + Self.settled($1) }
        past.append(now)
        while past.count > 2, now.at - past[1].at >= .seconds(10) { past.removeFirst() }
        guard let first = past.first, past.count > 1 else { return nil }
        let seconds = max(0.001, (now.at - first.at) / .seconds(1))
        func rate(_ new: [String: Int], _ old: [String: Int]) -> [String: Double] {
            // A worker or a day that has gone takes its counts along.
            Dictionary(uniqueKeysWithValues: new.map { ($0, max(0, Double($1 - (old[$0] ?? 0)) / seconds)) })
        }
        return (rate(now.entered, first.entered), rate(now.settled, first.settled))
    }

    private func queues(
        _ administration: Result<AMQPAdministration, any Error>, _ report: inout TopReport
    ) async -> [String: AMQPQueueStatus] {
        let started = ContinuousClock.now
        var queues: [String: AMQPQueueStatus] = [:]
        do {
            let administration = try administration.get()
            for queue in topology.allQueues {
                queues[queue.name] = try await administration.inspectQueue(queue.name)
            }
            report.brokerMilliseconds = (ContinuousClock.now - started) / .milliseconds(1)
        } catch {
            report.brokerError = (error as? AMQPError)?.message ?? "\(error)"
        }
        return queues
    }

    private func hosts() async throws -> [TopReport.Host] {
        try await database.query(
            """
            SELECT name, CASE WHEN is_paused THEN 'paused' WHEN blocked_until > now() THEN 'blocked' ELSE 'lease expired' END
                       AS trouble,
                   CASE WHEN NOT is_paused AND blocked_until > now() THEN blocked_until END AS until,
                   CASE WHEN is_paused OR blocked_until > now() THEN held_since ELSE lease_until END AS since,
                   CASE WHEN blocked_until > now() THEN blocked_reason END AS reason, backoff_level
            FROM wireroom.host
            WHERE is_paused OR blocked_until > now() OR lease_until < now() - interval '1 minute'
            ORDER BY backoff_level DESC, name LIMIT 100
            """
        ).map { row in
            TopReport.Host(
                name: try row.decode("name"), trouble: try row.decode("trouble"), since: try row.decode("since"),
                until: try row.decode("until"),
                reason: try row.decode("reason"), level: try row.decode("backoff_level"))
        }
    }
}
