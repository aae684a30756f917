import Synchronization

/// Whether an operator has paused the stage whose work is being done.
///
/// The stage loop binds it around everything that it calls, so that work which takes long, such as a lease, can end early
/// when nobody is waiting for more: see ``isRequested``.
public final class StagePause: Sendable {
    @TaskLocal static var current: StagePause?

    private let isPaused = Mutex(false)

    init() {}

    /// Whether the running work belongs to a stage that is paused, and should end as soon as it well can.
    public static var isRequested: Bool { current?.value ?? false }

    var value: Bool { isPaused.withLock { $0 } }

    /// Sets it.
    ///
    /// - Returns: whether that changed anything.
    func set(_ value: Bool) -> Bool {
        isPaused.withLock { isPaused in
            defer { isPaused = value }
            return isPaused != value
        }
    }
}
