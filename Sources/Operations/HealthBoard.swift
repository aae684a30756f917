public import AdminHTTP
import Synchronization

/// What a worker says of its health: whether it lives, and whether it can work.
///
/// *Alive* means that its own loops turn; an orchestrator restarts a worker that is not. *Ready* means that all it stands
/// on answers; a worker that is not ready waits and mends itself, and restarting it helps nobody.
public final class HealthBoard: Sendable {
    private struct Check {
        var isGood: Bool
        var detail: String
    }

    private struct State {
        var checks: [String: Check] = [:]
        var lastBeat = ContinuousClock.now
        var isStopping = false
    }

    /// How long a worker's loop may be silent.
    public static let patience = Duration.seconds(30)

    private let state = Mutex(State())

    /// Makes a board that says *alive* and, until a check was set, *not ready*.
    public init() {}

    /// Says that the worker's loop has turned.
    public func beat(at now: ContinuousClock.Instant = .now) { state.withLock { $0.lastBeat = now } }

    /// Says how one thing stands that the worker needs.
    public func set(_ name: String, isGood: Bool, detail: String) {
        state.withLock { $0.checks[name] = Check(isGood: isGood, detail: detail) }
    }

    /// Takes back what was said of one thing.
    public func clear(_ name: String) { state.withLock { $0.checks[name] = nil } }

    /// Says that the worker is about to end: it is not ready any more.
    public func stop() { state.withLock { $0.isStopping = true } }

    /// The answer of `/livez`.
    public func liveness(at now: ContinuousClock.Instant = .now) -> AdminAnswer {
        let silence = now - state.withLock { $0.lastBeat }
        guard silence <= Self.patience else {
            return AdminAnswer(status: 503, line: "stuck: silent for \(silence.components.seconds) s")
        }
        return AdminAnswer(status: 200, line: "alive")
    }

    /// The answer of `/readyz`: one line for each check.
    public func readiness() -> AdminAnswer {
        let state = state.withLock { $0 }
        let checks = state.checks.sorted { $0.key < $1.key }
        let isReady = !state.isStopping && !checks.isEmpty && checks.allSatisfy(\.value.isGood)
        var lines = [isReady ? "ready" : state.isStopping ? "stopping" : "not ready"]
        lines += checks.map { "\($0.value.isGood ? "ok  " : "fail") \($0.key): \($0.value.detail)" }
        return AdminAnswer(status: isReady ? 200 : 503, body: [UInt8]((lines.joined(separator: "\n") + "\n").utf8))
    }
}

/// The pages of a worker's admin port. None of them changes anything.
public struct AdminPages: Sendable {
    private let registry: PrometheusRegistry
    private let health: HealthBoard

    /// Makes the pages.
    public init(registry: PrometheusRegistry, health: HealthBoard) {
        self.registry = registry
        self.health = health
    }

    /// The page at a path, or `nil`.
    public func page(_ path: String) -> AdminAnswer? {
        switch path {
        case "/metrics":
            AdminAnswer(contentType: PrometheusText.contentType, body: [UInt8](registry.text().utf8))
        case "/livez": health.liveness()
        case "/readyz": health.readiness()
        default: nil
        }
    }
}
