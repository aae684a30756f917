public import CoreMetrics
import Fetch
package import Foundation
public import Logging
public import Model
public import ServiceLifecycle
import Synchronization
import WebURL

/// Sends spans by OTLP/HTTP in JSON, in batches. What does not fit into its buffer, and what the endpoint does not take, is
/// dropped and counted; nobody waits for it.
public final class SpanExporter: Service, SpanRecorder {
    /// The metrics.
    public static let descriptions = [
        MetricDescription(
            "wireroom.trace.spans", .counter, labels: ["result"],
            help: "Spans by what became of them: sent, dropped (no room), failed (the endpoint did not take them).")
    ]
    /// Spans that wait at most.
    public static let capacity = 4096
    /// Spans in one request at most.
    static let batch = 512

    private let url: ParsedURL
    private let resource: [String: String]
    private let interval: Duration
    private let client: FetchClient
    private let waiting = Mutex<[MessageSpan]>([])
    private let sent: Counter
    private let dropped: Counter
    private let failed: Counter
    private let logger: Logger

    /// Makes an exporter; nothing is sent before ``run()``.
    ///
    /// - Parameters:
    ///   - endpoint: the collector's address, such as `http://collector:4318`; `/v1/traces` is added where no path is given.
    ///   - resource: who makes the spans, such as `service.name`.
    ///   - interval: time between two requests.
    /// - Throws: ``SettingsError`` when the address is none.
    public init(
        endpoint: String, resource: [String: String], interval: Duration = .seconds(5), metrics: any MetricsFactory,
        logger: Logger
    ) throws(SettingsError) {
        guard let base = ParsedURL(endpoint), base.isHTTP,
            let url = base.pathAndQuery == "/" ? ParsedURL("/v1/traces", base: base) : base
        else { throw SettingsError(key: "trace.otlp-endpoint", message: "is no http:// or https:// address") }
        self.url = url
        self.resource = resource
        self.interval = interval
        self.logger = logger
        var configuration = FetchConfiguration(userAgent: "wireroom")
        configuration.connectTimeout = .seconds(3)
        configuration.totalTimeout = .seconds(5)
        // The operator names the collector, which mostly stands in a private network.
        configuration.addressPolicy = AddressPolicy(
            allowing: ["0.0.0.0/0", "::/0"].compactMap { AddressRange($0) }, allowsInternalNames: true)
        client = FetchClient(configuration, logger: logger)
        func counter(_ result: String) -> Counter {
            Counter(label: "wireroom.trace.spans", dimensions: [("result", result)], factory: metrics)
        }
        sent = counter("sent")
        dropped = counter("dropped")
        failed = counter("failed")
    }

    public func record(_ spans: [MessageSpan]) {
        let sampled = spans.filter(\.context.isSampled)
        let room = waiting.withLock { waiting in
            let room = min(sampled.count, max(0, Self.capacity - waiting.count))
            waiting += sampled.prefix(room)
            return room
        }
        if room < sampled.count { dropped.increment(by: sampled.count - room) }
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: self.interval)  // cancelled: the loop's condition ends it
                if !Task.isCancelled { await self.flush() }
            }
        }
        // The last spans, in a task of its own, because this one may be cancelled; the request's own time limit bounds it.
        await Task { await flush() }.value
        await client.close()
    }

    private func flush() async {
        while true {
            let spans = waiting.withLock { waiting in
                let batch = Array(waiting.prefix(Self.batch))
                waiting.removeFirst(batch.count)
                return batch
            }
            guard !spans.isEmpty else { return }
            do {
                try await send(spans)
                sent.increment(by: spans.count)
            } catch {
                failed.increment(by: spans.count)
                logger.debug("The trace endpoint does not take spans", error: error)
                return
            }
        }
    }

    private func send(_ spans: [MessageSpan]) async throws {
        var request = FetchRequest(url: url, maximumBytes: 65_536)
        request.acceptHeader = "application/json"
        request.headers = [("Content-Type", "application/json")]
        request.body = String(decoding: try Self.document(spans, resource: resource), as: UTF8.self)
        let status = try await client.fetch(request).status
        guard (200...299).contains(status) else { throw Refusal(status: status) }
    }

    /// Spans as the endpoint takes them.
    package static func document(_ spans: [MessageSpan], resource: [String: String]) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return try encoder.encode(OTLPDocument(spans, resource: resource))
    }

    private struct Refusal: Error {
        let status: Int
    }
}
