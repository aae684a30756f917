internal import Markup

/// Puts into words what was decided of a page.
struct PageInspector {
    let document: HTMLDocument
    let list: BlockList
    let body: PageBody
    let article: ExtractedArticle
    /// The most blocks that are shown.
    private static let maximumBlocks = 5000

    /// The whole inspection.
    func inspection() -> PageInspection {
        PageInspection(
            container: body.container.map(path), bodySource: body.source,
            notArticle: article.notArticleReason?.rawValue, fields: fields(), blocks: blocks())
    }

    // MARK: - Fields

    private func fields() -> [PageInspection.Field] {
        let values: [(MetadataField, String?)] = [
            (.title, article.title), (.authors, Self.joined(article.authors)),
            (.published, article.published?.iso8601), (.modified, article.modified?.iso8601),
            (.language, article.language), (.siteName, article.siteName), (.section, article.section),
            (.tags, Self.joined(article.tags)), (.canonicalURL, article.canonicalURL),
            (.leadImage, article.leadImage), (.originalSource, article.originalSource),
        ]
        let evidence = article.fieldEvidence
        return values.map { field, value in
            PageInspection.Field(
                name: field.rawValue, value: value, source: evidence[field.rawValue]?.source,
                candidates: article.candidates[field].map(Self.candidate))
        }
    }

    private static func candidate(_ candidate: MetadataCandidate) -> PageInspection.Field.Candidate {
        let name = candidate.name.map { " " + $0 } ?? ""
        return PageInspection.Field.Candidate(
            value: candidate.value, source: candidate.source.rawValue + name, weight: candidate.weight,
            votes: (candidate.votes * 100).rounded() / 100, isChosen: candidate.isChosen)
    }

    private static func joined(_ values: [String]) -> String? {
        values.isEmpty ? nil : values.joined(separator: "; ")
    }

    // MARK: - Blocks

    private func blocks() -> [PageInspection.Block] {
        let chosen = Set(body.paragraphs == nil ? body.chosen : [])
        let selected = Set(body.selected)
        let selector = BodySelector(document: document, list: list)
        return list.blocks.indices.prefix(Self.maximumBlocks).map { index in
            let block = list.blocks[index]
            let (decision, reason) = decision(index, isChosen: chosen.contains(index), selected.contains(index))
            return PageInspection.Block(
                index: index, kind: block.kind, decision: decision, reason: reason,
                score: (Double(selector.value(of: block)) * 10).rounded() / 10 + 0, characters: block.characters,
                linkDensity: (block.linkDensity * 100).rounded() / 100, path: path(block.node),
                hints: Self.names(block.hints) + Self.names(block.structure), text: list.string(block))
        }
    }

    private func decision(_ index: Int, isChosen: Bool, _ isSelected: Bool) -> (PageInspection.Decision, String) {
        let block = list.blocks[index]
        if isChosen {
            if case .kept(let rule) = block.verdict { return (.article, "kept by rule \(rule)") }
            return (block.kind == .caption ? .caption : .article, isSelected ? "reads as the article's" : "standfirst")
        }
        switch block.verdict {
        case .repeated(let count): return (.repeated, "stands on \(count) other articles of the site")
        case .dropped(let rule): return (.rule, "left out by rule \(rule)")
        case .open, .kept: break
        }
        if isSelected {
            return body.paragraphs == nil
                ? (.pruned, "a date, credit, call, pointer or copy beside the text")
                : (.pruned, "the page's script data has the text in full")
        }
        let against =
            Self.names(block.hints.intersection(.boilerplate)) + Self.names(block.structure.intersection(.boilerplate))
        guard let container = body.container, block.firstNode >= container,
            block.firstNode < document.nodes[container].endIndex
        else {
            return (.outside, against.isEmpty ? "outside the article's element" : against.joined(separator: ", "))
        }
        if !against.isEmpty { return (.rejected, against.joined(separator: ", ")) }
        if block.linkDensity > 0.5 { return (.rejected, "mostly links") }
        return (.rejected, "too short or not a sentence")
    }

    /// The element and up to five around it.
    private func path(_ node: Int) -> String {
        var parts: [String] = []
        var index = node
        while index > 0, parts.count < 6 {
            parts.append(name(index))
            index = document.nodes[index].parentIndex
        }
        return parts.reversed().joined(separator: " > ")
    }

    private func name(_ index: Int) -> String {
        var name = String(describing: document.nodes[index].tag)
        if let id = document.attributeString(.id, of: index), !id.isEmpty { name += "#" + id.prefix(40) }
        if let classes = document.attributeString(.class, of: index) {
            for word in classes.split(whereSeparator: \.isWhitespace).prefix(3) { name += "." + word.prefix(40) }
        }
        return name
    }

    private static func names(_ hints: BlockHints) -> [String] {
        hintNames.filter { hints.contains($0.0) }.map(\.1)
    }

    private static func names(_ structure: BlockStructure) -> [String] {
        structureNames.filter { structure.contains($0.0) }.map(\.1)
    }

    private static let hintNames: [(BlockHints, String)] = [
        (.comments, "comments"), (.related, "related pieces"), (.share, "share bar"), (.navigation, "menu"),
        (.advertisement, "advertisement"), (.promotion, "promotion"), (.consent, "consent"),
        (.biography, "author's box"), (.footer, "footer"), (.sidebar, "side bar"), (.byline, "byline"),
        (.caption, "caption"), (.tags, "tags"), (.hidden, "hidden"), (.body, "body"), (.article, "article"),
        (.lead, "lead"), (.headline, "headline"), (.date, "date"), (.articleBody, "article body"),
        (.metadata, "metadata"),
    ]

    private static let structureNames: [(BlockStructure, String)] = [
        (.article, "<article>"), (.main, "<main>"), (.navigation, "<nav>"), (.footer, "<footer>"),
        (.aside, "<aside>"), (.header, "<header>"), (.list, "list"), (.quote, "quotation"), (.table, "table"),
        (.figure, "<figure>"), (.form, "<form>"), (.preformatted, "<pre>"), (.caption, "caption element"),
        (.control, "control"), (.paragraph, "<p>"), (.hidden, "hidden"),
    ]
}
