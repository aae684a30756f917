/// Decides which lines are the article's.
///
/// A hidden Markov model with four states — before, article, aside within it, after — is solved exactly by Viterbi's
/// algorithm over the lines' weights. Asides must pay for leaving and coming back, so that a heading between paragraphs stays and
/// an advertisement goes; believing that the article goes on beyond a comment section or an author's box costs as well.
enum LineLabeller {
    private enum State: Int, CaseIterable { case before, article, aside, after }

    private static let leave = 0.9
    private static let comeBack = 0.9

    /// Whether each line belongs to the article.
    static func label(_ lines: [ScoredLine]) -> [Bool] {
        guard !lines.isEmpty else { return [] }
        var labels = viterbi(lines).map { $0 == .article }
        pruneEnds(lines, &labels)
        return labels
    }

    private static func viterbi(_ lines: [ScoredLine]) -> [State] {
        // Each row keeps, for each state, the state before on the best path, two bits each.
        var back = [UInt8](repeating: 0, count: lines.count)
        var best = (before: 0.0, article: -1e9, aside: -1e9, after: -1e9)
        for (index, item) in lines.enumerated() {
            let cross = item.crossing
            let fromBefore = best.before
            let stay = best.article - cross
            let returned = best.aside - comeBack - cross
            var articleSource = State.before
            var article = fromBefore
            if stay > article { (article, articleSource) = (stay, .article) }
            if returned > article { (article, articleSource) = (returned, .aside) }
            let entered = best.article - leave - cross
            let stayed = best.aside - cross
            let asideSource: State = entered > stayed ? .article : .aside
            var afterSource = State.after
            var after = best.after
            if best.article > after { (after, afterSource) = (best.article, .article) }
            if best.aside > after { (after, afterSource) = (best.aside, .aside) }
            best = (fromBefore, article + item.score, max(entered, stayed) - item.asideCost, after)
            back[index] = UInt8(articleSource.rawValue | asideSource.rawValue << 2 | afterSource.rawValue << 4)
        }
        return trace(
            back,
            from: best.article >= max(best.after, best.before) ? .article : best.after > best.before ? .after : .before)
    }

    private static func trace(_ back: [UInt8], from end: State) -> [State] {
        var states = [State](repeating: .before, count: back.count)
        var state = end
        for index in back.indices.reversed() {
            states[index] = state
            let sources = Int(back[index])
            let raw: Int
            switch state {
            case .before: raw = 0
            case .article: raw = sources & 3
            case .aside: raw = sources >> 2 & 3
            case .after: raw = sources >> 4 & 3
            }
            state = State(rawValue: raw) ?? .before
        }
        return states
    }

    // MARK: Ends

    private struct Run {
        var range: Range<Int>
        var weight: Double
    }

    /// Takes off a weak first or last piece that stands far from the rest: a cookie notice above the headline, a teaser below.
    private static func pruneEnds(_ lines: [ScoredLine], _ labels: inout [Bool]) {
        var runs = self.runs(lines, labels)
        while runs.count > 1, let first = runs.first {
            let rest = runs.dropFirst().reduce(0) { $0 + $1.weight }
            let gap = runs[1].range.lowerBound - first.range.upperBound
            guard first.weight < 9.5, first.weight * 3 < rest, gap >= 4 else { break }
            for index in first.range { labels[index] = false }
            runs.removeFirst()
        }
        while runs.count > 1, let last = runs.last {
            let rest = runs.dropLast().reduce(0) { $0 + $1.weight }
            let gap = runs[runs.count - 2].range.upperBound..<last.range.lowerBound
            let isMarked = gap.contains { lines[$0].crossing >= 3 }
            guard last.weight < 9.5, last.weight * 3 < rest, gap.count >= 4 || isMarked else { break }
            for index in last.range { labels[index] = false }
            runs.removeLast()
        }
    }

    private static func runs(_ lines: [ScoredLine], _ labels: [Bool]) -> [Run] {
        var runs: [Run] = []
        for index in labels.indices where labels[index] {
            if let last = runs.last, last.range.upperBound == index {
                runs[runs.count - 1].range = last.range.lowerBound..<index + 1
                runs[runs.count - 1].weight += lines[index].score
            } else {
                runs.append(Run(range: index..<index + 1, weight: lines[index].score))
            }
        }
        return runs
    }
}
