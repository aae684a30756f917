extension AMQPConsumer {
    /// After this many quiet times a subscription is made anew at the first moment in which nothing is in hand, however
    /// busy it is.
    private static let quietTimesOfLife = 10

    /// Opens the link's channel, or the one that takes its place.
    func openChannel(on link: BrokerLink) throws(AMQPError) {
        channelNumber += 1
        ledger = DeliveryLedger()
        allowance = 0
        stage = .openingChannel
        try link.sendChannelOpen()
    }

    /// Makes the subscription anew when it may have been lost without a word.
    ///
    /// RabbitMQ 3.10 does not cancel the consumers of a quorum queue that is deleted and declared again within milliseconds.
    /// It attaches them to the new queue, and takes the new queue's first messages for repetitions of those that the channel
    /// has seen: they count as delivered and never arrive. Nothing that a client can ask for shows it; when the channel ends,
    /// they come back. So a channel is replaced when nothing has come for a while, and now and then in any case. Its subscription
    /// is ended first and it is closed when nothing is in hand, so no message is delivered twice for it.
    func renewIfQuiet(on link: BrokerLink) throws(AMQPError) {
        switch stage {
        case .subscribed:
            guard !isStopped, ledger.count == 0 else { return }
            let now = ContinuousClock.now
            let quiet = subscriptionRenewal
            guard now - lastSign >= quiet || now - subscribedAt >= quiet * Self.quietTimesOfLife else { return }
            isRenewing = true
            session.setupDeadline = now + session.configuration.connectTimeout
            endSubscription()
        case .draining:
            guard !isStopped, ledger.count == 0 else { return }
            stage = .closingChannel
            session.setupDeadline = ContinuousClock.now + session.configuration.connectTimeout
            try link.sendChannelClose()
        default:
            return
        }
    }

    /// The broker has ended the old subscription. What came before that is worked off first, however long it takes.
    func noteRenewalEnded() {
        session.setupDeadline = nil
        stage = .draining
    }
}
