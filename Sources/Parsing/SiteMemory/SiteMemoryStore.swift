internal import Foundation
internal import Postgres
internal import WebURL

/// What site an address belongs to.
public enum PageSite {
    /// The registrable host, or `nil` of an address without one, such as an imported file's.
    public static func name(ofURL url: String) -> String? {
        guard let parsed = ParsedURL(url), parsed.isHTTP else { return nil }
        return parsed.registrableHost
    }
}

/// The SQL of the site memory: one row for each of the newest articles of a site, with its fingerprints.
///
/// A row is keyed by the URL, so that a message that comes again, or a page that is fetched again, counts once. Counting is
/// done when a batch is loaded, within the few rows of its sites, so that nothing has to be kept in step.
struct SiteMemoryStore: Sendable {
    /// How many articles of a site are remembered: the newest ones, since templates change.
    static let articlesPerSite: Int64 = 48
    /// How long an article is remembered at most.
    static let daysKept: Int64 = 90

    /// A page whose site is asked for.
    struct Page: Sendable {
        var urlID: Int64
        var site: String?
    }

    /// A page that was parsed.
    struct Observation: Sendable {
        var urlID: Int64
        var site: String
        var seenAt: Date
        var imprint: PageImprint

        /// What is remembered of an article, or `nil` when that is nothing.
        init?(_ parsed: ParsedArticle, fetchedAt: Date) {
            guard let imprint = parsed.imprint, let site = PageSite.name(ofURL: parsed.url) else { return nil }
            urlID = parsed.urlID
            self.site = site
            seenAt = fetchedAt
            self.imprint = imprint
        }
    }

    /// What the other pages of each page's site have in common, by URL.
    func load(_ pages: [Page], from database: PostgresPool) async throws -> [Int64: SiteMemory] {
        let sites = Set(pages.compactMap(\.site))
        guard !sites.isEmpty else { return [:] }
        let rows = try await database.query(
            """
            WITH page AS (
                SELECT site, url_id, content_key, fingerprints FROM wireroom.site_page WHERE site = ANY($1::text[])
            ), block AS MATERIALIZED (
                SELECT site, url_id, content_key, fingerprint
                FROM page CROSS JOIN LATERAL unnest(fingerprints) AS f (fingerprint)
            ), repeated AS (
                -- Few blocks stand on several pages; the others are left out before anything is sorted.
                SELECT site, fingerprint FROM block GROUP BY site, fingerprint HAVING count(*) >= $3
            )
            SELECT site, NULL::bigint AS fingerprint, count(DISTINCT content_key) AS articles,
                   array_agg(url_id) FILTER (WHERE url_id = ANY($2::bigint[])) AS own
            FROM page GROUP BY site
            UNION ALL
            SELECT site, fingerprint, count(DISTINCT content_key),
                   array_agg(url_id) FILTER (WHERE url_id = ANY($2::bigint[]))
            FROM block JOIN repeated USING (site, fingerprint)
            GROUP BY site, fingerprint HAVING count(DISTINCT content_key) >= $3
            """,
            [
                .textArray(sites.sorted()), .intArray(pages.map(\.urlID)), .int(Int64(SiteMemory.minimumArticles)),
            ])
        var known: [String: SiteRows] = [:]
        for row in rows {
            let site = try row.decode("site", as: String.self)
            try known[site, default: SiteRows()].add(row)
        }
        var memories: [Int64: SiteMemory] = [:]
        for page in pages {
            if let site = page.site, let rows = known[site] {
                memories[page.urlID] = rows.memory(excluding: page.urlID)
            }
        }
        return memories
    }

    /// Remembers pages, and forgets what is more than a site may keep.
    func save(_ observations: [Observation], in transaction: PostgresConnection) async throws {
        guard !observations.isEmpty else { return }
        // In the order of the URLs, as all rows of a batch are written, so that two workers never wait for each other.
        var statements = observations.sorted { $0.urlID < $1.urlID }.map { observation in
            PostgresStatement(
                """
                INSERT INTO wireroom.site_page AS p (url_id, site, content_key, fingerprints, seen_at)
                VALUES ($1, $2, $3, $4::bigint[], $5::timestamptz)
                ON CONFLICT (url_id) DO UPDATE SET site = excluded.site, content_key = excluded.content_key,
                    fingerprints = excluded.fingerprints, seen_at = excluded.seen_at
                WHERE excluded.seen_at >= p.seen_at
                """,
                [
                    .int(observation.urlID), .text(observation.site), .int(observation.imprint.contentKey),
                    .intArray(observation.imprint.fingerprints), .date(observation.seenAt),
                ])
        }
        // Rows that another worker holds are left to it.
        statements.append(
            PostgresStatement(
                """
                DELETE FROM wireroom.site_page WHERE url_id IN (
                    SELECT p.url_id FROM wireroom.site_page AS p
                    JOIN (SELECT url_id, row_number() OVER (PARTITION BY site ORDER BY seen_at DESC, url_id DESC) AS place
                          FROM wireroom.site_page WHERE site = ANY($1::text[])) AS r USING (url_id)
                    WHERE r.place > $2 OR p.seen_at < now() - make_interval(days => $3::int)
                    FOR UPDATE OF p SKIP LOCKED)
                """,
                [
                    .textArray(Set(observations.map(\.site)).sorted()), .int(Self.articlesPerSite),
                    .int(Self.daysKept),
                ]))
        _ = try await transaction.pipeline(statements)
    }

    /// The rows of one site.
    private struct SiteRows {
        private var articles = 0
        private var members: Set<Int64> = []
        private var blocks: [(fingerprint: Int64, count: Int, own: [Int64])] = []

        mutating func add(_ row: PostgresRow) throws {
            let count = try row.decode("articles", as: Int.self)
            let own = try row.decode("own", as: [Int64]?.self) ?? []
            if let fingerprint = try row.decode("fingerprint", as: Int64?.self) {
                blocks.append((fingerprint, count, own))
            } else {
                articles = count
                members = Set(own)
            }
        }

        /// The memory without a page's own row. Where a reprint shares its text, that is one article too few.
        func memory(excluding urlID: Int64) -> SiteMemory {
            let isKnown = members.contains(urlID)
            var counts: [Int64: Int] = [:]
            counts.reserveCapacity(blocks.count)
            for block in blocks {
                let others = isKnown && block.own.contains(urlID) ? block.count - 1 : block.count
                if others >= SiteMemory.minimumArticles { counts[block.fingerprint] = others }
            }
            return SiteMemory(articles: isKnown ? articles - 1 : articles, counts: counts)
        }
    }
}
