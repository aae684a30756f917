internal import Markup

/// Cuts a page into ``TextBlock``s in one walk over its nodes.
struct BodyBlockBuilder {
    private let document: HTMLDocument
    private var list = BlockList()
    private var frames: ContiguousArray<Frame> = []
    private var current = TextBlock(start: 0, end: 0, node: 0, firstNode: -1, lastNode: 0, kind: .paragraph)
    private var needsSpace = false
    private var breaks = 0
    private var lastLinkNode = -1
    /// Sums of the text that stands directly in `p` elements before each node.
    private var paragraphSums: ContiguousArray<Int32> = []

    /// The first first-level headings.
    private var headlines: [Int] = []

    /// What holds inside one open element.
    private struct Frame {
        var end: Int
        var node: Int
        var hints: BlockHints
        var structure: BlockStructure
        var link: Int
        var level: Int
        var isBlock: Bool
    }

    private init(_ document: HTMLDocument) {
        self.document = document
    }

    /// The blocks of a page.
    static func blocks(of document: HTMLDocument) -> BlockList {
        var builder = BodyBlockBuilder(document)
        builder.sumParagraphs()
        builder.walk()
        builder.judgeWidgets()
        return builder.list
    }

    // MARK: - The walk

    private mutating func sumParagraphs() {
        let nodes = document.nodes
        paragraphSums = ContiguousArray(repeating: 0, count: nodes.count + 1)
        var sum: Int32 = 0
        for index in nodes.indices {
            let node = nodes[index]
            if node.tag == .text, nodes[node.parentIndex].tag == .p {
                let length = node.textEnd - node.textStart
                if length > 40 { sum += length }
            }
            paragraphSums[index + 1] = sum
            if node.tag == .h1, headlines.count < 8 { headlines.append(index) }
        }
    }

    private mutating func walk() {
        let nodes = document.nodes
        list.nodeHints = ContiguousArray(repeating: 0, count: nodes.count)
        frames.append(Frame(end: nodes.count, node: 0, hints: [], structure: [], link: -1, level: 0, isBlock: true))
        var index = 1
        while index < nodes.count {
            while let last = frames.last, index >= last.end, frames.count > 1 { close(last) }
            let node = nodes[index]
            switch node.tag {
            case .text:
                append(node, at: index)
                index += 1
            case .br:
                lineBreak()
                index += 1
            case .hr:
                flush()
                index += 1
            default:
                if Self.isSkipped(node.tag), !holdsMostText(node, at: index, tenths: 3) {
                    needsSpace = true
                    index = node.endIndex
                } else {
                    open(node, at: index)
                    index += 1
                }
            }
        }
        flush()
    }

    /// Where much of the page's prose stands in widgets, a page builder made the text itself out of them.
    private mutating func judgeWidgets() {
        var inWidgets = 0
        var all = 0
        for block in list.blocks where block.characters >= 60 && block.linkDensity < 0.3 {
            all += block.characters
            if block.hints.contains(.widget) { inWidgets += block.characters }
        }
        guard inWidgets * 10 > all * 4 else { return }
        for index in list.blocks.indices { list.blocks[index].hints.remove(.widget) }
        for index in list.nodeHints.indices { list.nodeHints[index] &= ~BlockHints.widget.rawValue }
    }

    /// Elements whose text is not text of the page.
    private static func isSkipped(_ tag: HTMLTag) -> Bool {
        switch tag {
        case .head, .script, .style, .noscript, .template, .title, .meta, .link, .base, .iframe, .frame, .frameset,
            .noframes,
            .object, .embed, .applet, .video, .audio, .canvas, .map, .svg, .math, .button, .input, .select, .option,
            .optgroup, .textarea, .datalist, .progress, .meter, .img, .rp, .rt:
            true
        default: false
        }
    }

    private mutating func open(_ node: HTMLNode, at index: Int) {
        let parent = frames[frames.count - 1]
        var frame = parent
        frame.end = node.endIndex
        frame.node = index
        frame.isBlock = !node.tag.isInline
        if frame.isBlock { flush() }
        let own = node.attributeCount > 0 ? ownHints(node, at: index) : []
        list.nodeHints[index] = own.rawValue
        if own.contains(.embed) { frame.hints.subtract([.share, .sidebar, .widget, .related]) }
        frame.hints.formUnion(own)
        var structure = Self.structure(node.tag)
        if !structure.isDisjoint(with: .boilerplate), holdsMostText(node, at: index, tenths: 6) {
            // The page's author, or the parser's repair of a missing end tag, put the article into it.
            structure.subtract(.boilerplate)
        }
        frame.structure.formUnion(structure)
        if node.tag == .td || node.tag == .th, laysOut(node, at: index) { frame.structure.remove(.table) }
        if node.tag == .a { frame.link = index }
        if let level = node.tag.headingLevel { frame.level = level }
        if own.contains(.hidden) { frame.structure.insert(.hidden) }
        if !frame.isBlock { frame.node = parent.node }
        if frame.end > index + 1 { frames.append(frame) }
    }

    /// Whether a cell holds a headline or paragraphs: then its table lays out the page and is none of the article's.
    private func laysOut(_ node: HTMLNode, at index: Int) -> Bool {
        let prose = paragraphSums[node.endIndex] - paragraphSums[index]
        return prose > 300 || headlines.contains { $0 > index && $0 < node.endIndex }
    }

    private mutating func close(_ frame: Frame) {
        if frame.isBlock { flush() }
        frames.removeLast()
    }

    static func structure(_ tag: HTMLTag) -> BlockStructure {
        switch tag {
        case .article: .article
        case .main: .main
        case .nav, .menu: .navigation
        case .footer: .footer
        case .aside: .aside
        case .header, .hgroup: .header
        case .ul, .ol, .dl, .li, .dd, .dt: .list
        case .blockquote, .q: .quote
        case .table: .table
        case .figure: .figure
        case .form, .fieldset: .form
        case .pre: .preformatted
        case .figcaption, .caption: .caption
        case .dialog, .search, .legend, .label: .control
        case .p: .paragraph
        default: []
        }
    }

    // MARK: - Hints

    /// The hints of an element itself; those against it do not count when it holds most of the page's paragraphs.
    private func ownHints(_ node: HTMLNode, at index: Int) -> BlockHints {
        var hints: BlockHints = []
        let first = Int(node.attributeStart)
        for position in first..<(first + Int(node.attributeCount)) {
            let attribute = document.attributes[position]
            let range = Int(attribute.start)..<Int(attribute.end)
            switch attribute.name {
            case .class, .id: hints.formUnion(HintScanner.hints(document.text, range))
            case .role: hints.formUnion(HintScanner.roleHints(document.text, range))
            case .itemprop: hints.formUnion(HintScanner.propertyHints(document.text, range))
            case .hidden: hints.insert(.hidden)
            case .ariaHidden where document.text[range].elementsEqual("true".utf8): hints.insert(.hidden)
            case .style where HintScanner.hides(document.text, range): hints.insert(.hidden)
            default: break
            }
        }
        if hints.contains(.caption), node.tag == .article || holdsMostText(node, at: index, tenths: 1) {
            hints.remove(.caption)
        }
        if hints.contains(.embed), node.tag == .blockquote {
            // The post is part of the text, whatever the box that it came with is called.
            return [.embed]
        }
        guard !hints.isDisjoint(with: .boilerplate) else { return hints }
        let isRoot = node.tag == .html || node.tag == .body || hints.contains(.articleBody)
        if isRoot || holdsMostText(node, at: index, tenths: holdsHeadline(node, at: index) ? 3 : 6) {
            hints.subtract(.boilerplate)
        }
        return hints
    }

    /// Whether an element holds more than some tenths of the text of the page's paragraphs.
    private func holdsMostText(_ node: HTMLNode, at index: Int, tenths: Int) -> Bool {
        let total = paragraphSums[paragraphSums.count - 1]
        guard total > 400 else { return false }
        let own = paragraphSums[node.endIndex] - paragraphSums[index]
        return Int(own) * 10 > Int(total) * tenths
    }

    /// Whether an element holds a first-level heading.
    private func holdsHeadline(_ node: HTMLNode, at index: Int) -> Bool {
        headlines.contains { $0 > index && $0 < node.endIndex }
    }

    // MARK: - Text

    /// One line break stays a line break; two end the paragraph.
    private mutating func lineBreak() {
        breaks += 1
        if breaks == 2 { flush() }
    }

    private mutating func append(_ node: HTMLNode, at index: Int) {
        let frame = frames[frames.count - 1]
        let keepsLines = frame.structure.contains(.preformatted)
        let before = list.text.count
        var characters = 0
        var punctuation = 0
        var position = Int(node.textStart)
        let end = Int(node.textEnd)
        while position < end {
            let byte = document.text[position]
            position += 1
            if byte <= 0x20 {
                if keepsLines, current.firstNode >= 0 || list.text.count > before {
                    list.text.append(byte)
                } else {
                    needsSpace = true
                }
                continue
            }
            if byte >= 0xC2, position < end, let skipped = Self.invisible(byte, document.text, position, end) {
                position += skipped.count
                if skipped.isSpace { needsSpace = true }
                continue
            }
            if needsSpace || breaks > 0 {
                if current.firstNode >= 0 || list.text.count > before {
                    list.text.append(breaks > 0 ? 0x0A : 0x20)
                    characters += 1
                }
                needsSpace = false
                breaks = 0
            }
            list.text.append(byte)
            if byte < 0x80 {
                characters += 1
                if byte == 0x2E || byte == 0x2C || byte == 0x21 || byte == 0x3F { punctuation += 1 }
            } else if byte >= 0xC0 {
                characters += byte >= 0xE3 && byte <= 0xED ? 3 : 1
                if byte == 0xE3, position + 1 < end, document.text[position] == 0x80 { punctuation += 1 }
                if byte == 0xEF, position + 1 < end, document.text[position] == 0xBC { punctuation += 1 }
            }
        }
        guard list.text.count > before else { return }
        note(frame, at: index, start: before, characters: characters, punctuation: punctuation)
    }

    /// Whether a sequence is a space other than the ASCII ones or has no width, and how many bytes follow its first.
    private static func invisible(
        _ byte: UInt8, _ text: ContiguousArray<UInt8>, _ next: Int, _ end: Int
    ) -> (count: Int, isSpace: Bool)? {
        if byte == 0xC2 {
            if text[next] == 0xA0 { return (1, true) }
            return text[next] == 0xAD ? (1, false) : nil
        }
        guard next + 1 < end else { return nil }
        if byte == 0xE2, text[next] == 0x80 {
            let last = text[next + 1]
            if last <= 0x8A || last == 0xA8 || last == 0xA9 || last == 0xAF { return (2, true) }
            return last <= 0x8F ? (2, last == 0x8B) : nil
        }
        if byte == 0xE3, text[next] == 0x80, text[next + 1] == 0x80 { return (2, true) }
        return byte == 0xEF && text[next] == 0xBB && text[next + 1] == 0xBF ? (2, false) : nil
    }

    private mutating func note(_ frame: Frame, at index: Int, start: Int, characters: Int, punctuation: Int) {
        breaks = 0
        if current.firstNode < 0 {
            current = TextBlock(
                start: start, end: start, node: frame.node, firstNode: index, lastNode: index, kind: .paragraph)
            current.hints = frame.hints
            current.structure = frame.structure
            current.level = frame.level
        }
        current.lastNode = index
        current.characters += characters
        current.punctuation += punctuation
        if frame.link >= 0 {
            current.linkCharacters += characters
            if frame.link != lastLinkNode { current.links += 1 }
            lastLinkNode = frame.link
        }
    }

    private mutating func flush() {
        needsSpace = false
        breaks = 0
        guard current.firstNode >= 0 else { return }
        while let last = list.text.last, last <= 0x20 { list.text.removeLast() }
        current.end = list.text.count
        current.endsSentence = Self.endsSentence(list.text, current.end)
        current.kind = Self.kind(of: current)
        if current.kind == .paragraph || current.kind == .listItem, isBesideImage(current) { current.kind = .caption }
        list.blocks.append(current)
        current.firstNode = -1
    }

    /// Whether a short block shares a small box with a picture, and the box is named after it.
    private func isBesideImage(_ block: TextBlock) -> Bool {
        guard block.characters < 400, block.hints.contains(.image) else { return false }
        var node = block.node
        for _ in 0..<4 where node > 0 {
            let end = document.nodes[node].endIndex
            if BlockHints(rawValue: list.nodeHints[node]).contains(.image) {
                guard end - node < 80, paragraphSums[end] - paragraphSums[node] < 500 else { return false }
                if document.nodes[node..<end].contains(where: { Self.isPicture($0.tag) }) { return true }
            }
            node = document.nodes[node].parentIndex
        }
        return false
    }

    private static func isPicture(_ tag: HTMLTag) -> Bool {
        tag == .img || tag == .picture || tag == .video || tag == .iframe
    }

    private static func kind(of block: TextBlock) -> ArticleBlock.Kind {
        if block.structure.contains(.caption) { return .caption }
        if block.structure.contains(.figure), block.structure.isDisjoint(with: [.table, .quote, .preformatted]),
            block.characters < 500
        {
            return .caption
        }
        if block.hints.contains(.caption), block.characters < 800 { return .caption }
        if block.hints.contains(.embed) { return .embed }
        if block.level > 0 { return .heading }
        if block.structure.contains(.preformatted) { return .preformatted }
        if block.structure.contains(.quote) { return .quote }
        if block.structure.contains(.table) {
            // A cell full of prose belongs to a table that lays out the page.
            return block.characters > 140 && block.endsSentence ? .paragraph : .table
        }
        return block.structure.contains(.list) ? .listItem : .paragraph
    }

    /// Whether the text before `end` closes with a full stop, a question or exclamation mark, or a quotation mark.
    private static func endsSentence(_ text: ContiguousArray<UInt8>, _ end: Int) -> Bool {
        guard end > 0 else { return false }
        switch text[end - 1] {
        case 0x2E, 0x21, 0x3F, 0x3A, 0x22, 0x29, 0x3B: return true
        case 0x80...0xBF:
            guard end >= 3 else { return false }
            let lead = (text[end - 3], text[end - 2], text[end - 1])
            return (lead.0 == 0xE2 && lead.1 == 0x80) || (lead.0 == 0xE3 && lead.1 == 0x80 && lead.2 <= 0x91)
                || (lead.0 == 0xEF && lead.1 == 0xBC) || (lead.1 == 0xC2 && lead.2 == 0xBB)
        default: return false
        }
    }
}
