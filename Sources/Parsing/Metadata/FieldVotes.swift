/// What the sources say of a field with one short value, each with a weight; equal texts share their votes.
struct FieldVotes {
    private let field: MetadataField
    private var candidates: [MetadataCandidate] = []

    init(_ field: MetadataField) { self.field = field }

    /// Adds a source's text; an absent or an empty one says nothing.
    ///
    /// - Parameter value: What the text means, where that is not the text itself.
    mutating func add(
        _ text: String?, _ weight: Double, _ source: MetadataSource, _ name: String? = nil, value: String? = nil
    ) {
        guard let text else { return }
        let clean = HTMLText.collapsed(HTMLEntities.decoded(text))
        guard !clean.isEmpty, clean.utf8.count <= 2048 else { return }
        candidates.append(
            MetadataCandidate(
                field: field, source: source, name: name, text: clean, value: value ?? clean, weight: weight))
    }

    /// The texts, in the order in which they were added.
    var texts: [String] { candidates.map(\.text) }

    /// The value with the most votes, the first of those with as many; what was asked goes to `all`.
    func choose(into all: inout MetadataCandidates) -> String? {
        var counted = candidates
        let keys = candidates.map {
            field == .canonicalURL || field == .ampURL ? Array($0.value.utf8) : HTMLText.letters($0.value)
        }
        var best: Int?
        for index in counted.indices {
            counted[index].votes = zip(keys, candidates).reduce(0) { $1.0 == keys[index] ? $0 + $1.1.weight : $0 }
            if best.map({ counted[index].votes > counted[$0].votes + 0.001 }) ?? true { best = index }
        }
        guard let best else { return nil }
        for index in counted.indices where keys[index] == keys[best] { counted[index].isChosen = true }
        all.replace(field, by: counted)
        return counted[best].value
    }
}
