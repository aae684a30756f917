/// A document as a tree, for documents of moderate size such as feeds.
///
/// The nodes lie in one array and are named by their position in it, so that nothing has to be released one by one.
public struct XMLTree: Sendable {
    /// One element or one run of text.
    public struct Node: Sendable {
        /// The element's name, `nil` for text.
        public let name: XMLName?
        /// The element's attributes.
        public let attributes: [XMLAttribute]
        /// The text; empty for elements.
        public internal(set) var text: String
        /// The node that holds this one, `nil` for the root.
        public let parent: Int?
        /// The positions of the nodes inside.
        public internal(set) var children: [Int] = []
        /// Whether the document broke off inside the element, so that it may be incomplete.
        public internal(set) var isCutOff = false
    }

    /// The nodes in document order.
    public private(set) var nodes: [Node] = []
    /// The first element, `nil` when the document has none.
    public private(set) var root: Int?
    /// How many errors were repaired.
    public private(set) var repairs = 0
    /// Whether the document broke off.
    public private(set) var isTruncated = false
    /// Whether the document declares entities that are made of other entities, as attacks do and feeds do not.
    public private(set) var hasNestedEntities = false

    /// Reads a document.
    ///
    /// - Parameters:
    ///   - maximumNodes: nodes beyond this number are left out as if the document broke off.
    public init(utf8: [UInt8], limits: XMLLimits = XMLLimits(), maximumNodes: Int = 2_000_000) {
        var reader = XMLReader(utf8: utf8, limits: limits)
        var open: [Int] = []
        while nodes.count < maximumNodes, let event = reader.next() {
            switch event {
            case .start(let name, let attributes):
                add(Node(name: name, attributes: attributes, text: "", parent: open.last))
                open.append(nodes.count - 1)
            case .end(_, let implied):
                guard let last = open.popLast() else { continue }
                nodes[last].isCutOff = implied && reader.isTruncated
            case .text(let text):
                guard let parent = open.last else { continue }
                append(text, to: parent)
            }
        }
        for index in open { nodes[index].isCutOff = true }
        repairs = reader.repairs
        isTruncated = reader.isTruncated || !open.isEmpty
        hasNestedEntities = reader.hasNestedEntities
    }

    /// The elements directly inside a node.
    public func elements(of index: Int) -> [Int] {
        nodes[index].children.filter { nodes[$0].name != nil }
    }

    /// An attribute without prefix, compared without regard to case.
    public func attribute(_ local: String, of index: Int) -> String? {
        nodes[index].attributes.first { $0.name.prefix.isEmpty && $0.name.local.lowercased() == local }?.value
    }

    /// The text of a node and of all that is in it.
    public func text(of index: Int) -> String {
        var output = ""
        var stack = [index]
        while let next = stack.popLast() {
            output += nodes[next].text
            stack.append(contentsOf: nodes[next].children.reversed())
        }
        return output
    }

    private mutating func add(_ node: Node) {
        if let parent = node.parent {
            nodes[parent].children.append(nodes.count)
        } else if root == nil {
            root = nodes.count
        }
        nodes.append(node)
    }

    private mutating func append(_ text: String, to parent: Int) {
        if let last = nodes[parent].children.last, nodes[last].name == nil {
            nodes[last].text += text
        } else {
            add(Node(name: nil, attributes: [], text: text, parent: parent))
        }
    }
}
