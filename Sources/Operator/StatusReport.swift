public import AMQP
internal import Foundation
internal import Model
public import Pipeline
public import Postgres

/// Where everything is, at one moment.
public struct StatusReport: Sendable, Codable, Equatable {
    /// A queue of the broker.
    public struct Queue: Sendable, Codable, Equatable {
        /// Its name.
        public var name: String
        /// Messages that are ready.
        public var messages: Int
        /// Workers that take from it.
        public var consumers: Int
    }

    /// A worker that was seen in the last minute.
    public struct Worker: Sendable, Codable, Equatable {
        /// Its name.
        public var worker: String
        /// Its stage.
        public var stage: String
        /// Its program's version.
        public var version: String
        /// Seconds since it last wrote its row.
        public var silentSeconds: Double
        /// What it has done, as it says itself.
        public var counts: [String: Int]

        enum CodingKeys: String, CodingKey {
            case worker, stage, version, counts
            case silentSeconds = "silent_seconds"
        }
    }

    /// URLs by state: known, captured, parsed, classified, indexed, dropped, quarantined.
    public var urls: [String: Int]
    /// URLs that are due now on hosts that may be contacted.
    public var due: Int
    /// Hosts that are leased, blocked and paused.
    public var hosts: [String: Int]
    /// Messages that wait for the broker's confirm.
    public var outbox: Int
    /// Articles that are searchable.
    public var articles: Int
    /// Stories.
    public var stories: Int
    /// Messages in quarantine.
    public var quarantine: Int
    /// The broker's queues; `nil` when the broker does not answer.
    public var queues: [Queue]?
    /// Workers seen in the last minute.
    public var workers: [Worker]

    /// Messages that wait in the stages' own, suspect and retry queues.
    public var pendingMessages: Int {
        (queues ?? []).filter { !$0.name.contains(".quarantine.") }.reduce(0) { $0 + $1.messages }
    }

    /// Whether every URL that was taken up has come to its end and nothing is due or on its way.
    public var isSettled: Bool {
        let moving = ["captured", "parsed", "classified"].reduce(0) { $0 + (urls[$1] ?? 0) }
        return moving == 0 && outbox == 0 && due == 0 && pendingMessages == 0 && (hosts["leased"] ?? 0) == 0
    }
}

/// Asks database and broker where everything is.
public struct StatusReader: Sendable {
    private let database: PostgresPool
    private let topology: Topology

    /// Makes a reader.
    public init(database: PostgresPool, topology: Topology) {
        self.database = database
        self.topology = topology
    }

    /// Reads the status.
    ///
    /// - Parameter administration: a connection to the broker, or `nil` to leave the queues out.
    public func read(_ administration: AMQPAdministration?) async throws -> StatusReport {
        let totals = try await database.query(
            """
            SELECT (SELECT count(*) FROM wireroom.url AS u LEFT JOIN wireroom.source AS s USING (source_id)
                    LEFT JOIN wireroom.host AS h USING (host_id)
                    WHERE u.due_at <= now() AND coalesce(s.state, 'active') = 'active' AND NOT coalesce(h.is_paused, false)
                      AND coalesce(h.blocked_until <= now(), true)) AS due,
                   (SELECT count(*) FROM wireroom.host WHERE lease_until > now()) AS leased,
                   (SELECT count(*) FROM wireroom.host WHERE blocked_until > now()) AS blocked,
                   (SELECT count(*) FROM wireroom.host WHERE is_paused) AS paused,
                   (SELECT count(*) FROM wireroom.outbox) AS outbox,
                   (SELECT count(*) FROM wireroom.article WHERE indexed_revision IS NOT NULL) AS articles,
                   (SELECT count(*) FROM wireroom.story WHERE article_count > 0) AS stories,
                   (SELECT count(*) FROM wireroom.quarantine WHERE state = 'held') AS quarantine
            """)
        guard let row = totals.first else { throw OperatorError("the database gave no answer") }
        var urls: [String: Int] = [:]
        for state in try await database.query(
            "SELECT state, count(*) AS number FROM wireroom.url WHERE kind IN ('article', 'document') GROUP BY state")
        {
            urls[try state.decode("state")] = try state.decode("number", as: Int.self)
        }
        return StatusReport(
            urls: urls, due: try row.decode("due"),
            hosts: [
                "leased": try row.decode("leased"), "blocked": try row.decode("blocked"),
                "paused": try row.decode("paused"),
            ],
            outbox: try row.decode("outbox"), articles: try row.decode("articles"), stories: try row.decode("stories"),
            quarantine: try row.decode("quarantine"), queues: try await queues(administration),
            workers: try await workers())
    }

    private func queues(_ administration: AMQPAdministration?) async throws -> [StatusReport.Queue]? {
        guard let administration else { return nil }
        var queues: [StatusReport.Queue] = []
        for queue in topology.allQueues {
            guard let status = try await administration.inspectQueue(queue.name) else { continue }
            queues.append(
                StatusReport.Queue(name: queue.name, messages: status.messageCount, consumers: status.consumerCount))
        }
        return queues
    }

    func workers() async throws -> [StatusReport.Worker] {
        try await database.query(
            """
            SELECT worker, stage, version, extract(epoch FROM now() - seen_at)::float8 AS silent, status FROM wireroom.worker
            WHERE stopped_at IS NULL AND seen_at > now() - interval '1 minute' ORDER BY stage, worker
            """
        ).map { row in
            let counts = try? JSONDecoder().decode(  // a status of another version only shows no counts
                [String: Int].self, from: Data(try row.decode("status", as: String.self).utf8))
            return StatusReport.Worker(
                worker: try row.decode("worker"), stage: try row.decode("stage"), version: try row.decode("version"),
                silentSeconds: try row.decode("silent"), counts: counts ?? [:])
        }
    }
}

/// Something that an operator asked for cannot be done.
public struct OperatorError: Error, CustomStringConvertible {
    /// What is wrong, and what to do.
    public var message: String

    /// Makes an error.
    public init(_ message: String) { self.message = message }

    public var description: String { message }
}
