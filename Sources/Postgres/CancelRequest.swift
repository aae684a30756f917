internal import CPostgreSQL
import Dispatch
import Synchronization

/// One request to cancel what a connection is doing.
///
/// libpq 15 can only send it with blocking calls, on a connection of its own. It therefore runs on a background thread,
/// and since a stopped server would keep that thread for ever, at most ``limit`` of them exist; beyond that
/// ``send(_:)`` refuses and the caller drops the connection.
///
/// `@unchecked Sendable`: the handle is handed to exactly one background block and touched by nobody else afterwards;
/// libpq documents `PQcancel` as safe in any thread.
@safe final class CancelRequest: @unchecked Sendable {
    private static let limit = 8
    private static let inFlight = Mutex(0)

    private let raw: OpaquePointer

    /// Takes the handle over: it is freed with this object.
    init(taking raw: OpaquePointer) {
        unsafe self.raw = raw
    }

    deinit {
        unsafe PQfreeCancel(raw)
    }

    /// Sends the request in the background.
    ///
    /// - Parameter completion: called on a background thread once the server has dealt with the request.
    /// - Returns: false when too many requests are under way.
    func send(_ completion: @escaping @Sendable () -> Void) -> Bool {
        let isAllowed = Self.inFlight.withLock { count in
            guard count < Self.limit else { return false }
            count += 1
            return true
        }
        guard isAllowed else { return false }
        DispatchQueue.global(qos: .utility).async {
            var message = [CChar](repeating: 0, count: 256)
            // A failure leaves the statement running: the caller's grace period then drops the connection.
            _ = unsafe PQcancel(self.raw, &message, Int32(message.count))
            Self.inFlight.withLock { $0 -= 1 }
            completion()
        }
        return true
    }
}
