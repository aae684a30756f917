public import Foundation
internal import Crawling
public import Postgres
internal import WebURL

/// A URL's story: what it is, what happened to it at each stage, and where it is now.
public struct TraceReport: Sendable, Codable, Equatable {
    /// One line of the ledger.
    public struct Step: Sendable, Codable, Equatable {
        /// When.
        public var at: Date
        /// The stage.
        public var stage: String
        /// done, drop, retry, snooze or quarantine.
        public var outcome: String
        /// The reason, where the outcome has one.
        public var reason: String?
        /// What happened in words.
        public var detail: String?
        /// Which attempt it was.
        public var attempt: Int
        /// Time from taking the message to writing its outcome.
        public var milliseconds: Int?
        /// Who did it.
        public var worker: String
        /// The message.
        public var message: String
    }

    /// A stored capture.
    public struct CaptureLine: Sendable, Codable, Equatable {
        /// Its number.
        public var captureID: Int64
        /// When it was stored.
        public var at: Date
        /// HTTP status.
        public var status: Int?
        /// Bytes of the body.
        public var bytes: Int

        enum CodingKeys: String, CodingKey {
            case captureID = "capture_id"
            case at, status, bytes
        }
    }

    /// The URL's number.
    public var urlID: Int64
    /// The URL.
    public var url: String
    /// What is expected behind it.
    public var kind: String
    /// Where it stands.
    public var state: String
    /// Why, where it ended without an article.
    public var reason: String?
    /// The last error of the crawl stage.
    public var lastError: String?
    /// The other form of the page, such as its AMP form, whose article this one would have been again.
    public var twinOf: String?
    /// What `X-Robots-Tag` and meta robots said.
    public var robotsDirectives: [String]?
    /// The source that it belongs to.
    public var source: String?
    /// The URL that led to it.
    public var discoveredFrom: String?
    /// When it was first seen.
    public var discoveredAt: Date
    /// When it is fetched (again).
    public var dueAt: Date?
    /// When it was last fetched.
    public var lastFetchedAt: Date?
    /// The status of the last answer.
    public var lastStatus: Int?
    /// What the host is up to, when that keeps the URL waiting.
    public var hostNote: String?
    /// Its captures.
    public var captures: [CaptureLine]
    /// What happened to it.
    public var steps: [Step]
    /// The article's number.
    public var articleID: Int64?
    /// The article's title.
    public var title: String?
    /// Where it is now and what happens next, in a sentence.
    public var summary: String

    enum CodingKeys: String, CodingKey {
        case urlID = "url_id"
        case url, kind, state, reason, source, captures, steps, title, summary
        case lastError = "last_error"
        case twinOf = "twin_of"
        case robotsDirectives = "robots_directives"
        case discoveredFrom = "discovered_from"
        case discoveredAt = "discovered_at"
        case dueAt = "due_at"
        case lastFetchedAt = "last_fetched_at"
        case lastStatus = "last_status"
        case hostNote = "host_note"
        case articleID = "article_id"
    }
}

/// Puts a URL's story together.
public struct TraceReader: Sendable {
    private let database: PostgresPool

    /// Makes a reader.
    public init(database: PostgresPool) {
        self.database = database
    }

    /// Reads the story of a URL, or of an article's URL when given its number.
    ///
    /// - Returns: `nil` when nothing is known of it.
    public func read(_ target: String) async throws -> TraceReport? {
        let rows: PostgresResult
        if let articleID = Int64(target) {
            rows = try await find(
                "u.url_id = (SELECT url_id FROM wireroom.article WHERE article_id = $1)", .int(articleID))
        } else {
            rows = try await find("u.identity = $1", .bytes(DocumentImporter.identity(of: target)))
        }
        guard let row = rows.first else { return nil }
        let urlID = try row.decode("url_id", as: Int64.self)
        var report = TraceReport(
            urlID: urlID, url: try row.decode("url"), kind: try row.decode("kind"), state: try row.decode("state"),
            reason: try row.decode("reason"), lastError: try row.decode("last_error"), twinOf: try row.decode("twin"),
            robotsDirectives: try row.decode("robots_directives"), source: try row.decode("source"),
            discoveredFrom: try row.decode("discoverer"), discoveredAt: try row.decode("discovered_at"),
            dueAt: try row.decode("due_at"), lastFetchedAt: try row.decode("last_fetched_at"),
            lastStatus: try row.decode("last_status"), hostNote: try Self.hostNote(row),
            captures: try await captures(urlID),
            steps: try await steps(urlID), articleID: try row.decode("article_id"), title: try row.decode("title"),
            summary: "")
        report.summary = Self.summary(report, isInOutbox: try row.decode("in_outbox"))
        return report
    }

    private func find(_ condition: String, _ value: PostgresValue) async throws -> PostgresResult {
        try await database.query(
            """
            SELECT u.*, s.name AS source, d.url AS discoverer, t.url AS twin, h.blocked_until, h.blocked_reason, h.is_paused, h.leased_by,
                   h.lease_until, s.state AS source_state, a.article_id, a.title,
                   EXISTS (SELECT 1 FROM wireroom.outbox WHERE (message ->> 'url_id')::bigint = u.url_id) AS in_outbox
            FROM wireroom.url AS u
            LEFT JOIN wireroom.source AS s ON s.source_id = u.source_id
            LEFT JOIN wireroom.url AS d ON d.url_id = u.discovered_from
            LEFT JOIN wireroom.url AS t ON t.url_id = u.twin_of
            LEFT JOIN wireroom.host AS h ON h.host_id = u.host_id
            LEFT JOIN wireroom.article AS a ON a.url_id = u.url_id
            WHERE \(condition)
            """, [value])
    }

    private static func hostNote(_ row: PostgresRow) throws -> String? {
        if try row.decode("is_paused", as: Bool?.self) == true { return "the host is paused" }
        if try row.decode("source_state", as: String?.self) == "paused" { return "the source is paused" }
        if let until = try row.decode("blocked_until", as: Date?.self), until > Date() {
            let reason = try row.decode("blocked_reason", as: String?.self) ?? "trouble"
            return "the host is left alone until \(until.formatted(.iso8601)) because of \(reason)"
        }
        if let worker = try row.decode("leased_by", as: String?.self),
            let until = try row.decode("lease_until", as: Date?.self),
            until > Date()
        {
            return "the host is in the hand of \(worker)"
        }
        return nil
    }

    private func captures(_ urlID: Int64) async throws -> [TraceReport.CaptureLine] {
        try await database.query(
            "SELECT capture_id, captured_at, status, body_length FROM wireroom.capture WHERE url_id = $1 ORDER BY capture_id",
            [.int(urlID)]
        ).map { row in
            TraceReport.CaptureLine(
                captureID: try row.decode("capture_id"), at: try row.decode("captured_at"),
                status: try row.decode("status"),
                bytes: try row.decode("body_length"))
        }
    }

    private func steps(_ urlID: Int64) async throws -> [TraceReport.Step] {
        try await database.query(
            "SELECT * FROM wireroom.stage_event WHERE url_id = $1 ORDER BY stage_event_id", [.int(urlID)]
        ).map { row in
            TraceReport.Step(
                at: try row.decode("happened_at"), stage: try row.decode("stage"), outcome: try row.decode("outcome"),
                reason: try row.decode("reason"), detail: try row.decode("detail"), attempt: try row.decode("attempt"),
                milliseconds: try row.decode("duration_ms"), worker: try row.decode("worker"),
                message: try row.decode("message_id"))
        }
    }

    private static func summary(_ report: TraceReport, isInOutbox: Bool) -> String {
        let last = report.steps.last
        if isInOutbox { return "waits for the broker to take its next message" }
        if last?.outcome == "retry" || last?.outcome == "snooze" {
            return "waits for another attempt at \(last?.stage ?? ""): \(last?.detail ?? last?.reason ?? "")"
        }
        switch report.state {
        case "known":
            guard report.kind == "article" || report.kind == "document" else { return "is looked at regularly" }
            if let note = report.hostNote { return "waits to be fetched: \(note)" }
            return report.lastError.map { "waits to be fetched again after: \($0)" } ?? "waits to be fetched"
        case "captured": return "is stored and waits for the parse stage"
        case "parsed": return "is an article and waits for the classify stage"
        case "classified": return "is annotated and waits for the index stage"
        case "indexed": return "is searchable as article \(report.articleID.map(String.init) ?? "")"
        case "dropped":
            let twin = report.twinOf.map { "the same page as \($0)" }
            return "was dropped: " + words(report.reason, twin ?? report.lastError ?? last?.detail)
        case "quarantined": return "is in quarantine: " + words(report.reason, last?.detail)
        default: return report.state
        }
    }

    private static func words(_ reason: String?, _ detail: String?) -> String {
        [reason, detail].compactMap(\.self).joined(separator: ", ")
    }
}
