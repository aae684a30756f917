import Foundation

/// What stands below the text: origin, credits, the author's box, the outlet's name.
extension DocumentReader {
    mutating func readTail() {
        guard let last = lines.indices.last(where: { labels[$0] && lines[$0].line.isProse }) else { return }
        let tail = last..<min(lines.count, last + 40)
        takeSource(from: max(0, last - 3)..<tail.upperBound)
        var isBelowComments = false
        for index in tail {
            if lines[index].furniture?.kind == .comments { isBelowComments = true }
            if isBelowComments { break }
            readTailLine(index, distance: index - last)
        }
        if article.authors.isEmpty { takeAuthorBox(in: tail) }
        dropBiography()
    }

    /// "Jane Doe is a columnist …" as the article's last line.
    private mutating func dropBiography() {
        guard let last = lines.indices.last(where: { labels[$0] && !consumed.contains($0) }) else { return }
        let line = lines[last].line
        let opening = TextScalars.folded(String(line.text.prefix(80)))
        let isAuthor = article.authors.contains { opening.hasPrefix(TextScalars.folded($0) + " ") }
        if isAuthor, line.wordCount <= 60, line.words.contains(where: BylineLexicon.roles.contains) {
            consumed.insert(last)
        }
    }

    private mutating func takeSource(from range: Range<Int>) {
        for index in range {
            if let agency = SourceFinder.signOff(lines[index].line) {
                article.originalSource = article.originalSource ?? agency
                article.evidence["originalSource"] = article.evidence["originalSource"] ?? "text"
                consumed.insert(index)
                continue
            }
            guard let source = SourceFinder.source(in: lines[index].line) else { continue }
            article.originalSource = article.originalSource ?? source
            article.evidence["originalSource"] = "text"
            consumed.insert(index)
        }
    }

    private mutating func readTailLine(_ index: Int, distance: Int) {
        guard !consumed.contains(index), let credit = credit(at: index), distance <= 8 || credit.isByline else {
            return
        }
        guard distance > 0 || credit.isByline else { return }
        if !lines[index].isFurniture || credit.isByline {
            if article.published == nil, distance <= 6, let date = credit.published {
                article.published = date
                article.evidence["date"] = "text"
            }
            article.modified = article.modified ?? (distance <= 6 ? credit.modified : nil)
        }
        if credit.isByline, distance <= 6, article.authors.isEmpty { addAuthors(credit.authors) }
        consumed.insert(index)
    }

    private mutating func takeAuthorBox(in range: Range<Int>) {
        for index in range {
            guard let name = AuthorBox.name(inHeading: lines[index].line) else { continue }
            addAuthors([name])
            article.evidence["authors"] = "author-box"
            return
        }
    }

    mutating func readSiteName() {
        guard article.siteName == nil else { return }
        for item in lines.prefix(60) + lines.suffix(60) {
            if let name = SourceFinder.siteName(in: item.line) {
                article.siteName = name
                article.evidence["siteName"] = "text"
                return
            }
        }
    }
}
