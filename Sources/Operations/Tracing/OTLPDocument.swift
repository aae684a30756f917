import Model

/// Spans in OTLP's JSON form, as `POST /v1/traces` takes it. Numbers of 64 bits are texts there, and identities are hexadecimal.
///
/// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
struct OTLPDocument: Encodable {
    struct Value: Encodable { var stringValue: String }
    struct Attribute: Encodable {
        var key: String
        var value: Value
    }
    struct Resource: Encodable { var attributes: [Attribute] }
    struct Scope: Encodable {
        var name: String
        var version: String
    }
    struct Status: Encodable { var code: Int }
    struct Span: Encodable {
        var traceId: String
        var spanId: String
        var parentSpanId: String?
        var name: String
        var kind: Int
        var startTimeUnixNano: String
        var endTimeUnixNano: String
        var attributes: [Attribute]
        var status: Status
    }
    struct ScopeSpans: Encodable {
        var scope: Scope
        var spans: [Span]
    }
    struct ResourceSpans: Encodable {
        var resource: Resource
        var scopeSpans: [ScopeSpans]
    }

    var resourceSpans: [ResourceSpans]

    /// Makes a document.
    ///
    /// - Parameter resource: who made the spans, such as `service.name`.
    init(_ spans: [MessageSpan], resource: [String: String]) {
        let scope = Scope(name: "wireroom", version: resource["service.version"] ?? "")
        resourceSpans = [
            ResourceSpans(
                resource: Resource(attributes: Self.attributes(resource)),
                scopeSpans: [ScopeSpans(scope: scope, spans: spans.map(Self.span))])
        ]
    }

    private static func span(_ span: MessageSpan) -> Span {
        Span(
            traceId: span.context.traceID, spanId: span.context.spanID, parentSpanId: span.parentSpanID,
            name: span.name,
            // A consumer; an error's code is 2, and 0 says nothing.
            kind: 5, startTimeUnixNano: String(span.startNanoseconds), endTimeUnixNano: String(span.endNanoseconds),
            attributes: attributes(span.attributes), status: Status(code: span.isError ? 2 : 0))
    }

    private static func attributes(_ values: [String: String]) -> [Attribute] {
        values.sorted { $0.key < $1.key }.map { Attribute(key: $0.key, value: Value(stringValue: $0.value)) }
    }
}
