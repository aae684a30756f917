/// A parsed HTML page: nodes in document order in one array, their text in one buffer.
///
/// A node's subtree is the index range from the node to ``HTMLNode/end``, and its text is the range of ``text`` that its
/// text nodes cover, so walking, measuring and cutting are loops over arrays. The tree knows nothing of the parser that
/// filled it. Index 0 is the root, which stands for the document.
public struct HTMLDocument: Sendable {
    /// The nodes in document order.
    public let nodes: ContiguousArray<HTMLNode>
    /// The attributes of all elements, in document order.
    public let attributes: ContiguousArray<HTMLAttribute>
    /// The text of all text nodes and scripts, and the values of all attributes, as UTF-8.
    public let text: ContiguousArray<UInt8>
    /// Whether a limit cut the page short.
    public let isTruncated: Bool

    init(
        nodes: ContiguousArray<HTMLNode>, attributes: ContiguousArray<HTMLAttribute>, text: ContiguousArray<UInt8>,
        isTruncated: Bool
    ) {
        self.nodes = nodes
        self.attributes = attributes
        self.text = text
        self.isTruncated = isTruncated
    }

    /// The first child of a node, or `nil`.
    @inlinable public func firstChild(of index: Int) -> Int? {
        let next = index + 1
        return next < nodes[index].endIndex ? next : nil
    }

    /// The sibling that follows a node, or `nil`.
    @inlinable public func nextSibling(of index: Int) -> Int? {
        let parent = nodes[index].parentIndex
        let next = nodes[index].endIndex
        return parent >= 0 && next < nodes[parent].endIndex ? next : nil
    }

    /// The byte range in ``text`` of an attribute's value, or `nil` when the element does not have it.
    @inlinable public func attribute(_ name: HTMLAttributeName, of index: Int) -> Range<Int>? {
        let node = nodes[index]
        var position = Int(node.attributeStart)
        let end = position + Int(node.attributeCount)
        while position < end {
            let attribute = attributes[position]
            if attribute.name == name { return Int(attribute.start)..<Int(attribute.end) }
            position += 1
        }
        return nil
    }

    /// An attribute's value as a string, or `nil` when the element does not have it.
    public func attributeString(_ name: HTMLAttributeName, of index: Int) -> String? {
        attribute(name, of: index).map(string)
    }

    /// The bytes of a range of ``text`` as a string.
    public func string(_ range: Range<Int>) -> String {
        String(decoding: text[range], as: UTF8.self)
    }
}

/// One node of an ``HTMLDocument``.
public struct HTMLNode: Sendable {
    /// What the node is; ``HTMLTag/text`` for text.
    public var tag: HTMLTag
    /// The number of attributes that were kept.
    public var attributeCount: UInt8 = 0
    /// How many elements enclose the node.
    public var depth: UInt16
    /// The index of the parent, -1 for the root.
    public var parent: Int32
    /// The index after the last node of the subtree.
    public var end: Int32
    /// The index of the first attribute.
    public var attributeStart: Int32 = 0
    /// The start of a text node's or a script's text.
    public var textStart: Int32 = 0
    /// The end of a text node's or a script's text.
    public var textEnd: Int32 = 0

    /// ``parent`` as `Int`.
    @inlinable public var parentIndex: Int { Int(parent) }
    /// ``end`` as `Int`.
    @inlinable public var endIndex: Int { Int(end) }
    /// The node's own text as a range of ``HTMLDocument/text``; empty for elements other than scripts.
    @inlinable public var textRange: Range<Int> { Int(textStart)..<Int(textEnd) }
}

/// One attribute of an element.
public struct HTMLAttribute: Sendable {
    /// Which attribute it is.
    public var name: HTMLAttributeName
    /// The start of the value in ``HTMLDocument/text``.
    public var start: Int32
    /// The end of the value in ``HTMLDocument/text``.
    public var end: Int32
}

/// What bounds the time and memory of one page.
public struct HTMLLimits: Sendable {
    /// The most nodes; the rest of the page is left out.
    public var maximumNodes = 1_000_000
    /// The deepest element; what lies deeper is attached to it.
    public var maximumDepth = 512
    /// How many elements may be open before the page is given up as hostile.
    public var maximumOpenElements = 8192
    /// The longest attribute value in bytes; longer ones are cut.
    public var maximumAttributeBytes = 65536
    /// The most bytes of a page that are read.
    public var maximumBytes = 16 << 20
    /// Asked every few thousand tags; the rest of the page is left out once it says yes.
    public var shouldStop: (@Sendable () -> Bool)?

    /// Makes the default limits.
    public init() {}
}
