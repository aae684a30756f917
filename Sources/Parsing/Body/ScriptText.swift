internal import Markup

/// Finds the text of a page that carries it only as data for its scripts, as pages do that are drawn by the reader's
/// browser (the state of Next.js, Nuxt and the like).
///
/// Nothing is assumed of the data's layout: what reads like prose counts for the objects and arrays around it, and the
/// innermost of them that holds most of the prose is the article.
struct ScriptText {
    /// Scripts that are looked at, and their total size.
    private static let maximumScripts = 16
    private static let maximumBytes = 4 << 20
    /// Members whose texts say again, or about other things, what the text says.
    private static let passedOver: Set<String> = [
        "description", "excerpt", "summary", "seo", "meta", "metadata", "caption", "alt", "title", "credit", "related",
        "relatedarticles", "recommendations", "comments", "config", "translations", "messages", "i18n", "footer",
        "header", "navigation", "ads", "bio", "teaser", "dek", "copyright", "disclaimer", "newsletter", "runtimeconfig",
    ]

    /// The paragraphs of the script that has the most prose, or `nil` when none has an article's worth.
    static func paragraphs(of document: HTMLDocument) -> [String]? {
        var best: [String]?
        var bestCount = 500
        var scripts = 0
        var bytes = 0
        for node in document.nodes.indices where document.nodes[node].tag == .script {
            let range = document.nodes[node].textRange
            guard range.count > 1000, isData(node, in: document),
                let value = JSONScanner.value(in: document.text, range)
            else { continue }
            scripts += 1
            bytes += range.count
            guard scripts <= maximumScripts, bytes <= maximumBytes else { break }
            let found = paragraphs(in: article(in: value))
            let count = found.reduce(0) { $0 + $1.utf8.count }
            if count > bestCount { (best, bestCount) = (found, count) }
        }
        return best
    }

    /// Whether a script holds data other than JSON-LD: its type says JSON, or it sets the state of an application.
    private static func isData(_ node: Int, in document: HTMLDocument) -> Bool {
        let type = document.attributeString(.type, of: node)?.lowercased() ?? ""
        if type.contains("ld+json") { return false }
        if type.contains("json") { return true }
        let start = [UInt8](document.text[document.nodes[node].textRange.prefix(200)])
        return ["__INITIAL_STATE__", "__PRELOADED_STATE__", "__APOLLO_STATE__", "__NEXT_DATA__", "__NUXT__"].contains {
            ByteSearch.contains(start, Array($0.utf8))
        }
    }

    /// The innermost value that holds most of the prose.
    private static func article(in root: JSONValue) -> JSONValue {
        var value = root
        var amount = prose(in: root, depth: 0)
        while true {
            let children = parts(of: value).map { (value: $0, amount: prose(in: $0, depth: 0)) }
            guard let largest = children.max(by: { $0.amount < $1.amount }), largest.amount * 10 >= amount * 7 else {
                return value
            }
            if case .string = largest.value { return largest.value }
            (value, amount) = (largest.value, largest.amount)
        }
    }

    /// The values in an object or an array that may hold the text.
    private static func parts(of value: JSONValue) -> [JSONValue] {
        switch value {
        case .array(let elements): elements
        case .object(let members): members.filter { !passedOver.contains($0.name.lowercased()) }.map(\.value)
        default: []
        }
    }

    private static func prose(in value: JSONValue, depth: Int) -> Int {
        guard depth < 48 else { return 0 }
        if case .string(let text) = value { return isProse(text) ? text.utf8.count : 0 }
        return parts(of: value).reduce(0) { $0 + prose(in: $1, depth: depth + 1) }
    }

    /// Whether a string reads like a paragraph or holds some as HTML.
    private static func isProse(_ text: String) -> Bool {
        guard text.utf8.count >= 60 else { return false }
        var marks = 0
        var spaces = 0
        var isWide = false
        for byte in text.utf8 {
            if byte == 0x20 { spaces += 1 }
            if byte == 0x2E || byte == 0x2C || byte == 0x3F || byte == 0x21 { marks += 1 }
            if byte >= 0xE3 && byte <= 0xED { isWide = true }
        }
        // Addresses, keys and encoded data have no spaces; styles and code have few for their length.
        guard isWide || spaces * 12 >= text.utf8.count, marks > 0 || isWide else { return false }
        return !text.utf8.contains(0x7B)
    }

    private static func paragraphs(in value: JSONValue) -> [String] {
        var found: [String] = []
        collect(value, depth: 0, into: &found)
        return found
    }

    private static func collect(_ value: JSONValue, depth: Int, into found: inout [String]) {
        guard depth < 48, found.count < 4000 else { return }
        guard case .string(let text) = value else {
            for part in parts(of: value) { collect(part, depth: depth + 1, into: &found) }
            return
        }
        guard isProse(text) else { return }
        guard text.utf8.contains(0x3C) else {
            let plain = HTMLText.collapsed(HTMLEntities.decoded(text))
            // States keep the same text in several places.
            if !found.contains(plain) { found.append(plain) }
            return
        }
        let list = BodyBlockBuilder.blocks(of: HTMLDocument(parsing: Array(text.utf8)))
        for block in list.blocks where block.kind != .caption && block.characters > 1 {
            let plain = list.string(block)
            if block.characters < 60 || !found.contains(plain) { found.append(plain) }
        }
    }
}
