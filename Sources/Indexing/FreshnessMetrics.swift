public import CoreMetrics
internal import Foundation
public import Model

/// How long articles took from their publication to being searchable, by lane. Documents that were imported and later
/// revisions count for nothing here.
public struct FreshnessMetrics: Sendable {
    /// The metrics.
    public static let descriptions = [
        MetricDescription(
            "wireroom.freshness.seconds", .waitSeconds, labels: ["lane", "step"],
            help:
                "Time of an article's first revision from one point of its way to the next: published to discovered, discovered to fetched, fetched to indexed; and published to indexed over all."
        )
    ]

    private let timers: [String: CoreMetrics.Timer]

    /// Makes the metrics, all at zero.
    public init(factory: any MetricsFactory) {
        var timers: [String: CoreMetrics.Timer] = [:]
        for lane in Lane.allCases {
            for step in ["discovered", "fetched", "indexed", "all"] {
                timers["\(lane) \(step)"] = CoreMetrics.Timer(
                    label: "wireroom.freshness.seconds", dimensions: [("lane", "\(lane)"), ("step", step)],
                    factory: factory)
            }
        }
        self.timers = timers
    }

    /// Counts an article that has just been indexed.
    func count(_ article: IndexableArticle, now: Date) {
        guard article.revision == 1, !article.isDocument, let lane = Lane(rawValue: article.lane) else { return }
        func record(_ step: String, _ start: Date?, _ end: Date) {
            guard let start, end > start else { return }
            let seconds = min(end.timeIntervalSince(start), 1e9)
            timers["\(lane) \(step)"]?.recordNanoseconds(Int64(seconds * 1e9))
        }
        record("discovered", article.publishedAt, article.discoveredAt)
        record("fetched", article.discoveredAt, article.capturedAt)
        record("indexed", article.capturedAt, now)
        record("all", article.publishedAt, now)
    }
}
