internal import Foundation
internal import Markup

/// Makes a ``FeedEntry`` of an `<item>` or `<entry>`.
struct FeedEntryReader {
    let nodes: FeedNodes
    let index: Int

    func read() -> FeedEntry {
        var entry = FeedEntry()
        readIdentity(&entry)
        readText(&entry)
        readTimes(&entry)
        entry.authors = FeedPeople(nodes: nodes).authors(of: index)
        entry.categories = FeedCategories(nodes: nodes).categories(of: index)
        entry.enclosures = FeedLinks(nodes: nodes).enclosures(of: index)
        entry.language =
            nodes.text(["dc:language", "language"], in: index)?.replacing("_", with: "-")
            ?? nodes.language(of: index)
        entry.comments = nodes.text(["comments"], in: index).map { nodes.resolve($0, at: index) }
        return entry
    }

    private func readIdentity(_ entry: inout FeedEntry) {
        let links = FeedLinks(nodes: nodes)
        entry.link = links.page(of: index, prefersLast: true)
        entry.originalLink = nodes.text(["feedburner:origlink"], in: index).map { nodes.resolve($0, at: index) }
        if let guid = nodes.first(["guid"], in: index), let id = nodes.own(guid) {
            entry.id = id
            let stated = nodes.attribute("ispermalink", of: guid)?.lowercased()
            entry.isPermaLink = stated != "false" && FeedLink.isAbsolute(id)
        } else if let id = nodes.text(["atom:id", "id", "dc:identifier"], in: index) {
            entry.id = nodes.resolve(path: id, at: index)
        } else {
            entry.id = nodes.tree.nodes[index].attributes.first { $0.name.local.lowercased() == "about" }?.value.trimmed
        }
        guard entry.link == nil, let id = entry.id else { return }
        // An item without link is found at its guid, or at its `rdf:about` or `id` where that is an address of the web.
        let isNamedElsewhere = nodes.first(["guid"], in: index) != nil && !entry.isPermaLink
        if FeedLink.isAbsolute(id), !isNamedElsewhere { entry.link = id }
    }

    private func readText(_ entry: inout FeedEntry) {
        let titles = ["title", "atom:title", "dc:title", "media:title", "itunes:title"]
        if let title = nodes.first(titles, in: index) ?? group("media:title") {
            entry.title = nodes.construct(title).plain
        }
        let summaries = [
            "description", "atom:summary", "summary", "dc:description", "dcterms:abstract", "itunes:summary",
            "itunes:subtitle", "media:description",
        ]
        entry.summary = (nodes.first(summaries, in: index) ?? group("media:description")).flatMap {
            nodes.construct($0).kept
        }
        let bodies = ["content:encoded", "atom:content", "content", "xhtml:body", "body", "fullitem", "xhtml:div"]
        entry.content = nodes.first(bodies, in: index).flatMap { nodes.construct($0).kept }
        guard let source = nodes.all(["source", "atom:source", "dc:source"], in: index).first else { return }
        entry.sourceTitle =
            nodes.first(["atom:title", "title"], in: source).map { nodes.construct($0).plain } ?? nodes.own(source)
        entry.sourceLink =
            nodes.attribute("url", of: source) ?? FeedLinks(nodes: nodes).page(of: source, prefersLast: false)
    }

    /// The element in a `media:group`.
    private func group(_ key: String) -> Int? {
        nodes.all(["media:group"], in: index).lazy.compactMap { nodes.first([key], in: $0) }.first
            ?? nodes.all(["media:content"], in: index).lazy.compactMap { nodes.first([key], in: $0) }.first
    }

    private func readTimes(_ entry: inout FeedEntry) {
        entry.published = nodes.date(
            ["pubdate", "atom:published", "published", "atom:issued", "issued", "dcterms:issued"], in: index)
        entry.updated = nodes.date(
            [
                "atom:updated", "updated", "atom:modified", "modified", "dcterms:modified", "dc:date", "lastbuilddate",
                "date", "prism:modificationdate",
            ], in: index)
        guard entry.published == nil else { return }
        entry.published =
            nodes.date(["atom:created", "created", "dcterms:created", "prism:publicationdate"], in: index)
            ?? nodes.date(["dc:date"], in: index) ?? entry.updated
    }
}

/// The links of an entry or feed.
struct FeedLinks {
    let nodes: FeedNodes

    private static let keys = ["link", "atom:link"]

    /// The page that an entry or feed is about.
    ///
    /// - Parameter prefersLast: of several links of RSS the last counts, as generators that write two put the page there.
    func page(of index: Int, prefersLast: Bool) -> String? {
        var plain: [String] = []
        var alternates: [(type: String, href: String)] = []
        for link in nodes.all(Self.keys, in: index) {
            if let href = nodes.attribute("href", of: link) {
                guard isAlternate(link) else { continue }
                if nodes.key(link) == "link", nodes.attribute("rel", of: link) == nil, !plain.isEmpty {
                    plain.append(nodes.resolve(href, at: link))
                    continue
                }
                alternates.append(
                    (nodes.attribute("type", of: link)?.lowercased() ?? "", nodes.resolve(href, at: link)))
            } else if nodes.key(link) == "link", let text = nodes.own(link) {
                plain.append(nodes.resolve(text, at: link))
            } else if let text = nodes.own(link), isAlternate(link) {
                // Some write Atom with the links of RSS.
                alternates.append(("", nodes.resolve(text, at: link)))
            }
        }
        if let link = prefersLast ? plain.last : plain.first { return link }
        return alternates.first { $0.type.isEmpty || $0.type.contains("html") }?.href ?? alternates.first?.href
    }

    private func isAlternate(_ link: Int) -> Bool {
        guard let rel = nodes.attribute("rel", of: link)?.lowercased() else { return true }
        return rel == "alternate" || rel.hasSuffix("/relation/alternate")
    }

    func targets(rel wanted: String, of index: Int) -> [String] {
        nodes.all(Self.keys, in: index).compactMap { link in
            let rel = nodes.attribute("rel", of: link)?.lowercased() ?? ""
            guard rel.split(separator: " ").contains(Substring(wanted)) else { return nil }
            return nodes.attribute("href", of: link).map { nodes.resolve($0, at: link) }
        }
    }

    func enclosures(of index: Int) -> [FeedEnclosure] {
        var found: [FeedEnclosure] = []
        for element in nodes.all(["enclosure", "media:content", "media:group"] + Self.keys, in: index) {
            switch nodes.key(element) {
            case "enclosure": add(element, "url", "length", to: &found)
            case "media:content": add(element, "url", "filesize", to: &found)
            case "media:group":
                for content in nodes.all(["media:content"], in: element) { add(content, "url", "filesize", to: &found) }
            default:
                if nodes.attribute("rel", of: element)?.lowercased() == "enclosure" {
                    add(element, "href", "length", to: &found)
                }
            }
        }
        return found
    }

    private func add(_ element: Int, _ address: String, _ size: String, to found: inout [FeedEnclosure]) {
        guard let url = nodes.attribute(address, of: element) else { return }
        let length = nodes.attribute(size, of: element).flatMap { Int($0) }
        let enclosure = FeedEnclosure(
            url: nodes.resolve(url, at: element), type: nodes.attribute("type", of: element), length: length)
        if !found.contains(where: { $0.url == enclosure.url }) { found.append(enclosure) }
    }
}

/// The categories of an entry or feed.
struct FeedCategories {
    let nodes: FeedNodes

    func categories(of index: Int) -> [String] {
        var found: [String] = []
        var seen: Set<String> = []
        func add(_ text: String?) {
            guard let text = text.map({ FeedText.plain(html: $0) }), !text.isEmpty, seen.insert(text).inserted else {
                return
            }
            found.append(text)
        }
        for element in nodes.all(["itunes:keywords", "media:keywords"], in: index) {
            for word in (nodes.own(element) ?? "").split(separator: ",").prefix(FeedNodes.maximumRepeats) {
                add(String(word))
            }
        }
        let keys = ["category", "atom:category", "dc:subject", "media:category", "itunes:category"]
        for element in nodes.all(keys, in: index) {
            if let text = nodes.own(element) {
                add(text)
            } else {
                add(
                    nodes.attribute("label", of: element) ?? nodes.attribute("term", of: element)
                        ?? nodes.attribute("text", of: element))
            }
            for inner in nodes.all(["itunes:category"], in: element) { add(nodes.attribute("text", of: inner)) }
        }
        return found
    }
}
