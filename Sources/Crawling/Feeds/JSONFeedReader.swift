internal import Foundation

/// Reads JSON Feed 1.0 and 1.1, tolerating members of the wrong type.
struct JSONFeedReader {
    let base: String?

    private typealias Members = [String: Any]

    func read(_ bytes: [UInt8]) throws(FeedError) -> Feed {
        let parsed: Any
        do {
            parsed = try JSONSerialization.jsonObject(with: Data(bytes))
        } catch {
            throw FeedError(.notAFeed, "a JSON document that cannot be read")
        }
        guard let root = parsed as? Members, let items = root["items"] as? [Any] else {
            throw FeedError(.notAFeed, "a JSON object without items")
        }
        var feed = Feed(format: .json)
        feed.version = text(root["version"])?.split(separator: "/").last.map(String.init) ?? ""
        feed.title = text(root["title"]).map(FeedText.collapse) ?? ""
        feed.link = link(root["home_page_url"])
        feed.selfLink = link(root["feed_url"])
        feed.nextLink = link(root["next_url"])
        feed.summary = text(root["description"])
        feed.language = text(root["language"])
        feed.image = link(root["icon"]) ?? link(root["favicon"])
        feed.authors = authors(root)
        feed.hubs = (root["hubs"] as? [Any] ?? []).prefix(FeedNodes.maximumRepeats)
            .compactMap { link(($0 as? Members)?["url"]) }
        feed.entries = items.prefix(FeedParser.maximumEntries).compactMap { ($0 as? Members).map(entry) }
        return feed
    }

    private func entry(_ item: Members) -> FeedEntry {
        var entry = FeedEntry()
        entry.id = text(item["id"])
        entry.link = link(item["url"]) ?? link(item["external_url"])
        if entry.link == nil, let id = entry.id, FeedLink.isAbsolute(id) {
            entry.link = id
            entry.isPermaLink = true
        }
        entry.title = text(item["title"]).map(FeedText.collapse) ?? ""
        entry.summary = text(item["summary"])
        entry.content = text(item["content_html"]) ?? text(item["content_text"])
        entry.updated = text(item["date_modified"]).flatMap(FeedDateParser.parse)
        entry.published = text(item["date_published"]).flatMap(FeedDateParser.parse) ?? entry.updated
        entry.authors = authors(item)
        entry.categories = (item["tags"] as? [Any] ?? []).prefix(FeedNodes.maximumRepeats).compactMap(text)
        entry.language = text(item["language"])
        entry.enclosures = (item["attachments"] as? [Any] ?? []).prefix(FeedNodes.maximumRepeats).compactMap { value in
            guard let members = value as? Members, let url = link(members["url"]) else { return nil }
            let size = (members["size_in_bytes"] as? NSNumber)?.intValue
            return FeedEnclosure(url: url, type: text(members["mime_type"]), length: size)
        }
        return entry
    }

    private func authors(_ members: Members) -> [FeedAuthor] {
        let listed = members["authors"] as? [Any] ?? members["author"].map { [$0] } ?? []
        return listed.prefix(FeedNodes.maximumRepeats).compactMap { value in
            if let name = text(value) { return FeedAuthor(name: name) }
            guard let author = value as? Members else { return nil }
            let name = text(author["name"])
            let url = link(author["url"])
            return name == nil && url == nil ? nil : FeedAuthor(name: name, url: url)
        }
    }

    /// A string, or a number as one: identifiers are often numbers.
    private func text(_ value: Any?) -> String? {
        if let text = value as? String { return text.trimmed }
        return (value as? NSNumber)?.stringValue
    }

    private func link(_ value: Any?) -> String? {
        (value as? String)?.trimmed.map { FeedLink.resolve($0, base: base) }
    }
}
