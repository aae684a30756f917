import AMQP
import Foundation
import Testing

/// The broker's encrypted port. Its certificate is for `localhost`, and signed by an authority that no system knows.
@Suite(.enabled(if: TestBroker.isAvailable, TestBroker.whyNot), .timeLimit(.minutes(1)))
struct TLSTests {
    private func configuration(host: String, authority: String?) throws -> AMQPConfiguration {
        let environment = ProcessInfo.processInfo.environment
        var configuration = try TestBroker.configuration()
        configuration.usesTLS = true
        configuration.host = host
        configuration.port = try #require(environment["WIREROOM_TEST_AMQPS_PORT"].flatMap { Int($0) })
        configuration.caFile = authority
        return configuration
    }

    private var authority: String {
        get throws { try #require(ProcessInfo.processInfo.environment["WIREROOM_TEST_AUTHORITY"]) }
    }

    @Test func carriesMessagesBothWays() async throws {
        let encrypted = try configuration(host: "localhost", authority: authority)
        try await TestBroker.withQueue { queue in
            try await TestBroker.withPublisher(encrypted) { publisher in
                let body = [UInt8](repeating: 7, count: 300_000)
                let results = try await publisher.publish(
                    [AMQPPublication(routingKey: queue, message: AMQPMessage(body: body))])
                #expect(results.map(\.name) == ["confirmed"])
            }
            try await TestBroker.withConsumer(of: queue, encrypted) { consumer in
                let taken = try await consumer.take(1)
                #expect(taken.first?.message.body.count == 300_000)
            }
        }
    }

    @Test func refusesAnotherHostName() async throws {
        let error = await #expect(throws: AMQPError.self) {
            _ = try await AMQPAdministration.connect(
                configuration(host: "127.0.0.1", authority: authority), logger: TestBroker.logger)
        }
        #expect(error?.code == .connectionFailed && error?.message.contains("hostname") == true, "\(error as Any)")
    }

    @Test func refusesAnAuthorityThatNobodyTrusts() async throws {
        let error = await #expect(throws: AMQPError.self) {
            _ = try await AMQPAdministration.connect(
                configuration(host: "localhost", authority: nil), logger: TestBroker.logger)
        }
        #expect(error?.code == .connectionFailed, "\(error as Any)")
    }
}
