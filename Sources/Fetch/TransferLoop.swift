internal import CCurl
internal import Dispatch
internal import Synchronization

/// Drives the transfers of one libcurl multi handle on a private serial queue.
///
/// While transfers run, one block on the queue waits in `curl_multi_poll`; others reach it through an inbox and
/// `curl_multi_wakeup`. When nothing runs the block ends, and the next request starts it again.
final class TransferLoop: Sendable {
    typealias Continuation = CheckedContinuation<Result<FetchResponse, FetchError>, Never>

    private let queue = DispatchQueue(label: "wireroom.fetch")
    private let multi: MultiHandle
    private let inbox = Mutex(Inbox())

    /// What the block on the queue has to pick up.
    private struct Inbox {
        var submitted: [(Transfer, Continuation)] = []
        var cancelled: [Transfer] = []
        var closing: [CheckedContinuation<Void, Never>] = []
        var isClosed = false
        var isRunning = false

        /// Whether the caller has to start the block.
        mutating func shouldStart() -> Bool {
            defer { isRunning = true }
            return !isRunning
        }
    }

    init(maximumIdleConnections: Int) {
        multi = MultiHandle(maximumIdleConnections: maximumIdleConnections)
    }

    func submit(_ transfer: Transfer, _ continuation: Continuation) {
        let isClosed = inbox.withLock { inbox in
            if !inbox.isClosed { inbox.submitted.append((transfer, continuation)) }
            return inbox.isClosed
        }
        if isClosed {
            continuation.resume(returning: .failure(transfer.error(.closed, "The client is closed.")))
        } else {
            wake()
        }
    }

    func cancel(_ transfer: Transfer) {
        transfer.isCancelled.store(true, ordering: .releasing)
        inbox.withLock { $0.cancelled.append(transfer) }
        wake()
    }

    func close() async {
        await withCheckedContinuation { continuation in
            inbox.withLock { inbox in
                inbox.isClosed = true
                inbox.closing.append(continuation)
            }
            wake()
        }
    }

    private func wake() {
        let shouldStart = inbox.withLock { inbox in
            let shouldStart = inbox.shouldStart()
            if !shouldStart { multi.wakeUp() }
            return shouldStart
        }
        if shouldStart { queue.async { self.run() } }
    }

    // MARK: On the queue

    private func run() {
        var active: [Transfer.ID: (Transfer, Continuation)] = [:]
        while takeInbox(into: &active) {
            multi.perform()
            while let (id, code) = multi.nextFinished() {
                guard let (transfer, continuation) = active.removeValue(forKey: id) else { continue }
                multi.remove(transfer)
                continuation.resume(returning: transfer.result(of: code))
            }
            if !active.isEmpty { multi.wait() }
        }
    }

    /// Applies what the inbox holds. Returns `false` when the block has to end, since nothing is left to do.
    private func takeInbox(into active: inout [Transfer.ID: (Transfer, Continuation)]) -> Bool {
        let mail = inbox.withLock { inbox in
            let mail = inbox
            inbox.submitted = []
            inbox.cancelled = []
            inbox.closing = []
            let isIdle = mail.submitted.isEmpty && mail.cancelled.isEmpty && mail.closing.isEmpty && active.isEmpty
            if isIdle { inbox.isRunning = false }
            return isIdle ? nil : mail
        }
        guard let mail else { return false }
        for (transfer, continuation) in mail.submitted { start(transfer, continuation, active: &active) }
        for transfer in mail.cancelled { end(transfer.id, .cancelled, "The fetch was cancelled.", active: &active) }
        if mail.isClosed {
            for id in Array(active.keys) { end(id, .closed, "The client was closed.", active: &active) }
            inbox.withLock { _ in multi.destroy() }
        }
        for continuation in mail.closing { continuation.resume() }
        return true
    }

    private func start(
        _ transfer: Transfer, _ continuation: Continuation, active: inout [Transfer.ID: (Transfer, Continuation)]
    ) {
        if transfer.isCancelled.load(ordering: .acquiring) {
            continuation.resume(returning: .failure(transfer.error(.cancelled, "The fetch was cancelled.")))
        } else if let latest = transfer.request.latestStart, latest < .now {
            continuation.resume(
                returning: .failure(transfer.error(.timeout, "The transfer came up too late to begin.")))
        } else if multi.add(transfer) {
            active[transfer.id] = (transfer, continuation)
        } else {
            continuation.resume(
                returning: .failure(transfer.error(.internalError, "libcurl did not accept the transfer.")))
        }
    }

    private func end(
        _ id: Transfer.ID, _ code: FetchError.Code, _ message: String,
        active: inout [Transfer.ID: (Transfer, Continuation)]
    ) {
        guard let (transfer, continuation) = active.removeValue(forKey: id) else { return }
        multi.remove(transfer)
        continuation.resume(returning: .failure(transfer.error(code, message)))
    }
}
