/// The people of an entry or feed.
struct FeedPeople {
    let nodes: FeedNodes

    /// Authors, from the most to the least telling element that has any.
    func authors(of index: Int) -> [FeedAuthor] {
        for keys in [["atom:author", "author"], ["dc:creator", "dc:author"], ["itunes:author"], ["media:credit"]] {
            let found = people(keys, of: index)
            if !found.isEmpty { return found }
        }
        return []
    }

    /// Those who are responsible for a channel of RSS.
    func editors(of index: Int) -> [FeedAuthor] {
        let editors = people(["managingeditor"], of: index)
        return editors.isEmpty ? people(["webmaster", "dc:publisher"], of: index) : editors
    }

    private func people(_ keys: [String], of index: Int) -> [FeedAuthor] {
        var found: [FeedAuthor] = []
        for element in nodes.all(keys, in: index) {
            guard let author = author(element), !found.contains(author) else { continue }
            found.append(author)
        }
        return found
    }

    private func author(_ element: Int) -> FeedAuthor? {
        let name = nodes.text(["atom:name", "name"], in: element)
        let email = nodes.text(["atom:email", "email"], in: element)
        let url = nodes.text(["atom:uri", "uri", "atom:url", "url", "homepage"], in: element)
        if name != nil || email != nil {
            return FeedAuthor(name: name.map(FeedText.plain(html:)), email: email, url: url)
        }
        return nodes.own(element).flatMap { Self.person(FeedText.plain(html: $0.replacing("<", with: "("))) }
    }

    /// Takes apart `name (mail)`, `mail (name)`, `name <mail>`, a name or a mail address.
    static func person(_ text: String) -> FeedAuthor? {
        let words = text.split { " ()<>,;".contains($0) }
        guard let mail = words.first(where: isMail) else {
            return text.trimmed.map { FeedAuthor(name: $0) }
        }
        let address = mail.hasPrefix("mailto:") ? mail.dropFirst(7) : mail
        let rest = text.replacing(mail, with: " ").unicodeScalars.filter { !"()<>".unicodeScalars.contains($0) }
        let name = FeedText.collapse(String(String.UnicodeScalarView(rest)))
        return FeedAuthor(name: name.isEmpty ? nil : name, email: String(address))
    }

    private static func isMail(_ word: Substring) -> Bool {
        let parts = word.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".") && parts[1].utf8.count > 3
    }
}
