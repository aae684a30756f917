import Testing

@testable import AMQP

struct SubscriptionEndingTests {
    private static let empty = AMQPQueueStatus(messageCount: 0, consumerCount: 1)

    @Test func cancelsAtOnceWhenThePrefetchIsUsedUp() {
        var ending = SubscriptionEnding(prefetch: 3, held: 3)
        #expect(ending.begin() == .cancel)
        #expect(ending.cancelled() == .finish)
    }

    @Test(arguments: [
        AMQPQueueStatus(messageCount: 7, consumerCount: 1),
        // A broker that cannot ask the queue in time says that there is nothing at all.
        AMQPQueueStatus(messageCount: 0, consumerCount: 0),
    ])
    func looksAgainUntilThePrefetchIsUsedUp(status: AMQPQueueStatus) {
        var ending = SubscriptionEnding(prefetch: 3, held: 1)
        #expect(ending.begin() == .inspect)
        for number in 1...100 {
            #expect(ending.inspected(status) == .wait(milliseconds: 5, number: number))
            #expect(ending.proceed() == .none)
            #expect(ending.waited(number) == .inspect)
        }
        ending.deliver(toStandIn: false)
        #expect(ending.proceed() == .none)
        ending.deliver(toStandIn: false)
        #expect(ending.proceed() == .cancel)
        // The answer to the last question.
        #expect(ending.inspected(status) == .none)
        #expect(ending.cancelled() == .finish)
    }

    @Test func cancelsBehindAStandInWhenTheQueueIsEmpty() {
        var ending = shielded(arrivals: 0)
        #expect(ending.inspected(Self.empty) == .cancel)
        ending.deliver(toStandIn: true)
        #expect(ending.proceed() == .none)
        #expect(ending.cancelled() == .wait(milliseconds: 250, number: 1))
        ending.deliver(toStandIn: true)
        #expect(ending.proceed() == .cancelStandIn)
        #expect(ending.cancelled() == .finish)
    }

    @Test func givesTheStandInRoomForMoreThanArrivesInARoundTrip() {
        var ending = SubscriptionEnding(prefetch: 100, held: 0)
        _ = ending.begin()
        for _ in 1...5 { ending.deliver(toStandIn: false) }
        #expect(ending.inspected(Self.empty) == .subscribeStandIn(prefetch: 12))
        var busy = SubscriptionEnding(prefetch: 100, held: 0, recent: 60)
        _ = busy.begin()
        #expect(busy.inspected(Self.empty) == .subscribeStandIn(prefetch: 60))
        var flooded = SubscriptionEnding(prefetch: 100, held: 0, recent: 600)
        _ = flooded.begin()
        #expect(flooded.inspected(Self.empty) == .subscribeStandIn(prefetch: 100))
        var small = SubscriptionEnding(prefetch: 1, held: 0)
        _ = small.begin()
        #expect(small.inspected(Self.empty) == .subscribeStandIn(prefetch: 1))
    }

    @Test func countsDeliveriesOfASecond() {
        var recent = RecentDeliveries()
        let start = ContinuousClock.now
        for number in 0..<40 { recent.note(at: start + .milliseconds(number * 25)) }
        #expect(recent.count(at: start + .milliseconds(990)) == 40)
        recent.note(at: start + .milliseconds(1010))
        #expect(recent.count(at: start + .milliseconds(1020)) == 40)
        recent.note(at: start + .milliseconds(2020))
        #expect(recent.count(at: start + .milliseconds(2030)) == 1)
        #expect(recent.count(at: start + .milliseconds(7100)) == 0)
    }

    @Test func cancelsTheStandInWhenItIsFullBeforeTheFirstOneHasGone() {
        var ending = shielded(arrivals: 0)
        #expect(ending.inspected(Self.empty) == .cancel)
        ending.deliver(toStandIn: true)
        ending.deliver(toStandIn: true)
        #expect(ending.proceed() == .none)
        #expect(ending.cancelled() == .cancelStandIn)
        #expect(ending.cancelled() == .finish)
    }

    @Test func cancelsTheStandInInAQuietMomentThatTheBrokerConfirms() {
        var ending = shielded(arrivals: 1)
        _ = ending.inspected(Self.empty)
        #expect(ending.cancelled() == .wait(milliseconds: 250, number: 1))
        ending.deliver(toStandIn: true)
        #expect(ending.waited(1) == .wait(milliseconds: 250, number: 2))
        #expect(ending.waited(1) == .none)
        #expect(ending.waited(2) == .inspect)
        // A broker that stood still is quiet too.
        ending.deliver(toStandIn: true)
        #expect(ending.inspected(Self.empty) == .wait(milliseconds: 250, number: 3))
        #expect(ending.waited(3) == .inspect)
        #expect(ending.inspected(Self.empty) == .cancelStandIn)
        #expect(ending.cancelled() == .finish)
    }

    @Test func cancelsTheFirstOneWhenItIsFullBehindTheStandIn() {
        var ending = SubscriptionEnding(prefetch: 2, held: 0)
        _ = ending.begin()
        #expect(ending.inspected(Self.empty) == .subscribeStandIn(prefetch: 2))
        for isForStandIn in [true, true, false, false] { ending.deliver(toStandIn: isForStandIn) }
        #expect(ending.proceed() == .none)
        #expect(ending.standInSubscribed() == .cancel)
        #expect(ending.cancelled() == .cancelStandIn)
        #expect(ending.cancelled() == .finish)
    }

    /// An ending that waits for the answer to its question behind the stand-in.
    private func shielded(arrivals: Int) -> SubscriptionEnding {
        var ending = SubscriptionEnding(prefetch: 100, held: 0)
        #expect(ending.begin() == .inspect)
        for _ in 0..<arrivals { ending.deliver(toStandIn: false) }
        #expect(ending.inspected(Self.empty) == .subscribeStandIn(prefetch: 2 * arrivals + 2))
        #expect(ending.standInSubscribed() == .inspect)
        return ending
    }
}
