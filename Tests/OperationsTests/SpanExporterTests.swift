import CoreMetrics
import Foundation
import Model
import Operations
import ServiceLifecycle
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SpanExporterTests {
    private func span(_ name: String, isError: Bool = false) -> MessageSpan {
        MessageSpan(
            context: TraceContext.make(), parentSpanID: "00f067aa0ba902b7", name: name,
            startNanoseconds: 1_700_000_000_000_000_001,
            endNanoseconds: 1_700_000_000_500_000_000, isError: isError, attributes: ["wireroom.outcome": "a \"b\""])
    }

    private func exporter(
        _ endpoint: String, _ registry: PrometheusRegistry, interval: Duration = .milliseconds(20)
    ) throws -> SpanExporter {
        try SpanExporter(
            endpoint: endpoint, resource: ["service.name": "wireroom-test"], interval: interval, metrics: registry,
            logger: TestServices.logger)
    }

    /// Runs the exporter until the body ends.
    private func run(_ exporter: SpanExporter, _ body: () async throws -> Void) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [exporter], logger: TestServices.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func count(_ registry: PrometheusRegistry, _ result: String) -> String? {
        registry.text().split(separator: "\n").first {
            $0.hasPrefix("wireroom_trace_spans_total{result=\"\(result)\"}")
        }
        .map { String($0.split(separator: " ")[1]) }
    }

    @Test func postsSpansInBatches() async throws {
        let server = try TestServer { _ in [.answer("200 OK", body: [UInt8]("{}".utf8)), .close] }
        let registry = PrometheusRegistry(SpanExporter.descriptions)
        let exporter = try exporter("http://127.0.0.1:\(server.port)", registry)
        exporter.record([span("process parse"), span("process index", isError: true)])
        try await run(exporter) {
            var heads = server.requests.makeAsyncIterator()
            let head = await heads.next() ?? ""
            #expect(head.hasPrefix("POST /v1/traces HTTP/1.1\r\n"))
            #expect(head.contains("Content-Type: application/json\r\n"))
            while count(registry, "sent") != "2" { try await Task.sleep(for: .milliseconds(10)) }
        }
        #expect(count(registry, "failed") == "0")
    }

    @Test func keepsAPathThatIsGiven() async throws {
        let server = try TestServer { _ in [.answer("202 Accepted"), .close] }
        let registry = PrometheusRegistry(SpanExporter.descriptions)
        let exporter = try exporter("http://127.0.0.1:\(server.port)/own/path", registry)
        exporter.record([span("a")])
        try await run(exporter) {
            var heads = server.requests.makeAsyncIterator()
            #expect(await heads.next()?.hasPrefix("POST /own/path HTTP/1.1\r\n") == true)
        }
    }

    @Test func losesWhatTheEndpointRefusesAndCountsIt() async throws {
        let server = try TestServer { _ in [.answer("500 Oh"), .close] }
        let registry = PrometheusRegistry(SpanExporter.descriptions)
        let exporter = try exporter("http://127.0.0.1:\(server.port)", registry)
        exporter.record([span("a")])
        try await run(exporter) {
            while count(registry, "failed") != "1" { try await Task.sleep(for: .milliseconds(10)) }
        }
        #expect(count(registry, "sent") == "0")
    }

    @Test func holdsNoMoreThanItsCapacity() throws {
        let registry = PrometheusRegistry(SpanExporter.descriptions)
        let exporter = try exporter("http://127.0.0.1:9", registry)
        exporter.record(Array(repeating: span("a"), count: SpanExporter.capacity + 5))
        exporter.record([span("b")])
        #expect(count(registry, "dropped") == "6")
    }

    @Test func sendsTheLastSpansAtAStop() async throws {
        let server = try TestServer { _ in [.answer("200 OK"), .close] }
        let registry = PrometheusRegistry(SpanExporter.descriptions)
        let exporter = try exporter("http://127.0.0.1:\(server.port)", registry, interval: .seconds(3600))
        try await run(exporter) { exporter.record([span("a")]) }
        #expect(count(registry, "sent") == "1")
    }

    @Test(arguments: ["", "collector:4318", "ftp://collector/"])
    func refusesWhatIsNoAddress(_ text: String) {
        #expect(throws: SettingsError.self) { try exporter(text, PrometheusRegistry(SpanExporter.descriptions)) }
    }

    @Test func writesOTLPsJSON() throws {
        let span = span("process parse", isError: true)
        let data = try SpanExporter.document([span], resource: ["service.name": "wireroom-parse"])
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let resource = try #require((object["resourceSpans"] as? [[String: Any]])?.first)
        let scope = try #require((resource["scopeSpans"] as? [[String: Any]])?.first)
        let first = try #require((scope["spans"] as? [[String: Any]])?.first)
        #expect(first["traceId"] as? String == span.context.traceID)
        #expect(first["spanId"] as? String == span.context.spanID)
        #expect(first["parentSpanId"] as? String == "00f067aa0ba902b7")
        #expect(first["startTimeUnixNano"] as? String == "1700000000000000001")
        #expect((first["status"] as? [String: Any])?["code"] as? Int == 2)
        #expect(first["kind"] as? Int == 5)
    }
}
