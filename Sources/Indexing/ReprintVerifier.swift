/// How a text stands to another that shares passages with it.
struct ReprintRelation: Sendable, Equatable {
    enum Kind: String, Sendable {
        /// The same words.
        case exact
        /// The same text, lightly edited, updated or with lines added.
        case near
        /// One is cut out of the other.
        case partial
        /// One quotes a passage of the other; they are different texts.
        case contains
    }

    var kind: Kind
    /// Share of common word sequences, 0 to 1: of the union for `exact` and `near`, else of the shorter text.
    var similarity: Double

    /// Whether both print the same text.
    var isReprint: Bool { kind != .contains }
}

/// Compares two texts by all their word sequences.
///
/// Sequences alone cannot tell an updated version, which keeps half of the text, from a round-up, which quotes half
/// of a short one. Their places can: a version shares stretches from its beginning to its end, in order, with the
/// other.
enum ReprintVerifier {
    /// The places of what two texts share.
    struct Overlap: Equatable {
        var jaccard = 0.0
        /// Share of the first and of the second text that the other has too.
        var first = 0.0
        var second = 0.0
        /// How much of each text lies between its first and its last shared stretch, 0 to 1.
        var firstSpan = 0.0
        var secondSpan = 0.0
        /// Share of the shared sequences that follow one another in both texts.
        var ordered = 0.0
        /// Words in the longest stretch that both have.
        var longestStretch = 0
        /// Whether the first shared stretch stands at the beginning of both texts, but for a dateline.
        var beginTogether = false
        /// Sequences in the shorter text.
        var shorterLength = 0
    }

    /// The relation of two texts, or `nil` when what they share is too little to mean anything.
    static func relation(_ first: ReprintSignature, _ second: ReprintSignature) -> ReprintRelation? {
        guard !first.isEmpty, !second.isEmpty else { return nil }
        if first.digest == second.digest, first.shingles.count == second.shingles.count {
            return ReprintRelation(kind: .exact, similarity: 1)
        }
        let hasSameHeadline = first.headline != 0 && first.headline == second.headline
        return relation(overlap(first.shingles, second.shingles), hasSameHeadline: hasSameHeadline)
    }

    /// What an overlap means; under the same headline a shared passage is enough for two versions of one article.
    static func relation(_ overlap: Overlap, hasSameHeadline: Bool = false) -> ReprintRelation? {
        let smaller = max(overlap.first, overlap.second)
        let near = ReprintRelation(kind: .near, similarity: overlap.jaccard)
        let isOrdered = overlap.ordered >= 0.8
        let isVersion = smaller >= 0.4 && min(overlap.firstSpan, overlap.secondSpan) >= 0.6 && isOrdered
        if overlap.jaccard >= 0.42 || isVersion { return near }
        // In a short text, one sentence taken from elsewhere is a great part; but who cuts a text keeps its beginning.
        let needed = overlap.beginTogether ? 0.6 : overlap.shorterLength < 80 ? 0.9 : 0.72
        if smaller >= needed, isOrdered { return ReprintRelation(kind: .partial, similarity: smaller) }
        if hasSameHeadline, smaller >= 0.12 { return near }
        let quotes = overlap.longestStretch >= 30 || (smaller >= 0.2 && overlap.longestStretch >= 15)
        return quotes ? ReprintRelation(kind: .contains, similarity: smaller) : nil
    }

    /// Where and how much two sequences of shingles agree. Takes time in proportion to their lengths.
    static func overlap(_ first: [UInt32], _ second: [UInt32]) -> Overlap {
        var places: [UInt32: Int32] = [:]
        places.reserveCapacity(first.count)
        for (index, shingle) in first.enumerated() where places[shingle] == nil { places[shingle] = Int32(index) }
        var walk = Walk(count: first.count)
        var distinct: Set<UInt32> = []
        for (index, shingle) in second.enumerated() {
            distinct.insert(shingle)
            walk.step(at: index, matching: places[shingle].map(Int.init))
        }
        walk.endStretch()
        var result = walk.overlap(secondCount: second.count)
        let union = places.count + distinct.count - walk.distinctMatches
        result.jaccard = union > 0 ? Double(walk.distinctMatches) / Double(union) : 0
        return result
    }

    /// Goes through the second text and keeps account of what is found in the first.
    private struct Walk {
        var seen: [Bool]
        var distinctMatches = 0
        var matches = 0
        var inOrder = 0
        var previous = -1
        var stretchStart = (first: -1, second: -1)
        var last = (first: -2, second: -2)
        var firstRange = (Int.max, -1)
        var secondRange = (Int.max, -1)
        var longest = 0

        init(count: Int) { seen = Array(repeating: false, count: count) }

        mutating func step(at index: Int, matching place: Int?) {
            guard let place else { return }
            matches += 1
            if !seen[place] {
                seen[place] = true
                distinctMatches += 1
            }
            if place > previous { inOrder += 1 }
            previous = place
            if place != last.first + 1 || index != last.second + 1 {
                endStretch()
                stretchStart = (place, index)
            }
            last = (place, index)
        }

        /// Stretches of fewer than three sequences (seven words) are phrases that anybody may use: they do not count
        /// as places.
        mutating func endStretch() {
            guard stretchStart.first >= 0 else { return }
            let length = last.first - stretchStart.first + 1
            longest = max(longest, length)
            guard length >= 3 else { return }
            firstRange = (min(firstRange.0, stretchStart.first), max(firstRange.1, last.first))
            secondRange = (min(secondRange.0, stretchStart.second), max(secondRange.1, last.second))
        }

        func overlap(secondCount: Int) -> Overlap {
            func span(_ range: (Int, Int), of count: Int) -> Double {
                range.1 < 0 || count == 0 ? 0 : Double(range.1 - range.0 + 1) / Double(count)
            }
            func begins(_ range: (Int, Int), _ count: Int) -> Bool { range.0 <= 12 }
            return Overlap(
                first: seen.isEmpty ? 0 : Double(distinctMatches) / Double(seen.count),
                second: secondCount == 0 ? 0 : Double(matches) / Double(secondCount),
                firstSpan: span(firstRange, of: seen.count),
                secondSpan: span(secondRange, of: secondCount),
                ordered: matches == 0 ? 0 : Double(inOrder) / Double(matches),
                longestStretch: longest == 0 ? 0 : longest + ReprintSignature.wordsPerShingle - 1,
                beginTogether: begins(firstRange, seen.count) && begins(secondRange, secondCount),
                shorterLength: min(seen.count, secondCount))
        }
    }
}
