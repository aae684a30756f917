/// Builds an ``HTMLDocument`` from the events of a parser, within limits.
///
/// The parser calls it with bytes that it lends for the call; the builder copies what it keeps.
final class HTMLTreeBuilder {
    private let limits: HTMLLimits
    private var nodes: ContiguousArray<HTMLNode> = []
    private var attributes: ContiguousArray<HTMLAttribute> = []
    private var text: ContiguousArray<UInt8> = []
    private var open: ContiguousArray<Int32> = [0]
    /// How many open elements were not given a node because they are too deep.
    private var overflow = 0
    private var isTruncated = false
    /// Whether the parser should stop: a limit was reached that makes the rest useless.
    private(set) var shouldStop = false

    init(limits: HTMLLimits, byteCount: Int) {
        self.limits = limits
        nodes.reserveCapacity(byteCount / 32 + 16)
        attributes.reserveCapacity(byteCount / 48 + 16)
        text.reserveCapacity(byteCount + 16)
        nodes.append(HTMLNode(tag: .other, depth: 0, parent: -1, end: 0))
    }

    /// Opens an element; its attributes follow through ``appendAttribute(_:value:)``.
    ///
    /// - Returns: Whether attributes are wanted.
    func startElement(_ tag: HTMLTag) -> Bool {
        guard nodes.count < limits.maximumNodes, open.count + overflow < limits.maximumOpenElements else {
            overflow += 1
            shouldStop = true
            isTruncated = true
            return false
        }
        guard overflow == 0, open.count < limits.maximumDepth else {
            overflow += 1
            return false
        }
        let index = Int32(nodes.count)
        let parent = open[open.count - 1]
        nodes.append(
            HTMLNode(
                tag: tag, depth: UInt16(open.count), parent: parent, end: index + 1, attributeStart: Int32(attributes.count)))
        open.append(index)
        return true
    }

    /// Adds an attribute to the element that was just opened; the first of a name counts.
    func appendAttribute(_ name: HTMLAttributeName, value: UnsafeBufferPointer<UInt8>) {
        let index = nodes.count - 1
        guard nodes[index].attributeCount < 64 else { return }
        let start = Int32(text.count)
        unsafe text.append(contentsOf: value.prefix(limits.maximumAttributeBytes))
        attributes.append(HTMLAttribute(name: name, start: start, end: Int32(text.count)))
        nodes[index].attributeCount += 1
    }

    /// Closes the innermost open element.
    func endElement() {
        if overflow > 0 {
            overflow -= 1
        } else if open.count > 1 {
            let index = Int(open.removeLast())
            nodes[index].end = Int32(nodes.count)
        }
    }

    /// Adds text to the innermost open element; text of one run is joined into one node.
    func appendText(_ bytes: UnsafeBufferPointer<UInt8>) {
        let parent = open[open.count - 1]
        let last = nodes.count - 1
        if nodes[last].tag == .text, nodes[last].parent == parent, Int(nodes[last].textEnd) == text.count {
            unsafe text.append(contentsOf: bytes)
            nodes[last].textEnd = Int32(text.count)
            return
        }
        guard nodes.count < limits.maximumNodes else {
            isTruncated = true
            shouldStop = true
            return
        }
        let start = Int32(text.count)
        unsafe text.append(contentsOf: bytes)
        let index = Int32(nodes.count)
        nodes.append(
            HTMLNode(
                tag: .text, depth: UInt16(open.count), parent: parent, end: index + 1, textStart: start, textEnd: Int32(text.count)))
    }

    /// Adds raw data to the innermost open element if it is a script; style sheets are not kept.
    func appendData(_ bytes: UnsafeBufferPointer<UInt8>) {
        let index = Int(open[open.count - 1])
        guard nodes[index].tag == .script, overflow == 0 else { return }
        if nodes[index].textEnd == 0 || Int(nodes[index].textEnd) != text.count {
            nodes[index].textStart = Int32(text.count)
        }
        unsafe text.append(contentsOf: bytes)
        nodes[index].textEnd = Int32(text.count)
    }

    /// Closes what is open and hands the tree over.
    func finish() -> HTMLDocument {
        overflow = 0
        while open.count > 1 { endElement() }
        nodes[0].end = Int32(nodes.count)
        return HTMLDocument(nodes: nodes, attributes: attributes, text: text, isTruncated: isTruncated)
    }
}
