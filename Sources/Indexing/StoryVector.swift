/// An article as a direction in the space of words, of length 1.
struct StoryVector: Sendable {
    struct Component: Sendable {
        var hash: UInt64
        var weight: Float
        var isName: Bool
    }

    /// The words, heaviest first.
    var components: [Component]
    /// Length of the part that names make up, 0 to 1.
    var nameLength: Float
    var wordCount: Int

    static let nameBoost: Float = 1.5

    /// Weighs an article's words by how rare they are.
    init(_ features: StoryFeatures, statistics: TermStatistics) {
        var components = features.terms.map { term in
            let rarity = max(0, statistics.weight(term.hash))
            return Component(
                hash: term.hash, weight: term.weight * rarity * (term.isName ? Self.nameBoost : 1), isName: term.isName)
        }
        let length = components.reduce(Float(0)) { $0 + $1.weight * $1.weight }.squareRoot()
        if length > 0 { for index in components.indices { components[index].weight /= length } }
        components.sort { ($1.weight, $0.hash) < ($0.weight, $1.hash) }
        self.components = components
        nameLength = components.reduce(Float(0)) { $0 + ($1.isName ? $1.weight * $1.weight : 0) }.squareRoot()
        wordCount = features.wordCount
    }
}
