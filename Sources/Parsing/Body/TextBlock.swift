/// A run of text between two block boundaries of a page, with what the page says about it.
struct TextBlock: Sendable {
    /// Where the text lies in ``BlockList/text``.
    var start: Int
    var end: Int
    /// The innermost block element.
    var node: Int
    /// The first and last text node.
    var firstNode: Int
    var lastNode: Int
    var kind: ArticleBlock.Kind
    /// A heading's level, 0 for other blocks.
    var level = 0
    /// Characters; one of a script without word spaces counts for three.
    var characters = 0
    /// How many of them are in links.
    var linkCharacters = 0
    /// How many links touch the block.
    var links = 0
    /// How many of the bytes end a sentence or a clause.
    var punctuation = 0
    /// The hints of all enclosing elements.
    var hints: BlockHints = []
    /// The structure around the block.
    var structure: BlockStructure = []
    /// Whether the text ends as a sentence does.
    var endsSentence = false
    /// What is known of the block from outside the page.
    var verdict = BlockVerdict.open

    /// The share of the text that is links, 0 to 1.
    var linkDensity: Double { characters == 0 ? 0 : Double(linkCharacters) / Double(characters) }
}

/// The elements that a block stands in.
struct BlockStructure: OptionSet, Sendable {
    let rawValue: UInt16

    static let article = BlockStructure(rawValue: 1 << 0)
    static let main = BlockStructure(rawValue: 1 << 1)
    static let navigation = BlockStructure(rawValue: 1 << 2)
    static let footer = BlockStructure(rawValue: 1 << 3)
    static let aside = BlockStructure(rawValue: 1 << 4)
    static let header = BlockStructure(rawValue: 1 << 5)
    static let list = BlockStructure(rawValue: 1 << 6)
    static let quote = BlockStructure(rawValue: 1 << 7)
    static let table = BlockStructure(rawValue: 1 << 8)
    static let figure = BlockStructure(rawValue: 1 << 9)
    static let form = BlockStructure(rawValue: 1 << 10)
    static let preformatted = BlockStructure(rawValue: 1 << 11)
    static let caption = BlockStructure(rawValue: 1 << 12)
    static let control = BlockStructure(rawValue: 1 << 13)
    static let paragraph = BlockStructure(rawValue: 1 << 14)
    static let hidden = BlockStructure(rawValue: 1 << 15)

    /// Structure whose text is not part of an article's body.
    static let boilerplate: BlockStructure = [.navigation, .footer, .aside, .control, .hidden]
}

/// The blocks of a page in document order.
struct BlockList: Sendable {
    var blocks: ContiguousArray<TextBlock> = []
    /// The text of all blocks as UTF-8, white space collapsed except for line breaks.
    var text: ContiguousArray<UInt8> = []
    /// The hints of each node itself, without those of its ancestors.
    var nodeHints: ContiguousArray<UInt32> = []

    /// A block's text; line breaks inside it are kept.
    func string(_ block: TextBlock) -> String {
        String(decoding: text[block.start..<block.end], as: UTF8.self)
    }

    /// The list as if nothing were hidden or called a subscription: a page may hide its text until a script has found out
    /// who reads it.
    var unveiled: BlockList {
        var list = self
        for index in list.blocks.indices {
            list.blocks[index].structure.remove(.hidden)
            list.blocks[index].hints.subtract([.hidden, .promotion])
        }
        return list
    }

    /// The lines of the first short blocks.
    func shortLines(limit: Int) -> [String] {
        blocks.lazy.filter { $0.characters <= 200 && $0.linkDensity < 0.8 }.prefix(limit).flatMap { lines($0) }
    }

    /// A block's lines.
    func lines(_ block: TextBlock) -> [String] {
        text[block.start..<block.end].split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    }
}
