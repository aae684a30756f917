import Model

/// Writes metrics in Prometheus' text format.
///
/// https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md
struct PrometheusText {
    /// The media type of the format.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var result = ""

    /// Writes a metric with all its series.
    mutating func write(_ family: PrometheusRegistry.Family) {
        let name = Self.name(family.description)
        writeHead(name, Self.type(family.description.kind), help: family.description.help)
        let series = family.series.map { (labels: Self.labels($0.key), sample: $0.value.sample) }
        for (labels, sample) in series.sorted(by: { $0.labels < $1.labels }) {
            switch sample {
            case .value(let value): writeLine(name, labels, value)
            case .histogram(let bounds, let counts, let sum): write(name, labels, bounds, counts, sum)
            }
        }
    }

    /// Writes how many series were not kept.
    mutating func writeDropped(_ number: Int) {
        let name = "wireroom_metrics_dropped_series"
        writeHead(name, "gauge", help: "Series that were not kept because their metric had too many.")
        writeLine(name, "", Double(number))
    }

    private mutating func writeHead(_ name: String, _ type: String, help: String) {
        let escaped = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        result += "# HELP \(name) \(escaped)\n# TYPE \(name) \(type)\n"
    }

    private mutating func write(_ name: String, _ labels: String, _ bounds: [Double], _ counts: [UInt64], _ sum: Double)
    {
        let prefix = labels.isEmpty ? "" : labels + ","
        var cumulated: UInt64 = 0
        for (bound, count) in zip(bounds + [.infinity], counts) {
            cumulated += count
            writeLine("\(name)_bucket", "\(prefix)le=\"\(Self.number(bound))\"", Double(cumulated))
        }
        writeLine("\(name)_sum", labels, sum)
        writeLine("\(name)_count", labels, Double(cumulated))
    }

    private mutating func writeLine(_ name: String, _ labels: String, _ value: Double) {
        result += labels.isEmpty ? name : "\(name){\(labels)}"
        result += " \(Self.number(value))\n"
    }

    /// The name in the format's letters; a counter's ends in `_total`.
    static func name(_ description: MetricDescription) -> String {
        var name = String(
            description.name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ":") ? $0 : "_" })
        if let first = name.first, first.isNumber { name = "_" + name }
        if description.kind == .counter, !name.hasSuffix("_total") { name += "_total" }
        return name
    }

    private static func type(_ kind: MetricDescription.Kind) -> String {
        switch kind {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }

    /// The labels between the braces.
    static func labels(_ labels: PrometheusLabels) -> String {
        labels.all.map { label in
            let name = String(label.name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
            let value = label.value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
                "\n", with: "\\n")
            return "\(name)=\"\(value)\""
        }.joined(separator: ",")
    }

    /// A number as Go's `ParseFloat` reads it.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return abs(value) < 1e15 && value == value.rounded() ? "\(Int64(value))" : "\(value)"
    }
}
