internal import Dispatch
internal import QueueExecutor

extension AMQPConsumer {
    /// How long a stop lets the broker fill the prefetch.
    static let fillingTime = DispatchTimeInterval.milliseconds(200)

    /// Cancels the subscription of a consumer that is being stopped once the broker can have nothing on its way.
    ///
    /// What a quorum queue has sent to a channel when the cancellation comes is dropped there; it comes again, marked as
    /// redelivered, when the channel ends. So nothing is settled from the request to stop on: the broker sends until the
    /// prefetch is used up, or the queue is empty, and then the cancellation meets no delivery.
    func cancelWhenFull() {
        guard isStopping, handsOutRest, stage == .subscribed, ledger.count >= prefetch else { return }
        cancelSubscription()
    }

    /// Sends the cancellation for a stop.
    func cancelSubscription() {
        guard isStopping, stage == .subscribed, let link = session.link else { return }
        stage = .unsubscribing
        do throws(AMQPError) {
            try link.sendCancel(consumerTag: consumerTag)
        } catch {
            return endLink(error)
        }
        awaitCancellation()
    }

    /// Bounds the wait for the broker's answer.
    func awaitCancellation() {
        stage = .unsubscribing
        executor.queue.asyncAfter(deadline: .now() + .seconds(5)) { [weak self] in
            self?.assumeIsolated { $0.finishStopping() }
        }
    }
}
