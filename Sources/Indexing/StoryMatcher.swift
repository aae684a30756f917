internal import Foundation

/// How well an article fits a story.
struct StoryMatcher: Sendable {
    /// How many hours without news halve a story's pull.
    var halfLifeHours = 96.0
    /// The least score that joins.
    var threshold: Float = 0.28
    /// The least agreement of names that joins an article to a story in other languages.
    var namesThreshold: Float = 0.25
    /// How many names they must share.
    var minimumSharedNames = 3

    /// What speaks for a story.
    struct Match: Sendable, Equatable {
        /// 0 to 1.
        var score: Float
        /// The least score that joins this story.
        var threshold: Float
        var joins: Bool { score >= threshold }
    }

    /// Compares an article with a story.
    func match(_ vector: StoryVector, language: String, time: Double, with story: StoryProfile) -> Match {
        var product: Float = 0
        var nameProduct: Float = 0
        var sharedNames = 0
        for component in vector.components {
            guard let entry = story.entries[component.hash] else { continue }
            product += component.weight * entry.weight
            if component.isName, entry.nameWeight > 0 {
                nameProduct += component.weight * entry.nameWeight
                sharedNames += 1
            }
        }
        let decay = decay(from: story.lastTime, to: time)
        let cosine = story.length > 0 ? product / story.length : 0
        let match = Match(score: cosine * decay, threshold: threshold)
        // Words of another language cannot agree; names and numbers can.
        let isForeign = !language.isEmpty && !story.languages.isEmpty && !story.languages.contains(language)
        guard isForeign, !match.joins, vector.nameLength > 0, story.nameLength > 0 else { return match }
        let agreement = sharedNames >= minimumSharedNames ? nameProduct / (vector.nameLength * story.nameLength) : 0
        return Match(score: agreement * decay, threshold: namesThreshold)
    }

    /// 1 within the hour, falling to a half after ``halfLifeHours`` without news of the story.
    func decay(from last: Double, to time: Double) -> Float {
        guard last.isFinite else { return 1 }
        let hours = abs(time - last) / 3600
        return Float(exp2(-hours / halfLifeHours))
    }
}
