/// Waiting times that double, with full jitter: a random time between nothing and the step's limit.
struct PatienceLadder: Sendable {
    private var step = 0
    private let base: Duration
    private let cap: Duration

    init(base: Duration = .milliseconds(100), cap: Duration = .seconds(10)) {
        self.base = base
        self.cap = cap
    }

    /// The next time to wait.
    mutating func next() -> Duration {
        let limit = min(cap, base * (1 << min(step, 16)))
        step += 1
        return .milliseconds(Int64.random(in: 0...max(1, limit.milliseconds)))
    }
}
