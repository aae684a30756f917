public import AMQP
public import Logging
public import Model
public import Postgres
public import ServiceLifecycle

/// A service with a connection of its own to publish on: the broker tells of an alarm only where something is published.
public protocol PublishingService: Service {
    /// How that connection stands.
    var publisherStatistics: AMQPPublisherStatistics { get async }
}

/// Publishes the messages that were committed together with rows (the transactional outbox), and removes them once the
/// broker has confirmed them.
///
/// Any number of relays may run; each takes rows that no other holds. A relay that dies between the confirm and the
/// removal sends a message twice, which its identity makes harmless.
public final class OutboxRelay: PublishingService {
    private let topology: Topology
    private let publisher: AMQPPublisher
    private let database: PostgresPool
    private let interval: Duration
    private let logger: Logger
    private let signal = WakeSignal()

    /// Makes a relay.
    ///
    /// - Parameter interval: how often to look when nobody calls ``wake()``.
    public init(
        topology: Topology, broker: AMQPConfiguration, database: PostgresPool, interval: Duration = .milliseconds(500),
        logger: Logger
    ) {
        self.topology = topology
        self.database = database
        self.interval = interval
        self.logger = logger
        publisher = AMQPPublisher(configuration: broker, logger: logger)
    }

    public var publisherStatistics: AMQPPublisherStatistics {
        get async { await publisher.statistics }
    }

    /// Says that there is something to send.
    public func wake() { signal.set() }

    /// The statement that puts messages into the outbox, to be run in the transaction of the rows that they belong to. It
    /// counts them as open.
    public static func insertion<Payload: MessagePayload>(_ envelopes: [Envelope<Payload>]) throws -> PostgresStatement
    {
        // A lease is work on a host and no open message of the funnel.
        let counting =
            Payload.stage == .crawl
            ? "SELECT count(*)::text FROM written"
            : """
            SELECT wireroom.open_messages($1::text, array_agg(o.message_id), array_agg(o.url_id))::text
            FROM offered AS o JOIN written AS w USING (message_id) HAVING count(*) > 0
            """
        return PostgresStatement(
            """
            WITH offered AS (
                SELECT * FROM unnest($2::text[], $3::jsonb[], $4::bigint[]) AS o (message_id, message, url_id)
            ), written AS (
                INSERT INTO wireroom.outbox (message_id, stage, message)
                SELECT o.message_id, $1::text, o.message FROM offered AS o
                ON CONFLICT (message_id) DO NOTHING RETURNING message_id
            )
            \(counting)
            """,
            [
                .text(Payload.stage.rawValue), .textArray(envelopes.map(\.id)),
                .jsonArray(try envelopes.map { String(decoding: try $0.encoded(), as: UTF8.self) }),
                .intArray(envelopes.map(\.urlID)),
            ])
    }

    public func run() async throws {
        let publisher = publisher
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await publisher.run() }
            try await cancelWhenGracefulShutdown { try await self.relayUntilCancelled() }
            await publisher.close()
            try await group.waitForAll()
        }
    }

    /// Sends what is there and returns: for programs that end.
    ///
    /// - Returns: how many messages were sent.
    public func drain() async throws -> Int {
        let publisher = publisher
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await publisher.run() }
            var total = 0
            while true {
                let sent = try await relayOnce()
                total += sent
                if sent == 0 { break }
            }
            await publisher.close()
            try await group.waitForAll()
            return total
        }
    }

    private func relayUntilCancelled() async throws {
        var patience = PatienceLadder()
        while !Task.isCancelled {
            do {
                if try await relayOnce() > 0 { continue }
                patience = PatienceLadder()
                await signal.wait(atMost: interval)
            } catch  where Task.isCancelled {
                return  // Whatever the cancellation broke off was rolled back.
            } catch let error as PostgresError where error.isRetriable {
                logger.warning("The outbox cannot be read, trying again", error: error)
                try? await Task.sleep(for: patience.next())  // cancelled: the loop's condition ends it
            }
        }
    }

    /// Sends one batch, removing each message that was confirmed.
    private func relayOnce() async throws -> Int {
        try await database.withTransaction { [publisher, topology, logger] transaction in
            let rows = try await transaction.query(
                """
                SELECT message_id, stage, message::text AS message, message ->> 'trace' AS trace FROM wireroom.outbox
                ORDER BY created_at LIMIT 500 FOR UPDATE SKIP LOCKED
                """)
            guard !rows.isEmpty else { return 0 }
            var ids: [String] = []
            var publications: [AMQPPublication] = []
            for row in rows {
                let id = try row.decode("message_id", as: String.self)
                guard let stage = StageName(rawValue: try row.decode("stage", as: String.self)) else { continue }
                var properties = AMQPProperties(contentType: "application/json", messageID: id, appID: "wireroom")
                properties.headers[Header.traceParent] = try row.decode("trace", as: String?.self).map { .string($0) }
                let body = [UInt8](try row.decode("message", as: String.self).utf8)
                ids.append(id)
                publications.append(
                    AMQPPublication(
                        exchange: "", routingKey: topology.stageQueue(stage),
                        message: AMQPMessage(properties: properties, body: body), isMandatory: true))
            }
            let results = try await publisher.publish(publications)
            let confirmed = zip(ids, results).compactMap { id, result in
                if case .confirmed = result { id } else { nil }
            }
            if confirmed.count < ids.count {
                logger.warning(
                    "Some messages of the outbox were not confirmed, they stay in it",
                    metadata: ["count": "\(ids.count - confirmed.count)"])
                // A queue that is full stays full for a while; without this pause the relay would spin.
                try await Task.sleep(for: .seconds(1))
            }
            _ = try await transaction.query(
                "DELETE FROM wireroom.outbox WHERE message_id = ANY($1::text[])", [.textArray(confirmed)])
            return confirmed.count
        }
    }
}
