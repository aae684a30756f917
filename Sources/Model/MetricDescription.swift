/// A metric of the line, as its users see it: what it is called, what kind it is, and what it says.
public struct MetricDescription: Sendable, Equatable {
    /// What a metric's numbers mean.
    public enum Kind: Sendable, Equatable {
        /// Grows, and starts at zero with the process.
        case counter
        /// Goes up and down.
        case gauge
        /// Counts values by upper bounds, ascending; a last bucket takes what is greater.
        case histogram(buckets: [Double])
    }

    /// The name: lower case, dotted, with its unit last.
    public var name: String
    /// What its numbers mean.
    public var kind: Kind
    /// What it says, in one sentence.
    public var help: String
    /// The names of its labels, each with a small fixed set of values.
    public var labels: [String]

    /// Makes a description.
    public init(_ name: String, _ kind: Kind, labels: [String] = [], help: String) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
    }
}

extension MetricDescription.Kind {
    /// A histogram of how long work takes, 1 ms to 2 min; in seconds.
    public static let workSeconds = Self.histogram(buckets: [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
    ])
    /// A histogram of how long something waits, 50 ms to a day: waits outgrow the buckets of work. In seconds.
    public static let waitSeconds = Self.histogram(buckets: [
        0.05, 0.25, 1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 21_600, 86_400,
    ])
    /// A histogram of sizes of batches.
    public static let batchSizes = Self.histogram(buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000])
}
