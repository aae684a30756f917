import Logging
import Synchronization

/// Warns of an outage once in a while instead of once for every message that waits for its end.
final class RareWarnings: Sendable {
    private let logger: Logger
    private let pause: Duration
    private let next = Mutex<ContinuousClock.Instant?>(nil)

    /// Makes a warner that is silent for a while after each warning.
    init(_ logger: Logger, pause: Duration = .seconds(5)) {
        self.logger = logger
        self.pause = pause
    }

    /// Warns, or says it at `debug` when the last warning was not long ago.
    func warn(_ message: Logger.Message, error: (any Error)? = nil, metadata: Logger.Metadata = [:]) {
        let now = ContinuousClock.now
        let isDue = next.withLock { next in
            guard next.map({ now >= $0 }) ?? true else { return false }
            next = now + pause
            return true
        }
        logger.log(level: isDue ? .warning : .debug, message, error: error, metadata: metadata)
    }
}
