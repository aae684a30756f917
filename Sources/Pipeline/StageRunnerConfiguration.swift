/// How a worker runs its stage.
public struct StageRunnerConfiguration: Sendable {
    /// The worker's name in the ledger and the quarantine: host and process.
    public var worker: String
    /// The program's version in the ledger.
    public var version: String
    /// How many messages may be in hand at once, 1 to 65535: the broker's prefetch.
    public var prefetch: Int
    /// How many messages at most are written in one transaction.
    public var maximumBatch: Int
    /// How many bytes of documents may be in memory at once, by ``Stage/sizes(of:from:)``; a single larger one comes alone.
    public var documentBytes: Int

    /// Makes a configuration.
    public init(
        worker: String, version: String, prefetch: Int = 128, maximumBatch: Int = 128, documentBytes: Int = 64 << 20
    ) {
        self.worker = worker
        self.version = version
        self.prefetch = prefetch
        self.maximumBatch = maximumBatch
        self.documentBytes = documentBytes
    }
}

/// How many messages a worker has seen, by outcome.
public struct StageStatistics: Sendable, Equatable, Codable {
    /// Messages taken from the stage's own queue and the suspect lane.
    public var received = 0
    /// Done.
    public var done = 0
    /// Dropped with a reason.
    public var dropped = 0
    /// Sent onto the retry ladder.
    public var retried = 0
    /// Put off without using up an attempt.
    public var snoozed = 0
    /// Quarantined.
    public var quarantined = 0
    /// Taken from the stage's own queue although a worker had them before.
    public var redelivered = 0
    /// Moved to the suspect lane, to be counted when they come back from it.
    public var suspected = 0
    /// Transactions committed.
    public var batches = 0

    /// Messages that are in hand: taken, and not settled yet.
    public var inHand: Int { received - done - dropped - retried - snoozed - quarantined }

    /// Makes empty statistics.
    public init() {}

    mutating func count(_ outcome: StageOutcome) {
        switch outcome {
        case .done: done += 1
        case .drop: dropped += 1
        case .retry: retried += 1
        case .snooze: snoozed += 1
        case .quarantine: quarantined += 1
        }
    }
}
