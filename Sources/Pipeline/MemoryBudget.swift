import Synchronization

/// Bounds how many bytes of documents a worker has in memory; whoever wants more waits until others have given theirs back.
///
/// Shares are given in the order in which they were asked for, so that a large document is not overtaken for ever. One that
/// is larger than the whole budget is given once nothing else is held.
final class MemoryBudget: Sendable {
    /// Bytes that are held until the last reference to the share is gone.
    final class Share: Sendable {
        private let budget: MemoryBudget
        private let bytes: Int

        fileprivate init(_ budget: MemoryBudget, _ bytes: Int) {
            self.budget = budget
            self.bytes = bytes
        }

        deinit { budget.giveBack(bytes) }
    }

    private struct Waiter {
        let id: Int
        let bytes: Int
        let continuation: CheckedContinuation<Share, any Error>
    }

    private struct State {
        var held = 0
        var nextID = 0
        var waiters: [Waiter] = []
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: bytes that may be held at once, at least 1.
    init(limit: Int) {
        self.limit = max(limit, 1)
    }

    /// How many bytes are held.
    var held: Int { state.withLock { $0.held } }

    /// How many wait for a share.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// Waits for a share.
    ///
    /// - Throws: `CancellationError` when the task is cancelled meanwhile.
    func take(_ bytes: Int) async throws -> Share {
        let bytes = max(bytes, 0)
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    guard !Task.isCancelled else { return true }
                    state.waiters.append(Waiter(id: id, bytes: bytes, continuation: continuation))
                    return false
                }
                if isCancelled { return continuation.resume(throwing: CancellationError()) }
                serve()
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(throwing: CancellationError())
            serve()  // the next one may have waited behind this one
        }
    }

    private func giveBack(_ bytes: Int) {
        state.withLock { $0.held -= bytes }
        serve()
    }

    private func serve() {
        while true {
            let waiter: Waiter? = state.withLock { state in
                guard let first = state.waiters.first, state.held == 0 || first.bytes <= limit - state.held else {
                    return nil
                }
                state.held += first.bytes
                return state.waiters.removeFirst()
            }
            guard let waiter else { return }
            waiter.continuation.resume(returning: Share(self, waiter.bytes))
        }
    }

    /// Cuts a list of sizes into runs that fit into the budget, each of one item at least.
    func portions(of sizes: [Int]) -> [Range<Int>] {
        var portions: [Range<Int>] = []
        var start = 0
        var bytes = 0
        for (index, size) in sizes.enumerated() {
            if index > start, size > limit - bytes {
                portions.append(start..<index)
                (start, bytes) = (index, 0)
            }
            bytes += size
        }
        if start < sizes.count { portions.append(start..<sizes.count) }
        return portions
    }
}
