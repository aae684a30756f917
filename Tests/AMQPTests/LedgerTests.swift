import Testing

@testable import AMQP

struct ConfirmLedgerTests {
    private func name(_ result: AMQPPublishResult) -> String {
        switch result {
        case .confirmed: "confirmed"
        case .nacked: "nacked"
        case .returned(let code, _): "returned \(code)"
        case .unknown: "unknown"
        }
    }

    @Test func settlesOneSeveralAndOutOfOrder() {
        var ledger = ConfirmLedger<Int>()
        for token in 1...6 { #expect(ledger.append(token) == UInt64(token)) }
        var seen: [String] = []
        func report(_ token: Int, _ result: AMQPPublishResult) { seen.append("\(token) \(name(result))") }
        ledger.settle(4, multiple: false, .refused, report)
        ledger.settle(3, multiple: true, .acknowledged, report)
        ledger.settle(3, multiple: true, .acknowledged, report)
        ledger.settle(9, multiple: false, .acknowledged, report)
        ledger.settle(9, multiple: true, .acknowledged, report)
        #expect(seen == ["4 nacked", "1 confirmed", "2 confirmed", "3 confirmed"])
        #expect(ledger.count == 2)
        #expect(ledger.append(7) == 7)
        ledger.settle(0, multiple: true, .acknowledged, report)
        #expect(seen.suffix(3) == ["5 confirmed", "6 confirmed", "7 confirmed"])
        #expect(ledger.count == 0)
        #expect(ledger.append(8) == 8)
    }

    @Test func aReturnDecidesBeforeItsAcknowledgement() {
        var ledger = ConfirmLedger<Int>()
        for token in 1...3 { ledger.append(token) }
        #expect(ledger.markReturned(replyCode: 312, replyText: "NO_ROUTE") { $0 >= 2 })
        #expect(ledger.markReturned(replyCode: 313, replyText: "NO_CONSUMERS") { $0 >= 2 })
        #expect(!ledger.markReturned(replyCode: 312, replyText: "NO_ROUTE") { $0 >= 2 })
        var seen: [String] = []
        ledger.settle(2, multiple: true, .acknowledged) { seen.append("\($0) \(name($1))") }
        ledger.abandon(AMQPError(.connectionClosed, "gone")) { seen.append("\($0) \(name($1))") }
        #expect(seen == ["1 confirmed", "2 returned 312", "3 returned 313"])
    }

    @Test func abandonsEveryUnsettledPublicationOnce() {
        var ledger = ConfirmLedger<Int>()
        for token in 1...10_000 { ledger.append(token) }
        ledger.settle(5000, multiple: true, .acknowledged) { _, _ in }
        ledger.settle(7000, multiple: false, .acknowledged) { _, _ in }
        var abandoned = 0
        ledger.abandon(AMQPError(.connectionClosed, "gone")) { _, _ in abandoned += 1 }
        #expect(abandoned == 4999)
        #expect(ledger.count == 0)
        #expect(ledger.append(1) == 1)
    }
}

struct DeliveryLedgerTests {
    private typealias Settlement = DeliveryLedger.Settlement

    private func ledger(of count: UInt64) -> DeliveryLedger {
        var ledger = DeliveryLedger()
        for number in 1...count { _ = ledger.deliver(number) }
        return ledger
    }

    @Test func settlesTheContiguousFrontAtOnce() {
        var ledger = ledger(of: 6)
        let (frames, count) = ledger.settle([3, 1, 2, 5])
        #expect(frames == [Settlement(number: 3, multiple: true), Settlement(number: 5, multiple: false)])
        #expect(count == 4)
        #expect(ledger.openNumbers == [4, 6])
    }

    @Test func skipsWhatWasSettledInTheFront() {
        var ledger = ledger(of: 5)
        #expect(
            ledger.settle([2, 3]).frames == [
                Settlement(number: 2, multiple: false), Settlement(number: 3, multiple: false),
            ])
        #expect(ledger.settle([1, 4]).frames == [Settlement(number: 4, multiple: true)])
        #expect(ledger.settle([5]).frames == [Settlement(number: 5, multiple: false)])
        #expect(ledger.count == 0)
    }

    @Test func settlesNothingTwice() {
        var ledger = ledger(of: 3)
        #expect(ledger.settle([1, 1, 9, 0]).count == 1)
        #expect(ledger.settle([1]).frames.isEmpty)
        #expect(!ledger.isOpen(1))
        #expect(ledger.isOpen(2))
        #expect(!ledger.isOpen(4))
    }

    @Test func refusesGapsInTheNumbers() {
        var ledger = ledger(of: 2)
        let accepted = [2, 4, 3].map { ledger.deliver($0) }
        #expect(accepted == [false, false, true])
    }

    @Test func settlesExactlyTheChosenWhateverTheOrder() {
        var ledger = ledger(of: 20_000)
        var delivered: UInt64 = 20_000
        var brokerSide = Set(1...delivered)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let chosen = (0..<100).map { _ in UInt64.random(in: 1...delivered, using: &generator) }
            let expected = brokerSide.subtracting(chosen)
            for frame in ledger.settle(chosen).frames {
                if frame.multiple {
                    brokerSide = brokerSide.filter { $0 > frame.number }
                } else {
                    brokerSide.remove(frame.number)
                }
            }
            #expect(brokerSide == expected)
            #expect(ledger.count == expected.count)
            delivered += 1
            let isAccepted = ledger.deliver(delivered)
            #expect(isAccepted)
            brokerSide.insert(delivered)
        }
        #expect(ledger.openNumbers == brokerSide.sorted())
    }
}

struct FrameAssemblerTests {
    private let start: InboundFrame = {
        let inbound = InboundMessage(deliveryNumber: 7, routingKey: "q")
        return .content(.delivery(inbound), inbound)
    }()

    private func body(of event: LinkEvent?) -> [UInt8]? {
        if case .delivery(let inbound) = event { inbound.message.body } else { nil }
    }

    /// Feeds frames and returns what came out of the last one.
    private func feed(_ frames: [InboundFrame], to assembler: inout FrameAssembler) throws -> [LinkEvent?] {
        var events: [LinkEvent?] = []
        for frame in frames { events.append(try assembler.accept(frame)) }
        return events
    }

    @Test func assemblesBodiesFromTheirPieces() throws {
        var assembler = FrameAssembler()
        let header = InboundFrame.header(bodySize: 3, AMQPProperties(messageID: "m"))
        for _ in 0..<2 {
            let inbound = InboundMessage(deliveryNumber: 7)
            let frames: [InboundFrame] = [.content(.delivery(inbound), inbound), header, .body([1]), .body([2, 3])]
            let events = try feed(frames, to: &assembler)
            #expect(events.map { $0 == nil } == [true, true, true, false])
            #expect(body(of: events[3]) == [1, 2, 3])
        }
    }

    @Test func needsNoBodyFrameForAnEmptyBody() throws {
        var assembler = FrameAssembler()
        let events = try feed([start, .header(bodySize: 0, AMQPProperties())], to: &assembler)
        #expect(body(of: events[1]) == [])
    }

    @Test func letsTheConnectionSpeakInTheMiddleOfAMessage() throws {
        var assembler = FrameAssembler()
        let events = try feed(
            [
                start, .event(.unblocked), .header(bodySize: 1, AMQPProperties()), .event(.blocked(reason: "disk")),
                .body([9]),
            ], to: &assembler)
        #expect(events.map { $0 == nil } == [true, false, true, false, false])
        #expect(body(of: events[4]) == [9])
    }

    @Test func refusesFramesOutOfOrder() throws {
        let header = InboundFrame.header(bodySize: 1, AMQPProperties())
        for frames in [
            [header], [.body([1])], [start, start], [start, .body([1])], [start, header, header],
            [start, header, .body([1, 2])], [start, header, .event(.done)],
            [start, .header(bodySize: .max, AMQPProperties())],
        ] {
            let error = #expect(throws: AMQPError.self) {
                var assembler = FrameAssembler()
                _ = try feed(frames, to: &assembler)
            }
            #expect(error?.code == .invalidFrame)
        }
    }
}

struct AMQPPublicationTests {
    @Test func checksTheLimitsOfTheProtocol() throws {
        let long = String(repeating: "x", count: 256)
        let fine = AMQPPublication(routingKey: "q", message: AMQPMessage(body: []))
        try fine.validate()
        var nested = AMQPValue.null
        for _ in 0..<20 { nested = .array([nested]) }
        let broken: [AMQPProperties] = [
            AMQPProperties(messageID: long), AMQPProperties(contentType: long), AMQPProperties(headers: [long: .null]),
            AMQPProperties(headers: ["a": .string(String(repeating: "x", count: 70_000))]),
            AMQPProperties(headers: ["a": nested]),
        ]
        for properties in broken {
            let publication = AMQPPublication(routingKey: "q", message: AMQPMessage(properties: properties, body: []))
            #expect(throws: AMQPError.self) { try publication.validate() }
        }
        #expect(throws: AMQPError.self) {
            try AMQPPublication(exchange: long, routingKey: "q", message: fine.message).validate()
        }
        #expect(throws: AMQPError.self) { try AMQPPublication(routingKey: long, message: fine.message).validate() }
    }
}
