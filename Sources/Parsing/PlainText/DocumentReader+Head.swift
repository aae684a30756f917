import Foundation

/// What stands above the text: headline, credits, section, standfirst.
extension DocumentReader {
    /// The first line of running text that belongs to the article, or the first line after its lines where it has none.
    func firstProse() -> Int {
        if let prose = lines.indices.first(where: { labels[$0] && lines[$0].line.isProse && credit(at: $0) == nil }) {
            return prose
        }
        return labels.firstIndex(of: true) ?? lines.count
    }

    func credit(at index: Int) -> CreditLine? { CreditLine.read(lines[index].line, context: context) }

    mutating func readHead(until bodyStart: Int) {
        let zone = max(0, bodyStart - 80)..<bodyStart
        var credits: [Int: CreditLine] = [:]
        for index in zone { credits[index] = credit(at: index) }
        for index in zone where Caption.isCaption(lines[index]) && credits[index] == nil { captions.insert(index) }
        let found = HeadlineFinder(lines: lines, credits: Set(credits.keys), bodyStart: bodyStart).find()
        let title = found.map { shorterCopy(of: $0, until: bodyStart) }
        if let title { takeTitle(title) }
        takeCredits(credits, title: title, bodyStart: bodyStart)
        for index in zone
        where index > (title ?? bodyStart) && credits[index] == nil && lines[index].line.wordCount <= 4 {
            let isOnePlace = lines[index].line.text.firstIndex(of: " ").map {
                ".,".contains(lines[index].line.text[..<$0].last ?? " ")
            }
            if isOnePlace == true { _ = takeStandaloneDateline(index) }
        }
        takeCreditsBelowStandfirst(title: title, bodyStart: bodyStart)
        takeSection(title: title, bodyStart: bodyStart)
        keepStandfirst(zone, title: title)
    }

    /// The line that holds the headline alone where the one found has a trail or an outlet's name around it.
    private func shorterCopy(of index: Int, until bodyStart: Int) -> Int {
        let key = TextScalars.folded(lines[index].line.text)
        let copy = (max(0, index - 6)..<min(bodyStart, index + 8)).first { other in
            let line = lines[other].line
            guard other != index, line.wordCount >= 4, line.length < lines[index].line.length else { return false }
            return key.hasSuffix(TextScalars.folded(line.text))
        }
        return copy ?? index
    }

    private mutating func takeTitle(_ index: Int) {
        let text = MarkdownText.plain(
            MarkdownText.headingLevel(lines[index].line.text).map { String(lines[index].line.text.dropFirst($0 + 1)) }
                ?? lines[index].line.text)
        let parts = TitleSuffix.split(text, lines: lines, at: index)
        article.title = parts.title
        article.siteName = parts.site
        article.evidence["title"] = "text"
        let key = TextScalars.folded(parts.title)
        for other in 0..<min(lines.count, index + 12) where lines[other].line.length <= 300 {
            let same = TextScalars.folded(lines[other].line.text)
            if other == index || same == key
                || (key.utf8.count > 24 && same.hasSuffix(key) && !lines[other].line.isProse)
                || (same.hasPrefix(key) && same.utf8.count < key.utf8.count + 40 && key.utf8.count > 24
                    && !lines[other].line.isProse)
            {
                consumed.insert(other)
            }
        }
    }

    private mutating func takeCredits(_ credits: [Int: CreditLine], title: Int?, bodyStart: Int) {
        let below = credits.keys.filter { $0 > (title ?? -1) }.sorted()
        let above = credits.keys.filter { $0 < (title ?? -1) && bodyStart - $0 < 40 }.sorted(by: >)
        for index in below + above {
            guard let credit = credits[index] else { continue }
            let isBelow = index > (title ?? -1)
            if isBelow, takeStandaloneDateline(index) { continue }
            article.published = article.published ?? credit.published
            article.modified = article.modified ?? credit.modified
            if credit.isByline || (isBelow && title != nil) {
                addAuthors(credit.isByline ? credit.authors : unmentioned(credit.authors))
            }
            consumed.insert(index)
        }
        if article.published != nil { article.evidence["date"] = "text" }
        takeBareNames(title: title, bodyStart: bodyStart)
    }

    /// `Baku, 23 September, AZERTAC` on a line of its own.
    private mutating func takeStandaloneDateline(_ index: Int) -> Bool {
        guard article.dateline == nil,
            let dateline = Dateline.standalone(lines[index].line.text, reference: context.reference)
        else { return false }
        article.dateline = dateline.text
        article.evidence["dateline"] = "text"
        article.originalSource = dateline.agencies.first
        if let date = dateline.date, article.published == nil { article.published = date }
        consumed.insert(index)
        return true
    }

    /// A name alone between headline and text is the author's, unless the text speaks of that person.
    private mutating func takeBareNames(title: Int?, bodyStart: Int) {
        guard let title, article.authors.isEmpty, title + 1 < bodyStart else { return }
        for index in title + 1..<bodyStart
        where !consumed.contains(index) && !captions.contains(index) && lines[index].line.wordCount <= 9 {
            let names = BylineCleaner.authors(from: lines[index].line.text)
            guard !names.isEmpty, !lines[index].isFurniture, !lines[index].line.endsSentence else { continue }
            let isWhole = names.joined(separator: " ").unicodeScalars.count * 2 > lines[index].line.length
            guard isWhole, names.allSatisfy({ BylineCleaner.isLikelyPersonName($0) || BylineCleaner.isAgency($0) })
            else { continue }
            let unknown = unmentioned(names)
            guard !unknown.isEmpty else { continue }
            addAuthors(unknown)
            consumed.insert(index)
            return
        }
    }

    /// Credits between a standfirst of whole sentences and the text: short lines before the third paragraph.
    private mutating func takeCreditsBelowStandfirst(title: Int?, bodyStart: Int) {
        guard title != nil, bodyStart + 1 < lines.count else { return }
        var paragraphs = 0
        var isNearCredit = false
        for index in bodyStart + 1..<min(lines.count, bodyStart + 14) {
            let item = lines[index]
            if item.line.isProse { paragraphs += 1 }
            if paragraphs == 2 { return }
            guard !item.line.isProse, item.line.wordCount <= 18 else { continue }
            if let credit = credit(at: index) {
                isNearCredit = true
                article.published = article.published ?? credit.published
                article.modified = article.modified ?? credit.modified
                if credit.published != nil { article.evidence["date"] = article.evidence["date"] ?? "text" }
                if article.authors.isEmpty {
                    addAuthors(credit.isByline ? credit.authors : unmentioned(credit.authors))
                }
                consumed.insert(index)
            } else if item.furniture?.kind == .readingTime {
                isNearCredit = true
            } else if isNearCredit, !item.line.endsSentence, item.line.wordCount <= 6 {
                let names = unmentioned(
                    BylineCleaner.authors(from: item.line.text).filter(BylineCleaner.isLikelyPersonName))
                guard !names.isEmpty, article.authors.isEmpty || names == article.authors else { continue }
                addAuthors(names)
                consumed.insert(index)
            }
        }
    }

    private func unmentioned(_ names: [String]) -> [String] {
        names.filter { name in
            !lines.indices.contains { labels[$0] && lines[$0].line.isProse && lines[$0].line.text.contains(name) }
        }
    }

    mutating func addAuthors(_ names: [String]) {
        for name in names where !article.authors.contains(name) { article.authors.append(name) }
        if !names.isEmpty { article.evidence["authors"] = "text" }
    }

    /// A word or two in capitals, repeated, or as a trail above the headline.
    private mutating func takeSection(title: Int?, bodyStart: Int) {
        guard let title, title > 0 else { return }
        for index in stride(from: title - 1, through: max(0, title - 4), by: -1) where !consumed.contains(index) {
            let line = lines[index].line
            guard line.wordCount >= 1, line.hasLetters, line.length > 2, line.length <= 60, !line.endsSentence else {
                continue
            }
            let trail = line.text.split(whereSeparator: { ">›»/".contains($0) }).map { $0.trimmingWhitespace() }
            if trail.count >= 2, trail.count <= 6, line.wordCount <= 12 {
                article.section = trail.last { TextScalars.folded($0) != TextScalars.folded(article.title ?? "") }
                return
            }
            let repeats = lines.contains { $0.line.text == line.text && $0.line.followsBlank } && line.wordCount <= 2
            guard line.isShout, line.wordCount <= 3, repeats || lines[index].furniture?.kind == .navigation else {
                continue
            }
            article.section = line.text
            return
        }
    }

    /// Lines between headline and text stay when they read as a standfirst; everything above the headline goes.
    private mutating func keepStandfirst(_ zone: Range<Int>, title: Int?) {
        for index in zone {
            if let title, index > title {
                let line = lines[index].line
                let isText = line.wordCount >= 6 && !lines[index].isFurniture && line.separators < 2
                labels[index] = !consumed.contains(index) && (isText || labels[index] && lines[index].score > 0)
            } else if title != nil || lines[index].isFurniture || !lines[index].line.isProse && lines[index].score < 0 {
                labels[index] = false
            }
        }
    }
}
