internal import Dispatch
internal import QueueExecutor

extension AMQPConsumer {
    /// How long a stop waits for the broker. What is on its way after that comes again when the connection ends.
    private static let stoppingTime = DispatchTimeInterval.seconds(5)
    private static let standInPriority = 10

    /// Ends the subscription, for a stop, a pause or a renewal, so that nothing on its way is lost: see
    /// ``SubscriptionEnding``. Until then nothing is settled. ``subscriptionEnded()`` follows.
    func endSubscription() {
        guard stage == .subscribed, ending == nil else { return }
        stage = .unsubscribing
        standInTag = nil
        var ending = SubscriptionEnding(
            prefetch: prefetch, held: ledger.count, recent: recentDeliveries.count(at: .now),
            quiet: quietMilliseconds)
        let action = ending.begin()
        self.ending = ending
        perform(action)
    }

    /// Carries out what the end of the subscription asks for.
    func perform(_ action: SubscriptionEnding.Action) {
        guard ending != nil, let link = session.link else { return }
        expectAnswer(to: action)
        do throws(AMQPError) {
            switch action {
            case .none:
                break
            case .inspect:
                try link.sendQueueDeclare(QueueDeclaration(name: queue, isPassive: true))
            case .wait(let milliseconds, let number):
                wait(milliseconds, number)
            case .subscribeStandIn(let prefetch):
                let tag = "\(consumerTag)-stand-in"
                standInTag = tag
                allowance += prefetch
                try link.sendPrefetch(prefetch)
                try link.sendConsume(queue: queue, consumerTag: tag, priority: Self.standInPriority)
            case .cancel:
                try link.sendCancel(consumerTag: consumerTag)
            case .cancelStandIn:
                if let standInTag { try link.sendCancel(consumerTag: standInTag) }
            case .finish:
                try subscriptionEnded(on: link)
            }
        } catch {
            endLink(error)
        }
    }

    /// Gives the broker as long as for the set-up to answer. Stops and renewals have a time of their own for all of it.
    private func expectAnswer(to action: SubscriptionEnding.Action) {
        guard !isRenewing else { return }
        switch action {
        case .inspect, .subscribeStandIn, .cancel, .cancelStandIn:
            guard !isStopped else { return }
            session.setupDeadline = ContinuousClock.now + session.configuration.connectTimeout
        case .wait, .finish:
            session.setupDeadline = nil
        case .none:
            break
        }
    }

    /// Passes on the broker's answer to what the end of the subscription has asked for.
    func noteEnding(_ event: LinkEvent) {
        guard var current = ending else { return }
        let action: SubscriptionEnding.Action =
            switch event {
            case .queueDeclared(let status): current.inspected(status)
            case .consuming: current.standInSubscribed()
            case .cancelConfirmed: current.cancelled()
            default: .none
            }
        ending = current
        perform(action)
    }

    /// Looks whether what has come is enough.
    func proceedWithEnding() {
        guard let action = ending?.proceed() else { return }
        perform(action)
    }

    private func wait(_ milliseconds: Int, _ number: Int) {
        let channel = channelNumber
        executor.queue.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [weak self] in
            self?.assumeIsolated { consumer in
                guard consumer.channelNumber == channel, let action = consumer.ending?.waited(number) else { return }
                consumer.perform(action)
            }
        }
    }

    /// Goes on with what the subscription's end, a stop, a pause or a renewal, was for.
    private func subscriptionEnded(on link: BrokerLink) throws(AMQPError) {
        endHolding()
        if isStopped {
            finishStopping()
        } else if isRenewing {
            noteRenewalEnded()
        } else {
            try paused(on: link)
        }
    }

    /// Settles what was to be settled while the subscription ended; after a stop that waits for what is in hand still.
    func endHolding() {
        ending = nil
        if holdsSettlements { settleHeldIfWhole() } else { settleHeld() }
    }

    /// Waits for the end of the subscription, and no longer than it may take.
    func awaitEnding() {
        isStopping = true
        if ending != nil, !isRenewing { session.setupDeadline = nil }
        executor.queue.asyncAfter(deadline: .now() + Self.stoppingTime) { [weak self] in
            self?.assumeIsolated { $0.finishStopping() }
        }
    }
}
