internal import Markup
internal import WebURL

/// The body of a page: the chosen blocks, or the text that the page's structured data gives.
struct PageBody {
    /// The node whose subtree holds the article.
    var container: Int?
    /// The indices of the chosen blocks in the list.
    var chosen: [Int] = []
    /// What was chosen before phrases, copies and the ends of the text were looked at.
    var selected: [Int] = []
    /// Paragraphs out of structured data, used in the place of blocks.
    var paragraphs: [String]?
    /// Where the text comes from.
    var source = "text"
    let document: HTMLDocument
    let list: BlockList

    /// Characters of the text outside captions.
    var characters: Int {
        if let paragraphs { return paragraphs.reduce(0) { $0 + $1.utf8.count } }
        return chosen.reduce(0) { $0 + (list.blocks[$1].kind == .caption ? 0 : list.blocks[$1].characters) }
    }

    /// The blocks as the article carries them; a heading that only repeats the title is left out.
    func blocks(title: String?, base: ParsedURL?) -> [ArticleBlock] {
        if let paragraphs { return paragraphs.map { ArticleBlock(kind: .paragraph, text: $0) } }
        let titleLetters = title.map(HTMLText.letters) ?? []
        var result: [ArticleBlock] = []
        var lastRow = -1
        var lastCell = -1
        for index in chosen {
            let block = list.blocks[index]
            let text = list.string(block)
            if result.count < 6, block.kind == .heading || block.kind == .paragraph,
                repeats(titleLetters, in: block, text: text, isFirst: result.isEmpty)
            {
                continue
            }
            if block.kind == .table {
                let (row, cell) = place(of: block)
                if row >= 0, row == lastRow, let last = result.indices.last {
                    result[last].text += (cell == lastCell ? " " : " | ") + text
                    lastCell = cell
                    continue
                }
                (lastRow, lastCell) = (row, cell)
            } else {
                lastRow = -1
            }
            let level = block.kind == .heading && block.level > 0 ? block.level : nil
            result.append(ArticleBlock(kind: block.kind, text: text, level: level, links: links(of: block, base: base)))
        }
        return result
    }

    /// Whether a block is the title once more, at the top also with a label before or behind it.
    private func repeats(_ title: [UInt8], in block: TextBlock, text: String, isFirst: Bool) -> Bool {
        let letters = HTMLText.letters(text)
        if letters == title { return true }
        guard isFirst, !title.isEmpty, letters.count >= 12, block.kind == .heading || !block.endsSentence else {
            return false
        }
        guard letters.count < title.count * 2 + 20 else { return false }
        return ByteSearch.contains(letters, title) || ByteSearch.contains(title, letters)
    }

    /// The row and the cell that a block stands in, -1 where it is in none.
    private func place(of block: TextBlock) -> (row: Int, cell: Int) {
        var node = block.node
        var cell = -1
        for _ in 0..<8 where node > 0 {
            let tag = document.nodes[node].tag
            if tag == .td || tag == .th { cell = node }
            if tag == .tr { return (node, cell) }
            node = document.nodes[node].parentIndex
        }
        return (-1, cell)
    }

    private func links(of block: TextBlock, base: ParsedURL?) -> [ArticleLink]? {
        guard block.links > 0 else { return nil }
        var links: [ArticleLink] = []
        // The first text of the block may stand inside the link.
        var index = block.firstNode
        while index > block.node, document.nodes[index].tag != .a { index = document.nodes[index].parentIndex }
        if index <= block.node { index = block.firstNode }
        while index <= block.lastNode, links.count < 64 {
            if document.nodes[index].tag == .a, let target = document.attributeString(.href, of: index),
                let absolute = ParsedURL(target, base: base), absolute.isHTTP
            {
                let text = HTMLText.string(of: index, in: document)
                if !text.isEmpty { links.append(ArticleLink(text: text, target: absolute.href)) }
            }
            index += 1
        }
        return links.isEmpty ? nil : links
    }
}

/// Chooses between the ways to a page's body.
enum BodyAssembler {
    static func body(
        document: HTMLDocument, list: BlockList, facts: PageFacts, structured: JSONValue?
    ) -> PageBody {
        var body = select(document, list, usesHints: true)
        if body.characters < 500 {
            let other = select(document, list, usesHints: false)
            if other.characters > 2 * body.characters + 200 { body = other }
        }
        if body.characters < 200 {
            let other = select(document, list.unveiled, usesHints: true)
            if other.characters > 400, other.chosen.count > 2 { body = other }
        }
        let paragraphs = structuredParagraphs(facts, structured)
        let description =
            facts.meta("og:description", "description", "twitter:description") ?? structured?["description"]?.text
        body.selected = body.chosen
        body.chosen = BodyPruner(list: list, document: document)
            .prune(body.chosen, copy: paragraphs?.joined(separator: " "), description: description)
        body.chosen = RuleMatcher.withKept(body.chosen, in: list)
        if let paragraphs {
            let count = paragraphs.reduce(0) { $0 + $1.utf8.count }
            if count > 400, body.characters * 2 < count {
                body.paragraphs = paragraphs
                body.source = "json-ld"
            }
        }
        if body.characters < 300 {
            // The data of a live blog has all updates, the page those that it shows: the page counts where it has a text.
            if let updates = liveText(structured).flatMap(Self.paragraphs) {
                (body.paragraphs, body.source) = (updates, "json-ld")
            } else if let paragraphs = ScriptText.paragraphs(of: document) {
                (body.paragraphs, body.source) = (paragraphs, "script")
            }
        }
        return body
    }

    private static func select(_ document: HTMLDocument, _ list: BlockList, usesHints: Bool) -> PageBody {
        let selector = BodySelector(document: document, list: list, usesHints: usesHints)
        var body = PageBody(document: document, list: list)
        body.container = selector.container()
        if let container = body.container { body.chosen = selector.blocks(in: container) }
        return body
    }

    /// The updates of a live blog in the order of the page, each with its headline.
    private static func liveText(_ structured: JSONValue?) -> String? {
        guard let updates = structured?["liveBlogUpdate"]?.elements, !updates.isEmpty else { return nil }
        let texts = updates.flatMap { [$0["headline"]?.text, $0["articleBody"]?.text].compactMap { $0 } }
        return texts.isEmpty ? nil : texts.joined(separator: "\n")
    }

    /// The paragraphs of JSON-LD's `articleBody`, without the markup that some pages put into it.
    private static func structuredParagraphs(_ facts: PageFacts, _ structured: JSONValue?) -> [String]? {
        structured?["articleBody"]?.text.flatMap(paragraphs)
    }

    private static func paragraphs(_ text: String) -> [String]? {
        let plain = HTMLEntities.decoded(HTMLEntities.withoutTags(HTMLEntities.decoded(text)))
        let paragraphs = plain.split(whereSeparator: \.isNewline).map { HTMLText.collapsed(String($0)) }.filter {
            !$0.isEmpty
        }
        return paragraphs.isEmpty ? nil : paragraphs
    }
}
