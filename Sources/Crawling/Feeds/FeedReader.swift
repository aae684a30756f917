internal import Foundation
internal import Markup

/// Makes a ``Feed`` of the tree of an RSS or Atom document.
struct FeedReader {
    let nodes: FeedNodes
    private var tree: XMLTree { nodes.tree }

    init(tree: XMLTree, url: String?) {
        nodes = FeedNodes(tree: tree, url: url)
    }

    func read() throws(FeedError) -> Feed {
        guard let root = documentElement() else { throw FeedError(.notAFeed, "no element of RSS or Atom") }
        let channel = channel(in: root)
        var feed = Feed(format: format(root))
        feed.version = version(root)
        readText(channel, &feed)
        readLinks(channel, &feed)
        readTimes(channel, &feed)
        feed.language =
            nodes.text(["language", "dc:language"], in: channel)?.replacing("_", with: "-")
            ?? nodes.language(of: channel) ?? nodes.language(of: root)
        feed.entries = entryNodes().prefix(FeedParser.maximumEntries).compactMap { index in
            let entry = FeedEntryReader(nodes: nodes, index: index).read()
            // Of an entry that was cut off, what is complete counts, if it can be fetched at all.
            return tree.nodes[index].isCutOff && entry.target == nil && entry.id == nil ? nil : entry
        }
        feed.repairs = tree.repairs
        feed.isTruncated = tree.isTruncated
        return feed
    }

    /// The element that makes the document a feed. A page is refused, even when it has a feed's name somewhere inside.
    private func documentElement() -> Int? {
        let names: Set<String> = ["rss", "rdf:rdf", "rdf", "atom:feed", "feed", "channel", "atom:entry"]
        guard let root = tree.root else { return nil }
        if names.contains(nodes.key(root)) { return root }
        if nodes.key(root) == "html" || nodes.key(root) == "xhtml:html" { return nil }
        // Litter before the root, or a wrapper around it.
        return tree.nodes.indices.prefix(1000).first { names.contains(nodes.key($0)) && nodes.key($0) != "channel" }
    }

    private func channel(in root: Int) -> Int {
        if isAtom(root) { return root }
        return tree.nodes[root].children.first { nodes.key($0) == "channel" || nodes.key($0) == "atom:feed" } ?? root
    }

    private func isAtom(_ root: Int) -> Bool {
        nodes.key(root).hasSuffix("feed") || nodes.key(root) == "atom:entry"
    }

    private func format(_ root: Int) -> Feed.Format {
        isAtom(root) ? .atom : nodes.key(root).hasPrefix("rdf") ? .rdf : .rss
    }

    private func version(_ root: Int) -> String {
        if let stated = nodes.attribute("version", of: root) { return stated }
        let namespace = tree.nodes[root].name?.namespace.lowercased() ?? ""
        if isAtom(root) { return namespace.contains("2005/atom") ? "1.0" : namespace.contains("atom/ns") ? "0.3" : "" }
        guard nodes.key(root).hasPrefix("rdf") else { return "" }
        let inner = tree.elements(of: root).lazy.compactMap { tree.nodes[$0].name?.namespace }.first { !$0.isEmpty }
        return inner?.contains("0.9") == true ? "0.90" : "1.0"
    }

    /// Items and entries that are not inside another one.
    private func entryNodes() -> [Int] {
        var isInside = [Bool](repeating: false, count: tree.nodes.count)
        var found: [Int] = []
        for (index, node) in tree.nodes.enumerated() {
            let isEntry = ["item", "atom:entry", "entry", "atom:item"].contains(nodes.key(index))
            let isNested = node.parent.map { isInside[$0] } ?? false
            isInside[index] = isNested || isEntry
            if isEntry, !isNested { found.append(index) }
        }
        return found
    }

    private func readText(_ channel: Int, _ feed: inout Feed) {
        if let title = nodes.first(["title", "atom:title", "dc:title", "media:title", "itunes:title"], in: channel) {
            feed.title = nodes.construct(title).plain
        }
        let summaries = [
            "description", "atom:subtitle", "subtitle", "atom:tagline", "tagline", "dc:description", "itunes:summary",
            "itunes:subtitle", "media:description",
        ]
        feed.summary = nodes.first(summaries, in: channel).flatMap { nodes.construct($0).kept }
        feed.rights = nodes.text(["copyright", "atom:rights", "rights", "atom:copyright", "dc:rights"], in: channel)
        feed.generator = nodes.text(["generator", "atom:generator"], in: channel)
        feed.id = nodes.text(["atom:id", "id"], in: channel).map { nodes.resolve(path: $0, at: channel) }
        let people = FeedPeople(nodes: nodes)
        feed.authors = people.authors(of: channel)
        if feed.authors.isEmpty { feed.authors = people.editors(of: channel) }
        feed.categories = FeedCategories(nodes: nodes).categories(of: channel)
    }

    private func readLinks(_ channel: Int, _ feed: inout Feed) {
        let links = FeedLinks(nodes: nodes)
        feed.link = links.page(of: channel, prefersLast: false)
        // An Atom feed that names no page often has its address for an identifier.
        if feed.link == nil, feed.format == .atom, let id = feed.id, FeedLink.isAbsolute(id) { feed.link = id }
        feed.hubs = links.targets(rel: "hub", of: channel)
        feed.selfLink = links.targets(rel: "self", of: channel).first
        feed.nextLink = links.targets(rel: "next", of: channel).first
        feed.image = image(of: channel).map { nodes.resolve($0, at: channel) }
    }

    private func image(of channel: Int) -> String? {
        if let picture = nodes.all(["image"], in: channel).first, let url = nodes.text(["url"], in: picture) {
            return url
        }
        if let icon = nodes.text(["atom:logo", "logo", "atom:icon", "icon"], in: channel) { return icon }
        return nodes.all(["itunes:image", "itunes:link"], in: channel).lazy.compactMap {
            nodes.attribute("href", of: $0)
        }.first
    }

    private func readTimes(_ channel: Int, _ feed: inout Feed) {
        feed.published = nodes.date(
            [
                "pubdate", "atom:published", "published", "atom:issued", "issued", "dcterms:issued", "atom:created",
                "created",
                "dcterms:created",
            ], in: channel)
        feed.updated = nodes.date(
            [
                "atom:updated", "updated", "lastbuilddate", "atom:modified", "modified", "dcterms:modified", "dc:date",
            ], in: channel)
        let ttl = nodes.text(["ttl"], in: channel).flatMap { Int($0) }.flatMap {
            $0 > 0 && $0 <= 525_600 ? $0 * 60 : nil
        }
        feed.updateInterval = [ttl, syndicationInterval(channel)].compactMap { $0 }.min()
    }

    /// The period divided by how often the feed changes in it, in seconds.
    private func syndicationInterval(_ channel: Int) -> Int? {
        let periods = ["hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000]
        let stated = nodes.text(["sy:updateperiod"], in: channel)?.lowercased()
        let frequency = nodes.text(["sy:updatefrequency"], in: channel).flatMap { Int($0) }
        guard stated != nil || frequency != nil else { return nil }
        guard let period = periods[stated ?? "daily"] else { return nil }
        return period / max(1, frequency ?? 1)
    }
}
