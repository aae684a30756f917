public import CoreMetrics
public import Model

/// What a stage loop measures. Every name is described in ``descriptions``.
public struct StageMetrics: Sendable {
    /// The metrics of the stage loop.
    public static let descriptions = [
        MetricDescription(
            "messaging.client.consumed.messages", .counter, labels: ["stage", "lane"],
            help: "Messages taken from the stage's queue (lane main) and the suspect lane."),
        MetricDescription(
            "wireroom.messages.redelivered", .counter, labels: ["stage"],
            help: "Messages taken from the stage's queue that a worker had in hand before."),
        MetricDescription(
            "wireroom.messages.suspected", .counter, labels: ["stage"],
            help: "Messages redelivered twice that were moved to the suspect lane."),
        MetricDescription(
            "wireroom.messages.settled", .counter, labels: ["stage", "outcome", "reason"],
            help: "Messages by what became of them, each counted once by each worker that settled it."),
        MetricDescription(
            "wireroom.messages.in.flight", .gauge, labels: ["stage"],
            help: "Messages that this worker has in hand."),
        MetricDescription(
            "messaging.process.duration.seconds", .workSeconds, labels: ["stage"],
            help: "Time that the stage's own work on one message took, without loading and writing."),
        MetricDescription(
            "wireroom.message.wait.seconds", .waitSeconds, labels: ["stage"],
            help: "Time from the making of a message to its arrival at a worker; first attempts only."),
        MetricDescription(
            "wireroom.message.latency.seconds", .waitSeconds, labels: ["stage"],
            help: "Time from the making of a message to its acknowledgement, retries included."),
        MetricDescription(
            "wireroom.batch.messages", .batchSizes, labels: ["stage"], help: "Messages written in one transaction."),
        MetricDescription(
            "wireroom.batch.duration.seconds", .workSeconds, labels: ["stage"],
            help: "Time that the transaction of one batch took."),
        MetricDescription(
            "wireroom.publish.duration.seconds", .workSeconds, labels: ["stage"],
            help: "Time from handing a batch of publications over to the confirm of the last one."),
        MetricDescription(
            "wireroom.publish.results", .counter, labels: ["stage", "result"],
            help: "Publications by the broker's answer; what is not confirmed is sent again."),
        MetricDescription(
            "wireroom.stage.paused", .gauge, labels: ["stage"],
            help: "Whether this worker does not consume because an operator has paused its stage."),
    ]

    let received: Counter
    let receivedSuspects: Counter
    let redelivered: Counter
    let suspected: Counter
    let inFlight: Meter
    let work: Timer
    let wait: Timer
    let latency: Timer
    let batchSize: Recorder
    let batchTime: Timer
    let publishTime: Timer
    let isPaused: Meter
    private let settled: [String: Counter]
    private let results: [String: Counter]

    /// Makes the metrics of a stage, all at zero.
    public init(stage: StageName, factory: any MetricsFactory) {
        let dimensions = [("stage", stage.rawValue)]
        func counter(_ label: String, _ more: (String, String)...) -> Counter {
            Counter(label: label, dimensions: dimensions + more, factory: factory)
        }
        func timer(_ label: String) -> Timer { Timer(label: label, dimensions: dimensions, factory: factory) }
        received = counter("messaging.client.consumed.messages", ("lane", "main"))
        receivedSuspects = counter("messaging.client.consumed.messages", ("lane", "suspect"))
        redelivered = counter("wireroom.messages.redelivered")
        suspected = counter("wireroom.messages.suspected")
        inFlight = Meter(label: "wireroom.messages.in.flight", dimensions: dimensions, factory: factory)
        work = timer("messaging.process.duration.seconds")
        wait = timer("wireroom.message.wait.seconds")
        latency = timer("wireroom.message.latency.seconds")
        batchSize = Recorder(label: "wireroom.batch.messages", dimensions: dimensions, factory: factory)
        batchTime = timer("wireroom.batch.duration.seconds")
        publishTime = timer("wireroom.publish.duration.seconds")
        isPaused = Meter(label: "wireroom.stage.paused", dimensions: dimensions, factory: factory)
        var settled: [String: Counter] = [:]
        for outcome in StageOutcome.all {
            settled[Self.key(outcome)] = counter(
                "wireroom.messages.settled", ("outcome", outcome.name), ("reason", outcome.reason ?? ""))
        }
        self.settled = settled
        var results: [String: Counter] = [:]
        for result in ["confirmed", "nacked", "returned", "unknown"] {
            results[result] = counter("wireroom.publish.results", ("result", result))
        }
        self.results = results
    }

    func settle(_ outcome: StageOutcome) { settled[Self.key(outcome)]?.increment() }

    func publish(_ result: String) { results[result]?.increment() }

    private static func key(_ outcome: StageOutcome) -> String { "\(outcome.name) \(outcome.reason ?? "")" }
}

extension StageOutcome {
    /// Each outcome with each of its reasons.
    fileprivate static var all: [StageOutcome] {
        [.done, .snooze(.zero)] + DropReason.allCases.map { .drop($0) } + RetryReason.allCases.map { .retry($0) }
            + QuarantineReason.allCases.map { .quarantine($0) }
    }
}

extension Timer {
    /// Records the time since a moment.
    func record(since start: ContinuousClock.Instant) {
        let parts = (ContinuousClock.now - start).components
        recordNanoseconds(parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
    }

    /// Records a time in seconds; one that a clock of another machine makes negative counts as none.
    func record(seconds: Double) { recordNanoseconds(Int64(min(max(seconds, 0), 1e9) * 1e9)) }
}
