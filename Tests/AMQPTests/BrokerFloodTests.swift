@testable import AMQP
import Foundation
import Synchronization
import Testing

/// A broker that sends without end: what comes in, and what is kept of it, is bounded. One test at a time, because of the memory.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct BrokerFloodTests {
    /// More than any test lets the client take in, or keep.
    private static let tooMuch = 3 << 30

    /// What the library skips or keeps by itself, without looking at the clock.
    enum Flood: String, CaseIterable {
        case heartbeats, unknownTypes, unknownTypesOnManyChannels, bodies

        var bytes: [UInt8] {
            let content = [UInt8](repeating: 0, count: 60_000)
            return switch self {
            case .heartbeats: Wire.heartbeat
            case .unknownTypes: Wire.frame(type: 77, channel: 1, content)
            case .unknownTypesOnManyChannels:
                Array((0...63).map { Wire.frame(type: 77, channel: $0 * 1000, .init(content[..<1000])) }.joined())
            case .bodies: Wire.body(content)
            }
        }
    }

    @Test(arguments: Flood.allCases)
    func endsALoginThatIsFlooded(_ flood: Flood) async throws {
        let taken = Mutex(0)
        try await HostileBrokerTests.withConsumer { connection in
            try connection.readProtocolHeader()
            try connection.send(Wire.start)
            try connection.expect(10, 11)
            if flood == .bodies {
                // These are kept only while the last answer of the login is awaited.
                try connection.send(Wire.tune())
                try connection.expect(10, 40)
            }
            let count = connection.flood(flood.bytes, limit: Self.tooMuch)
            taken.withLock { $0 = count }
        } _: { consumer, log in
            let warning = try #require(await log.next())
            #expect(warning.errorType == "timeout", "\(warning.text)")
            try await HostileBrokerTests.takeHello(consumer)
        }
        #expect(taken.withLock { $0 } < Self.tooMuch)
    }

    @Test(arguments: [Flood.unknownTypes, .unknownTypesOnManyChannels])
    func endsAConnectionThatIsFlooded(_ flood: Flood) async throws {
        let taken = Mutex(0)
        try await HostileBrokerTests.withConsumer { connection in
            try connection.startConsumer()
            let count = connection.flood(flood.bytes, limit: Self.tooMuch)
            taken.withLock { $0 = count }
        } _: { consumer, log in
            let warning = try #require(await log.next())
            #expect(warning.errorType == "connection_closed", "\(warning.text)")
            try await HostileBrokerTests.takeHello(consumer)
        }
        #expect(taken.withLock { $0 } < Self.tooMuch)
    }

    @Test func closesWhileItIsFlooded() async throws {
        let broker = try FakeBroker { connection, _ in
            try connection.startPublisher()
            _ = connection.flood(Wire.acknowledge(7), limit: .max)
        }
        defer { broker.close() }
        try await TestBroker.withPublisher(HostileBrokerTests.configuration(broker), confirmTimeout: .seconds(1)) {
            publisher in
            let results = try await publisher.publish([TestBroker.message("1", to: "queue")])
            #expect(results.map(\.name).first?.hasPrefix("unknown") == true)
        }
    }

    /// A frame that is only half there kept the library from giving back the memory of all frames before it.
    @Test func givesMemoryBackAlthoughAFrameIsAlwaysUnderWay() async throws {
        let memory = Mutex((before: 0, after: 0))
        let broker = try FakeBroker { connection, _ in
            try connection.logIn()
            try connection.openChannel()
            let message = Wire.message(1, to: "nobody", [UInt8](repeating: 1, count: 131_000))
            let messages = Array(repeatElement(message, count: 10).joined())
            // From the middle of one delivery to the middle of the next. The client answers once it has read all that is whole.
            let head = Wire.deliver(1, to: "nobody").prefix(9)
            try connection.send(Array(head))
            let round = Array(messages.dropFirst(9) + Wire.method(20, 20, [1]) + head)
            let before = Self.residentBytes
            for _ in 0..<(Self.tooMuch / round.count) {
                try connection.send(round)
                try connection.expect(20, 21)
            }
            memory.withLock { $0 = (before, Self.residentBytes) }
            try connection.send(Array(message.dropFirst(9)) + Wire.queueDeclared())
            try connection.serve()
        }
        defer { broker.close() }
        let administration = try await AMQPAdministration.connect(
            HostileBrokerTests.configuration(broker, parameters: "connection_timeout=300000"), logger: TestBroker.logger
        )
        // Answered when the broker has done all that.
        #expect(try await administration.inspectQueue("queue")?.messageCount == 0)
        await administration.close()
        let growth = memory.withLock { $0.after - $0.before }
        // Other tests of the process take some memory meanwhile.
        #expect(growth < Self.tooMuch / 2, "\(growth >> 20) MiB more")
    }

    private static var residentBytes: Int {
        let statistics = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""  // nil: none, then 0
        let pages = statistics.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (pages ?? 0) * 4096
    }
}
