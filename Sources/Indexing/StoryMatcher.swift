internal import Foundation

/// How well an article fits a story.
struct StoryMatcher: Sendable {
    /// How many hours without news halve a story's pull.
    var halfLifeHours = 96.0
    /// The least score that joins an article to a story.
    var threshold: Float = 0.25
    /// The least score that joins a bare headline.
    var headlineThreshold: Float = 0.12
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
        let agreement = Agreement(vector, story)
        let decay = decay(from: story.lastTime, to: time)
        let score = max(agreement.cosine, agreement.cover / 2)
        let match = Match(score: score * decay, threshold: threshold(words: vector.wordCount))
        // Words of another language cannot agree; names and numbers can.
        let isForeign = !language.isEmpty && !story.languages.isEmpty && !story.languages.contains(language)
        guard isForeign, !match.joins else { return match }
        let names = agreement.sharedNames >= minimumSharedNames ? agreement.nameCosine : 0
        return Match(score: names * decay, threshold: namesThreshold)
    }

    /// The least score for a text of so many words: a headline shares few words even with its own story.
    func threshold(words: Int) -> Float {
        let fullness = min(1, max(0, (Float(words) - 15) / 20))
        return headlineThreshold + (threshold - headlineThreshold) * fullness
    }

    /// 1 within the hour, falling to a half after ``halfLifeHours`` without news of the story.
    func decay(from last: Double, to time: Double) -> Float {
        guard last.isFinite else { return 1 }
        let hours = abs(time - last) / 3600
        return Float(exp2(-hours / halfLifeHours))
    }
}

/// What the words of an article and of a story have in common.
private struct Agreement {
    /// Cosine of their directions.
    var cosine: Float = 0
    /// Share of the article that words make up which the story uses again and again; does not fall when a story grows wide.
    var cover: Float = 0
    /// Cosine of the names alone.
    var nameCosine: Float = 0
    var sharedNames = 0

    /// A word that carries a tenth of its weight in the mean article of the story is one of the story's own.
    private static let ownShare: Float = 0.1

    init(_ vector: StoryVector, _ story: StoryProfile) {
        let usual = Float(max(1, story.articleCount)) * Self.ownShare
        for component in vector.components {
            guard let entry = story.entries[component.hash] else { continue }
            cosine += component.weight * entry.weight
            cover += min(component.weight * component.weight, component.weight * entry.weight / usual)
            guard component.isName, entry.nameWeight > 0 else { continue }
            nameCosine += component.weight * entry.nameWeight
            sharedNames += 1
        }
        cosine = story.length > 0 ? cosine / story.length : 0
        let lengths = vector.nameLength * story.nameLength
        nameCosine = lengths > 0 ? nameCosine / lengths : 0
    }
}
