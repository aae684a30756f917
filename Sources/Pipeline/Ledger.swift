import Model
import Postgres

/// One message's outcome, as it goes into the ledger.
struct LedgerEntry: Sendable {
    var messageID: String
    var round: Int
    var urlID: Int64?
    var outcome: StageOutcome
    var attempt: Int
    var durationMilliseconds: Int64
    /// The messages for other stages that follow from it.
    var followers: [OutgoingMessage.Follower] = []
}

/// Writes what became of each message, in the transaction that holds its effects.
struct Ledger: Sendable {
    let stage: StageName
    let worker: String
    let version: String

    /// Writes the entries and the states of the URLs that they end or move.
    ///
    /// A second copy of a message has the same round and changes nothing.
    func record(_ entries: [LedgerEntry], in transaction: PostgresConnection) async throws {
        guard !entries.isEmpty else { return }
        let distinct = Self.distinct(entries)
        _ = try await transaction.query(Self.recording, parameters(of: distinct))
    }

    /// The entries without second copies of a message that came in the same batch; the last one stays.
    private static func distinct(_ entries: [LedgerEntry]) -> [LedgerEntry] {
        var places: [String: Int] = [:]
        for (place, entry) in entries.enumerated() { places["\(entry.round) \(entry.messageID)"] = place }
        return places.count == entries.count ? entries : places.values.sorted().map { entries[$0] }
    }

    /// Writes the events, counts what they settle and open, and moves the URLs: of each event only when it was not there before.
    /// A copy whose acknowledgement was lost must neither take a URL back from where later stages have brought it, nor put one
    /// that is done into quarantine.
    ///
    /// URLs are moved in the order of the rows' keys, so that two workers that write the same ones wait for each other and never
    /// deadlock.
    private static let recording = """
        WITH entry AS (
            SELECT * FROM unnest($2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::int[], $9::int[],
                    $17::text[])
                WITH ORDINALITY
                AS e (message_id, round, url_id, outcome, reason, detail, attempt, duration_ms, state, position)
        ), fresh AS (
            INSERT INTO wireroom.stage_event
                (stage, message_id, round, url_id, outcome, reason, detail, attempt, duration_ms, worker, version)
            SELECT $1::text, message_id, round, url_id, outcome, reason, detail, attempt, duration_ms, $10::text, $11::text
            FROM entry
            ON CONFLICT (stage, message_id, round) DO NOTHING
            RETURNING message_id, round
        ), moved AS (
            UPDATE wireroom.url AS u SET state = e.state, reason = e.reason, changed_at = clock_timestamp()
            FROM (SELECT DISTINCT ON (url_id) l.url_id, e.state, e.reason
                  FROM entry AS e JOIN fresh USING (message_id, round) JOIN wireroom.url AS l USING (url_id)
                  WHERE e.state IS NOT NULL
                  ORDER BY url_id, position DESC) AS e
            WHERE u.url_id = e.url_id AND (u.state, u.reason) IS DISTINCT FROM (e.state, e.reason)
        )
        SELECT wireroom.settle_messages(
            $1::text, array_agg(e.message_id), array_agg(e.url_id), array_agg(e.outcome), array_agg(e.reason),
            array_agg(f.message_id IS NOT NULL))::text
        FROM entry AS e LEFT JOIN fresh AS f USING (message_id, round)
        UNION ALL
        SELECT wireroom.open_messages(n.stage, array_agg(n.message_id), array_agg(n.url_id))::text
        FROM unnest($12::text[], $13::int[], $14::text[], $15::text[], $16::bigint[])
            AS n (parent_id, round, stage, message_id, url_id)
        JOIN fresh AS f ON f.message_id = n.parent_id AND f.round = n.round
        GROUP BY n.stage
        """

    private func parameters(of entries: [LedgerEntry]) -> [PostgresValue] {
        let followers = entries.flatMap { entry in entry.followers.map { (entry: entry, next: $0) } }
        return [
            .text(stage.rawValue), .textArray(entries.map(\.messageID)), .intArray(entries.map { Int64($0.round) }),
            .intArray(entries.map(\.urlID)), .textArray(entries.map(\.outcome.name)),
            .textArray(entries.map(\.outcome.reason)), .textArray(entries.map(\.outcome.detail)),
            .intArray(entries.map { Int64($0.attempt) }), .intArray(entries.map(\.durationMilliseconds)),
            .text(worker), .text(version), .textArray(followers.map(\.entry.messageID)),
            .intArray(followers.map { Int64($0.entry.round) }), .textArray(followers.map(\.next.stage.rawValue)),
            .textArray(followers.map(\.next.messageID)), .intArray(followers.map(\.next.urlID)),
            .textArray(entries.map { $0.outcome.urlState(after: stage) }),
        ]
    }
}

extension StageOutcome {
    /// What becomes of a message that a step of its stage failed on, for a reason that may lie in the message.
    ///
    /// A value that the database refuses will be refused again; any other error is a failed attempt.
    static func failed(_ error: any Error) -> StageOutcome {
        if let error = error as? PostgresError, error.action == .badData {
            return .quarantine(.badData, detail: error.message)
        }
        return .retry(.stageError, detail: String(describing: error))
    }

    /// The outcome's name in the ledger.
    var name: String {
        switch self {
        case .done: "done"
        case .drop: "drop"
        case .retry: "retry"
        case .snooze: "snooze"
        case .quarantine: "quarantine"
        }
    }

    /// The reason's name, where the outcome has one.
    var reason: String? {
        switch self {
        case .done, .snooze: nil
        case .drop(let reason, _): reason.rawValue
        case .retry(let reason, _): reason.rawValue
        case .quarantine(let reason, _): reason.rawValue
        }
    }

    /// What happened in words, cut to a length that suits a ledger.
    var detail: String? {
        switch self {
        case .done: nil
        case .snooze(let delay): "for \(delay.milliseconds) ms"
        case .drop(_, let detail), .retry(_, let detail), .quarantine(_, let detail): detail.map { $0.storable() }
        }
    }

    /// The state that the message's URL is in after this outcome, or `nil` when it stays as it is.
    func urlState(after stage: StageName) -> String? {
        switch self {
        case .done: stage.doneState
        case .drop(let reason, _): reason.endsURL ? "dropped" : nil
        case .retry, .snooze: nil
        case .quarantine: "quarantined"
        }
    }
}
