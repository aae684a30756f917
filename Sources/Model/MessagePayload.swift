public import Foundation

/// What a message carries: pointers into the database, never a body.
public protocol MessagePayload: Sendable, Codable, Equatable {
    /// The message's type, as it stands in the envelope.
    static var type: String { get }
    /// The major version that this program writes and the newest that it reads.
    static var version: Int { get }
    /// The stage that consumes it.
    static var stage: StageName { get }
    /// The message's identity without the replay mark: the same work always has the same identity.
    var identity: String { get }
}

/// A host may be contacted now: fetch what is due there.
public struct CrawlLease: MessagePayload {
    public static let type = "crawl.lease"
    public static let version = 1
    public static let stage = StageName.crawl

    /// The host's row.
    public var hostID: Int64
    /// The lease's fence: worthless once the host's row has a greater one.
    public var leaseNumber: Int64

    /// Makes a lease.
    public init(hostID: Int64, leaseNumber: Int64) {
        self.hostID = hostID
        self.leaseNumber = leaseNumber
    }

    public var identity: String { "crawl:\(hostID):\(leaseNumber)" }

    enum CodingKeys: String, CodingKey {
        case hostID = "host_id"
        case leaseNumber = "lease_number"
    }
}

/// A capture is stored: make an article of it.
public struct ParseCapture: MessagePayload {
    public static let type = "parse.capture"
    public static let version = 1
    public static let stage = StageName.parse

    /// The capture's row.
    public var captureID: Int64
    /// When it was stored, in milliseconds since 1970: names the partition.
    public var capturedAtMilliseconds: Int64

    /// Makes a pointer to a capture.
    public init(captureID: Int64, capturedAtMilliseconds: Int64) {
        self.captureID = captureID
        self.capturedAtMilliseconds = capturedAtMilliseconds
    }

    /// When the capture was stored.
    public var capturedAt: Date { Date(timeIntervalSince1970: Double(capturedAtMilliseconds) / 1000) }

    public var identity: String { "parse:\(captureID)" }

    enum CodingKeys: String, CodingKey {
        case captureID = "capture_id"
        case capturedAtMilliseconds = "captured_at_ms"
    }
}

/// An article was written or changed: annotate it.
public struct ClassifyArticle: MessagePayload {
    public static let type = "classify.article"
    public static let version = 1
    public static let stage = StageName.classify

    /// The article's row.
    public var articleID: Int64
    /// The revision that is meant; an older one than the row's is out of date.
    public var revision: Int

    /// Makes a pointer to a revision.
    public init(articleID: Int64, revision: Int) {
        self.articleID = articleID
        self.revision = revision
    }

    public var identity: String { "classify:\(articleID):\(revision)" }

    enum CodingKeys: String, CodingKey {
        case articleID = "article_id"
        case revision
    }
}

/// An article is annotated: make it searchable and group it.
public struct IndexArticle: MessagePayload {
    public static let type = "index.article"
    public static let version = 1
    public static let stage = StageName.index

    /// The article's row.
    public var articleID: Int64
    /// The revision that is meant; an older one than the row's is out of date.
    public var revision: Int

    /// Makes a pointer to a revision.
    public init(articleID: Int64, revision: Int) {
        self.articleID = articleID
        self.revision = revision
    }

    public var identity: String { "index:\(articleID):\(revision)" }

    enum CodingKeys: String, CodingKey {
        case articleID = "article_id"
        case revision
    }
}
