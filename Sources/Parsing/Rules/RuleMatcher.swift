internal import Markup
internal import TextEncoding

/// Carries out an operator's rules on a page.
struct RuleMatcher {
    let document: HTMLDocument
    /// The most elements that a rule takes on a page.
    private static let maximumMatches = 2000

    /// The nodes that a rule's selector takes, outermost first.
    func nodes(_ rule: ExtractionRule, limit: Int = maximumMatches) -> [Int] {
        var found: [Int] = []
        for index in document.nodes.indices.dropFirst() where rule.selector.matches(index, in: document) {
            found.append(index)
            if found.count == limit { break }
        }
        return found
    }

    /// Marks the blocks inside of the elements that `drop` and `keep` take; where both do, `keep` wins.
    func mark(_ list: inout BlockList, rules: [ExtractionRule]) {
        for rule in rules where rule.action == .drop { mark(&list, rule, .dropped(rule: rule.ruleID)) }
        for rule in rules where rule.action == .keep { mark(&list, rule, .kept(rule: rule.ruleID)) }
    }

    private func mark(_ list: inout BlockList, _ rule: ExtractionRule, _ verdict: BlockVerdict) {
        // Both are in the order of the page.
        var index = list.blocks.startIndex
        for node in nodes(rule) {
            let end = document.nodes[node].endIndex
            while index < list.blocks.endIndex, list.blocks[index].firstNode < node { index += 1 }
            while index < list.blocks.endIndex, list.blocks[index].firstNode < end {
                list.blocks[index].verdict = verdict
                index += 1
            }
        }
    }

    /// The chosen blocks with those that rules keep.
    static func withKept(_ chosen: [Int], in list: BlockList) -> [Int] {
        let kept = list.blocks.indices.filter { if case .kept = list.blocks[$0].verdict { true } else { false } }
        guard !kept.isEmpty else { return chosen }
        return Set(chosen).union(kept).sorted()
    }

    /// Sets the title and the authors that rules point to.
    func apply(_ rules: [ExtractionRule], to article: inout ExtractedArticle) {
        for rule in rules where rule.action == .title {
            guard let node = nodes(rule, limit: 1).first else { continue }
            let text = HTMLText.string(of: node, in: document)
            guard !text.isEmpty else { continue }
            article.title = text
            article.candidates.replace(.title, by: [])
            article.evidence["title"] = "rule \(rule.ruleID)"
            break
        }
        for rule in rules where rule.action == .author {
            let texts = nodes(rule, limit: 8).map { HTMLText.string(of: $0, in: document, limit: 300) }
            let names = texts.filter { !$0.isEmpty }.flatMap { text in
                let cleaned = BylineCleaner.authors(from: text)
                return cleaned.isEmpty ? [text] : cleaned
            }
            guard !names.isEmpty else { continue }
            var seen: Set<String> = []
            article.authors = names.filter { seen.insert($0).inserted }
            article.candidates.replace(.authors, by: [])
            article.evidence["authors"] = "rule \(rule.ruleID)"
            break
        }
    }
}

extension ElementSelector {
    /// The texts of the elements that the selector takes in a page, white space collapsed, at most 300 bytes of each.
    ///
    /// - Returns: an empty list for a text that is no page.
    public func texts(inPage bytes: [UInt8], contentType: String?, charset: String?) -> [String] {
        guard !DocumentExtractor.isPlainText(bytes, contentType: contentType, url: nil) else { return [] }
        let declared = charset ?? contentType.flatMap { TextDecoder.charset(inContentType: $0) }
        let text = TextDecoder.decode(bytes, httpCharset: declared, kind: .html).text
        let document = HTMLDocument(parsing: Array(text.utf8))
        let rule = ExtractionRule(ruleID: 0, action: .drop, selector: self)
        return RuleMatcher(document: document).nodes(rule).map { HTMLText.string(of: $0, in: document, limit: 300) }
    }
}
