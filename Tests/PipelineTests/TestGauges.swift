import CoreMetrics
import Synchronization

/// A metrics backend that keeps the gauges that are there.
final class TestGauges: MetricsFactory {
    private let current = Mutex<[String: Double]>([:])

    /// The gauges by name and labels.
    var values: [String: Double] { current.withLock { $0 } }

    private final class Gauge: MeterHandler {
        let key: String
        private let set: @Sendable (Double) -> Void

        init(key: String, set: @escaping @Sendable (Double) -> Void) {
            self.key = key
            self.set = set
        }

        func set(_ value: Int64) { set(Double(value)) }
        func set(_ value: Double) { self.set(value) }
        func increment(by amount: Double) {}
        func decrement(by amount: Double) {}
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        let labels = dimensions.sorted { $0.0 < $1.0 }.map { " \($0.0)=\($0.1)" }.joined()
        return Gauge(key: label + labels) { value in self.current.withLock { $0[label + labels] = value } }
    }

    func destroyMeter(_ handler: any MeterHandler) {
        guard let gauge = handler as? Gauge else { return }
        current.withLock { $0[gauge.key] = nil }
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        NOOPMetricsHandler.instance
    }
    func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler { NOOPMetricsHandler.instance }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        NOOPMetricsHandler.instance
    }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { NOOPMetricsHandler.instance }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
