public import WebURL

/// Tells links to articles from links to menus by the form of the address, or where that says nothing by the link's words,
/// because a headline has more of them than a menu entry.
public enum ArticleLinkShape {
    /// From how many words on a link's text counts as a headline.
    private static let headlineWords = 5

    private static let listWords: Set<String> = [
        "tag", "tags", "topic", "topics", "category", "categories", "section", "sections", "author", "authors", "page",
        "search",
        "login", "register", "subscribe", "newsletter", "about", "contact", "privacy", "terms", "imprint", "impressum",
        "kontakt",
        "datenschutz", "account", "archive", "archives", "video", "videos", "gallery", "feed", "rss", "shop", "jobs",
        "help", "abo",
    ]

    /// What a menu leads to besides sections.
    private static let serviceWords: Set<String> = [
        "login", "signin", "sign-in", "register", "signup", "subscribe", "subscription", "newsletter", "newsletters",
        "about",
        "about-us", "contact", "contact-us", "privacy", "privacy-policy", "terms", "imprint", "impressum", "kontakt",
        "datenschutz", "agb", "account", "archive", "archives", "search", "feed", "rss", "shop", "jobs", "careers",
        "help", "abo",
        "faq", "advertise", "cookies", "weather", "wetter", "games", "podcasts", "epaper", "e-paper", "author",
        "authors",
        "mentions-legales", "contacto", "contatti", "suscripcion",
    ]

    /// Whether a link looks like one to an article.
    ///
    /// - Parameter words: the link's text.
    public static func matches(_ url: ParsedURL, words: String) -> Bool {
        if matches(url) { return true }
        let isPage = url.path.utf8.count > 1 && !parts(of: url).contains(where: listWords.contains)
        return isPage && (wordCount(words) >= headlineWords || isUnspacedHeadline(words))
    }

    /// Whether a text in a script without spaces is as long as a headline.
    private static func isUnspacedHeadline(_ words: String) -> Bool {
        words.unicodeScalars.count(where: {
            0x3040...0x9FFF ~= $0.value || 0xAC00...0xD7AF ~= $0.value || 0x0E00...0x0EFF ~= $0.value
        }) >= 12
    }

    private static func wordCount(_ words: String) -> Int { words.split { $0.isWhitespace }.count }

    private static func parts(of url: ParsedURL) -> [String] {
        url.path.split(separator: "/").map { $0.lowercased() }
    }

    /// Whether the path looks like an article's: a date in it, a number of five digits, or a last part of several words.
    public static func matches(_ url: ParsedURL) -> Bool {
        let parts = parts(of: url)
        guard let last = parts.last, !parts.contains(where: listWords.contains) else { return false }
        let words = last.split { $0 == "-" || $0 == "_" || $0 == "." }
        if hasDate(parts) { return true }
        if words.contains(where: { $0.count >= 5 && $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }) { return true }
        return words.count >= 4
    }

    /// Whether a path may be an article's although its form does not say so: what a sitemap names, or what is new on a page
    /// that was seen before. Short paths of one word are sections.
    public static func mayBeArticle(_ url: ParsedURL) -> Bool {
        if matches(url) { return true }
        let parts = parts(of: url)
        guard let last = parts.last, !parts.contains(where: listWords.contains) else { return false }
        let isTelling = last.utf8.count >= 8 || last.utf8.contains { 0x30...0x39 ~= $0 }
        return isTelling && (parts.count >= 2 || last.contains { $0 == "-" || $0 == "_" })
    }

    /// Whether a link of a menu looks like one to a section: a short path in words, named by a word or two.
    public static func isSection(_ url: ParsedURL, words: String) -> Bool {
        let parts = parts(of: url)
        guard 1...2 ~= parts.count, url.query == nil, !matches(url) else { return false }
        let isPlain = parts.allSatisfy { part in
            part.utf8.count <= 40 && !serviceWords.contains(part)
                && !part.utf8.contains { 0x30...0x39 ~= $0 || $0 == 0x2E }
        }
        return isPlain && 1...3 ~= wordCount(words)
    }

    private static func hasDate(_ parts: [String]) -> Bool {
        for (year, month) in zip(parts, parts.dropFirst()) {
            if let year = Int(year), 1990...2100 ~= year, let month = Int(month), 1...12 ~= month, parts.count > 2 {
                return true
            }
        }
        return false
    }
}
