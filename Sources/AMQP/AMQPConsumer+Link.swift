internal import Dispatch
internal import Logging
internal import QueueExecutor

extension AMQPConsumer {
    /// How many events are read before the queue may do something else.
    private static let eventsPerTurn = 128
    /// How many times the allowance may lie unread: a queue that is deleted and declared again begins to count anew.
    private static let maximumExcess = 4

    func begin(on link: BrokerLink) throws(AMQPError) {
        try openChannel(on: link)
    }

    func work(on link: BrokerLink) throws(AMQPError) {
        var count = 0
        while count < Self.eventsPerTurn, let event = try link.nextEvent() {
            try handle(event, from: link)
            count += 1
        }
        if link.finishReading() || count == Self.eventsPerTurn {
            // Acknowledgements get their turn; what the library has read already is not announced again.
            executor.queue.async { [weak self] in self?.assumeIsolated { $0.turn() } }
        }
        serveWaiters()
        proceedWithEnding()
        try renewIfQuiet(on: link)
    }

    private func handle(_ event: LinkEvent, from link: BrokerLink) throws(AMQPError) {
        switch event {
        case .delivery(let inbound):
            try take(inbound)
        case .channelOpened where stage == .openingChannel:
            try setPrefetch(on: link)
        case .channelOpened:
            throw AMQPError(.invalidFrame, "the broker opened a channel that is open")
        case .prefetchSet where stage == .settingPrefetch:
            try subscribe(on: link)
        case .consuming where stage == .subscribing:
            subscribed()
        case .prefetchSet, .consuming, .queueDeclared, .cancelConfirmed:
            noteEnding(event)
        case .consumerCancelled:
            try cancelledByBroker()
        case .channelCloseConfirmed where stage == .closingChannel:
            try openChannel(on: link)
        case .channelClosed(let replyCode, let replyText):
            throw .closedByBroker(.channel, replyCode: replyCode, text: replyText)
        default:
            session.logger.debug("ignored a method of the broker", metadata: ["method": "\(event)"])
        }
    }

    private func take(_ inbound: InboundMessage) throws(AMQPError) {
        guard inbound.consumerTag == consumerTag || inbound.consumerTag == standInTag else {
            throw AMQPError(.invalidFrame, "the broker delivered to a subscription that was not made")
        }
        guard buffer.count < Self.maximumExcess * allowance else {
            throw AMQPError(.invalidFrame, "the broker delivered far more than the prefetch allows")
        }
        guard ledger.deliver(inbound.deliveryNumber) else {
            throw AMQPError(.invalidFrame, "the broker's delivery tags are out of order")
        }
        ending?.deliver(toStandIn: inbound.consumerTag == standInTag)
        counters.delivered += 1
        lastSign = ContinuousClock.now
        recentDeliveries.note(at: lastSign)
        buffer.append(
            AMQPDelivery(
                tag: AMQPDeliveryTag(generation: channelNumber, number: inbound.deliveryNumber),
                message: inbound.message,
                exchange: inbound.exchange, routingKey: inbound.routingKey, isRedelivered: inbound.isRedelivered))
    }

    func setPrefetch(on link: BrokerLink) throws(AMQPError) {
        stage = .settingPrefetch
        session.setupDeadline = session.setupDeadline ?? ContinuousClock.now + session.configuration.connectTimeout
        try link.sendPrefetch(prefetch)
    }

    private func subscribe(on link: BrokerLink) throws(AMQPError) {
        guard !isStopped, !isPaused else {
            stage = .unsubscribed
            return noteSubscribed()
        }
        stage = .subscribing
        subscriptionCount += 1
        consumerTag = "wireroom-\(subscriptionCount)"
        allowance += prefetch
        try link.sendConsume(queue: queue, consumerTag: consumerTag)
    }

    private func subscribed() {
        noteSubscribed()
        stage = .subscribed
        // Where it was stopped or paused while the answer was on its way.
        if isStopped || isPaused { endSubscription() }
    }

    private func noteSubscribed() {
        session.setupDeadline = nil
        if isRenewing { counters.renewals += 1 }
        isRenewing = false
        subscribedAt = ContinuousClock.now
        lastSign = subscribedAt
        if session.readySince == nil { becomeReady() }
    }

    /// The broker sends nothing more; unless that is no longer wanted.
    func paused(on link: BrokerLink) throws(AMQPError) {
        stage = .unsubscribed
        if !isPaused { try setPrefetch(on: link) }
    }

    /// The queue is gone, or the node that had it. The link ends with it: a broker that gets a queue of the same name back
    /// takes the first deliveries to the same consumer of the same channel for repetitions and swallows them (RabbitMQ 3.10).
    private func cancelledByBroker() throws(AMQPError) {
        counters.serverCancels += 1
        guard !isStopped else { return finishStopping() }
        throw AMQPError(
            .channelClosed, "the broker cancelled the consumer of \(queue): the queue was deleted or its node went down"
        )
    }

    func linkEnded(_ error: AMQPError) {
        stage = .disconnected
        isRenewing = false
        ending = nil
        heldSettlements = []
        counters.lost += ledger.count
        ledger = DeliveryLedger()
        buffer = DeliveryBuffer()
        finishStopping()
    }

    func ended() {
        finishWaiters()
        finishStopping()
    }

    // MARK: Settling

    /// Settles deliveries, now or together with others; see ``holdsSettlements``.
    func settle(_ tags: [AMQPDeliveryTag], as settlement: DeliverySettlement) {
        guard holdsSettlements else { return settleNow(tags, as: settlement) }
        heldSettlements.append((tags, settlement))
        settleHeldIfWhole()
    }

    /// Settles what has waited, unless something in hand has no settlement yet.
    func settleHeldIfWhole() {
        guard ending == nil else { return }
        let held = heldSettlements.flatMap { $0.tags.filter { $0.generation == channelNumber }.map(\.number) }
        if Set(held).count >= ledger.count { settleHeld() }
    }

    /// Whether settlements wait: while a subscription is being ended, and from a stop on until everything in hand has one. A
    /// quorum queue's channel keeps back what it is told in more than some thirty frames at once, until the queue has answered
    /// for some of them, and forgets it when it is closed meanwhile: so the last ones go out in as few frames as possible.
    var holdsSettlements: Bool { ending != nil || isStopped && handsOutRest }

    /// Settles what has waited, all acknowledgements together.
    func settleHeld() {
        let held = heldSettlements
        heldSettlements = []
        var acknowledged: [AMQPDeliveryTag] = []
        for (tags, settlement) in held {
            // Rejections first: they must not lie within a range of acknowledgements.
            if case .acknowledge = settlement { acknowledged += tags } else { settleNow(tags, as: settlement) }
        }
        if !acknowledged.isEmpty { settleNow(acknowledged, as: .acknowledge) }
    }

    private func settleNow(_ tags: [AMQPDeliveryTag], as settlement: DeliverySettlement) {
        guard let link = session.link else { return }
        let numbers = tags.filter { $0.generation == channelNumber }.map(\.number)
        let (frames, count) = ledger.settle(numbers)
        guard count > 0 else { return }
        do throws(AMQPError) {
            try link.corked { () throws(AMQPError) in
                for frame in frames { try link.settle(frame, as: settlement) }
            }
        } catch {
            // Nobody knows how many of them the broker has seen; it delivers the others again.
            counters.lost += count
            return endLink(error)
        }
        switch settlement {
        case .acknowledge: counters.acknowledged += count
        case .reject: counters.rejected += count
        }
        // What a renewal waits for may be done now.
        if stage == .draining { turn() }
    }

    func giveBackBuffered() {
        let tags = buffer.take(buffer.count).map(\.tag)
        settle(tags, as: .reject(requeue: true))
    }

    func finishStopping() {
        if ending != nil || stage == .unsubscribing, isStopped { stage = .unsubscribed }
        isStopping = false
        endHolding()
        if isStopped, handsOutRest {
            // Nothing more comes: who waits for more gets what is there, and the last of them nothing.
            while !waiters.isEmpty {
                let waiter = waiters.removeFirst()
                waiter.continuation.resume(returning: buffer.take(waiter.limit))
            }
        } else if isStopped {
            giveBackBuffered()
        }
        let waiting = stoppers
        stoppers = []
        for stopper in waiting { stopper.resume() }
    }

    // MARK: Waiters

    /// Gives the buffered deliveries to those who wait, first come first served.
    func serveWaiters() {
        while !waiters.isEmpty, !buffer.isEmpty {
            let waiter = waiters[0]
            let isEnough =
                buffer.count >= waiter.limit || waiter.hasLingered || waiter.lingering <= .zero
                || ledger.count >= prefetch
            guard isEnough else { return startLingering() }
            waiters.removeFirst()
            waiter.continuation.resume(returning: buffer.take(waiter.limit))
        }
    }

    private func startLingering() {
        guard !waiters[0].isLingering else { return }
        waiters[0].isLingering = true
        let id = waiters[0].id
        let microseconds = Int(waiters[0].lingering.wholeMicroseconds)
        executor.queue.asyncAfter(deadline: .now() + .microseconds(microseconds)) { [weak self] in
            self?.assumeIsolated { $0.lingered(id) }
        }
    }

    private func lingered(_ id: UInt64) {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return }
        waiters[index].hasLingered = true
        serveWaiters()
    }

    func cancelWaiter(_ id: UInt64) {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return }
        let waiter = waiters.remove(at: index)
        waiter.continuation.resume(throwing: AMQPError(.cancelled, "the task that waited for deliveries was cancelled"))
        serveWaiters()
    }

    func finishWaiters() {
        let waiting = waiters
        waiters = []
        for waiter in waiting {
            if let failure = session.failure {
                waiter.continuation.resume(throwing: failure)
            } else {
                waiter.continuation.resume(returning: [])
            }
        }
    }
}
