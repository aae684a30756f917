internal import Foundation
internal import Markup

extension FeedNodes {
    /// Text that may be HTML.
    struct Construct {
        let value: String
        let isHTML: Bool

        /// The text as a reader sees it.
        var plain: String { isHTML ? FeedText.plain(html: value) : FeedText.collapse(value) }
        /// The value without white space at its ends, `nil` when blank.
        var kept: String? { value.trimmed }
    }

    /// The text in an element of RSS or Atom, with the escaping that its `type` and `mode` state undone.
    func construct(_ index: Int) -> Construct {
        if isUnclosed(index) { return Construct(value: own(index) ?? "", isHTML: true) }
        let type = attribute("type", of: index)?.lowercased() ?? ""
        let mode = attribute("mode", of: index)?.lowercased() ?? ""
        let isAtom = key(index).hasPrefix("atom:")
        if tree.nodes[index].children.contains(where: { tree.nodes[$0].name != nil }) {
            if type == "html", let text = wrappedText(index) { return Construct(value: text, isHTML: true) }
            return Construct(value: markup(index), isHTML: true)
        }
        let text = tree.text(of: index)
        let isText =
            type.isEmpty || ["text", "html", "xhtml"].contains(type) || type.hasPrefix("text/")
            || type.hasSuffix("xml")
        if mode == "base64" || mode.isEmpty && !isText,
            let bytes = Data(base64Encoded: text.filter { !$0.isWhitespace })
        {
            return Construct(value: String(decoding: bytes, as: UTF8.self), isHTML: true)
        }
        return Construct(value: text, isHTML: !isAtom || type.contains("html") || mode == "escaped")
    }

    /// The escaped HTML inside the one `<div>` that some put around it.
    private func wrappedText(_ index: Int) -> String? {
        let elements = tree.elements(of: index)
        guard elements.count == 1, tree.elements(of: elements[0]).isEmpty else { return nil }
        return tree.text(of: elements[0]).trimmed
    }

    /// Everything in an element as HTML. Atom 1.0's own `<div>` is not part of the text.
    private func markup(_ index: Int) -> String {
        var inner = index
        let elements = tree.elements(of: index)
        if attribute("type", of: index) == "xhtml", elements.count == 1,
            tree.nodes[elements[0]].name?.local.lowercased() == "div"
        {
            inner = elements[0]
        }
        var output = ""
        for child in tree.nodes[inner].children { write(child, to: &output) }
        return output
    }

    /// Writes a node as HTML. The reader bounds the depth.
    private func write(_ index: Int, to output: inout String) {
        let node = tree.nodes[index]
        guard let name = node.name else {
            output += FeedText.escaped(node.text)
            return
        }
        output += "<\(name.local)"
        for attribute in node.attributes where attribute.name.prefix.isEmpty {
            output += " \(attribute.name.local)=\"\(FeedText.escaped(attribute.value, inAttribute: true))\""
        }
        output += ">"
        if ["br", "img", "hr", "input", "wbr", "source"].contains(name.local.lowercased()) { return }
        for child in node.children { write(child, to: &output) }
        output += "</\(name.local)>"
    }
}
