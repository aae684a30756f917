import AdminHTTP
import CoreMetrics
import Model
import Testing

@testable import Operations

struct PrometheusTests {
    private func lines(_ registry: PrometheusRegistry, _ prefix: String) -> [String] {
        registry.text().split(separator: "\n").map(String.init).filter {
            $0.hasPrefix(prefix) || $0.hasPrefix("# TYPE \(prefix)") || $0.hasPrefix("# HELP \(prefix)")
        }
    }

    @Test func writesACounter() {
        let registry = PrometheusRegistry([
            MetricDescription("wireroom.test.messages", .counter, labels: ["stage"], help: "Messages,\nby \\ stage.")
        ])
        let counter = Counter(label: "wireroom.test.messages", dimensions: [("stage", "parse")], factory: registry)
        counter.increment()
        counter.increment(by: 41)
        #expect(
            lines(registry, "wireroom_test") == [
                #"# HELP wireroom_test_messages_total Messages,\nby \\ stage."#,
                "# TYPE wireroom_test_messages_total counter", #"wireroom_test_messages_total{stage="parse"} 42"#,
            ])
    }

    @Test func givesTheSameSeriesForTheSameLabelsInAnyOrder() {
        let registry = PrometheusRegistry([])
        Counter(label: "a", dimensions: [("x", "1"), ("y", "2")], factory: registry).increment()
        Counter(label: "a", dimensions: [("y", "2"), ("x", "1")], factory: registry).increment()
        #expect(lines(registry, "a_total").last == #"a_total{x="1",y="2"} 2"#)
    }

    @Test func cumulatesTheBucketsOfAHistogram() {
        let registry = PrometheusRegistry([
            MetricDescription("work.seconds", .histogram(buckets: [0.1, 1, 10]), help: "Work.")
        ])
        let timer = Timer(label: "work.seconds", dimensions: [], factory: registry)
        for milliseconds in [50, 100, 2000, 60_000] { timer.recordMilliseconds(milliseconds) }
        #expect(
            lines(registry, "work_seconds").dropFirst(2) == [
                #"work_seconds_bucket{le="0.1"} 2"#, #"work_seconds_bucket{le="1"} 2"#,
                #"work_seconds_bucket{le="10"} 3"#, #"work_seconds_bucket{le="+Inf"} 4"#, "work_seconds_sum 62.15",
                "work_seconds_count 4",
            ])
    }

    @Test func escapesValuesOfLabels() {
        let registry = PrometheusRegistry([])
        Meter(label: "m", dimensions: [("text", "a\"b\\c\nd")], factory: registry).set(1)
        #expect(lines(registry, "m").last == #"m{text="a\"b\\c\nd"} 1"#)
    }

    @Test(arguments: [
        (0.005, "0.005"), (1, "1"), (-3, "-3"), (2.5, "2.5"), (1e20, "1e+20"), (.infinity, "+Inf"), (.nan, "NaN"),
    ])
    func writesNumbers(_ value: Double, _ expected: String) {
        #expect(PrometheusText.number(value) == expected)
    }

    @Test func dropsASeriesThatIsDestroyed() {
        let registry = PrometheusRegistry([])
        let meter = Meter(label: "m", dimensions: [], factory: registry)
        meter.set(1)
        meter.destroy()
        #expect(lines(registry, "m").isEmpty)
        Meter(label: "m", dimensions: [], factory: registry).set(2)
        // The old handler is no longer the series of that name.
        meter.destroy()
        #expect(lines(registry, "m").last == "m 2")
    }

    @Test func bearsALabelWithoutEnd() {
        let registry = PrometheusRegistry([])
        for number in 0..<(PrometheusRegistry.maximumSeries + 7) {
            Counter(label: "c", dimensions: [("id", "\(number)")], factory: registry).increment()
        }
        #expect(
            lines(registry, "c_total").filter { $0.hasPrefix("c_total{") }.count == PrometheusRegistry.maximumSeries)
        #expect(lines(registry, "wireroom_metrics_dropped").last == "wireroom_metrics_dropped_series 7")
    }

    @Test func keepsAMetricOfAnotherKindOut() {
        let registry = PrometheusRegistry([])
        Counter(label: "c", dimensions: [], factory: registry).increment()
        Meter(label: "c", dimensions: [], factory: registry).set(9)
        #expect(lines(registry, "c_total").last == "c_total 1")
    }

    @Test func tellsWhatWasNotDescribed() {
        let registry = PrometheusRegistry([MetricDescription("known", .gauge, help: "Known.")])
        Meter(label: "known", dimensions: [], factory: registry).set(1)
        Meter(label: "unknown", dimensions: [], factory: registry).set(1)
        #expect(registry.undescribedNames == ["unknown"])
    }
}

struct HealthBoardTests {
    @Test func isAliveAsLongAsItsLoopTurns() {
        let board = HealthBoard()
        let start = ContinuousClock.now
        board.beat(at: start)
        #expect(board.liveness(at: start + .seconds(30)).status == 200)
        #expect(board.liveness(at: start + .seconds(31)).status == 503)
        board.beat(at: start + .seconds(31))
        #expect(board.liveness(at: start + .seconds(31)).status == 200)
    }

    @Test func isReadyWhenEverythingIsGood() {
        let board = HealthBoard()
        #expect(board.readiness().status == 503)
        board.set("broker", isGood: true, detail: "3 of 3")
        #expect(board.readiness().status == 200)
        board.set("database", isGood: false, detail: "refused")
        #expect(board.readiness().status == 503)
        #expect(String(decoding: board.readiness().body, as: UTF8.self).contains("fail database: refused\n"))
        board.set("database", isGood: true, detail: "answers")
        #expect(board.readiness().status == 200)
        board.stop()
        #expect(board.readiness().status == 503)
    }

    @Test func servesThreePagesAndNoMore() {
        let pages = AdminPages(registry: PrometheusRegistry([]), health: HealthBoard())
        #expect(pages.page("/metrics")?.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(pages.page("/livez")?.status == 200)
        #expect(pages.page("/readyz")?.status == 503)
        for path in ["/", "/metrics/", "/quit", "/../etc/passwd"] { #expect(pages.page(path) == nil) }
    }

    @Test func readsTheKernelsFilesWhateverTheProgramIsCalled() {
        let figures = ProcessFigures(
            stat: "42 (a) b (c) S 1 42 42 0 -1 4194304 500 0 0 0 250 150 0 0 20 0 7 0 1000 123456789 2048 18446744 1 1",
            limits:
                "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 4096      files\n",
            boot: "cpu 1 2 3\nbtime 1700000000\n", descriptors: 12, ticksPerSecond: 100, pageBytes: 4096)
        #expect(figures?.cpuSeconds == 4)
        #expect(figures?.threads == 7)
        #expect(figures?.startSeconds == 1_700_000_010)
        #expect(figures?.residentBytes == 2048 * 4096)
        #expect(figures?.virtualBytes == 123_456_789)
        #expect(figures?.maximumDescriptors == 1024)
        #expect(ProcessFigures.read()?.openDescriptors ?? 0 > 2)
    }
}
