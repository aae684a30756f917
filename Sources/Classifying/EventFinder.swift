/// Finds who did what to whom: in each sentence the clearest word for a deed, with what stands before and after it.
struct EventFinder {
    /// Something that can act or be acted on.
    struct Argument {
        var tokens: Range<Int>
        var name: String
    }

    let lexicon: Lexicon
    let events: EventLexicon
    let text: ArticleText
    /// The actors and countries that the text names, in order.
    let arguments: [Argument]
    /// Quotations, in which nothing is looked for.
    let quoted: [TextSpan]
    private static let mostEvents = 60
    private static let mostTokens = 80

    /// The events in the order of the text.
    func find() -> [ArticleEvent] {
        var found: [ArticleEvent] = []
        for (start, end) in zip(text.sentenceStarts, text.sentenceStarts.dropFirst()) {
            guard found.count < Self.mostEvents else { break }
            let sentence = start..<min(end, start + Self.mostTokens)
            let here = arguments(in: sentence)
            guard !here.isEmpty, let event = event(in: sentence, here) else { continue }
            found.append(event)
        }
        return found
    }

    private func arguments(in sentence: Range<Int>) -> ArraySlice<Argument> {
        let first = firstArgument(from: sentence.lowerBound)
        let last = firstArgument(from: sentence.upperBound)
        return arguments[first..<max(first, last)]
    }

    private func firstArgument(from token: Int) -> Int {
        var low = 0
        var high = arguments.count
        while low < high {
            let middle = (low + high) / 2
            if arguments[middle].tokens.lowerBound < token { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The best event of a sentence: the longest phrase, and of equal ones the first after a named actor.
    private func event(in sentence: Range<Int>, _ here: ArraySlice<Argument>) -> ArticleEvent? {
        var best: (event: ArticleEvent, weight: Double)?
        for index in sentence {
            let token = text.tokens[index]
            guard token.kind == .word, !isQuoted(token.span), !here.contains(where: { $0.tokens.contains(index) }),
                let trigger = events.trigger(at: index, in: text)
            else { continue }
            let event = event(trigger, sentence, here)
            let weight = weight(event, trigger, sentence)
            guard event.actor != nil || event.target != nil, weight > best?.weight ?? 0 else { continue }
            best = (event, weight)
        }
        return best?.event
    }

    private func weight(_ event: ArticleEvent, _ trigger: EventLexicon.Trigger, _ sentence: Range<Int>) -> Double {
        var weight = 1 + 0.6 * Double(trigger.tokens.count - 1)
        if event.actorSpan != nil { weight += 0.8 }
        if event.targetSpan != nil { weight += 0.5 }
        weight -= 0.4 * Double(trigger.tokens.lowerBound - sentence.lowerBound) / Double(sentence.count)
        return weight
    }

    private func isQuoted(_ span: TextSpan) -> Bool {
        var low = 0
        var high = quoted.count
        while low < high {
            let middle = (low + high) / 2
            if quoted[middle].end <= span.start { low = middle + 1 } else { high = middle }
        }
        return low < quoted.count && quoted[low].overlaps(span)
    }

    private func event(
        _ trigger: EventLexicon.Trigger, _ sentence: Range<Int>, _ here: ArraySlice<Argument>
    )
        -> ArticleEvent
    {
        let before = here.last { $0.tokens.upperBound <= trigger.tokens.lowerBound }
        let after = here.first { $0.tokens.lowerBound >= trigger.tokens.upperBound }
        let left = subject(before, sentence.lowerBound..<trigger.tokens.lowerBound, here)
        let right = after ?? described(trigger.tokens.upperBound..<sentence.upperBound)
        let isPassive = isPassive(trigger.tokens, sentence)
        let agent = isPassive ? agent(after: trigger.tokens.upperBound, sentence, here) : left
        let patient = isPassive ? left : right
        let kind = events.kinds[trigger.kind]
        let certainty =
            0.3 + (agent != nil ? 0.2 : 0) + (patient != nil ? 0.2 : 0) + 0.1 * Double(trigger.tokens.count - 1)
        return ArticleEvent(
            code: kind.code, name: kind.name, actor: agent?.name, actorSpan: agent.map { text.span($0.tokens) },
            target: patient?.name,
            targetSpan: patient.map { text.span($0.tokens) }, trigger: text.name(trigger.tokens),
            span: text.span(trigger.tokens),
            score: (min(0.9, certainty) * 100).rounded() / 100)
    }

    /// The subject of the deed: the first name of the clause that leads up to it.
    private func subject(_ nearest: Argument?, _ range: Range<Int>, _ here: ArraySlice<Argument>) -> Argument? {
        guard let nearest else { return described(range) }
        var clause = range.lowerBound
        for index in range.reversed() where text.tokens[index].mark == 0x3B || text.tokens[index].mark == 0x3A {
            clause = index
            break
        }
        return here.first {
            $0.tokens.lowerBound >= clause && !isAfterPreposition($0.tokens.lowerBound)
                && $0.tokens.upperBound <= range.upperBound
        }
            ?? nearest
    }

    private func isAfterPreposition(_ index: Int) -> Bool {
        guard index > 0, text.tokens[index - 1].kind == .word else { return false }
        return lexicon.classes(of: text.tokens[index - 1]).contains(.locative) && text.tokens[index - 1].shape == .lower
    }

    /// Words for people and offices where no name stands: "the police", "rebel fighters".
    private func described(_ range: Range<Int>) -> Argument? {
        guard
            let head = range.prefix(16).first(where: { index in
                let token = text.tokens[index]
                return token.kind == .word && !lexicon.classes(of: token).isDisjoint(with: [.role, .organisationHead])
            })
        else { return nil }
        var start = head
        while start > range.lowerBound, head - start < 3, text.tokens[start - 1].kind == .word,
            text.tokens[start].gap == .space,
            lexicon.classes(of: text.tokens[start - 1]).isDisjoint(with: [.locative, .speech])
        {
            start -= 1
        }
        return Argument(tokens: start..<(head + 1), name: text.name(start..<(head + 1)))
    }

    private static let passives: Set<String> = [
        "was", "were", "been", "is", "are", "being", "be", "wurde", "wurden", "été", "fue", "fueron", "foi", "foram",
    ]

    private func isPassive(_ trigger: Range<Int>, _ sentence: Range<Int>) -> Bool {
        let last = text.lowerBytes(text.tokens[trigger.lowerBound]).suffix(2)
        guard
            last.elementsEqual("ed".utf8) || last.elementsEqual("en".utf8)
                || trigger.count == 1 && hasAgentMark(trigger.upperBound, sentence)
        else { return false }
        return (max(sentence.lowerBound, trigger.lowerBound - 3)..<trigger.lowerBound).contains { index in
            Self.passives.contains(String(decoding: text.lowerBytes(text.tokens[index]), as: UTF8.self))
        }
    }

    private func hasAgentMark(_ start: Int, _ sentence: Range<Int>) -> Bool { agentMark(start, sentence) != nil }

    private func agentMark(_ start: Int, _ sentence: Range<Int>) -> Int? {
        (start..<max(start, sentence.upperBound)).prefix(10).first { index in
            ["by", "von", "par", "por"].contains(String(decoding: text.lowerBytes(text.tokens[index]), as: UTF8.self))
        }
    }

    private func agent(after start: Int, _ sentence: Range<Int>, _ here: ArraySlice<Argument>) -> Argument? {
        guard let mark = agentMark(start, sentence) else { return nil }
        return here.first { $0.tokens.lowerBound > mark } ?? described((mark + 1)..<sentence.upperBound)
    }
}
