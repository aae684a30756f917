/// Reconnect delays with full jitter: a uniform choice from zero to `base` · 2ⁿ, at most `cap`.
///
/// The count starts again after a connection that lasted `healthyAfter`.
struct Backoff {
    static let base = Duration.milliseconds(200)
    static let cap = Duration.seconds(30)
    static let healthyAfter = Duration.seconds(60)

    private(set) var failures = 0

    /// The upper bound of the next delay.
    var ceiling: Duration {
        min(Self.cap, Self.base * (1 << min(failures, 20)))
    }

    /// Draws the delay before the next attempt.
    ///
    /// - Parameters:
    ///   - uptime: how long the connection that just ended had been usable; zero when it never was.
    ///   - generator: the source of the jitter.
    mutating func next(uptime: Duration, using generator: inout some RandomNumberGenerator) -> Duration {
        if uptime >= Self.healthyAfter { failures = 0 }
        let microseconds = ceiling.wholeMicroseconds
        failures += 1
        return .microseconds(Int64.random(in: 0...microseconds, using: &generator))
    }
}

extension Duration {
    /// The duration in microseconds, rounded down; clamped to what an `Int64` holds of whole seconds.
    var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let limited = min(max(seconds, 0), 1_000_000_000)
        return limited * 1_000_000 + (seconds < 0 ? 0 : attoseconds / 1_000_000_000_000)
    }
}
