internal import Markup

/// Collects ``PageFacts`` in one walk over a page's nodes.
struct FactCollector {
    private let document: HTMLDocument
    private let list: BlockList
    private var facts = PageFacts()
    private static let maximumBylines = 24
    private static let maximumTimes = 40
    private static let maximumMetas = 2000

    private init(_ document: HTMLDocument, _ list: BlockList) {
        self.document = document
        self.list = list
    }

    /// The facts of a page whose blocks (and so whose hints) are known.
    static func facts(of document: HTMLDocument, list: BlockList) -> PageFacts {
        var collector = FactCollector(document, list)
        for index in document.nodes.indices { collector.visit(index) }
        return collector.facts
    }

    private mutating func visit(_ index: Int) {
        let node = document.nodes[index]
        switch node.tag {
        case .text, .br, .img: return
        case .meta: visitMeta(index)
        case .link: visitLink(index)
        case .title where facts.documentTitle == nil && !isInSVG(index):
            facts.documentTitle = HTMLText.string(of: index, in: document)
        case .script: visitScript(index)
        case .html: facts.declaredLanguage = document.attributeString(.lang, of: index)
        case .h1, .h2, .h3: visitHeading(index, node.tag)
        case .time: visitTime(index)
        default: break
        }
        if node.attributeCount > 0, node.tag != .meta, node.tag != .link { visitMarks(index) }
    }

    private func isInSVG(_ index: Int) -> Bool {
        document.nodes[document.nodes[index].parentIndex].tag == .svg
    }

    private mutating func visitMeta(_ index: Int) {
        guard facts.metas.count < Self.maximumMetas,
            let content = document.attribute(.content, of: index) ?? document.attribute(.value, of: index),
            !content.isEmpty, content.count < 4096
        else {
            return
        }
        let value = HTMLText.collapsed(document.text[content])
        if let property = document.attributeString(.itemprop, of: index) { visitItem(property, value, index) }
        if let name = document.attributeString(.property, of: index) { facts.metas.append((name.lowercased(), value)) }
        if let name = document.attributeString(.name, of: index) { facts.metas.append((name.lowercased(), value)) }
        if let name = document.attributeString(.httpEquiv, of: index) { facts.metas.append((name.lowercased(), value)) }
    }

    private mutating func visitLink(_ index: Int) {
        guard let relation = document.attributeString(.rel, of: index)?.lowercased(),
            let target = document.attributeString(.href, of: index), !target.isEmpty
        else { return }
        if relation == "canonical", facts.canonical == nil { facts.canonical = HTMLText.trimmed(target) }
        if relation == "amphtml", facts.ampURL == nil { facts.ampURL = HTMLText.trimmed(target) }
        if relation == "syndication-source" || relation == "original-source", facts.syndicated == nil {
            facts.syndicated = HTMLText.trimmed(target)
        }
    }

    private mutating func visitScript(_ index: Int) {
        guard let type = document.attribute(.type, of: index), document.text[type].count >= 16,
            document.string(type).lowercased().contains("ld+json")
        else { return }
        let range = document.nodes[index].textRange
        guard range.count < 4 << 20, let value = JSONScanner.value(in: document.text, range) else { return }
        facts.structured.add(value)
    }

    private mutating func visitHeading(_ index: Int, _ tag: HTMLTag) {
        let isFirst = tag == .h1
        guard isFirst ? facts.headings.count < 16 : facts.subheadings.count < 16 else { return }
        let text = HTMLText.string(of: index, in: document)
        guard !text.isEmpty else { return }
        let hints = BlockHints(rawValue: list.nodeHints[index])
        var heading = PageFacts.HeadingFact(node: index, text: text, hints: hints)
        let parts = pieces(of: index)
        if parts.count > 1 { heading.parts = parts }
        heading.isInList = isInList(index)
        heading.isHomeLink = isHomeLink(index)
        heading.headline = headline(in: index, of: text)
        if isFirst { facts.headings.append(heading) } else { facts.subheadings.append(heading) }
    }

    /// Whether all of a heading is a link to the root of a site.
    private func isHomeLink(_ index: Int) -> Bool {
        let link = (index + 1)..<document.nodes[index].endIndex
        guard let first = link.first(where: { document.nodes[$0].tag == .a }),
            let target = document.attributeString(.href, of: first)
        else { return false }
        let path = target.split(separator: "/", omittingEmptySubsequences: false)
        guard
            target == "/" || target == "./"
                || (target.hasPrefix("http") && (path.count == 3 || (path.count == 4 && path[3].isEmpty)))
        else { return false }
        return HTMLText.letters(HTMLText.string(of: first, in: document)).count * 10
            >= HTMLText.letters(HTMLText.string(of: index, in: document)).count * 9
    }

    /// What stands in a heading behind an opening element that is shorter: a kicker, as outlets set above a headline.
    private func headline(in index: Int, of text: String) -> String? {
        let end = document.nodes[index].endIndex
        var node = index + 1
        while node < end {
            let tag = document.nodes[node].tag
            if tag == .text {
                // Text before any element: the elements are words of the headline.
                if !HTMLText.collapsed(document.text[document.nodes[node].textRange]).isEmpty { return nil }
            } else if tag == .span || tag == .div || tag == .small || tag == .p {
                let kicker = HTMLText.string(of: node, in: document)
                if !kicker.isEmpty, kicker.utf8.count < text.utf8.count {
                    return headline(behind: kicker, in: text)
                }
            } else if tag != .a && tag != .header {
                return nil
            }
            node += 1
        }
        return nil
    }

    private func headline(behind kicker: String, in text: String) -> String? {
        guard text.hasPrefix(kicker), let last = kicker.last, last.isLetter || last.isNumber,
            kicker.split(separator: " ").count <= 7
        else { return nil }
        let rest = text.dropFirst(kicker.count).drop { ": –—-|/•·".contains($0) }
        guard let first = rest.first, !first.isLowercase, rest.utf8.count > kicker.utf8.count,
            rest.split(separator: " ").count >= 2 || rest.utf8.count >= 20
        else { return nil }
        return String(rest)
    }

    /// Whether an element of the few around a heading is an item of a list or a navigation.
    private func isInList(_ index: Int) -> Bool {
        var node = document.nodes[index].parentIndex
        for _ in 0..<4 where node > 0 {
            switch document.nodes[node].tag {
            case .li, .nav, .ol, .ul: return true
            case .article, .main, .header, .section: return false
            default: node = document.nodes[node].parentIndex
            }
        }
        return false
    }

    private mutating func visitTime(_ index: Int) {
        guard facts.times.count < Self.maximumTimes else { return }
        let hints = BlockHints(rawValue: list.nodeHints[index])
        let isChange = isChange(index)
        if let value = document.attributeString(.datetime, of: index), !value.isEmpty {
            facts.times.append(
                .init(
                    node: index, text: value, isMachineReadable: true, isTimeElement: true, hints: hints,
                    isChange: isChange))
        }
        let text = HTMLText.string(of: index, in: document, limit: 120)
        if !text.isEmpty {
            facts.times.append(
                .init(
                    node: index, text: text, isMachineReadable: false, isTimeElement: true, hints: hints,
                    isChange: isChange))
        }
    }

    private mutating func visitMarks(_ index: Int) {
        if let property = document.attributeString(.itemprop, of: index) {
            let value =
                document.attributeString(.content, of: index) ?? document.attributeString(.datetime, of: index)
                ?? HTMLText.string(of: index, in: document, limit: 300)
            visitItem(property, value, index)
        }
        if let relation = document.attribute(.rel, of: index), document.nodes[index].tag == .a,
            document.text[relation].elementsEqual("author".utf8)
        {
            addByline(index, mark: .relation)
        }
        let hints = BlockHints(rawValue: list.nodeHints[index])
        if hints.contains(.byline) || hints.contains(.author) { addByline(index, mark: .name) }
        if hints.contains(.date), document.nodes[index].tag != .time { visitDateElement(index, hints) }
    }

    private mutating func visitDateElement(_ index: Int, _ hints: BlockHints) {
        guard facts.times.count < Self.maximumTimes, document.nodes[index].endIndex - index < 24 else { return }
        let isChange = isChange(index)
        for name in [HTMLAttributeName.datetime, .dataDatetime, .dataDate, .dataTime, .dataTimestamp, .title, .content]
        {
            if let value = document.attributeString(name, of: index), value.utf8.count >= 8 {
                facts.times.append(
                    .init(
                        node: index, text: value, isMachineReadable: true, isTimeElement: false, hints: hints,
                        isChange: isChange))
                break
            }
        }
        let text = HTMLText.string(of: index, in: document, limit: 120)
        // Figures of other scripts, and "yesterday", have none of ASCII's.
        guard text.utf8.count <= 60 || text.utf8.contains(where: { $0 &- 0x30 < 10 }) else { return }
        facts.times.append(
            .init(
                node: index, text: text, isMachineReadable: false, isTimeElement: false, hints: hints,
                isChange: isChange))
    }

    /// Whether the name of a date's element, or the text just before it, says that the date is that of a change.
    private func isChange(_ index: Int) -> Bool {
        if let name = document.attributeString(.class, of: index)?.lowercased() {
            let letters = Array(name.utf8)
            if Self.publicationNames.contains(where: { ByteSearch.contains(letters, $0) }) { return false }
            if Self.changeNames.contains(where: { ByteSearch.contains(letters, $0) }) { return true }
        }
        let first = document.nodes[index].endIndex > index + 1 ? index + 1 : index
        for node in [index - 1, first] where node > 0 && document.nodes[node].tag == .text {
            let text = HTMLText.collapsed(document.text[document.nodes[node].textRange.prefix(200)]).lowercased()
            if Self.changeLabels.contains(where: node < index ? text.hasSuffix : text.hasPrefix) { return true }
            if node < index, text.hasSuffix(":"), Self.changeLabels.contains(where: text.dropLast().hasSuffix) {
                return true
            }
        }
        return false
    }

    private static let publicationNames = ["publi", "created"].map { Array($0.utf8) }
    private static let changeNames = ["updated", "modified"].map { Array($0.utf8) }
    private static let changeLabels = [
        "updated", "updated on", "last modified", "modified", "aktualisiert", "aktualisiert am", "mis à jour le",
        "actualizado", "actualizado el", "atualizado em", "aggiornato il", "bijgewerkt", "oppdatert", "opdateret",
        "uppdaterad", "обновлено", "aktualizacja", "aktualizováno", "güncelleme", "更新",
    ]

    private mutating func visitItem(_ property: String, _ value: String, _ index: Int) {
        guard !value.isEmpty else { return }
        switch property {
        case "headline": facts.itemHeadlines.append(value)
        case "datePublished", "dateModified", "dateCreated", "uploadDate":
            facts.itemDates.append((property, value))
        case "author", "creator":
            if document.nodes[index].tag == .meta {
                facts.bylines.append(.init(node: index, text: value, mark: .microdata))
            } else {
                addByline(index, mark: .microdata)
            }
        default: break
        }
    }

    private mutating func addByline(_ index: Int, mark: PageFacts.BylineFact.Mark) {
        guard facts.bylines.count < Self.maximumBylines, document.nodes[index].endIndex - index < 60 else { return }
        let text = HTMLText.string(of: index, in: document, limit: 300)
        guard text.utf8.count > 2, text.utf8.count < 300 else { return }
        facts.bylines.append(.init(node: index, text: text, pieces: pieces(of: index), mark: mark))
    }

    /// The texts of an element, each text node apart.
    private func pieces(of index: Int) -> [String] {
        var pieces: [String] = []
        for node in document.nodes[(index + 1)..<document.nodes[index].endIndex]
        where node.tag == .text && pieces.count < 16 {
            let piece = HTMLText.collapsed(document.text[node.textRange.prefix(200)])
            if piece.utf8.count > 1 { pieces.append(piece) }
        }
        return pieces
    }
}
