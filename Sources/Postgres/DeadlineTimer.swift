import Dispatch

/// A dispatch timer that fires once per schedule; cancelled in `deinit`.
final class DeadlineTimer {
    private let source: any DispatchSourceTimer

    init(queue: DispatchQueue, handler: @escaping @Sendable () -> Void) {
        source = DispatchSource.makeTimerSource(queue: queue)
        source.setEventHandler(handler: handler)
        source.activate()
    }

    deinit {
        source.cancel()
    }

    /// Replaces the schedule.
    func schedule(_ time: DispatchTime) {
        source.schedule(deadline: time)
    }
}
