public import AMQP
import Foundation
public import Logging
public import Model
public import Postgres
public import ServiceLifecycle

/// Moves quarantined messages from the broker into the quarantine table, where they can be looked at.
///
/// What the stage loop gives up and what the broker itself dead-letters both come this way. A message leaves the broker
/// only after its row is committed.
public final class QuarantineDrainer: Service {
    private let stage: StageName
    private let consumer: AMQPConsumer
    private let database: PostgresPool
    private let logger: Logger

    /// Makes a drainer for a stage's quarantine queue.
    public init(stage: StageName, topology: Topology, broker: AMQPConfiguration, database: PostgresPool, logger: Logger)
    {
        self.stage = stage
        self.database = database
        self.logger = logger
        consumer = AMQPConsumer(
            configuration: broker, queue: topology.quarantineQueue(stage), prefetch: 64, logger: logger)
    }

    public func run() async throws {
        let consumer = consumer
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await consumer.run() }
            try await withGracefulShutdownHandler {
                try await drain()
            } onGracefulShutdown: {
                // The handler is synchronous. Rows in hand are committed by `drain()`; what is not acknowledged comes again.
                // Fails only when there is no connection, which is as good.
                Task { try? await consumer.stopConsuming() }
            }
            await consumer.close()
            try await group.waitForAll()
        }
    }

    private func drain() async throws {
        while true {
            let deliveries = try await consumer.nextBatch(limit: 64, lingering: .zero)
            guard !deliveries.isEmpty else { return }
            try await store(deliveries.map { QuarantineRow($0) })
            try await consumer.acknowledge(deliveries.map(\.tag))
        }
    }

    /// Stores rows, together or, where the database refuses some row, one by one: this is the last stop, so a message that
    /// cannot be stored as it is is stored as bytes.
    private func store(_ rows: [QuarantineRow]) async throws {
        var patience = PatienceLadder()
        var rows = QuarantineRow.newest(rows)
        while true {
            do {
                return try await insert(rows)
            } catch let error as PostgresError where error.isRetriable {
                logger.warning("The database does not take quarantined messages, trying again", error: error)
                try await Task.sleep(for: patience.next())
            } catch let error as PostgresError where error.action == .badData {
                guard rows.count == 1 else {
                    for row in rows { try await store([row]) }
                    return
                }
                guard rows[0].json != nil else { throw error }
                rows[0].keepAsBytes()
            }
        }
    }

    private func insert(_ rows: [QuarantineRow]) async throws {
        _ = try await database.query(
            """
            WITH arrived AS (
                INSERT INTO wireroom.quarantine
                    (stage, message_id, round, url_id, reason, detail, first_error, attempts, worker, message, raw, headers)
                SELECT $1::text, q.*
                FROM unnest($2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::int[], $9::text[],
                            $10::jsonb[], $11::bytea[], $12::jsonb[]) AS q
                ON CONFLICT (stage, message_id, round) DO UPDATE SET state = 'held', resolved_at = NULL, resolved_by = NULL,
                    reason = excluded.reason, detail = excluded.detail, quarantined_at = now()
                RETURNING message_id, round, url_id, reason
            ), moved AS (
                UPDATE wireroom.url AS u SET state = 'quarantined', reason = a.reason, changed_at = clock_timestamp()
                -- One that the broker gave up may be done: then only its acknowledgement was lost, time and again.
                FROM arrived AS a WHERE u.url_id = a.url_id AND NOT EXISTS (
                    SELECT FROM wireroom.stage_event AS e WHERE e.stage = $1::text AND e.message_id = a.message_id
                        AND e.round = a.round AND e.outcome IN ('done', 'drop'))
            )
            -- What a stage gave up is counted already; what the broker gave up is still open.
            SELECT wireroom.settle_messages($1::text, array_agg(message_id), array_agg(url_id),
                array_agg('quarantine'::text), array_agg(reason), array_agg(false))::text
            FROM arrived HAVING count(*) > 0
            """,
            [
                .text(stage.rawValue), .textArray(rows.map(\.messageID)), .intArray(rows.map { Int64($0.state.round) }),
                .intArray(rows.map(\.urlID)), .textArray(rows.map(\.reason)), .textArray(rows.map(\.detail)),
                .textArray(rows.map(\.state.firstError)), .intArray(rows.map { Int64($0.state.attempt) }),
                .textArray(rows.map(\.worker)), .jsonArray(rows.map(\.json)), .bytesArray(rows.map(\.raw)),
                .jsonArray(rows.map(\.headers)),
            ])
    }
}

/// A quarantined message as its row.
private struct QuarantineRow {
    let messageID: String
    let urlID: Int64?
    let reason: String
    let detail: String?
    let worker: String?
    let state: DeliveryState
    /// The message where it is JSON that the database takes.
    private(set) var json: String?
    /// The bytes where it is not.
    private(set) var raw: [UInt8]?
    let headers: String

    init(_ delivery: AMQPDelivery) {
        let headers = delivery.message.properties.headers
        func text(_ key: String) -> String? {
            if case .string(let value)? = headers[key] { value.storable() } else { nil }
        }
        let body = delivery.message.body
        let head = try? JSONDecoder().decode(EnvelopeHead.self, from: Data(body))  // not an envelope: kept as bytes
        // `\u0000` is legal JSON but no PostgreSQL text can hold it; such a message is kept as bytes.
        let isStorable = head != nil && !String(decoding: body, as: UTF8.self).contains("\\u0000")
        messageID =
            head?.id.flatMap { MessageIdentity.isStorable($0) ? $0 : nil } ?? MessageIdentity.fallback(delivery.message)
        urlID = head?.urlID
        reason = text(Header.reason) ?? QuarantineReason.deliveryLimit.rawValue
        detail = text(Header.detail)
        worker = text(Header.worker)
        state = DeliveryState(headers: headers)
        json = isStorable ? String(decoding: body, as: UTF8.self) : nil
        raw = isStorable ? nil : body
        self.headers = Self.encode(headers)
    }

    /// Keeps the bytes instead of the JSON, which the database has refused.
    mutating func keepAsBytes() {
        raw = json.map { [UInt8]($0.utf8) }
        json = nil
    }

    /// The rows without second copies of the same message, which one statement cannot write; the last copy stays.
    static func newest(_ rows: [QuarantineRow]) -> [QuarantineRow] {
        var places: [String: Int] = [:]
        for (place, row) in rows.enumerated() { places["\(row.state.round) \(row.messageID)"] = place }
        return places.values.sorted().map { rows[$0] }
    }

    private static func encode(_ headers: AMQPTable) -> String {
        let texts = headers.mapValues { value in
            switch value {
            case .string(let text): text.storable(maximumBytes: 2000)
            case .int(let number): String(number)
            default: String(describing: value)
            }
        }
        let data = try? JSONEncoder().encode(texts)  // a dictionary of strings always encodes
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
