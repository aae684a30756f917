/// Builds an ``HTMLDocument`` from start tags, end tags and text, within limits.
///
/// It follows the tree construction of the HTML standard as far as the extent of elements goes: implied end tags, scopes
/// and void elements. It does not move misnested content (foster parents, the adoption agency), since a node's subtree
/// must stay one range: a formatting element that is closed inside a block ends with that block.
struct HTMLTreeBuilder {
    private let limits: HTMLLimits
    private var nodes: ContiguousArray<HTMLNode> = []
    private var attributes: ContiguousArray<HTMLAttribute> = []
    private var text: ContiguousArray<UInt8> = []
    private var open: ContiguousArray<OpenElement> = []
    /// How many open elements were not given a node because they are too deep.
    private var overflow = 0
    private var isTruncated = false
    private var hasRoot = false
    private var hasBody = false
    /// How many `a` elements are open, so that a page without any is not searched for them.
    private var openLinks = 0
    /// Whether the parser should stop because the page has too many nodes.
    private(set) var isFull = false

    /// An element whose end tag has not come yet.
    private struct OpenElement {
        var node: Int32
        var tag: HTMLTag
        /// The packed name, which tells elements without a tag of their own apart.
        var name: UInt128
        /// The end tag came while a block inside was open.
        var isClosed = false
    }

    init(limits: HTMLLimits, byteCount: Int) {
        self.limits = limits
        nodes.reserveCapacity(byteCount / 48 + 16)
        attributes.reserveCapacity(byteCount / 64 + 16)
        text.reserveCapacity(byteCount / 2 + 16)
        nodes.append(HTMLNode(tag: .other, depth: 0, parent: -1, end: 0))
        open.append(OpenElement(node: 0, tag: .html, name: 0))
    }

    // MARK: - Start tags

    /// Opens an element; its attributes follow through ``appendAttribute(_:_:)``.
    ///
    /// - Returns: Whether the element got a node, so that its attributes are wanted.
    mutating func startElement(_ tag: HTMLTag, name: UInt128, isSelfClosing: Bool) -> Bool {
        if tag == .html || tag == .body {
            // Only the first of each counts.
            if tag == .html ? hasRoot : hasBody { return false }
            if tag == .html { hasRoot = true } else { hasBody = true }
        }
        guard nodes.count < limits.maximumNodes else {
            isFull = true
            isTruncated = true
            return false
        }
        if overflow == 0 { makeRoom(for: tag) }
        let isLeaf = tag.isVoid || (isSelfClosing && tag == .other)
        guard overflow == 0, open.count < limits.maximumDepth else {
            if !isLeaf { overflow += 1 }
            return false
        }
        let index = Int32(nodes.count)
        nodes.append(
            HTMLNode(
                tag: tag, depth: UInt16(open.count), parent: open[open.count - 1].node, end: index + 1,
                attributeStart: Int32(attributes.count)))
        if !isLeaf {
            open.append(OpenElement(node: index, tag: tag, name: name))
            if tag == .a { openLinks += 1 }
        }
        return true
    }

    /// Adds an attribute to the element that was just opened; the first of a name counts.
    mutating func appendAttribute(_ name: HTMLAttributeName, _ value: ArraySlice<UInt8>) {
        let index = nodes.count - 1
        guard nodes[index].attributeCount < 64 else { return }
        // By index: a slice would be counted as an owner of the array for each attribute.
        for other in Int(nodes[index].attributeStart)..<attributes.count where attributes[other].name == name { return }
        let start = Int32(text.count)
        text.append(contentsOf: value.prefix(limits.maximumAttributeBytes))
        attributes.append(HTMLAttribute(name: name, start: start, end: Int32(text.count)))
        nodes[index].attributeCount += 1
    }

    /// Closes what a start tag of this kind ends implicitly.
    private mutating func makeRoom(for tag: HTMLTag) {
        let top = open[open.count - 1].tag
        if top == .head, !tag.isHeadContent { pop() }
        if top == .select, tag.isBlockStart { pop() }
        switch tag {
        case .li: closeItem(.li, .li)
        case .dd, .dt: closeItem(.dd, .dt)
        case .tr: popTo { $0.isTableSection || $0 == .table }
        case .td, .th: popTo { $0 == .tr || $0.isTableSection || $0 == .table }
        case .tbody, .thead, .tfoot, .colgroup, .caption: popTo { $0 == .table }
        case .option, .optgroup: if top == .option { pop() }
        case .button: closeInScope(.button, name: 0)
        case .a: if openLinks > 0 { closeLink() }
        case .body: while open.count > 2 { pop() }
        default: break
        }
        guard tag.isBlockStart else { return }
        closeParagraph()
        if tag.isHeading, open[open.count - 1].tag.isHeading { pop() }
    }

    /// Ends an open item of the same list.
    private mutating func closeItem(_ one: HTMLTag, _ other: HTMLTag) {
        var position = open.count - 1
        while position > 0 {
            let tag = open[position].tag
            if tag == one || tag == other { return popDown(to: position) }
            if tag.isSpecial, tag != .address, tag != .div, tag != .p { return }
            position -= 1
        }
    }

    /// Ends what is open inside the nearest of some table parts; does nothing outside of tables.
    private mutating func popTo(_ isBoundary: (HTMLTag) -> Bool) {
        var position = open.count - 1
        while position > 0 {
            if isBoundary(open[position].tag) { return popDown(to: position + 1) }
            position -= 1
        }
    }

    /// Ends an open link that only inline elements separate from here: links do not nest.
    private mutating func closeLink() {
        var position = open.count - 1
        while position > 0, open[position].tag.isInline {
            if open[position].tag == .a { return popDown(to: position) }
            position -= 1
        }
    }

    private mutating func closeParagraph() {
        var position = open.count - 1
        while position > 0 {
            let tag = open[position].tag
            if tag == .p { return popDown(to: position) }
            if tag.isScopeBoundary || tag == .button { return }
            // A block between ends the paragraph's reach: it was itself opened outside of any paragraph.
            if tag == .div || tag == .section || tag == .article { return }
            position -= 1
        }
    }

    // MARK: - End tags

    /// Handles an end tag.
    mutating func endElement(_ tag: HTMLTag, name: UInt128) {
        if tag.isVoid || tag == .html || tag == .body { return }
        if overflow > 0 {
            overflow -= 1
            return
        }
        switch tag {
        case .p: closeParagraph()
        case .h1, .h2, .h3, .h4, .h5, .h6: closeHeading()
        case _ where tag.isInline: closeInline(tag, name: name)
        default: closeInScope(tag, name: name)
        }
    }

    private mutating func closeHeading() {
        var position = open.count - 1
        while position > 0, !open[position].tag.isScopeBoundary {
            if open[position].tag.isHeading { return popDown(to: position) }
            position -= 1
        }
    }

    /// Ends a block element if one of its kind is open within this table cell.
    private mutating func closeInScope(_ tag: HTMLTag, name: UInt128) {
        let isTablePart = tag.isTablePart
        var position = open.count - 1
        while position > 0 {
            let entry = open[position]
            if entry.tag == tag, tag != .other || entry.name == name { return popDown(to: position) }
            if isTablePart ? entry.tag == .table : entry.tag.isScopeBoundary { return }
            position -= 1
        }
    }

    /// Ends an inline element; if a block inside it is open, it ends with that block.
    private mutating func closeInline(_ tag: HTMLTag, name: UInt128) {
        var position = open.count - 1
        var crossesBlock = false
        while position > 0 {
            let entry = open[position]
            if entry.tag == tag, entry.name == name, !entry.isClosed {
                if crossesBlock { open[position].isClosed = true } else { popDown(to: position) }
                return
            }
            if entry.tag.isScopeBoundary { return }
            if entry.tag.isSpecial {
                // Only formatting elements reach beyond a block; others of this kind lie outside of it.
                guard tag.isFormatting else { return }
                crossesBlock = true
            }
            position -= 1
        }
    }

    private mutating func popDown(to position: Int) {
        while open.count > position { pop() }
        while open.count > 1, open[open.count - 1].isClosed { pop() }
    }

    private mutating func pop() {
        guard open.count > 1 else { return }
        let entry = open.removeLast()
        if entry.tag == .a { openLinks -= 1 }
        nodes[Int(entry.node)].end = Int32(nodes.count)
    }

    // MARK: - Text

    /// Adds text to the innermost open element; text of one run is joined into one node.
    mutating func appendText<Bytes: Collection<UInt8>>(_ bytes: Bytes) {
        let parent = open[open.count - 1].node
        let last = nodes.count - 1
        if nodes[last].tag == .text, nodes[last].parent == parent, Int(nodes[last].textEnd) == text.count {
            text.append(contentsOf: bytes)
            nodes[last].textEnd = Int32(text.count)
            return
        }
        guard nodes.count < limits.maximumNodes else {
            isFull = true
            isTruncated = true
            return
        }
        let start = Int32(text.count)
        text.append(contentsOf: bytes)
        nodes.append(
            HTMLNode(
                tag: .text, depth: UInt16(open.count), parent: parent, end: Int32(nodes.count) + 1, textStart: start,
                textEnd: Int32(text.count)))
    }

    /// Gives the script that was just opened its text.
    mutating func setScript(_ bytes: ArraySlice<UInt8>) {
        let index = nodes.count - 1
        guard nodes[index].tag == .script else { return }
        nodes[index].textStart = Int32(text.count)
        text.append(contentsOf: bytes)
        nodes[index].textEnd = Int32(text.count)
    }

    /// Closes what is open and hands the tree over.
    consuming func finish(isCut: Bool) -> HTMLDocument {
        while open.count > 1 { pop() }
        nodes[0].end = Int32(nodes.count)
        return HTMLDocument(nodes: nodes, attributes: attributes, text: text, isTruncated: isTruncated || isCut)
    }
}
