internal import Markup

/// Finds the subtree that holds the article and the blocks in it that are its text.
///
/// Every block counts for its text when it reads like prose, and against its container when it is links or scraps. The
/// subtree with the largest sum, weighed by what its markup says of it, is the article; inside it blocks are judged one
/// by one.
struct BodySelector {
    let document: HTMLDocument
    let list: BlockList
    /// Whether class names and ids count; without them a page that hides its text behind misleading names is read.
    var usesHints = true

    /// The sums of each node's subtree.
    private var scores: ContiguousArray<Float> = []

    init(document: HTMLDocument, list: BlockList, usesHints: Bool = true) {
        self.document = document
        self.list = list
        self.usesHints = usesHints
        scores = sums(countingRepeats: false)
    }

    // MARK: - The container

    /// Whether markup says that the block is not part of an article's text.
    private func isBoilerplate(_ block: TextBlock, apartFrom inherited: (BlockHints, BlockStructure) = ([], [])) -> Bool
    {
        let structure = block.structure.intersection(.boilerplate).subtracting(inherited.1)
        if !structure.isEmpty { return true }
        return usesHints && !block.hints.intersection(.boilerplate).subtracting(inherited.0).isEmpty
    }

    /// How much a block says for (or against) its containers.
    ///
    /// - Parameter countsRepeat: whether a block that repeats on the site counts like another. Else it counts as if it were
    ///   not there: the element around a text must not lose by it.
    func value(of block: TextBlock, countsRepeat: Bool = false) -> Float {
        let free = Float(block.characters - block.linkCharacters)
        if block.kind == .caption || block.kind == .heading { return 0 }
        let isPassedOver = block.verdict.isAgainst && !(countsRepeat && block.verdict.isRepeat)
        if isPassedOver { return 0 }
        if isBoilerplate(block) { return -0.2 * Float(min(block.linkCharacters, 200)) }
        let isProse =
            block.linkDensity < 0.5 && (block.characters >= 60 || (block.characters >= 25 && block.endsSentence))
        guard isProse, block.punctuation > 0 || block.characters > 120 else {
            // The cells of a table that is content are scraps as well, but of one piece.
            let isCell = block.kind == .table && block.links == 0
            return isCell ? 0.3 * free : -0.3 * Float(min(block.linkCharacters, 200)) - 3
        }
        let weight: Float =
            switch block.kind {
            case .paragraph: block.structure.contains(.paragraph) ? 1 : 0.8
            case .listItem, .table: 0.5
            default: 0.7
            }
        return min(free, 1500) * weight
    }

    /// What all cells of a page count at the most.
    private static let mostOfCells: Float = 1500

    /// The sum of the blocks of each node's subtree.
    private func sums(countingRepeats: Bool) -> ContiguousArray<Float> {
        var sums = ContiguousArray<Float>(repeating: 0, count: document.nodes.count)
        // All cells together count like one long paragraph at the most: no table is worth more than a text.
        var cells: Float = 0
        for block in list.blocks {
            var value = value(of: block, countsRepeat: countingRepeats)
            if block.kind == .table, value > 0 {
                value = min(value, Self.mostOfCells - cells)
                cells += value
            }
            sums[block.node] += value
        }
        var index = document.nodes.count - 1
        while index > 0 {
            let parent = document.nodes[index].parentIndex
            sums[parent] += sums[index]
            index -= 1
        }
        return sums
    }

    /// The node whose subtree is the article, or `nil` when no text reads like one.
    ///
    /// What repeats on the site is left out of the text and says nothing for its element, unless with it an element around
    /// the one found would be the article: its own prose, such as a standfirst above the text, is not to be lost because a
    /// line beside it repeats.
    func container() -> Int? {
        let best = heaviest(scores)
        guard let best, list.blocks.contains(where: \.verdict.isRepeat),
            let whole = heaviest(sums(countingRepeats: true)), whole < best, best < document.nodes[whole].endIndex
        else { return best }
        return whole
    }

    private func heaviest(_ scores: ContiguousArray<Float>) -> Int? {
        var best: Int?
        var bestScore: Float = 0
        var index = document.nodes.count - 1
        while index >= 0 {
            let node = document.nodes[index]
            if !node.tag.isInline || index == 0, scores[index] > 0 {
                let score = scores[index] * factor(node, at: index)
                if score > bestScore * 1.02 {
                    best = index
                    bestScore = score
                }
            }
            index -= 1
        }
        return best
    }

    private func factor(_ node: HTMLNode, at index: Int) -> Float {
        let hints = BlockHints(rawValue: list.nodeHints[index])
        var factor: Float = 1
        if usesHints {
            if hints.contains(.articleBody) {
                factor = 1.4
            } else if hints.contains(.body) {
                factor = 1.2
            } else if hints.contains(.article) {
                factor = 1.05
            }
        }
        switch node.tag {
        case .article: factor *= 1.1
        case .main: factor *= 1.05
        case .body, .html, .other: factor *= 0.95
        default: break
        }
        return factor
    }

    // MARK: - The blocks

    /// The indices of the container's blocks that belong to the article, in order.
    func blocks(in container: Int) -> [Int] {
        let inherited = inheritance(of: container)
        let end = document.nodes[container].endIndex
        var chosen: [Int] = []
        var headings: [Int] = []
        let candidates = list.blocks.indices.filter {
            list.blocks[$0].firstNode >= container && list.blocks[$0].firstNode < end
                && !list.blocks[$0].verdict.isAgainst && !isBoilerplate(list.blocks[$0], apartFrom: inherited)
        }
        let densities = listDensities(candidates)
        let teasers = teasers(candidates, in: container)
        let textParent = textParent(candidates)
        for index in candidates {
            let block = list.blocks[index]
            if !teasers.isEmpty, enclosingArticles(block, in: container).contains(where: teasers.contains) { continue }
            if block.kind == .heading {
                if block.linkDensity < 0.8 || parent(of: block) == textParent { headings.append(index) }
                continue
            }
            guard isWanted(block, listDensity: densities[groupNode(block)], isInText: parent(of: block) == textParent)
            else { continue }
            if block.kind != .caption {
                chosen.append(contentsOf: headings)
                headings.removeAll(keepingCapacity: true)
            }
            chosen.append(index)
        }
        return chosen
    }

    /// The small `article` elements inside the container whose heading is a link: they stand for other pieces, unless
    /// together they are the text.
    private func teasers(_ candidates: [Int], in container: Int) -> Set<Int> {
        var teasers: Set<Int> = []
        for index in candidates {
            let block = list.blocks[index]
            guard block.kind == .heading, block.linkDensity >= 0.8, block.structure.contains(.article) else { continue }
            if let article = enclosingArticles(block, in: container).first, scores[article] < 0.4 * scores[container] {
                teasers.insert(article)
            }
        }
        // A list article, or a thread, may be made of nothing else.
        return teasers.reduce(0) { $0 + scores[$1] } > 0.4 * scores[container] ? [] : teasers
    }

    /// The `article` elements around a block and inside the container, innermost first.
    private func enclosingArticles(_ block: TextBlock, in container: Int) -> [Int] {
        guard block.structure.contains(.article) else { return [] }
        var articles: [Int] = []
        var node = block.node
        while node > container {
            if document.nodes[node].tag == .article { articles.append(node) }
            node = document.nodes[node].parentIndex
        }
        return articles
    }

    private func parent(of block: TextBlock) -> Int { document.nodes[block.node].parentIndex }

    /// The element that holds more than half of the prose as its own children, or `nil`: what else stands directly in
    /// it belongs to the text, whatever it looks like.
    private func textParent(_ candidates: [Int]) -> Int? {
        var sums: [Int: Int] = [:]
        var all = 0
        for index in candidates {
            let block = list.blocks[index]
            guard block.kind == .paragraph, block.linkDensity < 0.3 else { continue }
            sums[parent(of: block), default: 0] += block.characters
            all += block.characters
        }
        guard let best = sums.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }), best.value * 2 > all else {
            return nil
        }
        return best.key
    }

    private func isWanted(_ block: TextBlock, listDensity: Float?, isInText: Bool) -> Bool {
        switch block.kind {
        case .caption, .embed: return true
        case .listItem, .table:
            if let listDensity, listDensity > 0.5 { return false }
            return block.characters > 0
        default: break
        }
        if block.linkDensity > 0.6, !(isInText && block.structure.contains(.paragraph)) {
            return block.characters > 80 && block.endsSentence && block.linkDensity < 0.9
        }
        if block.structure.contains(.paragraph) || block.kind == .preformatted { return block.characters > 1 }
        return block.characters >= 40 || (block.endsSentence && block.characters >= 12)
    }

    /// The outermost list or table around a block.
    private func groupNode(_ block: TextBlock) -> Int {
        guard block.structure.contains(.list) || block.structure.contains(.table) else { return -1 }
        var group = -1
        var node = block.node
        while node > 0 {
            switch document.nodes[node].tag {
            case .ul, .ol, .dl, .table: group = node
            case .article, .main, .body, .section: return group
            default: break
            }
            node = document.nodes[node].parentIndex
            if group >= 0, document.nodes[node].depth + 8 < document.nodes[group].depth { break }
        }
        return group
    }

    private func listDensities(_ candidates: [Int]) -> [Int: Float] {
        var totals: [Int: (all: Int, links: Int)] = [:]
        for index in candidates {
            let block = list.blocks[index]
            let group = groupNode(block)
            guard group >= 0 else { continue }
            totals[group, default: (0, 0)].all += block.characters
            totals[group, default: (0, 0)].links += block.linkCharacters
        }
        return totals.mapValues { $0.all == 0 ? 1 : Float($0.links) / Float($0.all) }
    }

    /// What the container and its ancestors say themselves, which therefore tells nothing about a block in it.
    private func inheritance(of container: Int) -> (BlockHints, BlockStructure) {
        var hints: BlockHints = []
        var structure: BlockStructure = []
        var node = container
        while node >= 0 {
            hints.formUnion(BlockHints(rawValue: list.nodeHints[node]))
            structure.formUnion(BodyBlockBuilder.structure(document.nodes[node].tag))
            node = document.nodes[node].parentIndex
        }
        return (hints, structure)
    }
}
