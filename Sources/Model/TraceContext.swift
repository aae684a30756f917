/// W3C trace context, level 1: `00-<trace id>-<parent id>-<flags>`. https://www.w3.org/TR/trace-context/
public struct TraceContext: Sendable, Equatable {
    /// The trace: 32 lower-case hexadecimal digits, not all zero.
    public let traceID: String
    /// The span: 16 lower-case hexadecimal digits, not all zero.
    public let spanID: String
    /// Whether the trace is recorded.
    public let isSampled: Bool

    /// A new trace, sampled.
    public static func make() -> TraceContext {
        TraceContext(
            traceID: hexadecimal(.random(in: 1 ... .max)) + hexadecimal(.random(in: 0 ... .max)),
            spanID: hexadecimal(.random(in: 1 ... .max)), isSampled: true)
    }

    private init(traceID: String, spanID: String, isSampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    /// Reads a `traceparent`.
    ///
    /// - Returns: `nil` when it does not conform; then a new trace begins, as the recommendation asks for.
    public init?(_ traceparent: String) {
        let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, Self.isHexadecimal(parts[0], 2), parts[0] != "ff",
            parts[0] != "00" || parts.count == 4,
            Self.isHexadecimal(parts[1], 32), parts[1].contains(where: { $0 != "0" }),
            Self.isHexadecimal(parts[2], 16), parts[2].contains(where: { $0 != "0" }),
            Self.isHexadecimal(parts[3], 2), let flags = UInt8(parts[3], radix: 16)
        else { return nil }
        self.init(traceID: String(parts[1]), spanID: String(parts[2]), isSampled: flags & 1 == 1)
    }

    /// A new span of the same trace.
    public func child() -> TraceContext {
        TraceContext(traceID: traceID, spanID: Self.hexadecimal(.random(in: 1 ... .max)), isSampled: isSampled)
    }

    /// The context as the header `traceparent` carries it.
    public var traceparent: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func isHexadecimal(_ text: Substring, _ length: Int) -> Bool {
        text.utf8.count == length && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}

/// A piece of work on a message that has ended: a span of its trace.
public struct MessageSpan: Sendable, Equatable {
    /// The span's own context.
    public var context: TraceContext
    /// The span that it follows from, where there is one.
    public var parentSpanID: String?
    /// What was done, from a small set: `parse`, `classify`, …
    public var name: String
    /// When it began, in nanoseconds since 1970.
    public var startNanoseconds: Int64
    /// When it ended, in nanoseconds since 1970.
    public var endNanoseconds: Int64
    /// Whether it ended badly.
    public var isError: Bool
    /// What is known of it; keys are dotted.
    public var attributes: [String: String]

    /// Makes a span.
    public init(
        context: TraceContext, parentSpanID: String?, name: String, startNanoseconds: Int64, endNanoseconds: Int64,
        isError: Bool, attributes: [String: String]
    ) {
        self.context = context
        self.parentSpanID = parentSpanID
        self.name = name
        self.startNanoseconds = startNanoseconds
        self.endNanoseconds = endNanoseconds
        self.isError = isError
        self.attributes = attributes
    }
}

/// Takes spans. It must return at once, and may lose what it cannot take.
public protocol SpanRecorder: Sendable {
    /// Takes spans that have ended.
    func record(_ spans: [MessageSpan])
}
