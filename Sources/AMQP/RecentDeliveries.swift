/// Counts deliveries second by second: the last whole second that had any, and the one that runs.
struct RecentDeliveries {
    private var secondBegan: ContinuousClock.Instant?
    private var inThisSecond = 0
    private var inTheLastOne = 0

    /// How old a second may be that says something of the next one.
    private static let reach = Duration.seconds(5)

    /// How many came within one second lately; 0 when nothing came for some seconds.
    func count(at time: ContinuousClock.Instant) -> Int {
        guard let secondBegan, time - secondBegan < Self.reach else { return 0 }
        return max(inThisSecond, inTheLastOne)
    }

    mutating func note(at time: ContinuousClock.Instant) {
        if let began = secondBegan, time - began < .seconds(1) {
            inThisSecond += 1
            return
        }
        inTheLastOne = inThisSecond
        inThisSecond = 1
        secondBegan = time
    }
}
