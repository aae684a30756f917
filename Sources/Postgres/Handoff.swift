import Synchronization

/// A value that is given once, by whoever comes first, to one waiting task.
///
/// Built so that a continuation is resumed exactly once whatever the order of giver, waiter and rivals.
final class Handoff<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Value, Never>)
        case given(Value)
        case taken
    }

    private let state = Mutex(State.empty)

    /// Gives the value.
    ///
    /// - Returns: false when somebody else was first; the value is then dropped.
    @discardableResult
    func give(_ value: Value) -> Bool {
        let (isFirst, continuation): (Bool, CheckedContinuation<Value, Never>?) = state.withLock { state in
            switch state {
            case .empty:
                state = .given(value)
                return (true, nil)
            case .waiting(let continuation):
                state = .taken
                return (true, continuation)
            case .given, .taken:
                return (false, nil)
            }
        }
        continuation?.resume(returning: value)
        return isFirst
    }

    /// Whether a value was given.
    var isGiven: Bool {
        state.withLock { state in
            switch state {
            case .empty, .waiting: false
            case .given, .taken: true
            }
        }
    }

    /// Waits for the value. Call it once.
    func value() async -> Value {
        await withCheckedContinuation { continuation in
            let ready: Value? = state.withLock { state in
                switch state {
                case .empty:
                    state = .waiting(continuation)
                    return nil
                case .given(let value):
                    state = .taken
                    return value
                case .waiting, .taken:
                    preconditionFailure("a handoff has one waiter")
                }
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }
}
