@testable import AMQP
import Foundation
import Model
@testable import Pipeline

extension FuzzTarget {
    /// A message's properties and headers, and its body. It is read as the stage loop reads it, for each stage, and sent on as the
    /// loop does after each outcome.
    func envelope(_ bytes: [UInt8]) {
        let (head, body) = divided(bytes)
        let readers = [
            read(CrawlLease.self, Array(body)), read(ParseCapture.self, Array(body)),
            read(ClassifyArticle.self, Array(body)), read(IndexArticle.self, Array(body)),
        ]
        promise(readers.count { $0 } <= 1, "a message is of one type")
        var maker = TableMaker(bytes: head)
        let properties = AMQPProperties(headers: maker.headers(), messageID: maker.text())
        let message = AMQPMessage(properties: properties, body: Array(body))
        promise(MessageIdentity.isStorable(MessageIdentity.fallback(message)), "a message has a name")
        sendOn(message)
    }

    /// - Returns: whether it can be read as this.
    private func read<Payload: MessagePayload>(_ type: Payload.Type, _ body: [UInt8]) -> Bool {
        let envelope: Envelope<Payload>
        do throws(EnvelopeError) {
            envelope = try Envelope(decoding: body)
        } catch {
            promise(
                [.malformedMessage, .unknownType, .unsupportedVersion].contains(error.reason),
                "the reason is one of three")
            promise(error.message.utf8.count <= 2000, "what is wrong is said in short")
            return false
        }
        guard let encoded = try? envelope.encoded(), let again = try? Envelope<Payload>(decoding: encoded) else {
            promise(false, "what was read can be written and read")
            return false
        }
        promise(
            again.id == envelope.id && again.trace == envelope.trace && again.urlID == envelope.urlID
                && again.payload == envelope.payload, "what was read is written as it is")
        promise(abs(again.producedAt.timeIntervalSince(envelope.producedAt)) <= 0.001, "a time keeps its millisecond")
        promise((try? again.encoded()) == encoded, "what is written twice is the same")
        if let mark = envelope.replayMark {
            promise(Envelope(envelope.payload, urlID: nil, replay: mark).id == envelope.id, "a mark makes the same id")
        }
        if MessageIdentity.isStorable(envelope.id) {
            promise(!envelope.id.utf8.contains(0) && envelope.id.utf8.count <= 255, "an id that is taken can be stored")
        }
        if let context = TraceContext(envelope.trace) {
            promise(TraceContext(context.child().traceparent)?.traceID == context.traceID, "a span is of its trace")
        }
        return true
    }

    private func sendOn(_ message: AMQPMessage) {
        let state = DeliveryState(headers: message.properties.headers)
        promise(
            (0...1_000_000).contains(state.failures) && (0...1_000_000).contains(state.snoozes), "counts are bounded")
        promise(DeliveryState(headers: state.headers) == state, "a state is carried as it is")
        for text in [state.firstError, state.lastError] {
            promise(text.map { $0.utf8.count <= 500 && !$0.utf8.contains(0) } ?? true, "an error can be stored")
        }
        promise(state.failed("x").firstError != nil && state.failed("x").attempt == state.attempt + 1, "failures count")
        let topology = Topology()
        let routing = Routing(topology: topology, stage: .parse, worker: "w")
        let outcomes: [StageOutcome] = [
            .retry(.stageError, detail: state.lastError), .snooze(.seconds(10)),
            .quarantine(.badData, detail: state.firstError),
        ]
        let publications =
            outcomes.compactMap { routing.onward(routing.settled($0, state: state), state: state, message: message) }
            + [routing.suspected(message)]
        promise(publications.count == outcomes.count + 1, "what is not done goes on")
        for publication in publications {
            promise((try? publication.validate()) != nil, "what came as a message can be sent on")
            promise(publication.message.body == message.body, "a body is sent on as it is")
        }
    }
}

/// Makes the headers of a message, as the frame decoder gives them, of any bytes.
private struct TableMaker {
    private static let names = [
        Header.failures, Header.snoozes, Header.firstError, Header.lastError, Header.reason, Header.detail,
        Header.worker, Header.traceParent, "x-death", "x-delivery-count", "",
    ]

    var bytes: ArraySlice<UInt8>

    mutating func headers() -> AMQPTable {
        var table = AMQPTable()
        for _ in 0..<(Int(bytes.popFirst() ?? 0) % 16) {
            let name = Self.names[Int(bytes.popFirst() ?? 0) % Self.names.count]
            table[name] = value(depth: 0)
        }
        return table
    }

    /// A text of up to 255 bytes; at times one that is far longer than its input.
    mutating func text() -> String {
        let length = Int(bytes.popFirst() ?? 0)
        let part = bytes.prefix(length)
        bytes = bytes.dropFirst(length)
        return String(String(decoding: part, as: UTF8.self).unicodeScalars.prefix(63).map { Character($0) })
    }

    private mutating func number() -> Int64 {
        let part = bytes.prefix(8)
        bytes = bytes.dropFirst(8)
        return part.reduce(0) { $0 << 8 | Int64($1) }
    }

    private mutating func value(depth: Int) -> AMQPValue {
        switch (bytes.popFirst() ?? 0) % 10 {
        case 0: return .int(number())
        case 1: return .string(text())
        case 2: return .string(String(repeating: text(), count: 2000))
        case 3: return .bool(number() != 0)
        case 4: return .double(Double(bitPattern: UInt64(bitPattern: number())))
        case 5: return .bytes(Array(text().utf8))
        case 6: return .timestamp(number())
        case 7 where depth + 1 < 16: return .table([text(): value(depth: depth + 1)])
        case 8 where depth < 16: return .array([value(depth: depth + 1), value(depth: depth + 1)])
        default: return .null
        }
    }
}
