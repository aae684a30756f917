extension ArticleGrouper {
    /// An article that waits for its decision.
    struct Waiting: Sendable {
        var features: ArticleFeatures
        var key: Int64
        /// The key of the story, should it open one.
        var newStory: Int64
    }

    /// Decides about articles that have no order of their own: about the one that fits a story best first, since each
    /// decision makes the story clearer for the rest. The order given decides only between equals.
    ///
    /// - Returns: the decisions in the order in which they were made, with the places of the articles.
    mutating func assignBestFirst(_ articles: [Waiting]) -> [(place: Int, decision: GroupingDecision)] {
        let vectors = articles.map { StoryVector($0.features.story, statistics: statistics) }
        var fits = zip(articles, vectors).map { fit($0.features, $1) }
        var waiting = Array(articles.indices)
        var decisions: [(place: Int, decision: GroupingDecision)] = []
        while var next = waiting.first {
            for place in waiting where Self.isBetter(fits[place], fits[next]) { next = place }
            waiting.removeAll { $0 == next }
            let article = articles[next]
            let decision = assign(article.features, key: article.key, newStory: article.newStory)
            decisions.append((next, decision))
            for place in waiting {
                fits[place] = updated(fits[place], of: articles[place].features, vectors[place], by: decision.story)
            }
        }
        return decisions
    }

    private typealias Fit = (key: Int64, match: StoryMatcher.Match)

    private func fit(_ features: ArticleFeatures, _ vector: StoryVector) -> Fit? {
        stories.best(
            for: vector, language: features.language, time: features.time, matcher: configuration.matcher)
    }

    /// What fits best after one story has changed.
    private func updated(
        _ fit: Fit?, of features: ArticleFeatures, _ vector: StoryVector, by story: Int64
    ) -> Fit? {
        if fit?.key == story { return self.fit(features, vector) }
        guard let profile = stories.profiles[story] else { return fit }
        let match = configuration.matcher.match(
            vector, language: features.language, time: features.time, with: profile)
        return Self.isBetter((story, match), fit) ? (story, match) : fit
    }

    private static func isBetter(_ fit: Fit?, _ other: Fit?) -> Bool {
        guard let fit else { return false }
        guard let other else { return true }
        return fit.match.margin > other.match.margin
    }
}
