import CoreMetrics
import Model
import Synchronization

/// One series of a metric.
protocol PrometheusSeries: AnyObject, Sendable {
    /// Which one.
    var key: PrometheusKey { get }
    /// Its numbers at this moment.
    var sample: PrometheusSample { get }
}

/// The numbers of a series.
enum PrometheusSample: Equatable {
    /// A counter's or a gauge's.
    case value(Double)
    /// A histogram's: values by bucket, not cumulated, with one bucket more than there are bounds.
    case histogram(bounds: [Double], counts: [UInt64], sum: Double)
}

/// A counter.
final class PrometheusCounter: PrometheusSeries, CounterHandler, FloatingPointCounterHandler {
    let key: PrometheusKey
    private let total = Mutex(0.0)

    init(_ key: PrometheusKey) {
        self.key = key
    }

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) { if amount > 0 { total.withLock { $0 += amount } } }
    func reset() { total.withLock { $0 = 0 } }
    var sample: PrometheusSample { .value(total.withLock { $0 }) }
}

/// A gauge.
final class PrometheusGauge: PrometheusSeries, MeterHandler, RecorderHandler {
    let key: PrometheusKey
    private let current = Mutex(0.0)

    init(_ key: PrometheusKey) {
        self.key = key
    }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { current.withLock { $0 = value } }
    func increment(by amount: Double) { current.withLock { $0 += amount } }
    func decrement(by amount: Double) { current.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
    var sample: PrometheusSample { .value(current.withLock { $0 }) }
}

/// A histogram. As a timer it takes nanoseconds and shows seconds.
final class PrometheusHistogram: PrometheusSeries, RecorderHandler, TimerHandler {
    private struct Counts {
        var buckets: [UInt64]
        var sum = 0.0
    }

    let key: PrometheusKey
    private let bounds: [Double]
    private let counts: Mutex<Counts>

    init(_ key: PrometheusKey, kind: MetricDescription.Kind) {
        self.key = key
        if case .histogram(let buckets) = kind { bounds = buckets } else { bounds = [] }
        counts = Mutex(Counts(buckets: Array(repeating: 0, count: bounds.count + 1)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let place = bounds.firstIndex { value <= $0 } ?? bounds.count
        counts.withLock { counts in
            counts.buckets[place] += 1
            counts.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    var sample: PrometheusSample {
        counts.withLock { .histogram(bounds: bounds, counts: $0.buckets, sum: $0.sum) }
    }
}
