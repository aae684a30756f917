extension ActorFinder {
    /// The actors behind the mentions; sets each mention's ``Mention/actor``.
    mutating func gather() -> [ArticleActor] {
        resolveDoubtful()
        var names = ActorNames()
        var groups: [[Int]] = []
        var keptMentions = mentions
        // Full names first, so that a surname that stands before its full name finds it too.
        let order = mentions.indices.sorted { (-mentions[$0].tokens.count, $0) < (-mentions[$1].tokens.count, $1) }
        for index in order {
            let mention = mentions[index]
            let group = names.group(of: mention, in: text) ?? groups.count
            if group == groups.count {
                groups.append([])
                names.add(mention, group, in: text)
            }
            groups[group].append(index)
            keptMentions[index].actor = group
        }
        linkAcronyms(&groups, &keptMentions)
        return finish(groups, keptMentions)
    }

    /// `Asia-Pacific Economic Cooperation (APEC)`: the acronym means the name before it.
    private func linkAcronyms(_ groups: inout [[Int]], _ mentions: inout [Mention]) {
        for index in mentions.indices.dropFirst()
        where mentions[index].kind == .organisation && mentions[index].tokens.count == 1 {
            let at = mentions[index].tokens.lowerBound
            guard at >= 2, text.tokens[at - 1].mark == 0x28, mentions[index - 1].tokens.upperBound == at - 1,
                mentions[index - 1].kind == .organisation
            else { continue }
            let from = mentions[index].actor
            let into = mentions[index - 1].actor
            guard from != into else { continue }
            for moved in groups[from] { mentions[moved].actor = into }
            groups[into] += groups[from]
            groups[from] = []
        }
    }

    /// Makes the actors, most prominent first, and renumbers the mentions.
    private mutating func finish(_ groups: [[Int]], _ found: [Mention]) -> [ArticleActor] {
        let length = Double(max(1, text.tokens.count))
        var weights = groups.map { group in
            group.reduce(0.0) { $0 + 1.5 - Double(found[$1].tokens.lowerBound) / length }
        }
        let greatest = max(weights.max() ?? 1, 0.001)
        weights = weights.map { ($0 / greatest * 1000).rounded() / 1000 }
        let order = groups.indices.filter { !groups[$0].isEmpty }.sorted {
            (-weights[$0], groups[$0].min() ?? 0) < (-weights[$1], groups[$1].min() ?? 0)
        }
        var numbers: [Int: Int] = [:]
        for (number, group) in order.enumerated() { numbers[group] = number }
        replaceMentions(
            found.map { mention in
                var mention = mention
                mention.actor = numbers[mention.actor] ?? -1
                return mention
            })
        return order.map { group in
            let sorted = groups[group].sorted()
            let fullest = sorted.max { found[$0].tokens.count < found[$1].tokens.count } ?? sorted[0]
            return ArticleActor(
                name: text.name(found[fullest].tokens), kind: found[fullest].kind, salience: weights[group],
                mentions: sorted.map { text.span(found[$0].tokens) })
        }
    }
}

/// Which actor a name belongs to.
private struct ActorNames {
    private var full: [NameHash: Int] = [:]
    private var last: [NameHash: Int] = [:]
    private var first: [NameHash: Int] = [:]

    /// The actor that a mention repeats, if there is one.
    func group(of mention: ActorFinder.Mention, in text: ArticleText) -> Int? {
        if let same = full[key(mention, in: text)] { return same }
        guard mention.kind == .person else { return nil }
        let lastHash = text.tokens[mention.tokens.upperBound - 1].hash
        if mention.tokens.count == 1 { return last[lastHash] ?? first[lastHash] }
        return nil
    }

    mutating func add(_ mention: ActorFinder.Mention, _ group: Int, in text: ArticleText) {
        full[key(mention, in: text)] = group
        guard mention.kind == .person else { return }
        let lastHash = text.tokens[mention.tokens.upperBound - 1].hash
        let firstHash = text.tokens[mention.tokens.lowerBound].hash
        if last[lastHash] == nil { last[lastHash] = group }
        if first[firstHash] == nil { first[firstHash] = group }
    }

    private func key(_ mention: ActorFinder.Mention, in text: ArticleText) -> NameHash {
        var hash = NameHash()
        hash.append(mention.kind == .person ? 1 : 2)
        for index in mention.tokens {
            hash.append(text.lowerBytes(text.tokens[index]))
            hash.append(0x20)
        }
        return hash
    }
}
