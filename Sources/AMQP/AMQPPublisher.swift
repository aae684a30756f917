internal import Dispatch
public import Logging
internal import QueueExecutor

/// Publishes messages with confirms, over a connection of its own.
///
/// Call ``run()`` in a task of its own; it keeps the connection up. ``publish(_:)`` may be called by any number of
/// tasks at once; together they keep up to `window` publications in flight. Each call costs a hop to the publisher's
/// queue: hand over batches.
public actor AMQPPublisher: LinkOwner {
    enum Stage {
        case disconnected
        case openingChannel
        case selectingConfirms
        case ready
    }

    /// One call of ``AMQPPublisher/publish(_:)``. Confined to the publisher.
    final class Call {
        let id: UInt64
        let publications: [AMQPPublication]
        var results: [AMQPPublishResult?]
        var unsettled: Int
        var nextIndex = 0
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<[AMQPPublishResult], Never>

        init(
            id: UInt64, publications: [AMQPPublication], deadline: ContinuousClock.Instant,
            continuation: CheckedContinuation<[AMQPPublishResult], Never>
        ) {
            self.id = id
            self.publications = publications
            self.deadline = deadline
            self.continuation = continuation
            results = Array(repeating: nil, count: publications.count)
            unsettled = publications.count
        }

        /// How many have been sent and not settled.
        var inFlight: Int { unsettled - (publications.count - nextIndex) }
    }

    struct Ticket {
        let call: Call
        let index: Int
    }

    nonisolated let executor: QueueExecutor
    let session: LinkSession
    let window: Int
    let confirmTimeout: Duration

    var stage = Stage.disconnected
    var ledger = ConfirmLedger<Ticket>()
    /// Unsettled calls, oldest first: also the order of their deadlines.
    var calls: [Call] = []
    /// Calls with unsent publications, oldest first.
    var unsent: [Call] = []
    var callCount: UInt64 = 0
    var isDraining = false
    var hasDeadlineTimer = false
    var isBlockedByBroker = false
    var counters = AMQPPublisherStatistics()

    /// The publisher's private queue.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Makes a publisher; nothing is sent before ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: where the broker is.
    ///   - window: how many publications may wait for their confirm at once, at least 1.
    ///   - confirmTimeout: how long a publication may take from the call to its result. When a sent publication has no
    ///     answer by then, its result is ``AMQPPublishResult/unknown(_:)`` and the connection is replaced.
    ///   - logger: gets connection changes at `warning` and `debug`, never messages.
    public init(
        configuration: AMQPConfiguration, window: Int = 1024, confirmTimeout: Duration = .seconds(30), logger: Logger
    ) {
        executor = QueueExecutor(label: "wireroom.amqp.publisher")
        self.window = max(1, window)
        self.confirmTimeout = max(.milliseconds(1), confirmTimeout)
        session = LinkSession(configuration, sendTimeout: self.confirmTimeout, logger: logger)
    }

    /// Keeps the publisher connected, with a fully jittered pause before each new attempt; returns after ``close()`` or
    /// when the task is cancelled.
    ///
    /// - Throws: ``AMQPError`` when the first connection fails for credentials, permissions or configuration.
    public func run() async throws {
        try await keepConnected()
    }

    /// Whether the broker has asked publishers to pause (memory or disk alarm).
    public var isBlocked: Bool { isBlockedByBroker }

    /// Whether the publisher is set up on a living connection.
    public var isConnected: Bool { stage == .ready }

    /// What the publisher has done so far.
    public var statistics: AMQPPublisherStatistics {
        var result = counters
        result.inFlight = ledger.count
        result.waiting = unsent.reduce(0) { $0 + $1.publications.count - $1.nextIndex }
        result.reconnects = max(0, session.timesReady - 1)
        result.isConnected = isConnected
        result.isBlocked = isBlockedByBroker
        return result
    }

    /// Publishes messages and waits until the fate of each is known.
    ///
    /// The call ends by the confirm timeout at the latest, whatever the broker and the network do. What could not be
    /// sent in that time (no connection, broker blocked) is ``AMQPPublishResult/unknown(_:)`` too. When the task is
    /// cancelled, all that is not settled is unknown at once.
    ///
    /// - Parameter publications: any number; they are sent in this order.
    /// - Returns: one result per publication, in the same order.
    /// - Throws: ``AMQPError/Code/invalidFrame`` when a publication breaks a size limit, in which case none is sent;
    ///   ``AMQPError/Code/closed`` after ``close()``, or what ended ``run()``.
    public func publish(_ publications: [AMQPPublication]) async throws -> [AMQPPublishResult] {
        guard !publications.isEmpty else { return [] }
        for publication in publications { try publication.validate() }
        if let failure = session.failure { throw failure }
        guard !isDraining, session.phase == .running || session.phase == .idle else {
            throw AMQPError(.closed, "the publisher is closed")
        }
        callCount += 1
        let id = callCount
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                start(
                    Call(
                        id: id, publications: publications, deadline: ContinuousClock.now + confirmTimeout,
                        continuation: continuation))
            }
        } onCancel: {
            // Runs after the call was registered: that happens on the same queue, without a pause.
            executor.queue.async { [weak self] in self?.assumeIsolated { $0.cancelCall(id) } }
        }
    }

    /// Waits up to five seconds for the results of what has been sent, then closes the connection. Later calls of
    /// ``publish(_:)`` throw.
    public func close() async {
        isDraining = true
        if calls.isEmpty || session.link == nil {
            beginClosing()
        } else {
            executor.queue.asyncAfter(deadline: .now() + .seconds(5)) { [weak self] in
                self?.assumeIsolated { $0.beginClosing() }
            }
        }
        await waitUntilClosed()
    }
}
