public import Markup

/// What one document may cost, so that none holds a worker up or fills its memory.
///
/// The bounds are far from what articles need: the longest of the evaluation's pages have 5 MB and take 0.1 s.
public struct ExtractionLimits: Sendable {
    /// The most bytes of a document that are read, before decoding.
    public var maximumBytes = 16 << 20
    /// What bounds the tree of a page.
    public var html = HTMLLimits()
    /// The most time that the thread may compute for one document. It is the processor's time, not the clock on the wall,
    /// so that a page's outcome does not depend on what else the machine does.
    public var processorTime: Duration = .seconds(10)

    /// Makes the default limits.
    public init() {}
}

/// Tells the parts of an extraction whether its time is spent.
///
/// A question costs a system call, about 0.3 µs: it is asked between the phases and every few thousand steps inside long
/// loops.
struct WorkBudget: Sendable {
    /// The time is spent.
    struct Spent: Error {}

    private let end: Double
    private let clock: @Sendable () -> Double

    /// Makes a budget that begins now.
    ///
    /// - Parameter clock: The milliseconds that were spent since some moment.
    init(_ limit: Duration, clock: @escaping @Sendable () -> Double = ThreadClock.milliseconds) {
        self.clock = clock
        let parts = limit.components
        end = clock() + Double(parts.seconds) * 1000 + Double(parts.attoseconds) / 1e15
    }

    /// Whether the time is spent.
    var isSpent: Bool { clock() > end }

    /// Ends the extraction when the time is spent.
    func check() throws(Spent) {
        if isSpent { throw Spent() }
    }
}
