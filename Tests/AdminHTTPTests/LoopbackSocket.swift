import Glibc

/// Connects to ports of this machine.
enum LoopbackSocket {
    struct Failure: Error {
        let code: Int32
    }

    /// Makes a blocking connection.
    ///
    /// - Returns: the descriptor, which is the caller's to close.
    static func connect(port: Int) throws -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        address.sin_port = in_port_t(port).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, size)
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw Failure(code: errno)
        }
        return descriptor
    }
}
