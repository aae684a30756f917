public import CoreMetrics
internal import Fetch
public import Model

/// What the crawl stage measures besides the stage loop's own metrics.
public struct CrawlMetrics: Sendable {
    /// The metrics of the crawl stage.
    public static let descriptions = [
        MetricDescription(
            "wireroom.crawl.visits", .counter, labels: ["kind", "result"],
            help: "Visits of URLs by kind of URL and by what they came to."),
        MetricDescription(
            "wireroom.crawl.refusals", .counter, labels: ["reason"],
            help: "Visits that ended a URL or a page's turn, by the reason of the drop."),
        MetricDescription(
            "wireroom.crawl.incidents", .counter, labels: ["status"],
            help: "Times that a host asked, or seemed to ask, to be left alone."),
        MetricDescription(
            "wireroom.crawl.response.seconds", .workSeconds, help: "Time that an answer took, with its body."),
        MetricDescription(
            "wireroom.crawl.discovered.urls", .counter, help: "URLs that feeds, sitemaps and pages named, new or not."),
    ]

    private let visits: [String: Counter]
    private let refusals: [DropReason: Counter]
    private let incidents: [String: Counter]
    private let response: Timer
    private let discovered: Counter
    private static let results = ["captured", "unchanged", "listed", "failed", "postponed", "dropped"]

    /// Makes the metrics, all at zero.
    public init(factory: any MetricsFactory) {
        func counter(_ label: String, _ dimensions: [(String, String)] = []) -> Counter {
            Counter(label: label, dimensions: dimensions, factory: factory)
        }
        var visits: [String: Counter] = [:]
        for kind in URLKind.allCases {
            for result in Self.results {
                visits["\(kind.rawValue) \(result)"] = counter(
                    "wireroom.crawl.visits", [("kind", kind.rawValue), ("result", result)])
            }
        }
        self.visits = visits
        refusals = Dictionary(
            uniqueKeysWithValues: DropReason.allCases.map {
                ($0, counter("wireroom.crawl.refusals", [("reason", $0.rawValue)]))
            })
        incidents = Dictionary(
            uniqueKeysWithValues: ["429", "503", "other"].map {
                ($0, counter("wireroom.crawl.incidents", [("status", $0)]))
            })
        response = Timer(label: "wireroom.crawl.response.seconds", dimensions: [], factory: factory)
        discovered = counter("wireroom.crawl.discovered.urls")
    }

    /// Counts a visit that was written.
    func count(_ visit: Visit, of kind: URLKind, signal: HostSignal?) {
        visits["\(kind.rawValue) \(visit.result.name)"]?.increment()
        if case .dropped(let reason, _) = visit.result { refusals[reason]?.increment() }
        if signal?.block != nil {
            (visit.status.flatMap { incidents[String($0)] } ?? incidents["other"])?.increment()
        }
        if let time = visit.response { response.recordNanoseconds(Int64(time / .nanoseconds(1))) }
        discovered.increment(by: visit.discovered.count)
    }
}

extension Visit.Result {
    /// The result's name in metrics.
    fileprivate var name: String {
        switch self {
        case .captured: "captured"
        case .unchanged: "unchanged"
        case .listed: "listed"
        case .failed: "failed"
        case .postponed: "postponed"
        case .dropped: "dropped"
        }
    }
}
