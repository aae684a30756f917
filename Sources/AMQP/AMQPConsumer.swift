internal import Dispatch
public import Logging
internal import QueueExecutor

/// Takes messages from one queue, over a connection of its own.
///
/// Call ``run()`` in a task of its own; it keeps the connection up. Take work with ``nextBatch(limit:lingering:)`` and
/// settle every delivery with ``acknowledge(_:)`` or ``reject(_:requeue:)``. The broker delivers what was not settled
/// when a connection ended again; its old tags are ignored.
///
/// A subscription that has been quiet for `subscriptionRenewal` is made anew on a fresh channel, because a broker may have
/// lost it without a word.
///
/// Each call costs a hop to the consumer's queue: hand over batches.
public actor AMQPConsumer: LinkOwner {
    enum Stage {
        case disconnected
        case openingChannel
        case settingPrefetch
        case subscribing
        case subscribed
        case unsubscribing
        case unsubscribed
        /// A renewal waits until everything in hand is settled.
        case draining
        /// A renewal waits for the end of the old channel.
        case closingChannel
    }

    struct BatchWaiter {
        let id: UInt64
        let limit: Int
        let lingering: Duration
        var isLingering = false
        var hasLingered = false
        let continuation: CheckedContinuation<[AMQPDelivery], any Error>
    }

    nonisolated let executor: QueueExecutor
    let session: LinkSession
    let queue: String
    let prefetch: Int
    /// The name of the newest subscription; each has its own, so that the broker cannot take one for another.
    var consumerTag = "wireroom"
    var subscriptionCount = 0
    let subscriptionRenewal: Duration

    var stage = Stage.disconnected
    var ledger = DeliveryLedger()
    var buffer = DeliveryBuffer()
    var waiters: [BatchWaiter] = []
    var waiterCount: UInt64 = 0
    /// Whether deliveries are no longer wanted.
    var isStopped = false
    /// Whether those that have come when it is stopped are still handed out.
    var handsOutRest = false
    /// Whether a stop waits for the broker.
    var isStopping = false
    /// How far the subscription's end has come while it is being ended.
    var ending: SubscriptionEnding?
    /// The name of the newest stand-in that helped to end a subscription.
    var standInTag: String?
    /// What is to be settled once a subscription has ended, or after a stop together with the rest.
    var heldSettlements: [(tags: [AMQPDeliveryTag], settlement: DeliverySettlement)] = []
    /// Whether deliveries are not wanted for now.
    var isPaused = false
    var stoppers: [CheckedContinuation<Void, Never>] = []
    var counters = AMQPConsumerStatistics()
    /// How many unsettled deliveries the subscriptions made on this channel allow together.
    var allowance = 0
    /// Counts the channels, of which a link may have several one after another: tags are good for one.
    var channelNumber: UInt64 = 0
    /// How long the end of a subscription waits for a quiet moment where hardly anything arrives.
    private(set) var quietMilliseconds = SubscriptionEnding.quietMilliseconds
    var recentDeliveries = RecentDeliveries()
    /// When the newest delivery came, or the subscription was made.
    var lastSign = ContinuousClock.now
    /// When the subscription was made.
    var subscribedAt = ContinuousClock.now
    /// Whether the channel is being replaced by a fresh one.
    var isRenewing = false

    /// The consumer's private queue.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Makes a consumer; nothing happens before ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: where the broker is.
    ///   - queue: the queue, which must exist.
    ///   - prefetch: how many unsettled deliveries the broker may have outstanding, 1 to 2000 (more is cut).
    ///   - subscriptionRenewal: after how long without a delivery the subscription is made anew, at least 100 ms. It bounds
    ///     how long messages may lie in a queue whose broker has lost the subscription without saying so.
    ///   - logger: gets connection changes at `warning` and `debug`, never messages.
    public init(
        configuration: AMQPConfiguration, queue: String, prefetch: Int, subscriptionRenewal: Duration = .seconds(30),
        logger: Logger
    ) {
        self.subscriptionRenewal = max(subscriptionRenewal, .milliseconds(100))
        executor = QueueExecutor(label: "wireroom.amqp.consumer")
        session = LinkSession(
            configuration, sendTimeout: .seconds(30), patience: self.subscriptionRenewal, logger: logger)
        self.queue = queue
        self.prefetch = min(max(prefetch, 1), 2000)
    }

    /// Keeps the consumer connected, with a fully jittered pause before each new attempt; returns after ``close()`` or
    /// when the task is cancelled.
    ///
    /// - Throws: ``AMQPError`` when the first connection fails for credentials, permissions or configuration.
    public func run() async throws {
        try await keepConnected()
    }

    /// Takes another time for a quiet moment, for tests.
    func waitForQuiet(milliseconds: Int) { quietMilliseconds = milliseconds }

    /// What the consumer has done so far.
    public var statistics: AMQPConsumerStatistics {
        var result = counters
        result.reconnects = max(0, session.timesReady - 1)
        result.isConnected =
            stage == .subscribed || isRenewing && !isStopped || stage == .unsubscribed && isPaused
        return result
    }

    /// Whether a delivery can still be settled: its connection lives and it has not been settled.
    public func isCurrent(_ tag: AMQPDeliveryTag) -> Bool {
        session.link != nil && channelNumber == tag.generation && ledger.isOpen(tag.number)
    }

    /// Waits for deliveries.
    ///
    /// - Parameters:
    ///   - limit: the most deliveries wanted, at least 1.
    ///   - lingering: how long to wait for more once there is one. The wait also ends when `limit` is reached, and when
    ///     the broker will not send more because the prefetch is used up.
    /// - Returns: the deliveries in the order of the queue; empty once the consumer has been stopped or closed and, where
    ///   ``stopConsuming(handingOutRest:)`` says so, what had come by then has been handed out.
    /// - Throws: ``AMQPError/Code/cancelled`` when the task is cancelled, or what ended ``run()``.
    public func nextBatch(limit: Int, lingering: Duration) async throws -> [AMQPDelivery] {
        if let failure = session.failure { throw failure }
        guard session.phase != .closed, session.phase != .closing, limit > 0 else { return [] }
        if isStopped, !handsOutRest { return [] }
        if isStopped, !isStopping { return buffer.take(limit) }
        waiterCount += 1
        let id = waiterCount
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                waiters.append(BatchWaiter(id: id, limit: limit, lingering: lingering, continuation: continuation))
                serveWaiters()
            }
        } onCancel: {
            // Runs after the waiter was registered: that happens on the same queue, without a pause.
            executor.queue.async { [weak self] in self?.assumeIsolated { $0.cancelWaiter(id) } }
        }
    }

    /// Acknowledges deliveries, in as few frames as the broker's rules allow.
    ///
    /// Tags that were settled before, or whose connection has ended, are ignored: those messages come again.
    public func acknowledge(_ tags: [AMQPDeliveryTag]) async throws {
        settle(tags, as: .acknowledge)
    }

    /// Rejects deliveries. Tags that were settled before, or whose connection has ended, are ignored.
    ///
    /// - Parameter requeue: whether the messages go back to the queue, which counts as a delivery attempt with quorum
    ///   queues; otherwise they are dead-lettered or dropped.
    public func reject(_ tags: [AMQPDeliveryTag], requeue: Bool) async throws {
        settle(tags, as: .reject(requeue: requeue))
    }

    /// Stops taking deliveries. Those handed out can still be settled.
    ///
    /// Returns when the broker has confirmed it, or the connection has ended, or after five seconds.
    ///
    /// - Parameter handingOutRest: whether what has come, or is on its way, is still handed out by
    ///   ``nextBatch(limit:lingering:)``. Otherwise it goes back to the queue, from where it comes marked as redelivered.
    public func stopConsuming(handingOutRest: Bool = false) async throws {
        guard !isStopped else { return }
        isStopped = true
        handsOutRest = handingOutRest
        if !handsOutRest { finishWaiters() }
        switch stage {
        case .subscribed:
            awaitEnding()
            endSubscription()
        case .subscribing, .unsubscribing:
            // It is ended once it is there, or a renewal or a pause is ending it already.
            awaitEnding()
        default:
            break
        }
        if isStopping { await withCheckedContinuation { stoppers.append($0) } }
        finishStopping()
    }

    /// Asks the broker for no more deliveries until ``resumeConsuming()``. What it has sent already is still handed out, and
    /// whoever waits for a batch waits on.
    public func pauseConsuming() {
        guard !isPaused else { return }
        isPaused = true
        guard !isStopped else { return }
        endSubscription()
    }

    /// Takes deliveries again after ``pauseConsuming()``.
    public func resumeConsuming() {
        guard isPaused else { return }
        isPaused = false
        // A subscription that is still being ended is followed by a new one.
        guard stage == .unsubscribed, !isStopped, let link = session.link else { return }
        do throws(AMQPError) {
            try setPrefetch(on: link)
        } catch {
            endLink(error)
        }
    }

    /// Closes the connection and waits for it. What has not been settled goes back to the queue.
    public func close() async {
        ending = nil
        settleHeld()
        await closeAndWait()
    }
}
