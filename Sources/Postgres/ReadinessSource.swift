import Dispatch
import Glibc

/// A dispatch source for readiness of a socket that somebody else owns.
///
/// It watches a duplicate of the descriptor, which the cancel handler closes: libpq may close or replace its own at any
/// time. Activated on creation, never suspended, cancelled in `deinit`.
final class ReadinessSource {
    enum Direction { case read, write }

    private let source: any DispatchSourceProtocol

    /// Nil when no descriptor is left.
    init?(
        duplicating socket: Int32, _ direction: Direction, queue: DispatchQueue, handler: @escaping @Sendable () -> Void
    ) {
        let descriptor = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { return nil }
        switch direction {
        case .read: source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        case .write: source = DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
        }
        source.setEventHandler(handler: handler)
        source.setCancelHandler { close(descriptor) }
        source.activate()
    }

    deinit {
        source.cancel()
    }
}
