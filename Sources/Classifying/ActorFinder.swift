/// Finds people and organisations by known names, titles, the words that organisations are called by, and how names are written.
struct ActorFinder {
    /// An occurrence of a name.
    struct Mention {
        var tokens: Range<Int>
        var kind: ArticleActor.Kind
        /// The actor's number, once names that mean the same are gathered.
        var actor = -1
        /// The tokens of a title before the name, such as "Foreign Minister".
        var title: Range<Int>?
    }

    let gazetteer: Gazetteer
    let lexicon: Lexicon
    let text: ArticleText
    /// Whether the language writes every noun with a capital.
    let capitalisesNouns: Bool
    private(set) var mentions: [Mention] = []
    /// Words that the text also writes without a capital.
    private(set) var lowerSeen = NameTable<Void>(minimumCapacity: 256)
    /// Names that may be people, were there more reason to think so.
    private var doubtful: [Range<Int>] = []
    private static let longestName = 12
    private static let conjunctions: Set<String> = ["and", "et", "y", "e", "und"]

    init(gazetteer: Gazetteer, lexicon: Lexicon, text: ArticleText, capitalisesNouns: Bool) {
        self.gazetteer = gazetteer
        self.lexicon = lexicon
        self.text = text
        self.capitalisesNouns = capitalisesNouns
        for token in text.tokens where token.kind == .word && token.shape == .lower {
            lowerSeen.insert(token.lowerHash)
        }
    }

    /// Puts back the mentions once they are gathered.
    mutating func replaceMentions(_ gathered: [Mention]) { mentions = gathered }

    /// Collects every name; call ``gather()`` next.
    mutating func collect() {
        var index = 0
        while index < text.tokens.count {
            index = max(index + 1, step(index))
        }
    }

    /// Looks at one token, and returns the token to go on with.
    private mutating func step(_ index: Int) -> Int {
        let token = text.tokens[index]
        guard token.kind == .word || token.kind == .run else { return index + 1 }
        if let organisation = knownOrganisation(at: index) {
            mentions.append(Mention(tokens: organisation, kind: .organisation))
            return organisation.upperBound
        }
        if let title = lexicon.phrase(at: index, of: [.honorific, .role], in: text),
            let end = titledPerson(index, title.end)
        {
            return end
        }
        if token.shape == .caseless { return caselessPerson(index) }
        guard token.shape != .lower else { return index + 1 }
        if let end = longPlace(at: index) { return end }
        let sequence = sequence(from: index)
        guard sequence.upperBound > index else { return index + 1 }
        return classify(sequence)
    }

    /// The end of a place of two words or more that is no part of an organisation's name.
    private func longPlace(at index: Int) -> Int? {
        for length in [4, 3, 2] {
            let end = index + length
            guard end <= text.tokens.count,
                ((index + 1)..<end).allSatisfy({ joins($0) && text.tokens[$0].kind == .word }),
                isPlace(index..<end)
            else { continue }
            return end < text.tokens.count && continuesName(end) ? nil : end
        }
        return nil
    }

    // MARK: Known organisations

    private func knownOrganisation(at index: Int) -> Range<Int>? {
        let token = text.tokens[index]
        guard token.shape != .lower, let found = lexicon.phrase(at: index, of: .organisation, in: text) else {
            return nil
        }
        let isShort = token.bytes.count <= 3 && found.end == index + 1
        if isShort, token.shape == .capitalised { return nil }
        if found.end == index + 1, token.startsSentence, lowerSeen.contains(token.lowerHash),
            token.shape == .capitalised
        {
            return nil
        }
        for other in index..<found.end where text.tokens[other].shape == .lower {
            if !lexicon.classes(of: text.tokens[other]).contains(.connector) { return nil }
        }
        if found.end < text.tokens.count, continuesName(found.end) {
            let whole = sequence(from: index)
            if hasOrganisationWord(whole) { return whole }
        }
        return index..<found.end
    }

    // MARK: People with titles

    /// A person right after a title: `Foreign Minister Sergei Lavrov`, `президент Ильхам Алиев`.
    private mutating func titledPerson(_ start: Int, _ titleEnd: Int) -> Int? {
        var at = titleEnd
        while at < text.tokens.count, let more = lexicon.phrase(at: at, of: [.honorific, .role], in: text), joins(at),
            at - start < 8
        {
            at = more.end
        }
        guard at < text.tokens.count, joins(at), text.tokens[at].kind == .word else { return at > start + 1 ? at : nil }
        let token = text.tokens[at]
        if token.shape == .caseless {
            let end = caselessName(at)
            guard end > at else { return nil }
            mentions.append(Mention(tokens: at..<end, kind: .person, title: start..<at))
            return end
        }
        guard token.shape != .lower else { return at > start + 1 ? at : nil }
        let name = personName(trimmed(sequence(from: at)))
        guard !name.isEmpty, name.lowerBound == at, !hasOrganisationWord(name), !isPlace(name) || name.count > 2 else {
            return at > start + 1 ? at : nil
        }
        if capitalisesNouns, name.count == 1, lexicon.nameClasses(of: token, in: text).isEmpty { return nil }
        mentions.append(Mention(tokens: name, kind: .person, title: start..<at))
        return name.upperBound
    }

    func joins(_ index: Int) -> Bool {
        let gap = text.tokens[index].gap
        return gap == .space || gap == .hyphen
    }

    // MARK: Sequences of capitals

    func continuesName(_ index: Int) -> Bool {
        guard index < text.tokens.count, joins(index), text.tokens[index].kind == .word else { return false }
        let token = text.tokens[index]
        return token.shape == .capitalised || token.shape == .allCapitals
            || token.gap == .hyphen && text.tokens[index - 1].shape != .lower
    }

    /// Words with capitals in a row, with the small words that names have inside.
    private func sequence(from start: Int) -> Range<Int> {
        var end = start + 1
        var hasHead = lexicon.classes(of: text.tokens[start]).contains(.organisationHead)
        var hasOf = false
        while end < text.tokens.count, end - start < Self.longestName {
            if continuesName(end) {
                hasHead = hasHead || lexicon.classes(of: text.tokens[end]).contains(.organisationHead)
                end += 1
                continue
            }
            let bridge = bridgeLength(at: end, hasHead: hasHead, hasOf: hasOf)
            guard bridge > 0 else { break }
            hasOf = hasOf || hasHead
            end += bridge + 1
        }
        return start..<end
    }

    /// How many small words stand between two parts of a name here: `Ministry of [the] Interior`, `Ursula von der Leyen`.
    private func bridgeLength(at index: Int, hasHead: Bool, hasOf: Bool) -> Int {
        for length in 1...2 {
            guard index + length < text.tokens.count, continuesName(index + length) else { continue }
            let words = index..<(index + length)
            let fits = words.allSatisfy { word in
                let token = text.tokens[word]
                guard joins(word) else { return false }
                if token.mark == 0x26 { return true }
                guard token.shape == .lower, token.kind == .word else { return false }
                let classes = lexicon.classes(of: token)
                if Self.conjunctions.contains(String(decoding: text.lowerBytes(token), as: UTF8.self)) {
                    return hasOf && length == 1 && !beginsOrganisation(index + 1)
                }
                return classes.contains(.particle) || hasHead && classes.contains(.connector)
            }
            if fits { return length }
        }
        return 0
    }

    /// Whether the capitalised words from here on are an organisation of their own.
    private func beginsOrganisation(_ start: Int) -> Bool {
        var index = start
        while index < text.tokens.count, index - start < 6, index == start || continuesName(index) {
            if lexicon.classes(of: text.tokens[index]).contains(.organisationHead) { return true }
            index += 1
        }
        return false
    }

    /// Cuts words that begin sentences or follow the name off its ends.
    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        let isOrganisation = hasOrganisationWord(range)
        while start < end, isNoName(start, isFirst: true) || !isOrganisation && isModifier(start, end) { start += 1 }
        while end > start, isNoName(end - 1, isFirst: false), end - start > 1 { end -= 1 }
        return start..<max(start, end)
    }

    /// Whether a word only qualifies what follows, as in "Former Judge"; "New York" is a name.
    private func isModifier(_ index: Int, _ end: Int) -> Bool {
        guard lexicon.classes(of: text.tokens[index]).contains(.modifier) else { return false }
        return index + 1 >= end || !isPlace(index..<(index + 2))
    }

    private func isNoName(_ index: Int, isFirst: Bool) -> Bool {
        let token = text.tokens[index]
        if token.shape == .lower { return true }
        let classes = lexicon.classes(of: token)
        if classes.contains(.notName) {
            return isFirst || index == 0
                || !lexicon.nameClasses(of: text.tokens[index - 1], in: text).contains(.givenName)
        }
        guard isFirst, token.startsSentence, token.shape == .capitalised, !classes.contains(.organisationHead) else {
            return false
        }
        return lowerSeen.contains(token.lowerHash) && lexicon.nameClasses(of: token, in: text).isEmpty
    }

    private mutating func classify(_ sequence: Range<Int>) -> Int {
        if let title = titleInside(sequence) { return max(sequence.lowerBound + 1, title) }
        let name = trimmed(sequence)
        guard !name.isEmpty else { return sequence.upperBound }
        if name.count == 1 { return single(name) }
        if isPlace(name) { return name.upperBound }
        if hasOrganisationWord(name) {
            mentions.append(Mention(tokens: name, kind: .organisation))
        } else {
            let person = personName(name)
            if isPerson(person) {
                mentions.append(Mention(tokens: person, kind: .person))
                return person.upperBound
            }
            doubtful.append(name)
        }
        return name.upperBound
    }

    /// A title later in the sequence, as in `Armenian Prime Minister Nikol Pashinyan`: go on from there.
    private func titleInside(_ sequence: Range<Int>) -> Int? {
        for index in sequence.dropFirst() {
            guard let title = lexicon.phrase(at: index, of: [.role, .honorific], in: text),
                title.end < sequence.upperBound
            else { continue }
            if lexicon.phrase(at: index, of: .organisationHead, in: text) != nil { continue }
            let before = sequence.lowerBound..<index
            if hasOrganisationWord(before) || isPerson(personName(before)) { continue }
            return index
        }
        return nil
    }

    /// One word alone: an acronym, or left for the names that are already known.
    private mutating func single(_ name: Range<Int>) -> Int {
        let token = text.tokens[name.lowerBound]
        let letters = token.bytes.count
        let isAcronym = token.shape == .allCapitals && letters >= 2 && letters <= 6
        if isKnownPerson(name.lowerBound) {
            mentions.append(Mention(tokens: name, kind: .person))
        } else if isAcronym, !isPlace(name), !sentenceShouts(name.lowerBound),
            letters > 2 || isBracketed(name.lowerBound)
        {
            mentions.append(Mention(tokens: name, kind: .organisation))
        } else {
            doubtful.append(name)
        }
        return name.upperBound
    }

    // MARK: Scripts without case

    private mutating func caselessPerson(_ index: Int) -> Int {
        let token = text.tokens[index]
        guard token.kind == .word, lexicon.classes(of: token).isEmpty, isKnownName(index), !isPlace(index..<(index + 1))
        else {
            return index + 1
        }
        let end = caselessName(index)
        guard end > index + 1 else { return index + 1 }
        mentions.append(Mention(tokens: index..<end, kind: .person))
        return end
    }

    private func isKnownName(_ index: Int) -> Bool {
        text.tokens[index].kind == .word && text.tokens[index].shape == .caseless
            && lexicon.classes(of: text.tokens[index]).contains(.givenName)
    }

    /// The end of a name of known names, which may have one more word.
    private func caselessName(_ start: Int) -> Int {
        var end = start
        while end < text.tokens.count, end - start < 3, isKnownName(end), end == start || text.tokens[end].gap == .space
        { end += 1 }
        return end
    }

    // MARK: Names that only others explain

    /// Single words and unknown sequences that repeat part of a name which is already known.
    mutating func resolveDoubtful() {
        var people = NameTable<Void>()
        for mention in mentions where mention.kind == .person {
            people.insert(text.tokens[mention.tokens.upperBound - 1].hash)
            let first = text.tokens[mention.tokens.lowerBound]
            if mention.tokens.count > 1, !lexicon.nameClasses(of: first, in: text).contains(.givenName) {
                people.insert(first.hash)
            }
        }
        for range in doubtful {
            let last = text.tokens[range.upperBound - 1]
            if people.contains(last.hash) {
                mentions.append(Mention(tokens: range, kind: .person))
            } else if range.count == 2 || range.count == 3, !capitalisesNouns,
                isIntroduced(range) || isCyrillicName(range)
            {
                mentions.append(Mention(tokens: range, kind: .person))
            }
        }
        mentions.sort { $0.tokens.lowerBound < $1.tokens.lowerBound }
    }
}
