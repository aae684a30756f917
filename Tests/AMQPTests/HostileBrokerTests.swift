@testable import AMQP
import Foundation
import Synchronization
import Testing

/// A broker that is broken or means harm: every time the client says what is wrong, within its times and in bounded memory, and
/// works again with the next connection to one that behaves.
@Suite(.timeLimit(.minutes(5)))
struct HostileBrokerTests {
    static func configuration(_ broker: FakeBroker, parameters: String = "") throws -> AMQPConfiguration {
        try AMQPConfiguration(url: "amqp://guest:guest@127.0.0.1:\(broker.port)/?\(parameters)")
    }

    /// Runs a test with a broker that plays something on the first connection and serves on all others.
    private static func withBroker(
        first: @escaping @Sendable (FakeBrokerConnection) throws -> Void,
        later: @escaping @Sendable (FakeBrokerConnection) throws -> Void, _ body: (FakeBroker) async throws -> Void
    ) async throws {
        let broker = try FakeBroker { try $1 == 1 ? first($0) : later($0) }
        defer { broker.close() }
        try await body(broker)
    }

    /// Runs a test with a consumer whose broker delivers "hello" from its second connection on.
    static func withConsumer(
        prefetch: Int = 10, parameters: String = "",
        of first: @escaping @Sendable (FakeBrokerConnection) throws -> Void,
        _ body: (AMQPConsumer, WarningLog) async throws -> Void
    ) async throws {
        let later: @Sendable (FakeBrokerConnection) throws -> Void = { connection in
            let tag = try connection.startConsumer()
            try connection.send(Wire.message(1, to: tag, Array("hello".utf8)))
            try connection.serve()
        }
        try await withBroker(first: first, later: later) { broker in
            let log = WarningLog()
            let consumer = AMQPConsumer(
                configuration: try configuration(broker, parameters: parameters), queue: "queue", prefetch: prefetch,
                logger: log.logger)
            async let running: Void = consumer.run()
            do {
                try await body(consumer, log)
            } catch {
                await consumer.close()
                throw error
            }
            await consumer.close()
            try await running
        }
    }

    /// Takes deliveries until the one that only a broker that behaves sends.
    static func takeHello(_ consumer: AMQPConsumer) async throws {
        while let delivery = try await consumer.take(1).first {
            if delivery.text == "hello" { return try await consumer.acknowledge([delivery.tag]) }
        }
        Issue.record("the consumer was closed")
    }

    // MARK: Consumers

    @Test(arguments: Misbehaviour.atLogin)
    func saysWhatIsWrongWithALoginAndTriesAgain(_ misbehaviour: Misbehaviour) async throws {
        try await Self.withConsumer { connection in
            try connection.readProtocolHeader()
            try misbehaviour.play(connection)
        } _: { consumer, log in
            let warning = try #require(await log.next())
            #expect(warning.errorType == misbehaviour.code.description, "\(warning.text)")
            try await Self.takeHello(consumer)
        }
    }

    @Test(arguments: Misbehaviour.withoutEnd)
    func waitsNoLongerThanTheTimeForALogin(_ misbehaviour: Misbehaviour) async throws {
        let started = ContinuousClock.now
        try await Self.withConsumer(parameters: "connection_timeout=1000") { connection in
            try connection.readProtocolHeader()
            try misbehaviour.play(connection)
        } _: { consumer, log in
            let warning = try #require(await log.next())
            #expect(warning.errorType == misbehaviour.code.description, "\(warning.text)")
            #expect(ContinuousClock.now - started < .seconds(60))
            try await Self.takeHello(consumer)
        }
    }

    @Test func callsAnotherProtocolByItsName() async throws {
        let broker = try FakeBroker { connection, _ in
            try connection.send(Array("SSH-2.0-OpenSSH_9.2p1\r\n".utf8))
            connection.awaitEnd()
        }
        defer { broker.close() }
        let error = await #expect(throws: AMQPError.self) {
            _ = try await AMQPAdministration.connect(Self.configuration(broker), logger: TestBroker.logger)
        }
        #expect(error?.code == .connectionFailed && error?.message.contains("AMQP 0-9-1") == true, "\(error as Any)")
    }

    @Test(arguments: Misbehaviour.towardsConsumers)
    func leavesABrokerThatBreaksTheProtocolAndTriesAgain(_ misbehaviour: Misbehaviour) async throws {
        try await Self.withConsumer { connection in
            try connection.startConsumer()
            try misbehaviour.play(connection)
        } _: { consumer, log in
            let warning = try #require(await log.next())
            #expect(warning.errorType == misbehaviour.code.description, "\(warning.text)")
            try await Self.takeHello(consumer)
            let statistics = await consumer.statistics
            #expect(statistics.reconnects >= 1)
            #expect(statistics.delivered == statistics.acknowledged + statistics.rejected + statistics.lost)
        }
    }

    @Test func holdsNoMoreThanTheMultipleOfItsPrefetch() async throws {
        let sent = Mutex(0)
        try await Self.withConsumer(prefetch: 10) { connection in
            let tag = try connection.startConsumer()
            for number in 1...100_000 {
                try connection.send(Wire.message(UInt64(number), to: tag, [UInt8](repeating: 0, count: 10_000)))
                sent.withLock { $0 = number }
            }
            connection.awaitEnd()
        } _: { consumer, log in
            let warning = try #require(await log.next())
            #expect(warning.errorType == "invalid_frame" && warning.text.contains("prefetch"), "\(warning.text)")
            #expect(await consumer.statistics.lost <= 41)
            #expect(sent.withLock { $0 } < 100_000)
            try await Self.takeHello(consumer)
        }
    }

    @Test(arguments: Wire.Nesting.allCases)
    func readsHeadersThatNestAsDeepAsAFrameCan(nesting: Wire.Nesting) async throws {
        try await Self.withConsumer { connection in
            let tag = try connection.startConsumer()
            try connection.send(Wire.message(1, to: tag, properties: Wire.headers(nesting.table(size: 131_050)), [1]))
            connection.awaitEnd()
        } _: { consumer, _ in
            let headers = try #require(try await consumer.take(1).first).message.properties.headers
            #expect(headers.count == 1)
            // What has been read can be sent again.
            #expect(headers.encodedSizeBound() != nil)
        }
    }

    @Test(arguments: Wire.Nesting.allCases)
    func readsABrokersPropertiesThatNestAsDeepAsAFrameCan(nesting: Wire.Nesting) async throws {
        let broker = try FakeBroker { connection, _ in
            try connection.readProtocolHeader()
            try connection.send(Wire.start(properties: nesting.table(size: 65_500)))
            try connection.expect(10, 11)
            try connection.send(Wire.tune())
            try connection.expect(10, 40)
            try connection.send(Wire.openOK)
            try connection.serve()
        }
        defer { broker.close() }
        let administration = try await AMQPAdministration.connect(
            Self.configuration(broker), logger: TestBroker.logger)
        #expect(await administration.serverProperties.count == 1)
        await administration.close()
    }

    @Test func cutsShortStringsThatGrowWhenTheyBecomeUnicode() async throws {
        let noise = [255] + [UInt8](repeating: 0xFF, count: 255)
        try await Self.withConsumer { connection in
            let tag = try connection.startConsumer()
            // A table with one key, and message id.
            let headers = Wire.table(noise + [UInt8(ascii: "V")])
            try connection.send(Wire.message(1, to: tag, properties: [0x20, 0x80] + headers + noise, [1]))
            connection.awaitEnd()
        } _: { consumer, _ in
            let message = try #require(try await consumer.take(1).first).message
            #expect(message.properties.messageID == String(repeating: "\u{FFFD}", count: 85))
            try AMQPPublication(routingKey: "queue", message: message).validate()
        }
    }

    @Test(arguments: [0, 1, 8, 4096, .max] as [UInt32])
    func acceptsAnyFrameMaximum(_ maximum: UInt32) async throws {
        let broker = try FakeBroker { connection, _ in
            try connection.logIn(tune: Wire.tune(frameMaximum: maximum, heartbeat: 1))
            try connection.openChannel()
            try connection.expect(85, 10)
            try connection.send(Wire.method(85, 11))
            try connection.serve()
        }
        defer { broker.close() }
        try await TestBroker.withPublisher(Self.configuration(broker)) { publisher in
            try await publisher.expect(["confirmed"], of: [TestBroker.message("1", to: "queue")])
        }
    }

    // MARK: Publishers

    @Test(
        arguments: [
            ("a number never published", Wire.acknowledge(5)), ("number zero alone", Wire.acknowledge(0)),
            ("all up to the largest number", Wire.acknowledge(.max, multiple: true)),
            ("a refusal of a number never published", Wire.method(60, 120, Wire.bytes(UInt64(9)) + [1])),
        ])
    func takesNoConfirmForWhatItHasNotPublished(_ name: String, confirm: [UInt8]) async throws {
        let first: @Sendable (FakeBrokerConnection) throws -> Void = { connection in
            try connection.startPublisher()
            try connection.expect(60, 40)
            try connection.send(confirm + Wire.connectionClose(320, "shutting down"))
            connection.awaitEnd()
        }
        try await Self.withBroker(first: first, later: { try $0.startAndServePublisher() }) { broker in
            try await TestBroker.withPublisher(Self.configuration(broker)) { publisher in
                let message = TestBroker.message("1", to: "queue")
                try await publisher.expect(["unknown connection_closed"], of: [message])
                try await publisher.expect(["confirmed"], of: [message])
            }
        }
    }

    @Test(arguments: [("confirmed", UInt16(80)), ("nacked", 120)])
    func takesNumberZeroWithMultipleForAllSoFar(_ result: String, method: UInt16) async throws {
        let broker = try FakeBroker { connection, _ in
            try connection.startPublisher()
            for _ in 1...3 { try connection.expect(60, 40) }
            try connection.send(Wire.method(60, method, Wire.bytes(UInt64(0)) + [1]))
            try connection.serve()
        }
        defer { broker.close() }
        try await TestBroker.withPublisher(Self.configuration(broker)) { publisher in
            let messages = (1...3).map { TestBroker.message("\($0)", to: "queue") }
            try await publisher.expect([result, result, result], of: messages)
        }
    }

    @Test(
        arguments: [
            Misbehaviour("selects confirms again", .invalidFrame, sending: Wire.method(85, 11)),
            Misbehaviour("opens the channel again", .invalidFrame, sending: Wire.channelOpenOK),
            Misbehaviour(
                "confirms within a returned message", .invalidFrame,
                sending: Wire.method(
                    60, 50, [0, 0] + Wire.shortString("") + Wire.shortString("") + Wire.shortString("queue"))
                    + Wire.acknowledge(1)),
            Misbehaviour("closes the channel", .preconditionFailed, sending: Wire.channelClose(406, "no")),
            Misbehaviour("goes", .connectionClosed) { _ in },
        ])
    func losesNoPublicationToABrokerThatBreaksTheProtocol(_ misbehaviour: Misbehaviour) async throws {
        let first: @Sendable (FakeBrokerConnection) throws -> Void = { connection in
            try connection.startPublisher()
            try connection.expect(60, 40)
            try misbehaviour.play(connection)
        }
        try await Self.withBroker(first: first, later: { try $0.startAndServePublisher() }) { broker in
            try await TestBroker.withPublisher(Self.configuration(broker)) { publisher in
                let message = TestBroker.message("1", to: "queue")
                try await publisher.expect(["unknown \(misbehaviour.code)"], of: [message])
                try await publisher.expect(["confirmed"], of: [message])
                #expect(await publisher.statistics.reconnects == 1)
            }
        }
    }

    @Test func goesOnWhenABrokerReturnsWhatWasNotPublishedAndBlocksTwice() async throws {
        let broker = try FakeBroker { connection, _ in
            try connection.startPublisher()
            try connection.expect(60, 40)
            let returned = [0, 0] + Wire.shortString("") + Wire.shortString("") + Wire.shortString("other")
            try connection.send(Wire.method(60, 50, returned) + Wire.header(size: 1) + Wire.body([9]))
            let blocked = Wire.method(10, 60, Wire.shortString("memory"), channel: 0)
            try connection.send(blocked + blocked + Wire.method(10, 61, channel: 0) + Wire.acknowledge(1))
            try connection.expect(60, 40)
            try connection.send(Wire.acknowledge(2))
            try connection.serve()
        }
        defer { broker.close() }
        try await TestBroker.withPublisher(Self.configuration(broker)) { publisher in
            for number in 1...2 {
                try await publisher.expect(["confirmed"], of: [TestBroker.message("\(number)", to: "queue")])
            }
            #expect(await publisher.statistics.reconnects == 0)
        }
    }

    // MARK: Administration

    @Test func takesNoOtherAnswerThanItsRequests() async throws {
        let broker = try FakeBroker { connection, number in
            try connection.logIn()
            try connection.openChannel()
            guard number == 1 else { return try connection.serve() }
            _ = try connection.nextFrame()
            // The answer to basic.get for an empty queue.
            try connection.send(Wire.method(60, 72, [0]))
            connection.awaitEnd()
        }
        defer { broker.close() }
        let administration = try await AMQPAdministration.connect(
            Self.configuration(broker), logger: TestBroker.logger)
        let error = await #expect(throws: AMQPError.self) { try await administration.deleteQueue("queue") }
        #expect(error?.code == .invalidFrame)
        #expect(try await administration.inspectQueue("queue")?.consumerCount == 1)
        await administration.close()
    }
}

extension AMQPPublisher {
    fileprivate func expect(
        _ results: [String], of publications: [AMQPPublication], at location: SourceLocation = #_sourceLocation
    ) async throws {
        let names = try await publish(publications).map(\.name)
        #expect(names == results, sourceLocation: location)
    }
}

extension FakeBrokerConnection {
    fileprivate func startAndServePublisher() throws {
        try startPublisher()
        try serve()
    }
}
