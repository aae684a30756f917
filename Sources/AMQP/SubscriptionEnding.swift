/// The way to end a subscription without losing what is on its way to it.
///
/// What a quorum queue has assigned to a subscription when its cancellation comes, and the channel has not passed on yet, is
/// dropped by the channel. It comes again, marked as redelivered, when the channel ends. A cancellation is safe where the queue
/// cannot assign anything: because all that the prefetch allows is there already. So nothing may be settled from
/// ``begin()`` on, and then either
///
/// - the queue holds enough to use up the prefetch, or
/// - the queue is empty. What arrives from then on goes to a stand-in, a second subscription of higher priority and with a prefetch
///   so small that it is used up within a second. Behind it the first one is cancelled, and then the stand-in itself: once its prefetch
///   is used up or, where hardly anything arrives, in a quiet moment.
///
/// Takes events and gives actions; does no I/O and reads no clock.
struct SubscriptionEnding {
    enum Action: Equatable {
        case none
        /// Ask how many messages are ready, by a passive declaration on the subscription's channel. Its answer comes after
        /// all that had been assigned before.
        case inspect
        /// Call ``waited(_:)`` with this number after so many milliseconds.
        case wait(milliseconds: Int, number: Int)
        case subscribeStandIn(prefetch: Int)
        case cancel
        case cancelStandIn
        /// Both are gone.
        case finish
    }

    private enum Stage {
        /// Waits until the queue is empty, or the prefetch used up.
        case looking
        case subscribingStandIn
        /// The same once more, behind the stand-in.
        case shielded
        case cancelling
        /// The stand-in is left; waits until its prefetch is used up, or nothing comes.
        case watching
        /// Nothing has come: asks whether the broker agrees, because one that stands still is quiet too.
        case asking
        case cancellingStandIn
    }

    /// How long to wait before the next look at a queue that is not empty yet.
    static let lookMilliseconds = 5
    /// How long nothing must come for a quiet moment. A message that arrives in the very moment after it is what can still come
    /// again, once.
    static let quietMilliseconds = 250

    private let quiet: Int
    private let prefetch: Int
    private let recent: Int
    private var held: Int
    private var standInPrefetch = 0
    private var heldByStandIn = 0
    /// Deliveries since the newest question, or since the newest wait for a quiet moment began.
    private var arrivals = 0
    private var waits = 0
    private var stage = Stage.looking

    /// - Parameters:
    ///   - held: deliveries of the subscription that are not settled.
    ///   - recent: how many deliveries came within a second lately: so many may come at once, where they are published in
    ///     batches.
    ///   - quiet: ``quietMilliseconds``, or more where a test wants no quiet moment.
    init(prefetch: Int, held: Int, recent: Int = 0, quiet: Int = Self.quietMilliseconds) {
        self.prefetch = prefetch
        self.recent = recent
        self.quiet = quiet
        self.held = held
    }

    mutating func begin() -> Action {
        held >= prefetch ? cancel() : inspect()
    }

    /// Counts a delivery; after the last of several, ``proceed()`` says what follows.
    mutating func deliver(toStandIn isForStandIn: Bool) {
        arrivals += 1
        if isForStandIn { heldByStandIn += 1 } else { held += 1 }
    }

    mutating func proceed() -> Action {
        switch stage {
        case .looking, .shielded: held >= prefetch ? cancel() : .none
        case .watching, .asking: heldByStandIn >= standInPrefetch ? cancelStandIn() : .none
        case .subscribingStandIn, .cancelling, .cancellingStandIn: .none
        }
    }

    /// - Parameter status: one without consumers is no answer: a broker says so when it could not ask the queue in time.
    mutating func inspected(_ status: AMQPQueueStatus) -> Action {
        let isEmpty = status.consumerCount > 0 && status.messageCount == 0
        switch stage {
        case .looking where isEmpty:
            stage = .subscribingStandIn
            // Room for more than arrives while a question is answered, for about as long takes the cancellation, and for a
            // batch; at this rate it is used up within a second.
            standInPrefetch = min(prefetch, max(2 * arrivals + 2, recent))
            return .subscribeStandIn(prefetch: standInPrefetch)
        case .shielded where isEmpty:
            return cancel()
        case .looking, .shielded:
            return wait(Self.lookMilliseconds)
        case .asking where isEmpty && arrivals == 0:
            return cancelStandIn()
        case .asking:
            return watch()
        case .subscribingStandIn, .cancelling, .watching, .cancellingStandIn:
            return .none
        }
    }

    mutating func standInSubscribed() -> Action {
        stage = .shielded
        return held >= prefetch ? cancel() : inspect()
    }

    /// One of the two is gone: the first one before the stand-in.
    mutating func cancelled() -> Action {
        guard stage == .cancelling, standInPrefetch > 0 else { return .finish }
        return heldByStandIn >= standInPrefetch ? cancelStandIn() : watch()
    }

    mutating func waited(_ number: Int) -> Action {
        guard number == waits else { return .none }
        switch stage {
        case .looking, .shielded: return inspect()
        case .watching where arrivals > 0: return watch()
        case .watching:
            stage = .asking
            return inspect()
        case .subscribingStandIn, .cancelling, .asking, .cancellingStandIn: return .none
        }
    }

    private mutating func inspect() -> Action {
        arrivals = 0
        return .inspect
    }

    private mutating func watch() -> Action {
        stage = .watching
        arrivals = 0
        return wait(quiet)
    }

    private mutating func wait(_ milliseconds: Int) -> Action {
        waits += 1
        return .wait(milliseconds: milliseconds, number: waits)
    }

    private mutating func cancel() -> Action {
        stage = .cancelling
        return .cancel
    }

    private mutating func cancelStandIn() -> Action {
        stage = .cancellingStandIn
        return .cancelStandIn
    }
}
