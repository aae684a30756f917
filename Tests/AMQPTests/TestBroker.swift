import AMQP
import Foundation
import Logging
import Testing

/// The broker of the integration tests, as the environment names it.
enum TestBroker {
    static let url = ProcessInfo.processInfo.environment["WIREROOM_TEST_AMQP_URL"]
    static var isAvailable: Bool { url != nil }
    static let whyNot: Comment = "WIREROOM_TEST_AMQP_URL is not set; start one with scripts/services start"

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// The configuration, or that of a proxy in front of the broker.
    static func configuration(through proxy: TestProxy? = nil, heartbeat: Int = 10) throws -> AMQPConfiguration {
        var configuration = try AMQPConfiguration(url: #require(url))
        if let proxy {
            configuration.host = "127.0.0.1"
            configuration.port = proxy.port
        }
        configuration.heartbeat = .seconds(heartbeat)
        configuration.connectionName = "AMQPTests"
        return configuration
    }

    /// Runs a test with a proxy in front of the broker.
    static func withProxy(_ body: (TestProxy) async throws -> Void) async throws {
        let proxy = try TestProxy(brokerPort: configuration().port)
        defer { proxy.close() }
        try await body(proxy)
    }

    /// One administration connection for all tests.
    private static let shared = Task { try await AMQPAdministration.connect(configuration(), logger: logger) }

    static var administration: AMQPAdministration {
        get async throws { try await shared.value }
    }

    /// Runs a test with a queue of its own, which is deleted in any case.
    static func withQueue(
        arguments: AMQPTable = [:], _ body: (String) async throws -> Void
    ) async throws {
        let name = "wireroom.test.\(UUID().uuidString)"
        let administration = try await administration
        try await administration.declareQueue(name, arguments: arguments)
        do {
            try await body(name)
        } catch {
            try await administration.deleteQueue(name)
            throw error
        }
        try await administration.deleteQueue(name)
    }

    /// Runs a test with a publisher that is up while it runs.
    static func withPublisher(
        _ configuration: AMQPConfiguration? = nil, window: Int = 1024, confirmTimeout: Duration = .seconds(20),
        _ body: (AMQPPublisher) async throws -> Void
    ) async throws {
        let publisher = AMQPPublisher(
            configuration: try configuration ?? TestBroker.configuration(), window: window,
            confirmTimeout: confirmTimeout, logger: logger)
        async let running: Void = publisher.run()
        do {
            try await body(publisher)
        } catch {
            await publisher.close()
            throw error
        }
        await publisher.close()
        try await running
    }

    /// Runs a test with a consumer that is up while it runs.
    static func withConsumer(
        of queue: String, _ configuration: AMQPConfiguration? = nil, prefetch: Int = 100,
        renewal: Duration = .seconds(30),
        _ body: (AMQPConsumer) async throws -> Void
    ) async throws {
        let consumer = AMQPConsumer(
            configuration: try configuration ?? TestBroker.configuration(), queue: queue, prefetch: prefetch,
            subscriptionRenewal: renewal, logger: logger)
        async let running: Void = consumer.run()
        do {
            try await body(consumer)
        } catch {
            await consumer.close()
            throw error
        }
        await consumer.close()
        try await running
    }

    /// Puts messages with the bodies `"1"`, `"2"`, … into a queue.
    static func fill(_ queue: String, count: Int) async throws {
        try await withPublisher { publisher in
            let results = try await publisher.publish((1...count).map { message("\($0)", to: queue) })
            #expect(results.count == count && results.allSatisfy(\.isConfirmed))
        }
    }

    static func message(_ text: String, to queue: String, exchange: String = "") -> AMQPPublication {
        AMQPPublication(
            exchange: exchange, routingKey: queue,
            message: AMQPMessage(properties: AMQPProperties(messageID: text), body: Array(text.utf8)))
    }

    /// Looks again and again, one round trip to the broker in between, until the condition holds or the test is
    /// cancelled.
    static func until(_ condition: () async throws -> Bool) async throws {
        while try await !condition() {
            try Task.checkCancellation()
            _ = try await administration.exchangeExists("amq.direct")
        }
    }
}

extension AMQPDelivery {
    var text: String { String(decoding: message.body, as: UTF8.self) }
}

extension AMQPConsumer {
    /// Takes deliveries until there are `count`.
    func take(_ count: Int) async throws -> [AMQPDelivery] {
        var taken: [AMQPDelivery] = []
        while taken.count < count {
            let batch = try await nextBatch(limit: count - taken.count, lingering: .zero)
            guard !batch.isEmpty else { break }
            taken += batch
        }
        return taken
    }
}

extension AMQPPublishResult {
    var name: String {
        switch self {
        case .confirmed: "confirmed"
        case .nacked: "nacked"
        case .returned(let code, _): "returned \(code)"
        case .unknown(let error): "unknown \(error.code)"
        }
    }
}
