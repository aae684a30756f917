internal import Foundation

/// In how many stories of the stream each word was seen, from which its weight follows.
///
/// Counts are halved when ``storyCount`` reaches ``horizon``, so that the weights follow the news and the memory stays
/// bounded.
struct TermStatistics: Sendable {
    /// Stories seen so far.
    private(set) var storyCount: Double
    private var counts: [UInt64: Float] = [:]
    private let horizon: Double

    /// The number of stories at which the stored counts are halved.
    static let storedHorizon = 200_000

    /// Stories that are taken for granted before the first one: keeps the first weights moderate.
    private static let prior = 100.0

    /// Empty counts.
    init(storyCount: Double = 0, horizon: Double = 60_000) {
        self.storyCount = storyCount
        self.horizon = horizon
    }

    /// Sets what is known of a word from elsewhere.
    mutating func set(_ hash: UInt64, count: Double) { counts[hash] = Float(count) }

    /// Counts the words that an article brings to its story, once for each story: a story that fills the pages for days
    /// must not make its own words look common.
    mutating func add(_ newTerms: [UInt64], opensStory: Bool) {
        if opensStory { storyCount += 1 }
        for term in newTerms { counts[term, default: 0] += 1 }
        if storyCount >= horizon { halve() }
    }

    /// Takes back what stories were counted for.
    mutating func remove(_ terms: [UInt64: Int64], stories: Int) {
        storyCount = max(0, storyCount - Double(stories))
        for (term, count) in terms { counts[term] = max(0, (counts[term] ?? 0) - Float(count)) }
    }

    /// The weight of a word: the logarithm of how rare it is.
    func weight(_ hash: UInt64) -> Float {
        let count = Double(counts[hash] ?? 0)
        return Float(log((storyCount + Self.prior) / (count + 1)))
    }

    private mutating func halve() {
        storyCount /= 2
        counts = counts.compactMapValues { $0 > 1 ? $0 / 2 : nil }
    }
}
