import Dispatch
import Foundation
import Glibc
import Synchronization
import Testing

/// A TCP proxy in front of the database that can stop passing bytes on, as a stopped server would.
///
/// Each direction has a thread; ``close()`` ends them. Loopback only.
final class StallingProxy: Sendable {
    private let listener: Int32
    private let target: (host: String, port: UInt16)
    let port: UInt16
    private let isStalled = Mutex(false)
    private let end = DispatchSemaphore(value: 0)
    private let sockets = Mutex<[Int32]>([])

    init(url: String) throws {
        let components = try #require(URLComponents(string: url))
        target = (components.host ?? "127.0.0.1", UInt16(components.port ?? 5432))
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(host: "127.0.0.1", port: 0)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(listener, $0, length) }
        }
        try #require(bound == 0 && listen(listener, 16) == 0)
        var actual = sockaddr_in()
        var actualLength = length
        _ = unsafe withUnsafeMutablePointer(to: &actual) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(listener, $0, &actualLength)
            }
        }
        self.listener = listener
        port = UInt16(bigEndian: actual.sin_port)
        Thread.detachNewThread { self.accept() }
    }

    /// The address of the database, by way of the proxy.
    func url(for url: String) throws -> String {
        var components = try #require(URLComponents(string: url))
        components.host = "127.0.0.1"
        components.port = Int(port)
        return try #require(components.string)
    }

    /// From now on nothing is passed on; connections stay open.
    func stall() { isStalled.withLock { $0 = true } }

    func close() {
        end.signal()
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
        sockets.withLock { for descriptor in $0 { shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { return }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = Self.address(host: target.host, port: target.port)
            let length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let connected = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(server, $0, length) }
            }
            guard connected == 0 else {
                Glibc.close(client)
                continue
            }
            sockets.withLock { $0 += [client, server] }
            Thread.detachNewThread { self.pass(from: client, to: server) }
            Thread.detachNewThread { self.pass(from: server, to: client) }
        }
    }

    private func pass(from source: Int32, to sink: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            if isStalled.withLock({ $0 }) {
                // Reading no more either, so that the sender's buffers fill.
                end.wait()
                end.signal()
                return
            }
            var sent = 0
            while sent < count {
                let written = unsafe buffer[sent..<count].withUnsafeBytes { bytes in
                    unsafe send(sink, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                }
                guard written > 0 else { return }
                sent += written
            }
        }
        shutdown(sink, Int32(SHUT_WR))
    }

    private static func address(host: String, port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = unsafe inet_addr(host == "localhost" ? "127.0.0.1" : host)
        return address
    }
}
