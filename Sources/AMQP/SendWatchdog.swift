internal import CRabbitMQ
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Frees a call of the library that would never return.
///
/// The library waits without limit for the socket to take more bytes. It also reads on without looking at the clock for as
/// long as a broker sends what it skips (heartbeats, frames of unknown type) or queues (anything during the login), and
/// keeps the memory of most of that. The watchdog runs on a queue of its own, and when a call has lasted longer, or taken
/// in more than is allowed, it shuts the socket down, upon which the call fails at once.
final class SendWatchdog: Sendable {
    private struct State {
        var descriptor: Int32?
        var deadline: ContinuousClock.Instant?
        /// Counts the calls of ``SendWatchdog/arm()``.
        var period: UInt64 = 0
        /// The period that the newest check has seen, and how much had come in when it was first seen.
        var seen: (period: UInt64, bytes: UInt64) = (0, 0)
        var hasFired = false
    }

    private static let queue = DispatchQueue(label: "wireroom.amqp.watchdog")

    private let state: Mutex<State>
    private let limit: Duration
    private let byteLimit: UInt64
    // Proof: the source is set up in `init`; `cancel` may be called from any thread.
    private nonisolated(unsafe) let timer: any DispatchSourceTimer

    /// Watches a descriptor until ``retire()``.
    ///
    /// - Parameters:
    ///   - descriptor: the connected socket. The caller retires the watchdog before it closes the descriptor.
    ///   - limit: how long what lies between ``arm()`` and ``disarm()`` may take.
    ///   - byteLimit: how much may come in meanwhile. More can have come by the time it is seen.
    ///   - interval: how often it looks, at most.
    init(descriptor: Int32, limit: Duration, byteLimit: Int, interval: Duration) {
        state = Mutex(State(descriptor: descriptor))
        self.limit = limit
        self.byteLimit = UInt64(byteLimit)
        let timer = DispatchSource.makeTimerSource(queue: Self.queue)
        unsafe self.timer = timer
        let microseconds = Int(max(20_000, min(limit.wholeMicroseconds / 4, interval.wholeMicroseconds)))
        timer.schedule(
            deadline: .now() + .microseconds(microseconds), repeating: .microseconds(microseconds),
            leeway: .microseconds(microseconds / 4))
        timer.setEventHandler { [weak self] in self?.check() }
        timer.activate()
    }

    deinit {
        unsafe timer.cancel()
    }

    /// Starts the clock, and the count of bytes.
    func arm() {
        let deadline = ContinuousClock.now + limit
        state.withLock {
            $0.deadline = deadline
            $0.period += 1
        }
    }

    /// Stops the clock.
    func disarm() {
        state.withLock { $0.deadline = nil }
    }

    /// Lets go of the descriptor for good.
    func retire() {
        state.withLock { $0.descriptor = nil }
        unsafe timer.cancel()
    }

    /// Whether the socket was shut down.
    var hasFired: Bool { state.withLock { $0.hasFired } }

    private func check() {
        state.withLock { state in
            guard let descriptor = state.descriptor, let deadline = state.deadline else { return }
            let received = wireroom_socket_bytes_received(descriptor)
            if state.seen.period != state.period { state.seen = (state.period, received) }
            guard ContinuousClock.now >= deadline || received &- state.seen.bytes > byteLimit else { return }
            _ = shutdown(descriptor, Int32(SHUT_RDWR))
            state.deadline = nil
            state.hasFired = true
        }
    }
}
