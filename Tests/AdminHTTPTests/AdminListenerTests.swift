import Foundation
import Testing

@testable import AdminHTTP

@Suite(.timeLimit(.minutes(1)))
struct AdminListenerTests {
    private func withListener(
        limits: AdminListener.Limits = .init(), _ body: (AdminListener) async throws -> Void
    ) async throws {
        let listener = try AdminListener(AdminAddress(host: "127.0.0.1", port: 0), limits: limits) { path in
            switch path {
            case "/short": AdminAnswer(status: 200, line: "yes")
            case "/long": AdminAnswer(body: [UInt8](repeating: 65, count: 3_000_000))
            default: nil
            }
        }
        await listener.start()
        try await body(listener)
        await listener.close()
    }

    @Test func answersAndClosesTheConnection() async throws {
        try await withListener { listener in
            let client = try RawClient(port: listener.address.port)
            client.send("GET /short HTTP/1.1\r\nHost: x\r\n\r\n")
            let answer = await client.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("Content-Length: 4\r\n"))
            #expect(answer.hasSuffix("\r\n\r\nyes\n"))
        }
    }

    @Test func leavesTheBodyOutForHead() async throws {
        try await withListener { listener in
            let client = try RawClient(port: listener.address.port)
            client.send("HEAD /short HTTP/1.1\r\n\r\n")
            let answer = await client.readToEnd()
            #expect(answer.contains("Content-Length: 4\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func sendsMoreThanTheSocketTakesAtOnce() async throws {
        try await withListener { listener in
            let client = try RawClient(port: listener.address.port)
            client.send("GET /long HTTP/1.1\r\n\r\n")
            #expect(await client.readToEnd().utf8.count > 3_000_000)
        }
    }

    @Test func saysThatAPathDoesNotExist() async throws {
        try await withListener { listener in
            let client = try RawClient(port: listener.address.port)
            client.send("GET /other HTTP/1.1\r\n\r\n")
            #expect(await client.readToEnd().hasPrefix("HTTP/1.1 404 "))
        }
    }

    @Test func refusesAHeadThatComesInPiecesAndNeverEnds() async throws {
        var limits = AdminListener.Limits()
        limits.requestBytes = 100
        try await withListener(limits: limits) { listener in
            let client = try RawClient(port: listener.address.port)
            client.send("GET /short HTTP/1.1\r\n")
            client.send("X: " + String(repeating: "a", count: 200))
            #expect(await client.readToEnd().hasPrefix("HTTP/1.1 431 "))
        }
    }

    @Test func endsASilentConnection() async throws {
        var limits = AdminListener.Limits()
        limits.patience = .milliseconds(50)
        try await withListener(limits: limits) { listener in
            let client = try RawClient(port: listener.address.port)
            client.send("GET /sho")
            #expect(await client.readToEnd() == "")
        }
    }

    @Test func turnsAwayWhoIsTooMany() async throws {
        var limits = AdminListener.Limits()
        limits.connections = 2
        try await withListener(limits: limits) { listener in
            let first = try RawClient(port: listener.address.port)
            let second = try RawClient(port: listener.address.port)
            let third = try RawClient(port: listener.address.port)
            #expect(await third.readToEnd() == "")
            // Those before it are served.
            for client in [first, second] {
                client.send("GET /short HTTP/1.1\r\n\r\n")
                #expect(await client.readToEnd().hasSuffix("yes\n"))
            }
        }
    }

    @Test func saysThatAPortIsTaken() async throws {
        try await withListener { listener in
            let error = #expect(throws: AdminListenerError.self) { try AdminListener(listener.address) { _ in nil } }
            #expect(error?.isAddressInUse == true)
        }
    }
}

/// A client that sends what it likes.
private final class RawClient: Sendable {
    private let socket: FileHandle

    init(port: Int) throws {
        socket = FileHandle(
            fileDescriptor: try LoopbackSocket.connect(port: port), closeOnDealloc: true)
    }

    func send(_ text: String) {
        // The listener may have closed the connection already; then reading shows it.
        try? socket.write(contentsOf: Data(text.utf8))
    }

    /// Reads until the listener closes the connection; a reset ends it, too.
    func readToEnd() async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [socket] in
                var all = Data()
                while let part = try? socket.read(upToCount: 65_536), !part.isEmpty { all += part }  // reset: the end
                continuation.resume(returning: String(decoding: all, as: UTF8.self))
            }
        }
    }
}
