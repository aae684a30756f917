/// Finds quotations and who is quoted.
struct QuoteFinder {
    /// Who is quoted, as far as one sentence tells.
    struct Attribution {
        var speaker: Range<Int>
        var cue: Int?
        /// The actor's number, or `nil` for words such as "the spokesman".
        var actor: Int?
        var isPronoun = false
    }

    let lexicon: Lexicon
    let text: ArticleText
    let mentions: [ActorFinder.Mention]
    let actors: [ArticleActor]
    /// For each token the mention that it belongs to, or -1.
    private let mentionOfToken: [Int]
    private static let reach = 24
    private static let fewestWords = 4

    init(lexicon: Lexicon, text: ArticleText, mentions: [ActorFinder.Mention], actors: [ArticleActor]) {
        self.lexicon = lexicon
        self.text = text
        self.mentions = mentions
        self.actors = actors
        var map = [Int](repeating: -1, count: text.tokens.count)
        for (number, mention) in mentions.enumerated() {
            for token in mention.tokens { map[token] = number }
        }
        mentionOfToken = map
    }

    /// The quotations in the order of the text.
    func find() -> [ArticleQuote] {
        let quotes = QuoteScanner(text: text).scan()
        var found: [ArticleQuote] = []
        var previous: (quote: QuoteScanner.Quote, attribution: Attribution)?
        for (number, quote) in quotes.enumerated() {
            let before = number > 0 ? (quotes[number - 1].close ?? quotes[number - 1].content.upperBound - 1) + 1 : 0
            let after = number + 1 < quotes.count ? quotes[number + 1].open : text.tokens.count
            var attribution = near(quote, before..<after)
            if attribution == nil, let previous, isCarriedOn(quote, from: previous.quote) {
                attribution = previous.attribution
            }
            if attribution == nil { attribution = introduced(quote, from: before) }
            guard isSpeech(quote, attribution) else { continue }
            if let last = previous, let attribution,
                isInterrupted(quote, after: last.quote, last.attribution, attribution)
            {
                let part = text.span(quote.content)
                found[found.count - 1].parts.append(part)
                found[found.count - 1].text += " " + text.string(part)
                found[found.count - 1].span.end = part.end
                previous = (quote, attribution)
                continue
            }
            if let attribution { previous = (quote, attribution) }
            found.append(annotation(quote, attribution))
        }
        return found
    }

    // MARK: Speaker

    /// The speaker by the words right after the quotation, else by those before it in its sentence.
    private func near(_ quote: QuoteScanner.Quote, _ limits: Range<Int>) -> Attribution? {
        let start = clauseStart(of: quote.open, limit: limits.lowerBound)
        let before = start..<max(start, quote.open)
        if announces(before), let found = attribution(in: before, isAfter: false) { return found }
        if let close = quote.close {
            let end = clauseEnd(from: close + 1, limit: limits.upperBound)
            if let found = attribution(in: (close + 1)..<max(close + 1, end), isAfter: true) { return found }
        }
        return attribution(in: before, isAfter: false)
    }

    /// Whether the words before a quotation announce it: a colon ends them, or a comma right after a word of speech.
    private func announces(_ range: Range<Int>) -> Bool {
        guard let last = range.last else { return false }
        if text.tokens[last].mark == 0x3A { return true }
        guard text.tokens[last].mark == 0x2C, range.count > 1 else { return false }
        return isCue(last - 1)
    }

    private func clauseEnd(from start: Int, limit: Int) -> Int {
        var index = start
        while index < limit, index - start < Self.reach {
            let token = text.tokens[index]
            if token.gap == .lineBreak || token.gap == .paragraphBreak || Tokenizer.isSentenceEnd(token.mark) { break }
            index += 1
        }
        return index
    }

    private func clauseStart(of open: Int, limit: Int) -> Int {
        guard open > 0 else { return 0 }
        var index = open
        while index > limit, open - index < Self.reach * 2 {
            if text.tokens[index].gap == .paragraphBreak { break }
            if index < open, Tokenizer.isSentenceEnd(text.tokens[index - 1].mark) { break }
            index -= 1
        }
        return index
    }

    /// Looks for a word of speech, and for its subject beside it.
    private func attribution(in range: Range<Int>, isAfter: Bool) -> Attribution? {
        guard !range.isEmpty else { return nil }
        let order = isAfter ? Array(range) : range.reversed()
        for index in order {
            guard isCue(index) else { continue }
            let end = lexicon.phrase(at: index, of: .speech, in: text)?.end ?? index + 1
            let left = range.lowerBound..<index
            let right = min(end, range.upperBound)..<range.upperBound
            if isSource(index), let subject = subjectAfter(right) { return with(subject, cue: index) }
            if isAfter, let subject = subjectBetween(left) { return with(subject, cue: index) }
            if let subject = subjectBefore(left, nearEnd: true) { return with(subject, cue: index) }
            if isAfter, let subject = subjectAfter(right) { return with(subject, cue: index) }
            if let subject = subjectBefore(left, nearEnd: false) ?? subjectAfter(right) {
                return with(subject, cue: index)
            }
        }
        return nil
    }

    private func isCue(_ index: Int) -> Bool {
        let token = text.tokens[index]
        guard token.shape != .capitalised || token.startsSentence, mentionOfToken[index] < 0 else { return false }
        return lexicon.phrase(at: index, of: .speech, in: text) != nil
    }

    /// Words such as "according to" have the speaker after them.
    private func isSource(_ index: Int) -> Bool {
        guard let found = lexicon.phrase(at: index, of: .speech, in: text) else { return false }
        if found.end - index > 1 { return true }
        let word = String(decoding: text.lowerBytes(text.tokens[index]), as: UTF8.self)
        return ["selon", "laut", "so", "según", "segundo", "secondo"].contains(word)
    }

    private func with(_ attribution: Attribution, cue: Int) -> Attribution {
        var attribution = attribution
        attribution.cue = cue
        return attribution
    }

    /// The subject that stands between the closing mark and the verb: the first name, or all the words where they are few.
    private func subjectBetween(_ range: Range<Int>) -> Attribution? {
        for index in range.prefix(6) {
            if let found = actor(at: index) { return found }
        }
        var start = range.lowerBound
        while start < range.upperBound, text.tokens[start].kind == .punctuation { start += 1 }
        let words = start..<range.upperBound
        guard !words.isEmpty, words.count <= 8, !words.contains(where: { text.tokens[$0].kind == .punctuation }) else {
            return nil
        }
        guard words.count > 1 || text.tokens[start].shape != .lower else { return nil }
        return Attribution(speaker: words)
    }

    /// The last name or pronoun in the words before a verb.
    private func subjectBefore(_ range: Range<Int>, nearEnd: Bool) -> Attribution? {
        var index = range.upperBound - 1
        var steps = 0
        while index >= range.lowerBound {
            if let found = actor(at: index) { return found }
            steps += 1
            if nearEnd, steps > 3 || text.tokens[index].kind == .punctuation { break }
            index -= 1
        }
        guard nearEnd else { return nil }
        return phraseBefore(range)
    }

    /// The first name or pronoun in the words after a verb.
    private func subjectAfter(_ range: Range<Int>) -> Attribution? {
        for index in range.prefix(14) {
            if text.tokens[index].mark == 0x3A { break }
            if let found = actor(at: index) { return found }
        }
        var end = range.lowerBound
        while end < range.upperBound, end - range.lowerBound < 8, text.tokens[end].kind == .word { end += 1 }
        guard end > range.lowerBound, isNounPhrase(range.lowerBound..<end) else { return nil }
        return Attribution(speaker: range.lowerBound..<end)
    }

    private func actor(at index: Int) -> Attribution? {
        let number = mentionOfToken[index]
        if number >= 0, mentions[number].kind == .organisation, isBracketed(mentions[number].tokens) { return nil }
        if number >= 0 { return Attribution(speaker: mentions[number].tokens, actor: mentions[number].actor) }
        guard lexicon.classes(of: text.tokens[index]).contains(.pronoun) else { return nil }
        return Attribution(speaker: index..<(index + 1), actor: personBefore(index), isPronoun: true)
    }

    /// Whether a name stands in brackets, as a party does behind a politician's name.
    private func isBracketed(_ range: Range<Int>) -> Bool {
        range.lowerBound > 0 && text.tokens[range.lowerBound - 1].mark == 0x28
    }

    /// The person that a pronoun is taken to mean: the last one named before it.
    private func personBefore(_ index: Int) -> Int? {
        var low = 0
        var high = mentions.count
        while low < high {
            let middle = (low + high) / 2
            if mentions[middle].tokens.lowerBound < index { low = middle + 1 } else { high = middle }
        }
        return mentions[..<low].suffix(12).last { $0.kind == .person }?.actor
    }

    /// A description such as "the ministry's spokesman" before a verb.
    private func phraseBefore(_ range: Range<Int>) -> Attribution? {
        var start = range.upperBound
        while start > range.lowerBound, range.upperBound - start < 10 {
            let token = text.tokens[start - 1]
            guard token.kind == .word || token.kind == .suffix || token.kind == .number else { break }
            start -= 1
        }
        guard start < range.upperBound, isNounPhrase(start..<range.upperBound) else { return nil }
        return Attribution(speaker: start..<range.upperBound)
    }

    /// Whether words are likely a description of somebody: a title or an organisation's word is among them, or an article begins them.
    private func isNounPhrase(_ range: Range<Int>) -> Bool {
        if range.contains(where: { !lexicon.classes(of: text.tokens[$0]).isDisjoint(with: [.role, .organisationHead]) })
        {
            return true
        }
        let first = String(decoding: text.lowerBytes(text.tokens[range.lowerBound]), as: UTF8.self)
        return range.count > 1
            && ["the", "a", "an", "der", "die", "das", "ein", "eine", "le", "la", "un", "une", "el", "o", "os", "los"]
                .contains(first)
    }

    /// Whether only the words that name the speaker stand between two parts of one quotation.
    private func isInterrupted(
        _ quote: QuoteScanner.Quote, after last: QuoteScanner.Quote, _ before: Attribution, _ here: Attribution
    ) -> Bool {
        guard let close = last.close, let cue = before.cue, cue > close, cue < quote.open,
            isCarriedOn(quote, from: last)
        else {
            return false
        }
        return here.cue == cue && quote.open - close < Self.reach
    }

    /// Whether a quotation goes on from the one before: a new paragraph of it, or the same paragraph with only few words between.
    private func isCarriedOn(_ quote: QuoteScanner.Quote, from last: QuoteScanner.Quote) -> Bool {
        if quote.continues { return true }
        let end = last.close ?? last.content.upperBound - 1
        guard end < quote.open else { return false }
        let between = (end + 1)...quote.open
        return !between.contains { text.tokens[$0].gap == .paragraphBreak || text.tokens[$0].gap == .lineBreak }
            && between.count < 60
    }

    /// The speaker of a paragraph before that ends in a colon, or of the sentence before in the same paragraph.
    private func introduced(_ quote: QuoteScanner.Quote, from limit: Int) -> Attribution? {
        guard quote.open > limit, quote.open > 0 else { return nil }
        let last = quote.open - 1
        let isNewParagraph = text.tokens[quote.open].gap == .paragraphBreak || text.tokens[quote.open].gap == .lineBreak
        if isNewParagraph, text.tokens[last].mark != 0x3A { return nil }
        let sentence = text.sentence(around: last)
        let range = max(limit, sentence.lowerBound)..<quote.open
        return attribution(in: range, isAfter: false) ?? subjectBefore(range, nearEnd: false)
    }

    // MARK: Result

    /// Whether the words between the marks are somebody's speech and not a title or a word held at a distance.
    private func isSpeech(_ quote: QuoteScanner.Quote, _ attribution: Attribution?) -> Bool {
        let words = quote.content.reduce(0) {
            $0
                + (text.tokens[$1].kind == .run
                    ? (text.tokens[$1].span.end - text.tokens[$1].span.start) / 2
                    : text.tokens[$1].kind == .word ? 1 : 0)
        }
        if words >= Self.fewestWords { return attribution != nil || words > 5 }
        return words > 0 && attribution?.cue != nil && words > 1
    }

    private func annotation(_ quote: QuoteScanner.Quote, _ attribution: Attribution?) -> ArticleQuote {
        let span = text.span(quote.content)
        return ArticleQuote(
            text: text.string(span), span: span, parts: [span], speaker: attribution.map(name),
            speakerSpan: attribution.map { text.span($0.speaker) },
            cue: attribution?.cue.map { text.string(text.tokens[$0].span) })
    }

    private func name(_ attribution: Attribution) -> String {
        guard let actor = attribution.actor, actors.indices.contains(actor) else {
            return text.name(attribution.speaker)
        }
        return actors[actor].name
    }
}
