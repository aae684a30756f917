internal import Markup

/// Names of elements without the accidents of their prefixes.
enum FeedVocabulary {
    /// A name with the prefix that is usual for its namespace, in lower case: `dc:creator`, `atom:link`, `title`.
    ///
    /// RSS has no prefix, nor has a name without namespace. A prefix that nobody declared is taken at its word.
    static func key(_ name: XMLName) -> String {
        let local = name.local.lowercased()
        let prefix = prefix(name)
        return prefix.isEmpty ? local : "\(prefix):\(local)"
    }

    private static func prefix(_ name: XMLName) -> String {
        guard !name.namespace.isEmpty else {
            let prefix = name.prefix.lowercased()
            return ["rss", "ns0"].contains(prefix) ? "" : aliases[prefix] ?? prefix
        }
        var namespace = name.namespace.lowercased()
        while namespace.last == "/" || namespace.last == "#" { namespace.removeLast() }
        if let known = namespaces[namespace] { return known }
        // RSS has half a dozen namespaces that were never agreed on; where one is the default, it is RSS.
        return name.prefix.isEmpty ? "" : name.prefix.lowercased()
    }

    private static let aliases = ["a10": "atom", "atom10": "atom", "atom03": "atom"]

    private static let namespaces: [String: String] = [
        "http://www.w3.org/2005/atom": "atom", "https://www.w3.org/2005/atom": "atom",
        "http://purl.org/atom/ns": "atom",
        "http://purl.org/net/rss1.1": "", "http://purl.org/rss/1.0": "", "http://my.netscape.com/rdf/simple/0.9": "",
        "http://channel.netscape.com/rdf/simple/0.9": "", "http://backend.userland.com/rss": "",
        "http://backend.userland.com/rss2": "", "http://blogs.law.harvard.edu/tech/rss": "",
        "http://purl.org/dc/elements/1.1": "dc", "http://purl.org/dc/elements/1.0": "dc",
        "http://purl.org/dc/terms": "dcterms", "http://purl.org/rss/1.0/modules/content": "content",
        "http://purl.org/rss/1.0/modules/syndication": "sy", "http://search.yahoo.com/mrss": "media",
        "https://search.yahoo.com/mrss": "media", "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
        "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns": "rdf", "http://www.w3.org/1999/xhtml": "xhtml",
        "http://www.w3.org/1999/xlink": "xlink", "http://www.w3.org/xml/1998/namespace": "xml",
    ]
}

/// Text out of HTML, and HTML out of text.
enum FeedText {
    /// Plain text: tags and comments dropped, references replaced, white space collapsed.
    ///
    /// A `<` that begins no tag stands for itself.
    static func plain(html: String) -> String {
        let bytes = Array(html.utf8)
        guard bytes.contains(UInt8(ascii: "<")) else { return collapse(XMLReader.resolvingReferences(in: html)) }
        var output: [UInt8] = []
        var index = 0
        // Once a tag is not closed, no later one is: searching again and again would take quadratic time.
        var isTailPlain = false
        while index < bytes.count {
            guard !isTailPlain, bytes[index] == UInt8(ascii: "<"), beginsTag(bytes, at: index + 1) else {
                output.append(bytes[index])
                index += 1
                continue
            }
            guard let close = bytes[index...].firstIndex(of: UInt8(ascii: ">")) else {
                isTailPlain = true
                continue
            }
            if isBlock(bytes[(index + 1)..<close]) { output.append(0x20) }
            index = close + 1
        }
        return collapse(XMLReader.resolvingReferences(in: String(decoding: output, as: UTF8.self)))
    }

    private static func beginsTag(_ bytes: [UInt8], at index: Int) -> Bool {
        guard index < bytes.count else { return false }
        let byte = bytes[index]
        let isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A
        if byte == UInt8(ascii: "/") { return index + 1 < bytes.count && bytes[index + 1] > 0x40 }
        return isLetter || byte == UInt8(ascii: "!") && index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "-")
    }

    /// Whether a tag separates words, as `<br>` and `<p>` do.
    private static func isBlock(_ tag: ArraySlice<UInt8>) -> Bool {
        let name = tag.drop { $0 == UInt8(ascii: "/") }.prefix { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }
        return ["br", "p", "div", "li", "tr", "td"].contains(String(decoding: name, as: UTF8.self).lowercased())
    }

    /// White space of any kind at the ends removed, inside made one space.
    static func collapse(_ text: String) -> String {
        var output = String.UnicodeScalarView()
        var isPending = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace {
                isPending = !output.isEmpty
                continue
            }
            if isPending { output.append(" ") }
            isPending = false
            output.append(scalar)
        }
        return String(output)
    }

    static func escaped(_ text: String, inAttribute: Bool = false) -> String {
        guard text.utf8.contains(where: { $0 == 0x26 || $0 == 0x3C || $0 == 0x3E || $0 == 0x22 }) else { return text }
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"" where inAttribute: output += "&quot;"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
