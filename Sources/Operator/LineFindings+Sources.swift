internal import Postgres

/// Sources that give nothing, or nothing that is kept.
extension LineFindings {
    func sources() async throws -> [Finding] { try await silence() + losses() + listings() }

    /// Sources that give far less than they usually do; none where there is nothing to judge yet.
    private func silence() async throws -> [Finding] {
        let row = try await connection.query(
            """
            SELECT count(*) FILTER (WHERE usual_per_day IS NOT NULL) AS judged, count(*) FILTER (WHERE is_silent) AS silent,
                   (array_agg(source_id ORDER BY usual_per_day DESC NULLS LAST) FILTER (WHERE is_silent))[1:5] AS examples
            FROM wireroom.source_health
            """
        ).first
        guard let row, try row.decode("judged", as: Int.self) > 0 else { return [] }
        let silent = try row.decode("silent", as: Int.self)
        let examples = try row.decode("examples", as: [Int64]?.self) ?? []
        return [
            Finding(
                subject: "sources", level: silent == 0 ? .ok : .warning,
                message: silent == 0
                    ? "all give about what they usually do"
                    : "\(silent) give far less than they usually do: \(examples.map(String.init).joined(separator: ", "))"
                        + (silent > examples.count ? " and others" : ""),
                advice: silent == 0
                    ? nil : "look with `wireroom source show ID`; `wireroom source list --silent` has them all")
        ]
    }

    private func losses() async throws -> [Finding] {
        let rows = try await connection.query(
            "SELECT * FROM wireroom.source_loss ORDER BY lost DESC, source_id LIMIT 5")
        return try rows.map { row in
            let source = try row.decode("source_id", as: Int64.self)
            return Finding(
                subject: "sources", level: .warning,
                message:
                    "nothing is left of the newest \(try row.decode("lost", as: Int.self)) articles of source \(source), \(try row.decode("name", as: String.self)): most often \(try row.decode("reason", as: String?.self) ?? "?")",
                since: try row.decode("since"), advice: "`wireroom trace \(try row.decode("example", as: String.self))`"
            )
        }
    }

    /// Feeds and the like whose last look failed. A few of many always do; one by one they are in `feed list --failing`.
    private func listings() async throws -> [Finding] {
        let row = try await connection.query(
            """
            SELECT count(*) AS failing, min(u.failing_since) AS since,
                   (array_agg(u.url ORDER BY u.last_fetched_at DESC NULLS LAST))[1] AS example,
                   (array_agg(u.last_error ORDER BY u.last_fetched_at DESC NULLS LAST))[1] AS error
            FROM wireroom.url AS u LEFT JOIN wireroom.source AS s USING (source_id)
            WHERE u.kind IN ('feed', 'sitemap', 'home') AND coalesce(s.state, 'active') = 'active'
              AND u.due_at IS NOT NULL AND (u.attempts > 0 OR u.reason IS NOT NULL)
            """
        ).first
        guard let row, try row.decode("failing", as: Int.self) > 0 else { return [] }
        let failing = try row.decode("failing", as: Int.self)
        let error = try row.decode("error", as: String?.self) ?? "no error"
        return [
            Finding(
                subject: "feeds", level: .warning,
                message:
                    "the last look at \(TerminalText.count(failing, "feed, sitemap or home page", "feeds, sitemaps and home pages")) failed, at last \(try row.decode("example", as: String.self)): \(TerminalText.shortened(error, to: 100))",
                since: try row.decode("since"), advice: "`wireroom feed list --failing`")
        ]
    }
}
