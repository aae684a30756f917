/// What a name is: the marks of people, organisations and places.
extension ActorFinder {
    /// Whether a word alone is a name that people have, and nothing else that is known.
    func isKnownPerson(_ index: Int) -> Bool {
        let token = text.tokens[index]
        guard !capitalisesNouns, token.shape == .capitalised, !lowerSeen.contains(token.lowerHash),
            token.bytes.count > 2
        else { return false }
        let names = lexicon.nameClasses(of: token, in: text)
        guard !names.isEmpty, !token.startsSentence || names.contains(.givenName) else { return false }
        return !isPlace(index..<(index + 1)) && lexicon.classes(of: token).isEmpty
    }

    func isBracketed(_ index: Int) -> Bool {
        index > 0 && text.tokens[index - 1].mark == 0x28 && index + 1 < text.tokens.count
            && text.tokens[index + 1].mark == 0x29
    }

    /// Whether the sentence is written in capitals, so that they tell nothing.
    func sentenceShouts(_ index: Int) -> Bool {
        let sentence = text.sentence(around: index)
        var lower = 0
        var upper = 0
        for token in text.tokens[sentence].prefix(60) where token.kind == .word {
            if token.shape == .lower { lower += 1 } else if token.shape == .allCapitals { upper += 1 }
        }
        return upper > lower
    }

    func hasOrganisationWord(_ range: Range<Int>) -> Bool {
        guard range.count > 1 else { return false }
        if lexicon.classes(of: text.tokens[range.upperBound - 1]).contains(.organisationSuffix) { return true }
        return range.contains {
            text.tokens[$0].shape != .lower && lexicon.classes(of: text.tokens[$0]).contains(.organisationHead)
        }
    }

    /// The part of a sequence that may be a person's name.
    func personName(_ range: Range<Int>) -> Range<Int> {
        var end = range.lowerBound
        var capitals = 0
        while end < range.upperBound, capitals < 4 {
            if text.tokens[end].shape != .lower { capitals += 1 }
            end += 1
        }
        while end > range.lowerBound, text.tokens[end - 1].shape == .lower { end -= 1 }
        return range.lowerBound..<end
    }

    func isPerson(_ range: Range<Int>) -> Bool {
        guard range.count > 1 else { return false }
        let first = text.tokens[range.lowerBound]
        let last = text.tokens[range.upperBound - 1]
        if lexicon.classes(of: first).contains(.particle), first.shape == .allCapitals { return false }
        let firstName = lexicon.nameClasses(of: first, in: text)
        let lastName = lexicon.nameClasses(of: last, in: text)
        if isDemonym(range.lowerBound..<(range.lowerBound + 1)) || lexicon.classes(of: last).contains(.placeHead) {
            return false
        }
        if first.shape == .allCapitals, firstName.isEmpty || lastName.isEmpty, sentenceShouts(range.lowerBound) {
            return false
        }
        if firstName.contains(.givenName) { return !capitalisesNouns || range.count < 4 }
        if first.isAbbreviation, first.span.end - first.span.start == 1 { return true }
        guard !lastName.isEmpty, range.count < 4 else { return false }
        return !capitalisesNouns && !isPlace(range.lowerBound..<(range.lowerBound + 1))
            && !(first.startsSentence && lowerSeen.contains(first.lowerHash))
    }

    func isDemonym(_ range: Range<Int>) -> Bool {
        gazetteer.senses(of: text.tokens[range.lowerBound].hash).first?.isDemonym ?? false
    }

    func isPlace(_ range: Range<Int>) -> Bool {
        guard range.count < 5 else { return false }
        var hash = NameHash()
        for index in range {
            if index > range.lowerBound { hash.append(0x20) }
            hash.append(text.bytes(text.tokens[index]))
        }
        if gazetteer.hasName(hash) { return true }
        guard range.count == 1, text.tokens[range.lowerBound].shape == .allCapitals else { return false }
        return text.tokens[range.lowerBound].bytes.count > 3
            && gazetteer.hasName(text.titleHash(text.tokens[range.lowerBound]))
    }

    /// Whether speech or an apposition follows or stands before, as after a person's name.
    func isIntroduced(_ range: Range<Int>) -> Bool {
        let next = range.upperBound
        guard !range.contains(where: { text.tokens[$0].shape == .allCapitals }), next < text.tokens.count else {
            return false
        }
        if lexicon.classes(of: text.tokens[next]).contains(.speech), text.tokens[next].shape == .lower { return true }
        if range.lowerBound > 0 {
            let before = lexicon.classes(of: text.tokens[range.lowerBound - 1])
            if before.contains(.speech), text.tokens[range.lowerBound - 1].shape == .lower { return true }
        }
        guard text.tokens[next].mark == 0x2C, next + 1 < text.tokens.count else { return false }
        if text.tokens[next + 1].kind == .number { return true }
        return (next + 1..<min(next + 6, text.tokens.count)).contains {
            lexicon.classes(of: text.tokens[$0]).contains(.role)
        }
    }

    /// Whether words are capitalised inside a sentence of the Cyrillic script, where little but names is.
    func isCyrillicName(_ range: Range<Int>) -> Bool {
        let first = text.tokens[range.lowerBound]
        guard !first.startsSentence, !range.contains(where: { text.tokens[$0].shape != .capitalised }) else {
            return false
        }
        let value = text.scalars[first.span.start].value
        return value >= 0x400 && value <= 0x52F
            && !lexicon.classes(of: text.tokens[range.upperBound - 1]).contains(.placeHead)
    }
}
