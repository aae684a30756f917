internal import Foundation

/// How well an article fits a story.
struct StoryMatcher: Sendable {
    /// How many hours without news halve a story's pull. Where a time is unknown nothing is lost.
    var halfLifeHours = 240.0
    /// The least score that joins an article to a story.
    var threshold: Float = 0.25
    /// The least score that joins a bare headline.
    var headlineThreshold: Float = 0.12
    /// The least agreement of names that joins an article to a story in other languages.
    var namesThreshold: Float = 0.25
    /// The same where they share ``manyNames`` or more.
    var manyNamesThreshold: Float = 0.18
    /// How many names an article must share with a story in other languages.
    var minimumSharedNames = 3
    /// So many shared names are a cast: two affairs do not have it in common.
    var manyNames = 6

    /// What speaks for a story.
    struct Match: Sendable, Equatable {
        /// 0 to 1.
        var score: Float
        /// The least score that joins this story.
        var threshold: Float
        var joins: Bool { score >= threshold }
        /// By how much the score is greater than needed.
        var margin: Float { score - threshold }
    }

    /// Compares an article with a story: with each of its languages, and the best counts.
    func match(_ vector: StoryVector, language: String, time: Double?, with story: StoryProfile) -> Match {
        let decay = decay(over: story.distance(to: time))
        var best = Match(score: 0, threshold: threshold)
        for (other, part) in story.parts {
            let isForeign = !language.isEmpty && !other.isEmpty && language != other
            var match = isForeign ? matchNames(vector, part) : matchWords(vector, part)
            match.score *= decay
            if match.margin > best.margin { best = match }
        }
        return best
    }

    private func matchWords(_ vector: StoryVector, _ part: StoryProfile.Part) -> Match {
        let agreement = Agreement(vector, part)
        let names = agreement.sharedNames >= manyNames ? agreement.nameCosine * 0.6 : 0
        return Match(
            score: max(agreement.cosine, agreement.cover / 2, names), threshold: threshold(words: vector.wordCount))
    }

    /// Words of another language cannot agree; names and numbers can.
    private func matchNames(_ vector: StoryVector, _ part: StoryProfile.Part) -> Match {
        let agreement = Agreement(vector, part)
        return Match(
            score: agreement.sharedNames >= minimumSharedNames ? agreement.nameCosine : 0,
            threshold: agreement.sharedNames >= manyNames ? manyNamesThreshold : namesThreshold)
    }

    /// The least score for a text of so many words: a headline shares few words even with its own story.
    func threshold(words: Int) -> Float {
        let fullness = min(1, max(0, (Float(words) - 15) / 20))
        return headlineThreshold + (threshold - headlineThreshold) * fullness
    }

    /// 1 at once, falling to a half after ``halfLifeHours`` without news of the story.
    func decay(over seconds: Double) -> Float {
        Float(exp2(-seconds / 3600 / halfLifeHours))
    }
}

/// What the words of an article and of a story have in common.
private struct Agreement {
    /// Cosine of their directions.
    var cosine: Float = 0
    /// Share of the article that words make up which the story uses again and again; does not fall when a story
    /// grows wide.
    var cover: Float = 0
    /// Cosine of the names alone.
    var nameCosine: Float = 0
    var sharedNames = 0

    /// A word that carries a tenth of its weight in the mean article of the story is one of the story's own.
    private static let ownShare: Float = 0.1

    init(_ vector: StoryVector, _ story: StoryProfile.Part) {
        let usual = Float(max(1, story.articleCount)) * Self.ownShare
        for component in vector.components {
            guard let entry = story.lookup[component.hash] else { continue }
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
