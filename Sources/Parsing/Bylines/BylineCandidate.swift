/// One entry of a byline's list, being freed of all that is not a name.
struct BylineCandidate {
    /// Agencies that the entry names, also in parentheses.
    private(set) var agencies: [String] = []
    private var words: [String] = []
    private var hadRole = false

    init(_ text: String) {
        let plain = takeParentheses(withoutDates(text))
        words = plain.split(separator: " ").map(String.init).filter { !BylineCandidate.isAddress($0) }
        words = words.map(BylineCandidate.trimmed).filter { !$0.isEmpty }
        takeAgencies()
        dropHonorifics()
        dropRoles()
        cutAtStops()
    }

    /// The person's name, or `nil` when the entry has none.
    ///
    /// - Parameters:
    ///   - allowsSingleWord: Whether a name of one word may be meant: the only entry, or right behind "By".
    ///   - hasOpening: Whether the segment opened as a byline, so that small letters may still be a name.
    func name(allowsSingleWord: Bool, hasOpening: Bool) -> String? {
        guard !words.isEmpty, agencies.isEmpty || words.count >= 2 else { return nil }
        var candidate = NameCase.normalised(words)
        let isPlain =
            words.count <= 3
            && !words.contains { FunctionWords.all.contains($0) && !BylineLexicon.particles.contains($0) }
        if hasOpening, isPlain, words.count > 1, !words.joined().unicodeScalars.contains(where: TextScalars.isUpper) {
            candidate = NameCase.capitalised(words)
        }
        if BylineCleaner.isLikelyPersonName(candidate) { return candidate }
        guard allowsSingleWord, !hadRole, words.count == 1, isPlausibleSingleWord(words[0]) else { return nil }
        return candidate
    }

    private func isPlausibleSingleWord(_ word: String) -> Bool {
        let scalars = word.unicodeScalars
        guard let first = scalars.first, scalars.count >= 3, !TextScalars.isLower(first) else { return false }
        let key = TextScalars.folded(word)
        return scalars.allSatisfy { TextScalars.isWordScalar($0) || $0 == "-" || $0 == "'" || $0 == "\u{2019}" }
            && !BylineLexicon.generic.contains(key) && !BylineLexicon.roles.contains(key)
            && !BylineLexicon.roleModifiers.contains(key) && !DateLexicon.isWeekday(key)
            && DateLexicon.months[key] == nil
    }

    // MARK: Cleaning

    private func withoutDates(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { TextScalars.digit($0) != nil }) else { return text }
        var scalars = Array(text.unicodeScalars)
        for match in DateParser.find(in: text, limit: 4).reversed() { scalars.removeSubrange(match.scalars) }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// Removes what stands in parentheses, keeping agencies from it.
    private mutating func takeParentheses(_ text: String) -> String {
        var outside = String.UnicodeScalarView()
        var inside = String.UnicodeScalarView()
        var depth = 0
        for scalar in text.unicodeScalars {
            switch scalar {
            case "(", "[", "（": depth += 1
            case ")", "]", "）":
                depth = max(0, depth - 1)
                let name = String(inside).trimmingWhitespace()
                if BylineCleaner.isAgency(name) { agencies.append(name) }
                inside.removeAll()
            default:
                if depth > 0 { inside.append(scalar) } else { outside.append(scalar) }
            }
        }
        return String(outside)
    }

    /// E-mail addresses, handles, links, and figures.
    private static func isAddress(_ word: String) -> Bool {
        if word.contains("@") || word.contains("://") || word.hasPrefix("www.") || word.hasPrefix("#") { return true }
        return word.unicodeScalars.contains { TextScalars.digit($0) != nil }
    }

    private static func trimmed(_ word: String) -> String {
        let marks: Set<Unicode.Scalar> = [
            ":", "*", "\"", "“", "”", "„", "«", "»", "_", "~", "<", ">", "!", "?", "…", "’",
        ]
        var scalars = word.unicodeScalars[...]
        while let first = scalars.first, marks.contains(first) || first == "." || first == "-" { scalars.removeFirst() }
        while let last = scalars.last, marks.contains(last) || last == "-" || (last == "." && scalars.count > 4) {
            scalars.removeLast()
        }
        return String(String.UnicodeScalarView(scalars))
    }

    /// An agency as the whole entry, or before "staff", or at the end of a name.
    private mutating func takeAgencies() {
        for length in stride(from: min(4, words.count), through: 1, by: -1) {
            let head = words.prefix(length).joined(separator: " ")
            let rest = words.dropFirst(length)
            if BylineCleaner.isAgency(head),
                rest.allSatisfy({ BylineCandidate.isRoleWord($0) || BylineCandidate.isGeneric($0) })
            {
                agencies.append(head)
                words = []
                return
            }
            let tail = words.suffix(length).joined(separator: " ")
            if words.count - length >= 2, BylineCleaner.isAgency(tail) {
                agencies.append(tail)
                words.removeLast(length)
                return
            }
        }
    }

    private mutating func dropHonorifics() {
        while words.count > 2, let first = words.first,
            BylineLexicon.honorifics.contains(TextScalars.folded(first).filter { $0 != "." })
        {
            words.removeFirst()
        }
    }

    /// Occupations at either end, with the words that qualify them.
    private mutating func dropRoles() {
        guard let firstRole = words.firstIndex(where: BylineCandidate.isRoleWord),
            let lastRole = words.lastIndex(where: BylineCandidate.isRoleWord)
        else { return }
        hadRole = true
        let after = words[(lastRole + 1)...]
        let before = words[..<firstRole]
        let trailing = Array(after.drop { BylineCandidate.isModifier($0) })
        var leading = Array(before)
        while let last = leading.last,
            BylineCandidate.isModifier(last) || last.hasSuffix("'s") || last.hasSuffix("\u{2019}s")
        {
            leading.removeLast()
        }
        words = BylineCleaner.isLikelyPersonName(NameCase.normalised(leading)) ? leading : trailing
    }

    private mutating func cutAtStops() {
        guard words.count > 1 else { return }
        if let label = words.firstIndex(where: { BylineLexicon.timeLabels.contains(TextScalars.folded($0)) }) {
            words = Array(words[..<label])
        }
        let stop = words.indices.dropFirst().first { index in
            let word = words[index]
            guard word.unicodeScalars.first.map(TextScalars.isLower) == true else { return false }
            let key = TextScalars.folded(word)
            return BylineLexicon.stops.contains(key) && !(BylineLexicon.particles.contains(key) && index > 1)
        }
        if let stop { words = Array(words[..<stop]) }
    }

    private static func isRoleWord(_ word: String) -> Bool { BylineLexicon.roles.contains(TextScalars.folded(word)) }

    private static func isModifier(_ word: String) -> Bool {
        let key = TextScalars.folded(word)
        return BylineLexicon.roleModifiers.contains(key) || BylineLexicon.stops.contains(key)
            || (word.unicodeScalars.count > 1 && word.unicodeScalars.allSatisfy { TextScalars.isUpper($0) })
    }

    private static func isGeneric(_ word: String) -> Bool { BylineLexicon.generic.contains(TextScalars.folded(word)) }
}
