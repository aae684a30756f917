import Foundation

/// What a short line says about the piece: dates, authors.
struct CreditLine: Sendable {
    var published: ArticleDate?
    var modified: ArticleDate?
    var authors: [String] = []
    /// Whether the line opens as a byline does, so that its names need no more evidence.
    var isByline = false

    /// Reads a line as a credit, or returns `nil` when it is something else.
    static func read(_ line: TextLine, context: ReadingContext) -> CreditLine? {
        guard line.length <= 240, line.wordCount <= 32 else { return nil }
        let text = withoutFrame(line.text)
        let dates = DateParser.find(
            in: text, languageHint: context.languageHint, reference: context.reference, limit: 4)
        var credit = CreditLine()
        let (rest, labels) = credit.take(dates, from: text)
        if let byline = byline(in: rest) {
            credit.authors = BylineCleaner.authors(from: byline)
            credit.isByline = !credit.authors.isEmpty
        }
        if credit.isByline { return credit }
        guard !dates.isEmpty else { return nil }
        let restLine = TextLine(text: rest, followsBlank: false)
        // "Subscribe today!" dates nothing.
        let isRelative = dates.allSatisfy(\.isRelative)
        guard !isRelative || restLine.wordCount <= labels || line.separators > 0 else { return nil }
        guard restLine.wordCount - labels <= 6, !(line.isProse && restLine.wordCount - labels > 3) else { return nil }
        credit.authors = BylineCleaner.authors(from: rest).filter(BylineCleaner.isLikelyPersonName)
        guard restLine.wordCount - labels <= 3 || !credit.authors.isEmpty || restLine.separators > 0 else { return nil }
        return credit
    }

    /// Takes the dates out of the text; returns the rest, and how many words of it only label dates.
    private mutating func take(_ dates: [DateMatch], from text: String) -> (rest: String, labels: Int) {
        var rest = String.UnicodeScalarView()
        let scalars = Array(text.unicodeScalars)
        var position = 0
        var labels = 0
        for match in dates {
            let before = String(String.UnicodeScalarView(scalars[position..<match.scalars.lowerBound]))
            let words = TextLine(text: before, followsBlank: false).words
            labels += words.filter { CreditLine.dateLabels.contains($0) }.count
            if words.suffix(3).contains(where: CreditLine.changeLabels.contains) {
                modified = modified ?? match.date
            } else {
                published = published ?? match.date
            }
            rest.append(contentsOf: scalars[position..<match.scalars.lowerBound])
            rest.append("|")
            position = match.scalars.upperBound
        }
        rest.append(contentsOf: scalars[position...])
        return (String(rest).trimmingWhitespace(), labels)
    }

    /// The part of the line from its byline's opening on.
    static func byline(in text: String) -> String? {
        for (place, segment) in BylineSplitter.segments(of: text).enumerated() {
            if BylineCleaner.opening(of: segment, in: BylineLexicon.prefixes) != nil { return text }
            // What stands before a byline is short: a section, a place, "Published".
            guard place < 4, TextLine(text: segment, followsBlank: false).wordCount <= 5 else { return nil }
            let words = segment.split(separator: " ")
            if let by = words.firstIndex(where: { $0 == "by" || $0 == "von" || $0 == "par" || $0 == "por" }), by > 0,
                by <= 3
            {
                guard CreditLine.dateLabels.contains(TextScalars.folded(String(words[0]))) else { continue }
                return words[by...].joined(separator: " ")
            }
        }
        return nil
    }

    /// The text without parentheses or emphasis around it.
    private static func withoutFrame(_ text: String) -> String {
        let plain = text.hasPrefix("*") || text.hasPrefix("_") ? text.filter { $0 != "*" && $0 != "_" } : text
        guard plain.hasPrefix("("), plain.hasSuffix(")") else { return plain }
        return String(plain.dropFirst().dropLast())
    }

    private static let changeLabels: Set<String> = DateLexicon.foldedSet(
        """
        updated update modified edited revised aktualisiert aktualisierung stand geändert jour actualizado actualización aggiornato
        atualizado bijgewerkt обновлено обновлена изменено оновлено aktualizacja aktualizováno güncelleme güncellenme yenilənib uppdaterad
        oppdatert opdateret päivitetty ενημέρωση frissítve actualizat تحديث بروزرسانی עודכן diperbarui 更新 업데이트 수정
        """)

    static let dateLabels: Set<String> = changeLabels.union(
        DateLexicon.foldedSet(
            """
            published posted date on at by last first created added issued release released publication time publish veröffentlicht erstellt
            am um uhr datum vom publié publie le à mis posté publicado publicada fecha el a las pubblicato pubblicata il alle data em às
            gepubliceerd op om geplaatst опубликовано дата публикации в создано добавлено опубліковано публікації opublikowano dodano data
            publikováno vydáno yayınlanma yayınlandı tarihi tarih giriş dərc tarix publicerad publicerat publisert udgivet julkaistu
            δημοσιεύθηκε δημοσίευση megjelent közzétéve publicat pe la نشر تاريخ النشر في انتشار تاریخ פורסם בתאריך प्रकाशित diterbitkan
            đăng ngày 发布 时间 发表 日期 公開 投稿 日 등록 입력 승인 utc gmt et monday tuesday wednesday thursday friday saturday sunday
            """))
}

/// What is known about a document while it is read.
struct ReadingContext: Sendable {
    /// For the order of day and month.
    var languageHint: String?
    /// When the document was fetched.
    var reference: Date?
}
