internal import Dispatch
internal import Glibc
internal import Synchronization

/// Frees a send that blocks for ever.
///
/// The library waits without limit for the socket to take more bytes. The watchdog runs on a queue of its own, and when
/// a send has lasted longer than allowed it shuts the socket down, upon which the library's call fails at once.
final class SendWatchdog: Sendable {
    private struct State {
        var descriptor: Int32?
        var deadline: ContinuousClock.Instant?
    }

    private static let queue = DispatchQueue(label: "wireroom.amqp.watchdog")

    private let state: Mutex<State>
    private let limit: Duration
    // Proof: the source is set up in `init`; `cancel` may be called from any thread.
    private nonisolated(unsafe) let timer: any DispatchSourceTimer

    /// Watches a descriptor until ``retire()``.
    ///
    /// - Parameters:
    ///   - descriptor: the connected socket. The caller retires the watchdog before it closes the descriptor.
    ///   - limit: how long the sends between ``arm()`` and ``disarm()`` may take.
    init(descriptor: Int32, limit: Duration) {
        state = Mutex(State(descriptor: descriptor))
        self.limit = limit
        let timer = DispatchSource.makeTimerSource(queue: Self.queue)
        unsafe self.timer = timer
        let interval = max(20_000, min(limit.wholeMicroseconds / 4, 1_000_000))
        timer.schedule(
            deadline: .now() + .microseconds(Int(interval)), repeating: .microseconds(Int(interval)),
            leeway: .microseconds(Int(interval / 4)))
        timer.setEventHandler { [weak self] in self?.check() }
        timer.activate()
    }

    deinit {
        unsafe timer.cancel()
    }

    /// Starts the clock.
    func arm() {
        let deadline = ContinuousClock.now + limit
        state.withLock { $0.deadline = deadline }
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

    private func check() {
        state.withLock { state in
            guard let descriptor = state.descriptor, let deadline = state.deadline, ContinuousClock.now >= deadline
            else {
                return
            }
            _ = shutdown(descriptor, Int32(SHUT_RDWR))
            state.deadline = nil
        }
    }
}
