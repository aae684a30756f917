internal import Foundation

/// In how many articles of the stream each word was seen, from which its weight follows.
///
/// Counts are halved when ``articleCount`` reaches ``horizon``, so that the weights follow the news and the memory stays
/// bounded.
struct TermStatistics: Sendable {
    /// Articles seen so far.
    private(set) var articleCount: Double
    private var counts: [UInt64: Float] = [:]
    private let horizon: Double

    /// Articles that are taken for granted before the first one: keeps the first weights moderate.
    private static let prior = 40.0

    /// Empty counts.
    init(articleCount: Double = 0, horizon: Double = 60_000) {
        self.articleCount = articleCount
        self.horizon = horizon
    }

    /// Sets what is known of a word from elsewhere.
    mutating func set(_ hash: UInt64, count: Double) { counts[hash] = Float(count) }

    /// Counts the words of one article.
    mutating func add(_ terms: [StoryFeatures.Term]) {
        articleCount += 1
        for term in terms { counts[term.hash, default: 0] += 1 }
        if articleCount >= horizon { halve() }
    }

    /// The weight of a word: the logarithm of how rare it is.
    func weight(_ hash: UInt64) -> Float {
        let count = Double(counts[hash] ?? 0)
        return Float(log((articleCount + Self.prior) / (count + 1)))
    }

    private mutating func halve() {
        articleCount /= 2
        counts = counts.compactMapValues { $0 > 1 ? $0 / 2 : nil }
    }
}
