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

    /// The texts of links near the headline to an author's page, such as `/author/jane-doe`; those that follow each other.
    func authorLinks() -> [String] {
        var texts: [String] = []
        let first = max(nodes.lowerBound, (heading ?? nodes.lowerBound) - 40)
        let end = min(first + 400, nodes.upperBound)
        guard first < end else { return [] }
        var last = first
        for node in first..<end
        where document.nodes[node].tag == .a && (texts.isEmpty || node < last + 24) && contains(node) {
            guard let target = document.attribute(.href, of: node), Self.isAuthorAddress(document.text[target]) else {
                continue
            }
            let text = HTMLText.string(of: node, in: document, limit: 120)
            guard !text.isEmpty else { continue }
            texts.append(text)
            last = node
        }
        return texts
    }

    private static func isAuthorAddress(_ address: ContiguousArray<UInt8>.SubSequence) -> Bool {
        guard address.count < 300 else { return false }
        return address.split(separator: 0x2F).dropLast().contains {
            authorSegments.contains(String(decoding: $0, as: UTF8.self))
        }
    }

    private static let authorSegments: Set<String> = [
        "author", "authors", "autor", "autoren", "autores", "auteur", "auteurs", "autore", "autori", "writers",
        "contributor",
        "contributors", "journalist", "journalists", "reporter", "reporters", "columnists", "editors", "avtor",
        "penulis",
        "yazar", "yazarlar", "profile", "profiles", "team", "staff", "by",
    ]

    /// Short lines from just above the headline on.
    func lines(limit: Int) -> [String] {
        let first = heading ?? nodes.lowerBound
        return list.blocks.lazy
            .filter {
                $0.firstNode >= first && nodes.contains($0.firstNode) && $0.characters <= 120 && $0.characters >= 5
            }
            .prefix(limit).flatMap { list.lines($0) }
    }

    /// Short texts with figures beside the headline, also in a bar of links, but not in what belongs to another piece, such as
    /// a quoted post.
    func textsBesideHeading() -> [String] {
        list.blocks.lazy
            .filter { block in
                isBesideHeading(block.firstNode) && block.characters <= 120 && block.characters >= 6
                    && block.structure.isDisjoint(with: [.quote, .aside, .footer, .hidden])
                    && block.hints.isDisjoint(with: [.comments, .related, .sidebar, .advertisement])
                    && list.text[block.start..<block.end].contains { $0 &- 0x30 < 10 }
            }
            .prefix(12).flatMap { list.lines($0) }
    }

    /// The last short texts of the article and those just below it, where a credit may stand.
    func closingTexts(limit: Int) -> [String] {
        let short = list.blocks.filter { nodes.contains($0.firstNode) && $0.characters <= 200 && $0.characters >= 3 }
        return short.suffix(limit).filter { contains($0.node) }.flatMap { list.lines($0) }
    }

    /// Short texts near the top of the article, where a date may stand without markup.
    func shortTexts(limit: Int) -> [String] {
        var texts: [String] = []
        for block in list.blocks
        where nodes.contains(block.firstNode) && block.characters <= 120 && block.characters >= 6 {
            // A byte outside ASCII may be of a figure of another script.
            guard list.text[block.start..<block.end].contains(where: { $0 &- 0x30 < 10 || $0 >= 0xD9 }),
                contains(block.node)
            else { continue }
            texts.append(contentsOf: list.lines(block))
            if texts.count >= limit { break }
        }
        return texts
    }
}
