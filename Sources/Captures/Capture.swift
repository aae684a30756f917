public import Foundation

/// One document as it came: bytes, and everything that was known about them at the time.
public struct Capture: Sendable, Equatable {
    /// Where a capture came from.
    public enum Origin: String, Sendable {
        /// Fetched by the crawl stage.
        case fetch
        /// Brought in by an operator.
        case `import`
    }

    /// The URL's row.
    public var urlID: Int64
    /// The URL that was asked for.
    public var requestedURL: String
    /// The URL that answered, after redirects.
    public var finalURL: String
    /// Where the capture came from.
    public var origin: Origin
    /// When the document was fetched from its outlet.
    public var fetchedAt: Date
    /// HTTP status, or `nil` where there was none.
    public var status: Int?
    /// Response headers in their order.
    public var headers: [CaptureHeader]
    /// The URLs that were redirected from, in their order.
    public var redirects: [String]
    /// The server's address.
    public var remoteAddress: String?
    /// The media type as the server or the importer gave it, with parameters.
    public var contentType: String?
    /// The encoding, where someone other than `contentType` named it.
    public var charset: String?
    /// How long the fetch took.
    public var durationMilliseconds: Int?
    /// The bytes, without transfer or content coding.
    public var body: [UInt8]
    /// What feeds and sitemaps said of the document, as JSON.
    public var evidence: String?

    /// Makes a capture.
    public init(
        urlID: Int64, requestedURL: String, finalURL: String, origin: Origin, fetchedAt: Date, body: [UInt8],
        status: Int? = nil,
        headers: [CaptureHeader] = [], redirects: [String] = [], remoteAddress: String? = nil,
        contentType: String? = nil,
        charset: String? = nil, durationMilliseconds: Int? = nil, evidence: String? = nil
    ) {
        self.urlID = urlID
        self.requestedURL = requestedURL
        self.finalURL = finalURL
        self.origin = origin
        self.fetchedAt = fetchedAt
        self.status = status
        self.headers = headers
        self.redirects = redirects
        self.remoteAddress = remoteAddress
        self.contentType = contentType
        self.charset = charset
        self.durationMilliseconds = durationMilliseconds
        self.body = body
        self.evidence = evidence
    }
}

/// A response header.
public struct CaptureHeader: Sendable, Equatable, Codable {
    /// The name as the server wrote it.
    public var name: String
    /// The value.
    public var value: String

    /// Makes a header.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// Names a stored capture: its number, and its time, which names the partition.
public struct CapturePointer: Sendable, Hashable {
    /// The capture's number.
    public var captureID: Int64
    /// When it was stored, in milliseconds since 1970.
    public var capturedAtMilliseconds: Int64

    /// Makes a pointer.
    public init(captureID: Int64, capturedAtMilliseconds: Int64) {
        self.captureID = captureID
        self.capturedAtMilliseconds = capturedAtMilliseconds
    }
}

/// A capture that is ready to be stored: its body compressed, its digest taken.
public struct PreparedCapture: Sendable {
    /// Without its body, which would only take memory until the database has the compressed one.
    let capture: Capture
    /// Bytes of the body before compression.
    let bodyLength: Int
    let compressed: [UInt8]
    /// SHA-256 of the body before compression.
    public let digest: [UInt8]
    /// The capture that holds the body, for one that has none of its own.
    var original: Int64?

    init(capture: Capture, compressed: [UInt8], digest: [UInt8], original: Int64? = nil) {
        bodyLength = capture.body.count
        var capture = capture
        capture.body = []
        self.capture = capture
        self.compressed = compressed
        self.digest = digest
        self.original = original
    }

    /// Whether it is stored without a body, as one that an earlier capture holds.
    public var isRevisit: Bool { original != nil }
}
