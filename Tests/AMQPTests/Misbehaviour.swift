@testable import AMQP
import Testing

/// Something that a broker must not do, and what the client says of it.
struct Misbehaviour: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: AMQPError.Code
    let play: @Sendable (FakeBrokerConnection) throws -> Void

    init(
        _ name: String, _ code: AMQPError.Code, _ play: @escaping @Sendable (FakeBrokerConnection) throws -> Void
    ) {
        testDescription = name
        self.code = code
        self.play = play
    }

    /// Sends these bytes and waits for the client to go.
    init(_ name: String, _ code: AMQPError.Code, sending bytes: [UInt8]) {
        self.init(name, code) { connection in
            try connection.send(bytes)
            connection.awaitEnd()
        }
    }

    /// In place of a login.
    static let atLogin: [Misbehaviour] = [
        Misbehaviour("answers in another protocol", .connectionFailed, sending: Array("HTTP/1.1 400 No\r\n\r\n".utf8)),
        Misbehaviour(
            "answers with another version's header", .connectionFailed,
            sending: Array("AMQP".utf8) + [1, 1, 0, 10]),
        Misbehaviour(
            "starts another version", .connectionFailed,
            sending: Wire.start(version: [0, 10], properties: Wire.table([]))),
        Misbehaviour(
            "offers no login by password", .connectionFailed,
            sending: Wire.start(properties: Wire.table([]), mechanisms: "EXTERNAL")),
        Misbehaviour("sends noise", .connectionFailed, sending: [UInt8](repeating: 0xFF, count: 4096)),
        Misbehaviour("leaves the end of a frame out", .connectionFailed, sending: Wire.start.dropLast() + [0]),
        Misbehaviour(
            "cuts its table short", .connectionFailed, sending: Wire.start(properties: Wire.bytes(UInt32(9000)) + [3])),
        Misbehaviour("delivers before the login", .connectionFailed, sending: Wire.deliver(1, to: "wireroom-1")),
        Misbehaviour(
            "sends a frame that is too large", .connectionFailed, sending: Wire.body(.init(repeating: 0, count: 70_000))
        ),
        Misbehaviour("goes at once", .connectionFailed) { _ in },
        Misbehaviour("goes within a frame", .connectionFailed) { try $0.send(Wire.start.dropLast(9)) },
        Misbehaviour("closes instead of opening", .connectionClosed) { connection in
            try connection.send(Wire.start)
            try connection.expect(10, 11)
            try connection.send(Wire.tune())
            try connection.expect(10, 40)
            try connection.send(Wire.connectionClose(320, "shutting down"))
            connection.awaitEnd()
        },
    ]

    /// In the time for a login.
    static let withoutEnd: [Misbehaviour] = [
        Misbehaviour("says nothing", .timeout) { $0.awaitEnd() },
        Misbehaviour("says nothing after the start", .timeout) { connection in
            try connection.send(Wire.start)
            connection.awaitEnd()
        },
        Misbehaviour("says nothing after the tuning", .timeout) { connection in
            try connection.send(Wire.start)
            try connection.expect(10, 11)
            try connection.send(Wire.tune())
            connection.awaitEnd()
        },
        Misbehaviour("logs in and opens no channel", .timeout) { connection in
            try connection.send(Wire.start)
            try connection.expect(10, 11)
            try connection.send(Wire.tune())
            try connection.expect(10, 40)
            try connection.send(Wire.openOK)
            connection.awaitEnd()
        },
    ]

    /// On a consumer's channel.
    static let towardsConsumers: [Misbehaviour] = [
        Misbehaviour("announces a frame of 4 GiB", .invalidFrame, sending: [1, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0]),
        Misbehaviour(
            "sends a frame over the maximum", .invalidFrame, sending: Wire.body(.init(repeating: 0, count: 131_065))),
        Misbehaviour(
            "leaves the end of a frame out", .invalidFrame, sending: Wire.deliver(1, to: "wireroom-1").dropLast() + [0]),
        Misbehaviour("sends a method without a number", .invalidFrame, sending: Wire.frame(type: 1, channel: 1, [0])),
        Misbehaviour(
            "sends a header without a size", .invalidFrame, sending: Wire.frame(type: 2, channel: 1, [0, 60])),
        Misbehaviour("sends a method of no class", .invalidFrame, sending: Wire.method(99, 10)),
        Misbehaviour("sends an unknown method", .invalidFrame, sending: Wire.method(60, 999)),
        Misbehaviour("cuts a method short", .invalidFrame, sending: Wire.method(60, 60, [200, 1])),
        Misbehaviour("sends a body to no message", .invalidFrame, sending: Wire.body([1])),
        Misbehaviour("sends a header to no message", .invalidFrame, sending: Wire.header(size: 1)),
        Misbehaviour(
            "delivers within a message", .invalidFrame,
            sending: Wire.deliver(1, to: "wireroom-1") + Wire.deliver(2, to: "wireroom-1")),
        Misbehaviour(
            "sends more body than announced", .invalidFrame,
            sending: Wire.deliver(1, to: "wireroom-1") + Wire.header(size: 3) + Wire.body([1, 2, 3, 4])),
        Misbehaviour(
            "sends empty pieces of a body", .invalidFrame,
            sending: Wire.deliver(1, to: "wireroom-1") + Wire.header(size: 3) + Wire.body([])),
        Misbehaviour(
            "announces a body of 16 EiB", .invalidFrame,
            sending: Wire.deliver(1, to: "wireroom-1") + Wire.header(size: .max)),
        // The library decodes it into two numbers, behind which properties of a message would be read from what lies there.
        Misbehaviour(
            "sends the header of another class", .invalidFrame,
            sending: Wire.deliver(1, to: "wireroom-1")
                + Wire.header(size: 1, properties: [0xFF, 0xFE] + .init(repeating: 0x41, count: 400), classID: 10)),
        Misbehaviour("delivers on channel 0", .invalidFrame, sending: Wire.deliver(1, to: "wireroom-1", channel: 0)),
        Misbehaviour(
            "delivers on another channel", .invalidFrame, sending: Wire.deliver(1, to: "wireroom-1", channel: 2)),
        Misbehaviour(
            "closes the connection on a channel", .invalidFrame,
            sending: Wire.method(10, 50, [0, 200, 0, 0, 0, 0, 0], channel: 1)),
        Misbehaviour(
            "delivers to nobody", .invalidFrame, sending: Wire.deliver(1, to: "somebody") + Wire.header(size: 0)),
        Misbehaviour(
            "leaves delivery tags out", .invalidFrame, sending: Wire.deliver(2, to: "wireroom-1") + Wire.header(size: 0)
        ),
        Misbehaviour(
            "uses a delivery tag twice", .invalidFrame,
            sending: Wire.message(1, to: "wireroom-1", [1]) + Wire.message(1, to: "wireroom-1", [1])),
        Misbehaviour(
            "cuts headers short", .invalidFrame,
            sending: Wire.deliver(1, to: "wireroom-1")
                + Wire.header(size: 0, properties: Wire.headers(Wire.bytes(UInt32(500)) + [1, 65]))),
        Misbehaviour(
            "sends headers of no kind", .invalidFrame,
            sending: Wire.deliver(1, to: "wireroom-1")
                + Wire.header(size: 0, properties: Wire.headers(Wire.table([1, 65, UInt8(ascii: "z"), 0])))),
        Misbehaviour("opens the channel again", .invalidFrame, sending: Wire.channelOpenOK),
        Misbehaviour(
            "closes the connection within a message", .connectionClosed,
            sending: Wire.deliver(1, to: "wireroom-1") + Wire.connectionClose(320, "shutting down")),
        Misbehaviour(
            "closes the channel within a message", .preconditionFailed,
            sending: Wire.deliver(1, to: "wireroom-1") + Wire.header(size: 9) + Wire.channelClose(406, "no")),
        Misbehaviour("goes within a message", .connectionClosed) { connection in
            try connection.send(Wire.deliver(1, to: "wireroom-1") + Wire.header(size: 9))
        },
        Misbehaviour("goes within a frame", .connectionClosed) { connection in
            try connection.send(Wire.deliver(1, to: "wireroom-1").dropLast(5))
        },
    ]
}
