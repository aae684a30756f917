internal import Foundation
internal import Postgres

/// What the frontier keeps of watched pages, sitemap indexes and twins.
extension Frontier {
    /// Sitemaps that one look at an index makes due at most.
    static let maximumHurried = 20

    /// What is remembered of the links of a watched page.
    func pageMemory(of urlID: Int64) async throws -> PageMemory {
        let rows = try await database.query(
            "SELECT identity, first_seen_at, visits FROM wireroom.page_link WHERE url_id = $1", [.int(urlID)])
        return PageMemory(
            try rows.map { row in
                PageMemory.Link(
                    identity: try row.decode("identity"), firstSeen: try row.decode("first_seen_at"),
                    visits: try row.decode("visits"))
            })
    }

    /// Counts one more visit for each link of a page, and forgets those that were not there for a month.
    func remember(_ links: [PageLink], on url: LeasedURL, in transaction: PostgresConnection) async throws {
        guard !links.isEmpty else { return }
        _ = try await transaction.pipeline([
            PostgresStatement(
                """
                INSERT INTO wireroom.page_link AS l (url_id, identity)
                SELECT $1, identity FROM unnest($2::bytea[]) AS f (identity)
                ON CONFLICT (url_id, identity) DO UPDATE SET visits = l.visits + 1, last_seen_at = now()
                """, [.int(url.urlID), .bytesArray(links.prefix(PageMemory.maximumLinks).map(\.identity))]),
            PostgresStatement(
                "DELETE FROM wireroom.page_link WHERE url_id = $1 AND last_seen_at < now() - interval '30 days'",
                [.int(url.urlID)]),
        ])
    }

    /// Makes sitemaps due that changed since they were read, the newest first. An index may call all of its hundreds of
    /// sitemaps changed whenever it is asked, so a few at a time are believed.
    func hurry(_ stale: [StaleListing], in transaction: PostgresConnection) async throws {
        guard !stale.isEmpty else { return }
        let stale = stale.sorted { $0.modified > $1.modified }.prefix(Self.maximumHurried)
        _ = try await transaction.query(
            """
            UPDATE wireroom.url AS u SET due_at = now()
            FROM unnest($1::bytea[], $2::timestamptz[]) AS s (identity, modified)
            WHERE u.identity = s.identity AND u.kind = 'sitemap' AND u.due_at > now() AND u.last_fetched_at < s.modified
              AND u.last_fetched_at < now() - interval '15 minutes' AND u.attempts = 0
            """, [.bytesArray(stale.map(\.identity)), .dateArray(stale.map(\.modified))])
    }

    /// Makes the form of a page that is being fetched the one that counts, unless the other one was fetched before.
    ///
    /// Either way the other form's row stays, so that whoever finds it later finds it known.
    ///
    /// - Returns: whether the fetched form counts.
    func claimTwin(_ twin: DiscoveredURL, of url: LeasedURL, in transaction: PostgresConnection) async throws -> Bool {
        _ = try await admit([twin], sourceID: url.source?.sourceID, from: url.urlID, in: transaction)
        let rows = try await transaction.query(
            """
            UPDATE wireroom.url AS u SET state = 'dropped', reason = 'twin', due_at = NULL, twin_of = $2, changed_at = now()
            WHERE u.identity = $1 AND u.url_id <> $2 AND u.last_digest IS NULL AND u.kind = 'article'
            RETURNING u.url_id
            """, [.bytes(twin.identity), .int(url.urlID)])
        if !rows.isEmpty { return true }
        let fetched = try await transaction.query(
            """
            UPDATE wireroom.url AS u SET twin_of = t.url_id
            FROM wireroom.url AS t
            WHERE u.url_id = $2 AND t.identity = $1 AND t.url_id <> $2 AND t.kind = 'article' AND t.twin_of IS DISTINCT FROM $2
              AND t.state IN ('captured', 'parsed', 'classified', 'indexed')
            RETURNING u.url_id
            """, [.bytes(twin.identity), .int(url.urlID)])
        return fetched.isEmpty
    }
}
