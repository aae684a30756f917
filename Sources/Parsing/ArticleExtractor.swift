public import Foundation
public import Markup
internal import LanguageID
internal import WebURL

/// Takes the article out of a parsed page.
///
/// The body is found by text and link density, by names and roles of elements and by their structure; every field of
/// metadata is chosen among all sources of the page by how far they agree. Nothing is known of any site.
public enum ArticleExtractor {
    /// Extracts a page.
    ///
    /// - Parameters:
    ///   - html: The page.
    ///   - url: The page's address, which resolves relative links and may carry a date.
    ///   - fetchedAt: When the page was fetched: relative dates count from then, and later ones are refused.
    public static func extract(_ html: HTMLDocument, url: String?, fetchedAt: Date?) -> ExtractedArticle {
        var extraction = Extraction(document: html, url: url, fetchedAt: fetchedAt)
        return extraction.run()
    }
}

/// The state of one page's extraction.
private struct Extraction {
    let document: HTMLDocument
    let url: String?
    let fetchedAt: Date?
    let base: ParsedURL?
    let list: BlockList
    let facts: PageFacts
    var article = ExtractedArticle()

    init(document: HTMLDocument, url: String?, fetchedAt: Date?) {
        self.document = document
        self.url = url
        self.fetchedAt = fetchedAt
        base = url.flatMap { ParsedURL($0) }
        list = BodyBlockBuilder.blocks(of: document)
        facts = FactCollector.facts(of: document, list: list)
    }

    mutating func run() -> ExtractedArticle {
        let structured = facts.structured.article(at: url)
        let body = BodyAssembler.body(
            document: document, list: list, facts: facts, structured: structured)
        setSite(structured)
        let title = TitleChooser.choose(
            facts, article: structured, siteName: article.siteName, host: base?.host,
            lines: facts.headings.isEmpty ? list.shortLines(limit: 80) : [])
        article.title = title?.text
        article.evidence["title"] = title?.source
        article.blocks = body.blocks(title: article.title, base: base)
        article.evidence["body"] = article.blocks.isEmpty ? nil : body.source
        setLanguage()
        let region = ArticleRegion(
            document: document, list: list, container: body.container, heading: title?.headingNode)
        setAuthors(structured, region)
        setDates(structured, region)
        dropBylines()
        setRest(structured)
        article.notArticleReason = NotArticle.reason(
            article: article, facts: facts, body: body, list: list, structured: structured)
        return article
    }

    private mutating func setSite(_ structured: JSONValue?) {
        article.siteName = facts.meta("og:site_name", "application-name") ?? facts.structured.publisherName
        article.siteName = article.siteName.map { HTMLText.collapsed(HTMLEntities.decoded($0)) }
    }

    private mutating func setLanguage() {
        let declared = LanguageTag.primary(
            facts.declaredLanguage ?? facts.meta("og:locale", "content-language", "language", "dc.language") ?? "")
        var sample: [UInt8] = []
        for block in article.blocks where sample.count < 3000 {
            sample.append(contentsOf: block.text.utf8)
            sample.append(0x0A)
        }
        if sample.count < 200 { sample.append(contentsOf: (article.title ?? "").utf8) }
        let guess = LanguageDetector.detect(utf8: sample)
        if let guess, guess.isReliable, guess.confidence > 0.6 || declared == nil {
            article.language = guess.code
            article.evidence["language"] = declared == guess.code ? "declared+text" : "text"
        } else if let declared {
            article.language = declared
            article.evidence["language"] = "declared"
        } else {
            article.language = guess?.code
            article.evidence["language"] = guess == nil ? nil : "text"
        }
    }

    private mutating func setAuthors(_ structured: JSONValue?, _ region: ArticleRegion) {
        guard
            let choice = AuthorChooser.choose(
                facts, article: structured, siteName: article.siteName, region: region, lines: region.lines(limit: 12))
        else { return }
        article.authors = choice.names
        article.evidence["authors"] = choice.source
    }

    /// Leaves out lines at the top that are nothing but the byline: the authors' names, a word or two and a date.
    private mutating func dropBylines() {
        guard !article.authors.isEmpty else { return }
        var remaining: [ArticleBlock] = []
        for (index, block) in article.blocks.enumerated() {
            let isCandidate =
                index < 5 && (block.kind == .paragraph || block.kind == .listItem) && block.text.utf8.count < 200
            if isCandidate, isByline(block.text) { continue }
            remaining.append(block)
        }
        guard remaining.count < article.blocks.count, !remaining.isEmpty else { return }
        article.blocks = remaining
    }

    private func isByline(_ text: String) -> Bool {
        var rest = text
        for name in article.authors { rest = rest.replacing(name, with: " ") }
        guard rest.utf8.count < text.utf8.count else { return false }
        // What is left: "By", "and", a role of a word or two, a date; a sentence about the author has more.
        let words = rest.split { !$0.isLetter }
        return words.count <= 5 && words.reduce(0) { $0 + $1.utf8.count } <= 40
    }

    private mutating func setDates(_ structured: JSONValue?, _ region: ArticleRegion) {
        var chooser = DateChooser(language: facts.declaredLanguage ?? article.language, reference: fetchedAt)
        chooser.collect(facts, article: structured, url: url, isNear: region.contains)
        if !chooser.hasPublished {
            for text in region.shortTexts(limit: 30) { chooser.addText(text) }
        }
        article.published = chooser.bestPublished?.date
        article.evidence["published"] = chooser.bestPublished?.source
        article.modified = chooser.bestModified?.date
        article.evidence["modified"] = chooser.bestModified?.source
        if article.published == nil, let modified = chooser.bestModified {
            article.published = modified.date
            article.evidence["published"] = modified.source
        }
    }

    private mutating func setRest(_ structured: JSONValue?) {
        article.canonicalURL = absolute(facts.canonical ?? facts.meta("og:url"))
        let image = facts.meta("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
        article.leadImage = absolute(image ?? Self.imageAddress(structured?["image"]))
        article.section =
            facts.meta("article:section") ?? structured?["articleSection"]?.elements.first?.text
            ?? facts.meta("section")
        var tags = facts.allMeta("article:tag")
        if tags.isEmpty { tags = Self.words(facts.meta("news_keywords", "keywords")) }
        if tags.isEmpty { tags = (structured?["keywords"]?.elements ?? []).compactMap(\.text).flatMap(Self.words) }
        var seen: Set<String> = []
        article.tags = tags.prefix(64).filter { seen.insert($0.lowercased()).inserted }
    }

    private static func imageAddress(_ value: JSONValue?) -> String? {
        guard let first = value?.elements.first else { return nil }
        return first.text ?? first["url"]?.text ?? first["contentUrl"]?.text
    }

    private static func words(_ list: String?) -> [String] {
        (list ?? "").split(separator: ",").map { HTMLText.trimmed(String($0)) }.filter { !$0.isEmpty }
    }

    private func absolute(_ address: String?) -> String? {
        guard let address, !address.isEmpty else { return nil }
        return ParsedURL(HTMLText.trimmed(address), base: base)?.href
    }
}

/// Language tags.
enum LanguageTag {
    /// The primary subtag in lower case of a tag or a locale such as `en_GB`, or `nil` when it is none.
    static func primary(_ tag: String) -> String? {
        let primary = HTMLText.trimmed(tag).prefix { $0 != "-" && $0 != "_" && $0 != "," }.lowercased()
        guard (2...3).contains(primary.utf8.count), primary.utf8.allSatisfy({ $0 &- 0x61 < 26 }) else { return nil }
        return primary
    }
}
