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
    ///   - listing: What the feed or sitemap that named the page says of it.
    public static func extract(
        _ html: HTMLDocument, url: String?, fetchedAt: Date?, listing: ListingWords? = nil
    ) -> ExtractedArticle {
        var context = ExtractionContext()
        context.listing = listing
        do {
            return try extract(
                html, url: url, fetchedAt: fetchedAt, context: context, budget: WorkBudget(.seconds(86400))
            ).article
        } catch {
            return .tooCostly
        }
    }

    /// Extracts a page with what is known from outside it.
    ///
    /// - Throws: ``WorkBudget/Spent`` when the page takes too long.
    static func extract(
        _ html: HTMLDocument, url: String?, fetchedAt: Date?, context: ExtractionContext, budget: WorkBudget
    ) throws(WorkBudget.Spent) -> Extraction {
        var extraction = try PageExtraction(
            document: html, url: url, fetchedAt: fetchedAt, context: context, budget: budget)
        return try extraction.run()
    }
}

/// The state of one page's extraction.
private struct PageExtraction {
    let context: ExtractionContext
    let budget: WorkBudget
    let document: HTMLDocument
    let url: String?
    let fetchedAt: Date?
    var listing: ListingWords? { context.listing }
    let base: ParsedURL?
    let list: BlockList
    let marker: BlockMarker
    let facts: PageFacts
    var article = ExtractedArticle()

    init(
        document: HTMLDocument, url: String?, fetchedAt: Date?, context: ExtractionContext, budget: WorkBudget
    ) throws(WorkBudget.Spent) {
        self.context = context
        self.budget = budget
        self.document = document
        self.url = url
        self.fetchedAt = fetchedAt
        base = url.flatMap { ParsedURL($0) }
        var list = BodyBlockBuilder.blocks(of: document)
        try budget.check()
        var marker = BlockMarker(document: document)
        marker.mark(&list, context: context)
        self.list = list
        self.marker = marker
        facts = FactCollector.facts(of: document, list: list)
        try budget.check()
    }

    mutating func run() throws(WorkBudget.Spent) -> Extraction {
        let structured = facts.structured.article(at: url)
        let body = BodyAssembler.body(
            document: document, list: list, facts: facts, structured: structured)
        try budget.check()
        let site = SiteNames(facts, candidates: &article.candidates)
        article.siteName = site.best
        let title = TitleChooser.choose(
            facts, article: structured, siteNames: site.all, host: base?.host, lines: list.shortLines(limit: 80),
            bodyNode: body.chosen.first.map { list.blocks[$0].firstNode }, listing: listing)
        article.title = title?.text
        article.candidates.replace(.title, by: title?.candidates ?? [])
        article.blocks = body.blocks(title: article.title, base: base)
        article.evidence["body"] = article.blocks.isEmpty ? nil : body.source
        try budget.check()
        setLanguage(structured)
        let region = ArticleRegion(
            document: document, list: list, container: body.container, heading: title?.headingNode)
        setAuthors(structured, region)
        try budget.check()
        setDates(structured, region)
        dropBylines()
        setRest(structured, region)
        noteEvidence()
        setOutside(body)
        try budget.check()
        article.notArticleReason = NotArticle.reason(
            article: article, facts: facts, body: body, list: list, structured: structured)
        var result = Extraction(article: article)
        if context.wantsImprint { result.imprint = marker.imprint(list, title: article.title, chosen: body.chosen) }
        if context.wantsInspection {
            result.inspection = PageInspector(document: document, list: list, body: body, article: article).inspection()
        }
        return result
    }

    /// Carries out rules for fields, and says where rules and the site's memory had a say.
    private mutating func setOutside(_ body: PageBody) {
        let repeated = list.blocks.count { if case .repeated = $0.verdict { true } else { false } }
        if repeated > 0 { article.evidence["site_memory"] = String(repeated) }
        guard !context.rules.isEmpty else { return }
        RuleMatcher(document: document).apply(context.rules, to: &article)
        article.evidence["rules"] = context.rules.map { String($0.ruleID) }.joined(separator: ",")
    }

    /// Names the heaviest source of each field that was chosen among candidates.
    private mutating func noteEvidence() {
        for field in MetadataField.allCases {
            guard let found = article.candidates.evidence(for: field) else { continue }
            article.evidence[field.rawValue] = found.source
        }
    }

    private mutating func setLanguage(_ structured: JSONValue?) {
        var sample: [UInt8] = []
        for block in article.blocks where sample.count < 3000 {
            sample.append(contentsOf: block.text.utf8)
            sample.append(0x0A)
        }
        if sample.count < 200 { sample.append(contentsOf: (article.title ?? "").utf8) }
        var votes = FieldVotes(.language)
        if let guess = LanguageDetector.detect(utf8: sample) {
            // A text that speaks clearly outweighs all declarations: templates declare the language of their makers.
            let isClear = guess.isReliable && guess.confidence > 0.6
            votes.add(guess.code, isClear ? 8 : 1.5, .text)
        }
        addLanguage(facts.declaredLanguage, 2, .declaration, "lang", to: &votes)
        addLanguage(facts.meta("og:locale"), 1, .openGraph, "og:locale", to: &votes)
        for name in ["content-language", "language", "dc.language"] {
            addLanguage(facts.meta(name), 0.8, .meta, name, to: &votes)
        }
        addLanguage(structured?["inLanguage"]?.text, 0.8, .jsonLD, "inLanguage", to: &votes)
        article.language = votes.choose(into: &article.candidates)
    }

    private func addLanguage(
        _ tag: String?, _ weight: Double, _ source: MetadataSource, _ name: String, to votes: inout FieldVotes
    ) {
        guard let tag, let primary = LanguageTag.primary(tag) else { return }
        votes.add(tag, weight, source, name, value: primary)
    }

    private mutating func setAuthors(_ structured: JSONValue?, _ region: ArticleRegion) {
        guard
            let choice = AuthorChooser.choose(
                facts, article: structured, siteName: article.siteName, region: region, lines: region.lines(limit: 12),
                listing: listing)
        else { return }
        article.authors = choice.names
        article.candidates.replace(.authors, by: choice.candidates)
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
        var chooser = DateChooser(language: dateLanguage, reference: fetchedAt)
        chooser.collect(facts, article: structured, url: url, isNear: region.contains)
        if let date = listing?.published { chooser.addListing(date) }
        if chooser.publishedWeight < 2.5 {
            chooser.addTexts(openingDate + region.shortTexts(limit: 30))
        }
        if !chooser.hasPublished { chooser.addTexts(region.textsBesideHeading()) }
        if !chooser.hasPublished { chooser.collectFarTimes(facts) }
        if !chooser.hasPublished {
            for found in ScriptDates.find(in: document) { chooser.addScript(found.text, name: found.name) }
        }
        article.candidates.replace(.published, by: chooser.candidates)
        article.published = chooser.bestPublished?.date
        article.modified = chooser.bestModified?.date
        if article.published == nil, let modified = chooser.bestModified {
            article.published = modified.date
            article.evidence["published"] = modified.source.rawValue
        }
    }

    /// The date that the text itself opens with, as in "17.05.2024 – The ferry …".
    private var openingDate: [String] {
        guard let first = article.blocks.first(where: { $0.kind == .paragraph }) else { return [] }
        let head = String(first.text.prefix(40))
        let match = DateParser.find(in: head, languageHint: dateLanguage, reference: fetchedAt, limit: 1).first
        guard let match, match.scalars.lowerBound <= 1, match.hasYear, !match.isRelative else { return [] }
        return [String(String.UnicodeScalarView(Array(head.unicodeScalars)[match.scalars]))]
    }

    /// The page's language with its region, which decides how numeric dates are read.
    private var dateLanguage: String? {
        let declared = facts.declaredLanguage ?? article.language
        guard let declared, LanguageTag.primary(declared) == "en", declared.utf8.count <= 2 else { return declared }
        if let locale = facts.meta("og:locale"), locale.lowercased().hasPrefix("en_"), locale.utf8.count == 5 {
            return locale
        }
        let domain = base?.host?.split(separator: ".").last.map(String.init) ?? ""
        // Most countries that write English put the day first.
        return domain.utf8.count == 2 && !["us", "ph", "pr", "io", "co", "tv", "me", "ai"].contains(domain)
            ? "en-GB" : declared
    }

    private mutating func setRest(_ structured: JSONValue?, _ region: ArticleRegion) {
        var canonical = FieldVotes(.canonicalURL)
        canonical.add(absolute(facts.canonical), 3, .declaration, "canonical")
        canonical.add(absolute(facts.meta("og:url")), 1, .openGraph, "og:url")
        article.canonicalURL = canonical.choose(into: &article.candidates)
        var amp = FieldVotes(.ampURL)
        amp.add(absolute(facts.ampURL), 1, .declaration, "amphtml")
        article.ampURL = amp.choose(into: &article.candidates)
        setLeadImage(structured)
        setSection(structured)
        setTags(structured)
        article.isPaywalled = Paywall.flag(facts, article: structured, candidates: &article.candidates)
        article.originalSource = OriginChooser.choose(
            facts, article: structured, base: base, canonical: article.canonicalURL, authors: article.authors,
            siteName: article.siteName, texts: region.closingTexts(limit: 12), candidates: &article.candidates)
    }

    private mutating func setLeadImage(_ structured: JSONValue?) {
        var votes = FieldVotes(.leadImage)
        for name in ["og:image", "og:image:url", "og:image:secure_url"] {
            votes.add(absolute(facts.meta(name)), 3, .openGraph, name)
        }
        for name in ["twitter:image", "twitter:image:src"] { votes.add(absolute(facts.meta(name)), 2, .twitter, name) }
        votes.add(absolute(Self.imageAddress(structured?["image"])), 2.5, .jsonLD, "image")
        article.leadImage = votes.choose(into: &article.candidates)
    }

    private mutating func setSection(_ structured: JSONValue?) {
        var votes = FieldVotes(.section)
        votes.add(facts.meta("article:section"), 3, .openGraph, "article:section")
        votes.add(structured?["articleSection"]?.elements.first?.text, 2.5, .jsonLD, "articleSection")
        for name in ["section", "parsely-section", "cxenseparse:recs:category"] {
            votes.add(facts.meta(name), 1, .meta, name)
        }
        article.section = votes.choose(into: &article.candidates)
    }

    private mutating func setTags(_ structured: JSONValue?) {
        let lists: [(tags: [String], source: MetadataSource, name: String)] = [
            (facts.allMeta("article:tag"), .openGraph, "article:tag"),
            (Self.words(facts.meta("news_keywords")), .meta, "news_keywords"),
            (Self.words(facts.meta("keywords")), .meta, "keywords"),
            ((structured?["keywords"]?.elements ?? []).compactMap(\.text).flatMap(Self.words), .jsonLD, "keywords"),
            (listing?.categories ?? [], .listing, "categories"),
        ]
        var candidates: [MetadataCandidate] = []
        for list in lists where !list.tags.isEmpty {
            let text = list.tags.prefix(64).joined(separator: ", ")
            let isFirst = candidates.isEmpty
            candidates.append(
                MetadataCandidate(
                    field: .tags, source: list.source, name: list.name, text: text, value: text, weight: 1, votes: 1,
                    isChosen: isFirst))
            guard isFirst else { continue }
            var seen: Set<String> = []
            article.tags = list.tags.prefix(64).filter { seen.insert($0.lowercased()).inserted }
        }
        article.candidates.replace(.tags, by: candidates)
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
