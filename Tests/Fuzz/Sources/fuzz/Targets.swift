import Captures
import Crawling
import Foundation
@testable import Parsing
import Pipeline
import TextEncoding
import WebURL

/// The code that is fuzzed, by name. Each takes any bytes, must neither crash nor hang, and keeps what it promises.
enum FuzzTarget: String, CaseIterable {
    case robots, feed, sitemap, url, encoding, page, commands, article, text, envelope, frames

    func run(_ bytes: [UInt8]) {
        switch self {
        case .robots: robots(bytes)
        case .feed: feed(bytes)
        case .sitemap: sitemap(bytes)
        case .url: url(bytes)
        case .encoding: encoding(bytes)
        case .page: page(bytes)
        case .commands: commands(bytes)
        case .article: document(bytes, type: "text/html")
        case .text: document(bytes, type: "text/plain")
        case .envelope: envelope(bytes)
        case .frames: frames(bytes)
        }
    }

    /// The input in two parts, divided at the first NUL.
    func divided(_ bytes: [UInt8]) -> (head: ArraySlice<UInt8>, rest: ArraySlice<UInt8>) {
        guard let mark = bytes.firstIndex(of: 0) else { return ([], bytes[...]) }
        return (bytes[..<mark], bytes[(mark + 1)...])
    }

    /// A path, and the file that rules over it.
    private func robots(_ bytes: [UInt8]) {
        let (path, file) = divided(bytes)
        let rules = RobotsRules(Array(file))
        let target = "/" + String(decoding: path, as: UTF8.self)
        let verdict = rules.verdict(for: target, productToken: "Wireroom")
        promise(verdict.isAllowed || verdict.rule != nil, "a refusal names its rule")
        promise(rules.verdict(for: "/robots.txt", productToken: "Wireroom").isAllowed, "robots.txt is allowed")
        promise((rules.crawlDelay(productToken: "Wireroom") ?? 0) >= 0, "a delay is not negative")
    }

    /// A content type, and the feed. The entries of a feed that is cut off are a beginning of the whole feed's.
    private func feed(_ bytes: [UInt8]) {
        let (type, document) = divided(bytes)
        let contentType = type.isEmpty ? nil : String(decoding: type, as: UTF8.self)
        guard let feed = try? FeedParser.parse(Array(document), url: "https://h.example/f", contentType: contentType)
        else {
            return
        }
        promise(feed.entries.count <= FeedParser.maximumEntries, "entries are bounded")
        for entry in feed.entries {
            promise(!entry.title.contains("\n"), "a title is one line")
            promise(entry.published != nil || entry.updated == nil, "an update stands in for a publication")
        }
    }

    private func sitemap(_ bytes: [UInt8]) {
        let (type, document) = divided(bytes)
        let contentType = type.isEmpty ? nil : String(decoding: type, as: UTF8.self)
        guard
            let sitemap = try? SitemapParser.parse(
                Array(document), url: "https://h.example/s", contentType: contentType)
        else { return }
        promise(sitemap.urls.count <= SitemapParser.maximumEntries, "entries are bounded")
        for entry in sitemap.urls {
            let location = entry.location.lowercased()
            promise(location.hasPrefix("http://") || location.hasPrefix("https://"), "only web addresses come out")
        }
    }

    /// A base, and a reference.
    private func url(_ bytes: [UInt8]) {
        let (base, text) = divided(bytes)
        let parsedBase = ParsedURL(utf8: Array(base))
        guard let url = ParsedURL(utf8: Array(text), base: parsedBase) else { return }
        promise(url.href.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F || $0 == 0x20 }, "a URL is ASCII")
        promise(ParsedURL(url.href)?.href == url.href, "what is serialised parses to itself")
        let policy = AddressPolicy()
        promise(
            url.ipAddress.map { policy.refusal(of: $0) != nil ? policy.refusal(of: url) != nil : true } ?? true,
            "a refused address is refused as a host")
        guard let canonical = CanonicalURL(url) else { return }
        promise(
            ParsedURL(canonical.description).flatMap { CanonicalURL($0) } == canonical, "the form of a form is itself")
        _ = URLTraps(currentYear: 2_026).trap(in: url)
        if let other = parsedBase { _ = SourceScope(homepage: other).contains(url) }
    }

    /// A label, and the document.
    private func encoding(_ bytes: [UInt8]) {
        let (label, document) = divided(bytes)
        let charset = label.isEmpty ? nil : String(decoding: label, as: UTF8.self)
        for kind in [TextDecoder.Kind.html, .xml] {
            let decoded = TextDecoder.decode(Array(document), httpCharset: charset, kind: kind)
            promise(decoded.text.utf8.count <= document.count * 4 + 64, "text does not grow beyond reason")
            promise(!decoded.encoding.isEmpty, "an encoding has a name")
        }
        if let charset { _ = TextDecoder.charset(inContentType: charset) }
    }

    private func page(_ bytes: [UInt8]) {
        for candidate in FeedDiscovery.listings(inHeadOf: bytes, url: "https://h.example/").feeds {
            promise(!candidate.url.isEmpty, "a candidate has an address")
        }
    }

    /// The dates of feeds, and the records of the commands.
    private func commands(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        let date = (try? JSONEncoder().encode(["date": text])) ?? Data()  // text always encodes
        for answer in [
            RobotsCommandCore().respond(to: bytes), FeedCommandCore().respond(to: bytes),
            SitemapCommandCore().respond(to: bytes), URLCommandCore(currentYear: 2_026).respond(to: bytes),
            FeedCommandCore().respond(to: Array(date)),
        ] {
            promise((try? JSONSerialization.jsonObject(with: Data(answer))) != nil, "an answer is JSON")
        }
    }

    /// Lines with the charset, what a feed said and a rule's selector; and the document. It goes the whole way of a capture through
    /// the parse stage, once with nothing known of its site, and once with a memory in which half of its blocks repeat.
    private func document(_ bytes: [UInt8], type: String) {
        let (head, document) = divided(bytes)
        let words = head.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        let capture = Capture(
            urlID: 1, requestedURL: "https://h.example/a", finalURL: "https://h.example/2024/05/a?b", origin: .fetch,
            fetchedAt: Date(timeIntervalSince1970: 1_750_000_000), body: Array(document), contentType: type,
            charset: words.first.flatMap { $0.isEmpty ? nil : $0 }, evidence: words.count > 1 ? words[1] : nil)
        var context = ExtractionContext()
        context.wantsImprint = true
        context.wantsInspection = true
        let first = judge(LoadedCapture(capture: capture, context: context))
        if words.count > 2, let selector = try? ElementSelector(words[2]) {
            context.rules = ExtractionRule.Action.allCases.enumerated().map {
                ExtractionRule(ruleID: Int64($0.offset), action: $0.element, selector: selector)
            }
        }
        if let imprint = first?.imprint {
            let repeated = imprint.fingerprints.enumerated().filter { $0.offset % 2 == 1 }.map { ($0.element, 2) }
            context.memory = SiteMemory(articles: 3, counts: Dictionary(uniqueKeysWithValues: repeated))
        }
        if context.memory != nil || !context.rules.isEmpty {
            judge(LoadedCapture(capture: capture, context: context))
        }
    }

    /// Parses a capture, and looks whether what comes out keeps the promises.
    @discardableResult
    private func judge(_ loaded: LoadedCapture) -> ParsedArticle? {
        let inspection = DocumentExtractor.extraction(
            bytes: loaded.capture.body, url: loaded.capture.finalURL, contentType: loaded.capture.contentType,
            charset: loaded.capture.charset, fetchedAt: loaded.capture.fetchedAt, context: loaded.context
        ).inspection
        if let inspection { promise((try? JSONEncoder().encode(inspection)) != nil, "an inspection is JSON") }
        let parsed: ParsedArticle
        switch ParseStage.parse(loaded) {
        case .next(let value): parsed = value
        case .end(let outcome):
            switch outcome {
            case .drop: break
            default: promise(false, "a small document is read or dropped")
            }
            return nil
        }
        let article = parsed.article
        promise(!parsed.body.isEmpty && parsed.body == article.body, "an article has a text")
        promise(article.authors.allSatisfy { !$0.isEmpty }, "an author has a name")
        promise(article.title.map { !$0.isEmpty && !$0.contains("\n") } ?? true, "a title is one line")
        let tomorrow = loaded.capture.fetchedAt.addingTimeInterval(2 * 86_400)
        promise(article.published.map { $0.instant < tomorrow } ?? true, "nothing is from the future")
        for block in article.blocks {
            promise(!block.text.isEmpty, "a block has a text")
            for link in block.links ?? [] {
                promise(
                    link.target.hasPrefix("https://") || link.target.hasPrefix("http://"), "a link leads to the web")
            }
        }
        let blocks = Data(StoredArticleJSON.text(of: article.blocks).utf8)
        let read = try? JSONDecoder().decode([ArticleBlock].self, from: blocks)
        promise(read?.allSatisfy { !$0.text.utf8.contains(0) } ?? false, "blocks can be stored")
        let evidence = Data(StoredArticleJSON.text(of: article.fieldEvidence).utf8)
        let fields = try? JSONDecoder().decode([String: FieldEvidence].self, from: evidence)
        promise(fields?.keys == article.fieldEvidence.keys, "evidence can be stored")
        return parsed
    }

    func promise(_ holds: Bool, _ what: StaticString) {
        if !holds { fatalError("broken promise: \(what)") }
    }
}

/// Which code to fuzz: WIREROOM_FUZZ_TARGET.
private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["WIREROOM_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        fatalError("WIREROOM_FUZZ_TARGET is not one of \(FuzzTarget.allCases.map(\.rawValue))")
    }
    return target
}()

/// Called by libFuzzer with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
