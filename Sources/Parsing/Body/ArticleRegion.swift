internal import Markup

/// The part of a page around the headline and the body, where the byline and the date stand.
struct ArticleRegion {
    let document: HTMLDocument
    let list: BlockList
    private let nodes: Range<Int>
    private let container: Int?
    private let heading: Int?

    init(document: HTMLDocument, list: BlockList, container: Int?, heading: Int?) {
        self.document = document
        self.list = list
        self.container = container
        self.heading = heading
        guard let container else {
            nodes = 0..<document.nodes.count
            return
        }
        let first = min(heading ?? container, container)
        // What stands just above the headline or below the text is often the date or the byline.
        let end = min(document.nodes[container].endIndex + 60, document.nodes.count)
        nodes = max(0, first - 60)..<end
    }

    /// Whether a node stands near the article and not in a box of another kind.
    func contains(_ node: Int) -> Bool {
        guard nodes.contains(node) else { return false }
        let foreign: BlockHints = [.comments, .related, .navigation, .sidebar, .advertisement, .consent]
        var index = node
        for _ in 0..<12 {
            if index <= 0 || index == container { return true }
            let tag = document.nodes[index].tag
            // A quoted post has a date and a name of its own.
            if tag == .nav || tag == .aside || tag == .footer || tag == .blockquote { return false }
            if !BlockHints(rawValue: list.nodeHints[index]).isDisjoint(with: foreign) { return false }
            index = document.nodes[index].parentIndex
        }
        return true
    }

    /// Whether a node stands shortly before or after the headline, whatever box it is in.
    func isBesideHeading(_ node: Int) -> Bool {
        guard let heading else { return false }
        return node > heading - 40 && node < heading + 160
    }

    /// Short lines from just above the headline on.
    func lines(limit: Int) -> [String] {
        let first = heading ?? nodes.lowerBound
        return list.blocks.lazy
            .filter {
                $0.firstNode >= first && nodes.contains($0.firstNode) && $0.characters <= 120 && $0.characters >= 5
            }
            .prefix(limit).flatMap { list.lines($0) }
    }

    /// Short texts near the top of the article, where a date may stand without markup.
    func shortTexts(limit: Int) -> [String] {
        var texts: [String] = []
        for block in list.blocks
        where nodes.contains(block.firstNode) && block.characters <= 120 && block.characters >= 6 {
            guard list.text[block.start..<block.end].contains(where: { $0 &- 0x30 < 10 }), contains(block.node) else {
                continue
            }
            texts.append(contentsOf: list.lines(block))
            if texts.count >= limit { break }
        }
        return texts
    }
}
