public import Foundation
public import Model
public import Postgres

/// What can be paused.
public enum PauseTarget: Sendable, Equatable {
    /// A stage: its workers take no more messages, the crawl stage gives no more leases.
    case stage(StageName)
    /// A source: nothing of it is fetched.
    case source(Int64)
    /// A host, by its name in lower case, with the port where it is not the scheme's own: it is not contacted.
    case host(String)
}

/// Something that is paused.
public struct PausedThing: Sendable, Codable, Equatable {
    /// stage, source or host.
    public var kind: String
    /// The stage's or host's name, or the source's number.
    public var name: String
    /// The source's name.
    public var title: String?
    /// When it was paused, where that is known.
    public var since: Date?
    /// Who paused it, where that is known.
    public var by: String?
}

/// Pauses and resumes, as data: workers look at it every second.
public struct PauseOffice: Sendable {
    private let database: PostgresPool

    /// Opens the office.
    public init(database: PostgresPool) {
        self.database = database
    }

    /// Pauses or resumes.
    ///
    /// A lease that is out on a paused host ends after the page in hand. One on a host that serves a paused source loses its
    /// fence: its worker can write nothing more and gives it up. So that nobody contacts the host meanwhile, it is left alone
    /// for a minute.
    ///
    /// - Returns: whether there is such a thing.
    public func set(_ target: PauseTarget, isPaused: Bool, by name: String) async throws -> Bool {
        switch target {
        case .stage(let stage):
            return try await database.query(
                """
                UPDATE wireroom.stage_control SET is_paused = $2, changed_at = now(), changed_by = $3 WHERE stage = $1
                """, [.text(stage.rawValue), .bool(isPaused), .text(name)]
            ).affectedRows == 1
        case .host(let host):
            if isPaused {
                // One that is not known yet is made, so that the pause counts before the first request.
                _ = try await database.query(
                    "INSERT INTO wireroom.host (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", [.text(host)])
            }
            return try await database.query(
                """
                UPDATE wireroom.host SET is_paused = $2, held_by = CASE WHEN $2 THEN $3 ELSE held_by END WHERE name = $1
                """, [.text(host), .bool(isPaused), .text(name)]
            ).affectedRows == 1
        case .source(let id):
            return try await setSource(id, isPaused: isPaused, by: name)
        }
    }

    private func setSource(_ id: Int64, isPaused: Bool, by name: String) async throws -> Bool {
        try await database.withTransaction { transaction in
            let changed = try await transaction.query(
                """
                UPDATE wireroom.source SET state = CASE WHEN $2 THEN 'paused' ELSE 'active' END, state_since = now(), state_by = $3,
                    updated_at = now()
                WHERE source_id = $1 AND state <> 'removed'
                """, [.int(id), .bool(isPaused), .text(name)]
            ).affectedRows
            guard changed == 1, isPaused else { return changed == 1 }
            _ = try await transaction.query(
                """
                UPDATE wireroom.host AS h SET lease_no = h.lease_no + 1, lease_until = NULL, leased_by = NULL,
                    next_allowed_at = greatest(h.next_allowed_at, now() + interval '1 minute')
                WHERE h.lease_until > now() AND EXISTS (
                    SELECT 1 FROM wireroom.url AS u WHERE u.host_id = h.host_id AND u.source_id = $1 AND u.due_at IS NOT NULL)
                """, [.int(id)])
            return true
        }
    }

    /// Everything that is paused.
    public func list() async throws -> [PausedThing] {
        try await database.query(
            """
            SELECT 'stage' AS kind, stage AS name, NULL AS title, changed_at AS since, changed_by AS by
            FROM wireroom.stage_control WHERE is_paused
            UNION ALL
            SELECT 'source', source_id::text, name, state_since, state_by FROM wireroom.source WHERE state = 'paused'
            UNION ALL
            SELECT 'host', name, NULL, held_since, held_by FROM wireroom.host WHERE is_paused
            ORDER BY 1 DESC, 2
            """
        ).map { row in
            PausedThing(
                kind: try row.decode("kind"), name: try row.decode("name"), title: try row.decode("title"),
                since: try row.decode("since"), by: try row.decode("by"))
        }
    }
}
