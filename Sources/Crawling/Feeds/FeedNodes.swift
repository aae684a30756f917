internal import Foundation
internal import Markup
internal import WebURL

/// Questions that a feed's reader asks of the tree.
struct FeedNodes {
    let tree: XMLTree
    /// The address of the document, if known.
    let url: String?
    /// The number of each node's key, 0 for text: a lookup compares numbers, as a channel may have thousands of children.
    private let identifiers: [Int32]
    private let numbers: [String: Int32]
    private let names: [String]
    /// Fields of RSS that hold nothing but text.
    private let textFields: Set<Int32>
    /// Fields of RSS that stand beside one another.
    private let fields: Set<Int32>

    private static let textKeys = ["title", "link", "guid", "pubdate", "category", "comments", "author"]
    private static let otherKeys = ["description", "enclosure", "dc:creator", "dc:date", "content:encoded"]

    /// Elements of one kind that are looked at in one place: beyond, a feed is nonsense.
    static let maximumRepeats = 256

    init(tree: XMLTree, url: String?) {
        self.tree = tree
        self.url = url
        var known: [XMLName: Int32] = [:]
        var numbers: [String: Int32] = ["": 0]
        var names = [""]
        identifiers = tree.nodes.map { node in
            guard let name = node.name else { return 0 }
            if let number = known[name] { return number }
            let key = FeedVocabulary.key(name)
            let number = numbers[key] ?? Int32(names.count)
            if numbers[key] == nil {
                numbers[key] = number
                names.append(key)
            }
            known[name] = number
            return number
        }
        self.numbers = numbers
        self.names = names
        textFields = Set(Self.textKeys.compactMap { numbers[$0] })
        fields = Set((Self.textKeys + Self.otherKeys).compactMap { numbers[$0] })
    }

    /// The key of a node, empty for text.
    func key(_ index: Int) -> String { names[Int(identifiers[index])] }

    /// Elements directly in a node under any of the keys, in document order, without those that were cut off.
    func all(_ wanted: [String], in index: Int) -> [Int] {
        let wanted = wanted.compactMap { numbers[$0] }
        var found: [Int] = []
        guard !wanted.isEmpty else { return found }
        for child in tree.nodes[index].children {
            guard found.count < Self.maximumRepeats else { break }
            let identifier = identifiers[child]
            if wanted.contains(identifier), !tree.nodes[child].isCutOff { found.append(child) }
            if textFields.contains(identifier), isUnclosed(child) { found += inner(child, wanted) }
        }
        return found
    }

    /// The fields behind one whose end tag is missing: they lie one in the other.
    private func inner(_ field: Int, _ wanted: [Int32]) -> [Int] {
        var found: [Int] = []
        var stack = [field]
        while let next = stack.popLast(), found.count < Self.maximumRepeats {
            if next != field, wanted.contains(identifiers[next]), !tree.nodes[next].isCutOff { found.append(next) }
            guard next == field || isUnclosed(next) else { continue }
            stack += tree.nodes[next].children.filter { fields.contains(identifiers[$0]) }.reversed()
        }
        return found
    }

    /// Whether an element of text holds the fields that should follow it, because its end tag is missing.
    func isUnclosed(_ index: Int) -> Bool {
        textFields.contains(identifiers[index])
            && tree.nodes[index].children.contains { fields.contains(identifiers[$0]) }
    }

    /// The element under the first key that has one with text.
    func first(_ wanted: [String], in index: Int) -> Int? {
        for key in wanted {
            if let found = all([key], in: index).first(where: { !isBlank($0) }) { return found }
        }
        return nil
    }

    private func isBlank(_ index: Int) -> Bool {
        tree.nodes[index].children.allSatisfy { child in
            tree.nodes[child].name == nil && tree.nodes[child].text.utf8.allSatisfy { $0 <= 0x20 }
        }
    }

    /// The trimmed text of the first such element, `nil` when there is none or it is blank.
    func text(_ wanted: [String], in index: Int) -> String? {
        first(wanted, in: index).flatMap { own($0) }
    }

    /// The trimmed text of an element; where a missing end tag let its neighbours in, only what stands before them.
    func own(_ index: Int) -> String? {
        let children = tree.nodes[index].children
        let text = children.first.map { tree.nodes[$0].name == nil ? tree.nodes[$0].text : tree.text(of: $0) } ?? ""
        return text.trimmed
    }

    /// The date in the last such element that holds one, under the first key that has any.
    func date(_ wanted: [String], in index: Int) -> Date? {
        for key in wanted {
            for element in all([key], in: index).reversed() {
                if let date = FeedDateParser.parse(tree.text(of: element)) { return date }
            }
        }
        return nil
    }

    /// An attribute's value without white space at its ends, `nil` when absent or blank.
    func attribute(_ name: String, of index: Int) -> String? {
        tree.attribute(name, of: index)?.trimmed
    }

    func attribute(xml local: String, of index: Int) -> String? {
        tree.nodes[index].attributes.first {
            $0.name.local == local
                && ($0.name.prefix == "xml" || $0.name.namespace == "http://www.w3.org/XML/1998/namespace")
        }?.value.trimmed
    }

    /// The language in force at a node.
    func language(of index: Int) -> String? {
        attribute(xml: "lang", of: index)?.replacing("_", with: "-")
    }

    /// A link as written when it is absolute, resolved against the bases around it when it is not.
    func resolve(_ link: String, at index: Int) -> String {
        if FeedLink.isAbsolute(link) { return link }
        guard let base = base(at: index), let resolved = ParsedURL(link, base: base) else { return link }
        return resolved.href
    }

    /// An identifier as written, or resolved where it is a path: Atom wants an IRI, and some give one without its host.
    func resolve(path identifier: String, at index: Int) -> String {
        identifier.hasPrefix("/") ? resolve(identifier, at: index) : identifier
    }

    private func base(at index: Int) -> ParsedURL? {
        var stated: [String] = []
        var node: Int? = index
        while let current = node {
            if let base = attribute(xml: "base", of: current) { stated.append(base) }
            node = tree.nodes[current].parent
        }
        var base = url.flatMap { ParsedURL($0) }
        for text in stated.reversed() { base = ParsedURL(text, base: base) ?? base }
        return base
    }
}

/// Links as feeds write them.
enum FeedLink {
    /// Whether a link says by itself where it points to on the web.
    static func isAbsolute(_ link: String) -> Bool {
        let start = link.utf8.prefix(8).map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
        return start.starts(with: Array("http://".utf8)) || start.starts(with: Array("https://".utf8))
    }

    /// A link resolved against an address, as written where it is absolute or there is no base.
    static func resolve(_ link: String, base: String?) -> String {
        if isAbsolute(link) { return link }
        guard let base = base.flatMap({ ParsedURL($0) }), let resolved = ParsedURL(link, base: base) else {
            return link
        }
        return resolved.href
    }
}

extension String {
    /// Without white space at the ends; `nil` when nothing is left.
    var trimmed: String? {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return nil }
        return String(scalars[first...last])
    }
}
