/// Finds the places that a text names and says which of the places of that name is meant.
struct PlaceFinder {
    /// A name in the text with what it may stand for.
    struct Candidate {
        var tokens: Range<Int>
        var span: TextSpan
        var senses: [Gazetteer.Sense]
        var chosen: Gazetteer.Sense?
        var isDateline = false
        /// The state or country that follows after a comma.
        var qualifier: Int?
    }

    let gazetteer: Gazetteer
    let lexicon: Lexicon
    let text: ArticleText
    /// Tokens that belong to the names of people: no place begins there.
    let taken: Set<Int>
    /// Weights of countries and of first-order divisions that the text speaks of.
    private var countryVotes: [String: Double] = [:]
    private var divisionVotes: [String: Double] = [:]
    private var candidates: [Candidate] = []
    private static let longestName = 5
    private static let fewestPeopleLevel = 8 * 17  // about a hundred thousand

    init(gazetteer: Gazetteer, lexicon: Lexicon, text: ArticleText, taken: Set<Int>) {
        self.gazetteer = gazetteer
        self.lexicon = lexicon
        self.text = text
        self.taken = taken
    }

    /// Every name of a place in the text, with its meaning.
    mutating func find() -> [Candidate] {
        collect()
        link()
        vote()
        for index in candidates.indices { candidates[index].chosen = choose(candidates[index]) }
        agree()
        markDateline()
        return candidates.filter { $0.chosen != nil }
    }

    // MARK: Candidates

    private mutating func collect() {
        var index = 0
        while index < text.tokens.count {
            let token = text.tokens[index]
            if token.kind == .run {
                collectRun(token, index)
            } else if token.kind == .word, token.shape != .lower, !taken.contains(index),
                let found = longestName(at: index)
            {
                candidates.append(found)
                index = found.tokens.upperBound
                continue
            }
            index += 1
        }
    }

    private func longestName(at start: Int) -> Candidate? {
        var exact = NameHash()
        var title = NameHash()
        var best: (end: Int, hash: NameHash)?
        var index = start
        while index < text.tokens.count, index - start < Self.longestName {
            let token = text.tokens[index]
            if index > start {
                guard token.kind == .word, token.gap == .space || token.gap == .hyphen, !taken.contains(index) else {
                    break
                }
                exact.append(0x20)
                title.append(0x20)
            }
            exact.append(text.bytes(token))
            if token.shape == .allCapitals, token.bytes.count > 3 {
                text.appendTitle(token, to: &title)
            } else {
                title.append(text.bytes(token))
            }
            if gazetteer.hasName(exact) {
                best = (index + 1, exact)
            } else if title != exact, gazetteer.hasName(title) {
                best = (index + 1, title)
            }
            index += 1
        }
        if best == nil { best = withoutArabicPrefix(start) }
        guard let best, isPlausible(start..<best.end) else { return nil }
        return Candidate(
            tokens: start..<best.end, span: text.span(start..<best.end), senses: gazetteer.senses(of: best.hash))
    }

    /// Arabic writes "and", "in", "to" and the like as a first letter of the word.
    private func withoutArabicPrefix(_ start: Int) -> (end: Int, hash: NameHash)? {
        let token = text.tokens[start]
        guard token.shape == .caseless, token.bytes.count >= 8 else { return nil }
        let first = text.scalars[token.span.start].value
        guard first == 0x648 || first == 0x628 || first == 0x644 || first == 0x641 || first == 0x643 else { return nil }
        let hash = NameHash.of(text.bytes(token).dropFirst(2))
        return gazetteer.hasName(hash) ? (start + 1, hash) : nil
    }

    /// Whether a capitalised name can be meant as a place where it stands.
    private func isPlausible(_ range: Range<Int>) -> Bool {
        let token = text.tokens[range.lowerBound]
        guard range.count == 1 else { return true }
        let classes = lexicon.classes(of: token)
        if classes.contains(.notName) || token.bytes.count < 2 { return false }
        if token.shape == .caseless { return token.span.end - token.span.start > 1 }
        return true
    }

    /// Names inside a run of a script without spaces, longest first.
    private mutating func collectRun(_ token: Token, _ number: Int) {
        var at = token.span.start
        while at < token.span.end {
            var found: (end: Int, hash: NameHash)?
            var hash = NameHash()
            var end = at
            while end < token.span.end, end - at < 8 {
                for byte in UTF8.encode(text.scalars[end]) ?? .init() { hash.append(byte) }
                end += 1
                if end - at > 1, gazetteer.hasName(hash) { found = (end, hash) }
            }
            if let found {
                candidates.append(
                    Candidate(
                        tokens: number..<(number + 1), span: TextSpan(start: at, end: found.end),
                        senses: gazetteer.senses(of: found.hash)))
                at = found.end
            } else {
                at += 1
            }
        }
    }

    // MARK: Context

    /// Finds "City, State" and "City, Country".
    private mutating func link() {
        for index in candidates.indices.dropLast() {
            let here = candidates[index]
            let next = candidates[index + 1]
            guard next.tokens.lowerBound == here.tokens.upperBound + 1,
                text.tokens[here.tokens.upperBound].mark == 0x2C,
                let area = next.senses.first(where: { gazetteer.place($0.entity).kind != .city && !$0.isDemonym }),
                here.senses.contains(where: { lies($0.entity, in: area.entity) })
            else { continue }
            candidates[index].qualifier = area.entity
            candidates[index + 1].chosen = area
        }
    }

    private func lies(_ entity: Int, in area: Int) -> Bool {
        let place = gazetteer.place(entity)
        let wider = gazetteer.place(area)
        guard place.country == wider.country, entity != area, place.kind == .city || place.kind == .state else {
            return false
        }
        return wider.kind == .country || place.division == wider.division
    }

    private mutating func vote() {
        for candidate in candidates {
            guard let first = candidate.chosen ?? candidate.senses.first else { continue }
            let place = gazetteer.place(first.entity)
            let others = Set(candidate.senses.map { gazetteer.place($0.entity).country })
            let weight = place.kind == .city ? (place.isCapital ? 1 : 0.5) / Double(max(1, others.count)) : 1
            guard place.kind != .region else { continue }
            countryVotes[place.country, default: 0] += weight
            if place.kind == .state || others.count == 1 && place.kind == .city {
                divisionVotes[place.country + place.division, default: 0] += weight
            }
        }
    }

    private func choose(_ candidate: Candidate) -> Gazetteer.Sense? {
        if let chosen = candidate.chosen { return chosen }
        var best: (sense: Gazetteer.Sense, score: Double)?
        for sense in candidate.senses {
            let score = score(sense, candidate)
            if score > best?.score ?? -.infinity { best = (sense, score) }
        }
        guard let best, isSupported(best.sense, candidate) else { return nil }
        return best.sense
    }

    private func score(_ sense: Gazetteer.Sense, _ candidate: Candidate) -> Double {
        let place = gazetteer.place(sense.entity)
        var score = Double(place.level) / 8
        if let qualifier = candidate.qualifier { score += lies(sense.entity, in: qualifier) ? 40 : -10 }
        switch place.kind {
        case .country: score += 12
        case .state: score += isNewYork(place) ? -14 : 4
        case .region: score += 3
        case .city: score += place.isCapital ? 4 : 0
        }
        if sense.isAlternative { score -= 3 }
        if place.kind == .city {
            let total = countryVotes.values.reduce(0, +)
            if total > 0 { score += 7 * min(1, (countryVotes[place.country] ?? 0) / total * 2) }
            score += min(6, 3 * (divisionVotes[place.country + place.division] ?? 0))
        }
        return score
    }

    /// "New York" alone is the city, as is "Washington": the state's name is a longer one.
    private func isNewYork(_ place: Gazetteer.Place) -> Bool {
        place.country == "US" && (place.division == "NY" || place.division == "WA")
    }

    /// Whether the text gives enough reason to read a name as a place.
    private func isSupported(_ sense: Gazetteer.Sense, _ candidate: Candidate) -> Bool {
        let place = gazetteer.place(sense.entity)
        if candidate.qualifier != nil || place.kind != .city || sense.isDemonym { return true }
        let first = text.tokens[candidate.tokens.lowerBound]
        if first.shape == .caseless || first.kind == .run {
            return place.level > Self.fewestPeopleLevel || place.isCapital
        }
        if isSpeaking(candidate), !place.isCapital { return false }
        let names = candidate.tokens.count == 1 ? lexicon.nameClasses(of: first, in: text) : []
        let isLocative = followsLocative(candidate)
        let isKnown =
            (countryVotes[place.country] ?? 0) >= 1 || (divisionVotes[place.country + place.division] ?? 0) > 0
        if place.isCapital || place.level > 8 * 19 {
            return names.isEmpty || isLocative || place.level > 8 * 20 || place.isCapital
        }
        if isInsideName(candidate) { return false }
        if !names.isEmpty { return isLocative && (isKnown || place.level > Self.fewestPeopleLevel) }
        if place.level > Self.fewestPeopleLevel { return isLocative || isKnown || !first.startsSentence }
        return isLocative || isKnown && !first.startsSentence
    }

    /// Whether a word of speech follows, as after a person's name.
    private func isSpeaking(_ candidate: Candidate) -> Bool {
        let after = candidate.tokens.upperBound
        guard candidate.tokens.count == 1, after < text.tokens.count, text.tokens[after].shape == .lower else {
            return false
        }
        return lexicon.classes(of: text.tokens[after]).contains(.speech)
    }

    /// Whether "in", "from" and the like stand before the name.
    private func followsLocative(_ candidate: Candidate) -> Bool {
        let start = candidate.tokens.lowerBound
        guard start > 0, text.tokens[start - 1].sentence == text.tokens[start].sentence else { return false }
        return lexicon.classes(of: text.tokens[start - 1]).contains(.locative)
    }

    /// Whether other capitalised words stand right beside the name, so that it is part of a longer one.
    private func isInsideName(_ candidate: Candidate) -> Bool {
        let before = candidate.tokens.lowerBound - 1
        let after = candidate.tokens.upperBound
        if before >= 0, text.tokens[candidate.tokens.lowerBound].gap == .space, text.tokens[before].kind == .word,
            text.tokens[before].shape == .capitalised, !text.tokens[before].startsSentence,
            !lexicon.classes(of: text.tokens[before]).contains(.notName)
        {
            return true
        }
        guard after < text.tokens.count, text.tokens[after].kind == .word, text.tokens[after].gap == .space else {
            return false
        }
        return text.tokens[after].shape == .capitalised && !lexicon.classes(of: text.tokens[after]).contains(.notName)
    }

    /// A name means the same place throughout a text.
    private mutating func agree() {
        var meanings: [NameHash: Gazetteer.Sense] = [:]
        for candidate in candidates {
            guard let chosen = candidate.chosen, candidate.qualifier != nil else { continue }
            meanings[text.tokens[candidate.tokens.lowerBound].hash] = chosen
        }
        for index in candidates.indices where candidates[index].chosen != nil && candidates[index].qualifier == nil {
            guard let meaning = meanings[text.tokens[candidates[index].tokens.lowerBound].hash],
                candidates[index].senses.contains(where: { $0.entity == meaning.entity })
            else { continue }
            candidates[index].chosen = meaning
        }
    }

    // MARK: Dateline

    /// Marks the places of a wire report's opening: within the first words, before a dash or after capitals.
    private mutating func markDateline() {
        guard let end = datelineEnd() else { return }
        for index in candidates.indices where candidates[index].tokens.upperBound <= end {
            candidates[index].isDateline = true
        }
    }

    private func datelineEnd() -> Int? {
        for index in text.tokens.indices.prefix(24) {
            let mark = text.tokens[index].mark
            let isDash = mark == 0x2014 || mark == 0x2013 || mark == 0x2D && text.tokens[index].gap == .space
            let isStop = mark == 0x2E && text.tokens.first?.shape == .allCapitals
            guard isDash || isStop || mark == 0x3A else { continue }
            let words = text.tokens[..<index].filter { $0.kind == .word && $0.shape == .lower }
            return words.isEmpty && index > 0 ? index : nil
        }
        return nil
    }
}
