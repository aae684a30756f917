import Foundation
import Synchronization

/// One thing that the test server does with a connection after it has read a request.
public enum ServerStep: Sendable {
    /// Sends bytes.
    case send([UInt8])
    /// Waits until the client closes the connection.
    case holdUntilClosed
    /// Closes the connection.
    case close

    /// Sends a text as it is.
    public static func text(_ text: String) -> ServerStep { .send(Array(text.utf8)) }

    /// A complete answer with a length, which keeps the connection open.
    public static func answer(_ status: String, headers: [String] = [], body: [UInt8] = []) -> ServerStep {
        let head = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + headers
        return .send(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    }
}

/// A small HTTP server on a free port of 127.0.0.1, with a thread per connection. It stops when it is released.
public final class TestServer: Sendable {
    /// What to do with a request, whose head is a text with its line ends.
    public typealias Handler = @Sendable (_ requestHead: String) -> [ServerStep]

    /// The port that it listens on.
    public let port: Int
    /// The heads of all requests, as they come.
    public let requests: AsyncStream<String>

    private let listener: Int32
    private let connections = Mutex(0)

    /// How many connections were made.
    public var connectionCount: Int { connections.withLock { $0 } }

    /// Starts it.
    public init(_ handler: @escaping Handler) throws {
        let listener = try Self.listen()
        self.listener = listener
        port = try Self.port(of: listener)
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        requests = stream
        Thread.detachNewThread { [weak self] in
            while case let peer = accept(listener, nil, nil), peer >= 0 {
                self?.connections.withLock { $0 += 1 }
                Thread.detachNewThread {
                    Self.serve(peer, handler: handler, requests: continuation)
                    Glibc.close(peer)
                }
            }
            Glibc.close(listener)
        }
    }

    deinit {
        // Wakes the accepting thread, which closes the descriptor.
        shutdown(listener, Int32(SHUT_RDWR))
    }

    // MARK: Sockets

    private struct SocketError: Error {
        let code = errno
    }

    private static func listen() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw SocketError() }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, size) }
        }
        guard bound == 0, Glibc.listen(descriptor, 16) == 0 else { throw SocketError() }
        return descriptor
    }

    private static func port(of descriptor: Int32) throws -> Int {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &size)
            }
        }
        guard result == 0 else { throw SocketError() }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func serve(_ peer: Int32, handler: Handler, requests: AsyncStream<String>.Continuation) {
        while let head = readHead(peer) {
            requests.yield(head)
            for step in handler(head) {
                switch step {
                case .send(let bytes): if !send(bytes, to: peer) { return }
                case .holdUntilClosed:
                    while readByte(peer) != nil {}
                    return
                case .close: return
                }
            }
        }
    }

    private static func readHead(_ peer: Int32) -> String? {
        var head: [UInt8] = []
        while let byte = readByte(peer) {
            head.append(byte)
            if head.suffix(4).elementsEqual("\r\n\r\n".utf8) { return String(decoding: head, as: UTF8.self) }
        }
        return nil
    }

    private static func readByte(_ peer: Int32) -> UInt8? {
        var byte: UInt8 = 0
        return unsafe recv(peer, &byte, 1, 0) == 1 ? byte : nil
    }

    private static func send(_ bytes: [UInt8], to peer: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    peer, buffer.baseAddress.map { unsafe $0 + sent }, buffer.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
