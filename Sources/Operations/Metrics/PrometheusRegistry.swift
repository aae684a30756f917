public import CoreMetrics
public import Model
import Synchronization

/// The backend of swift-metrics: holds every metric of the process, and writes them in Prometheus' text format.
///
/// A metric that was described gets its help and its buckets from there; others are told by their kind only. The number of
/// series of one metric is bounded: what goes beyond it is counted in `wireroom_metrics_dropped_series` and not shown, so
/// that a label with an endless set of values harms nothing but itself.
public final class PrometheusRegistry: MetricsFactory {
    /// Series of one metric at most.
    public static let maximumSeries = 500

    struct Family {
        var description: MetricDescription
        var series: [PrometheusLabels: any PrometheusSeries] = [:]
    }

    private struct Contents {
        var families: [String: Family] = [:]
        var dropped = 0
        var undescribed: Set<String> = []
    }

    private let contents: Mutex<Contents>

    /// Makes a registry.
    ///
    /// - Parameter descriptions: the metrics that are known beforehand; each name once.
    public init(_ descriptions: [MetricDescription]) {
        var contents = Contents()
        for description in descriptions {
            let previous = contents.families.updateValue(Family(description: description), forKey: description.name)
            precondition(previous == nil, "\(description.name) is described twice")
        }
        self.contents = Mutex(contents)
    }

    /// Names of metrics that were made without being described: tests expect none.
    public var undescribedNames: [String] { contents.withLock { $0.undescribed.sorted() } }

    /// Everything in the text format 0.0.4, by name.
    public func text() -> String {
        let (families, dropped) = contents.withLock { contents in
            (contents.families.values.sorted { $0.description.name < $1.description.name }, contents.dropped)
        }
        var text = PrometheusText()
        for family in families where !family.series.isEmpty { text.write(family) }
        text.writeDropped(dropped)
        return text.result
    }

    // MARK: MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        make(label, dimensions, .counter) { _, key in PrometheusCounter(key) }
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        make(label, dimensions, .counter) { _, key in PrometheusCounter(key) }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        make(label, dimensions, .gauge) { _, key in PrometheusGauge(key) }
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return make(label, dimensions, .gauge) { _, key in PrometheusGauge(key) } }
        return make(label, dimensions, .workSeconds) { PrometheusHistogram($1, kind: $0) }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        make(label, dimensions, .workSeconds) { PrometheusHistogram($1, kind: $0) }
    }

    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    private func make<Series: PrometheusSeries>(
        _ name: String, _ dimensions: [(String, String)], _ kind: MetricDescription.Kind,
        _ build: (_ kind: MetricDescription.Kind, _ key: PrometheusKey) -> Series
    ) -> Series {
        let key = PrometheusKey(name: name, labels: PrometheusLabels(dimensions))
        return contents.withLock { contents in
            if contents.families[name] == nil {
                contents.undescribed.insert(name)
                contents.families[name] = Family(
                    description: MetricDescription(name, kind, help: "No description."))
            }
            let known = contents.families[name]?.series[key.labels]
            if let series = known as? Series { return series }
            let series = build(contents.families[name]?.description.kind ?? kind, key)
            let isFull = (contents.families[name]?.series.count ?? 0) >= Self.maximumSeries
            if known != nil || isFull {
                contents.dropped += 1
            } else {
                contents.families[name]?.series[key.labels] = series
            }
            return series
        }
    }

    private func remove(_ handler: Any) {
        guard let series = handler as? any PrometheusSeries else { return }
        contents.withLock { contents in
            let key = series.key
            guard let known = contents.families[key.name]?.series[key.labels], known === series else { return }
            contents.families[key.name]?.series[key.labels] = nil
        }
    }
}

/// Which series a handler is.
struct PrometheusKey: Sendable, Hashable {
    var name: String
    var labels: PrometheusLabels
}

/// The labels of a series, by name.
struct PrometheusLabels: Sendable, Hashable {
    struct Label: Sendable, Hashable {
        var name: String
        var value: String
    }

    private(set) var all: [Label]

    init(_ dimensions: [(String, String)]) {
        all = dimensions.map { Label(name: $0.0, value: $0.1) }.sorted { $0.name < $1.name }
    }
}
