public import Foundation

/// A message of the line: who it is for, which work it stands for, and the payload.
///
/// On the wire it is one JSON object: `{"type", "version", "id", "trace", "produced_at", "url_id"?, "payload"}`. Fields that
/// a reader does not know are ignored; a greater ``MessagePayload/version`` means that it cannot be read.
public struct Envelope<Payload: MessagePayload>: Sendable, Equatable {
    /// The message's identity: the same work has the same identity, so that a second copy can be told.
    public var id: String
    /// The W3C `traceparent` that the message belongs to.
    public var trace: String
    /// When it was made.
    public var producedAt: Date
    /// The URL that all this is about, or `nil` for a lease.
    public var urlID: Int64?
    /// The pointers.
    public var payload: Payload

    /// Makes an envelope.
    ///
    /// - Parameters:
    ///   - payload: the pointers.
    ///   - urlID: the URL that the work is about.
    ///   - trace: the trace to continue; a new one by default.
    ///   - replay: a mark that makes repeated work a new message, such as a replay's number.
    ///   - producedAt: now, unless a test wants another time.
    public init(
        _ payload: Payload, urlID: Int64?, trace: String = TraceParent.make(), replay: String? = nil,
        producedAt: Date = Date()
    ) {
        id = replay.map { "\(payload.identity):\($0)" } ?? payload.identity
        self.trace = trace
        self.producedAt = producedAt
        self.urlID = urlID
        self.payload = payload
    }

    /// The mark that a replay gave the message, to be handed on to what follows from it; `nil` for first-time work.
    public var replayMark: String? {
        let own = payload.identity + ":"
        return id.hasPrefix(own) ? String(id.dropFirst(own.count)) : nil
    }

    /// The envelope as it goes over the wire: JSON with sorted keys.
    public func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try [UInt8](encoder.encode(self))
    }

    /// Reads an envelope.
    ///
    /// - Throws: ``EnvelopeError``.
    public init(decoding bytes: [UInt8]) throws(EnvelopeError) {
        let decoder = JSONDecoder()
        let data = Data(bytes)
        let head: EnvelopeHead
        do {
            head = try decoder.decode(EnvelopeHead.self, from: data)
        } catch {
            throw EnvelopeError(
                reason: .malformedMessage, message: "not an envelope: \(String(describing: error).prefix(300))")
        }
        guard head.type == Payload.type else {
            throw EnvelopeError(
                reason: .unknownType, message: "type is \(head.type.prefix(100)), expected \(Payload.type)")
        }
        guard head.version <= Payload.version else {
            throw EnvelopeError(
                reason: .unsupportedVersion,
                message: "version \(head.version) of \(head.type) is newer than \(Payload.version); update this worker")
        }
        do {
            self = try decoder.decode(Self.self, from: data)
        } catch {
            throw EnvelopeError(
                reason: .malformedMessage, message: "bad envelope: \(String(describing: error).prefix(300))")
        }
    }
}

/// Why bytes could not be read as an envelope.
public struct EnvelopeError: Error, CustomStringConvertible {
    /// What becomes of the message.
    public var reason: QuarantineReason
    /// What is wrong.
    public var message: String

    public var description: String { message }
}

/// The part of an envelope that every version has.
public struct EnvelopeHead: Sendable, Codable {
    /// The message's type.
    public var type: String
    /// The payload's major version.
    public var version: Int
    /// The message's identity.
    public var id: String?
    /// The URL that it is about.
    public var urlID: Int64?

    enum CodingKeys: String, CodingKey {
        case type, version, id
        case urlID = "url_id"
    }
}

extension Envelope: Codable {
    enum CodingKeys: String, CodingKey {
        case type, version, id, trace, payload
        case producedAt = "produced_at"
        case urlID = "url_id"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(String.self, forKey: .id)
        trace = try container.decodeIfPresent(String.self, forKey: .trace) ?? TraceParent.make()
        let text = try container.decode(String.self, forKey: .producedAt)
        guard let date = WireTime.date(text) else {
            throw DecodingError.dataCorruptedError(forKey: .producedAt, in: container, debugDescription: "not a time")
        }
        producedAt = date
        urlID = try container.decodeIfPresent(Int64.self, forKey: .urlID)
        payload = try container.decode(Payload.self, forKey: .payload)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Payload.type, forKey: .type)
        try container.encode(Payload.version, forKey: .version)
        try container.encode(id, forKey: .id)
        try container.encode(trace, forKey: .trace)
        try container.encode(WireTime.string(producedAt), forKey: .producedAt)
        try container.encodeIfPresent(urlID, forKey: .urlID)
        try container.encode(payload, forKey: .payload)
    }
}

/// Times on the wire: RFC 3339 in UTC with milliseconds.
public enum WireTime {
    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// The time as text, rounded to the millisecond.
    ///
    /// The formatter cuts, and many a millisecond lies a little below its decimal: read and written again and again, a time would
    /// go back by one millisecond each time.
    public static func string(_ date: Date) -> String { (date + 0.0005).formatted(style) }

    /// The time that a text names, with or without fractions of a second.
    public static func date(_ text: String) -> Date? {
        if let date = try? style.parse(text) { return date }  // the other form is tried next
        return try? Date.ISO8601FormatStyle().parse(text)  // neither form: the caller says what was wrong
    }
}

/// The `traceparent` of new work.
public enum TraceParent {
    /// A new trace, sampled.
    public static func make() -> String { TraceContext.make().traceparent }
}
