/// The capitals of names.
enum NameCase {
    /// The words as a name: words that are all capitals are set in mixed case where the script has both.
    static func normalised(_ words: [String]) -> String {
        let shouts = words.filter(isShout)
        guard !shouts.isEmpty else { return words.joined(separator: " ") }
        let allShout = words.allSatisfy { isShout($0) || letters($0) <= 2 }
        let result = words.enumerated().map { index, word -> String in
            guard isShout(word), allShout || letters(word) > 3 else {
                return allShout && index > 0 && isParticle(word) ? word.lowercased() : word
            }
            if index > 0, index < words.count - 1, isParticle(word) { return word.lowercased() }
            return capitalised(word)
        }
        return result.joined(separator: " ")
    }

    /// Words in small letters, each with a capital.
    static func capitalised(_ words: [String]) -> String {
        words.enumerated().map { $0.offset > 0 && isParticle($0.element) ? $0.element : capitalised($0.element) }
            .joined(separator: " ")
    }

    /// One word with a capital at the start, after hyphens and apostrophes, and after `Mc`.
    static func capitalised(_ word: String) -> String {
        var result = ""
        var atStart = true
        for character in word.lowercased() {
            result += atStart ? titlecased(character) : String(character)
            atStart = !character.isLetter
            if result == "Mc", word.count > 4 { atStart = true }
        }
        if word.hasPrefix("AL-") || word.hasPrefix("EL-") { return result.prefix(2).lowercased() + result.dropFirst(2) }
        return result
    }

    private static func titlecased(_ character: Character) -> String {
        var result = ""
        for (index, scalar) in character.unicodeScalars.enumerated() {
            if index == 0 { result += scalar.properties.titlecaseMapping } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }

    /// At least two letters, all capitals, no initials.
    private static func isShout(_ word: String) -> Bool {
        !word.contains(".") && letters(word) >= 2 && !word.unicodeScalars.contains(where: TextScalars.isLower)
            && word.unicodeScalars.contains(where: TextScalars.isUpper)
    }

    private static func letters(_ word: String) -> Int { word.unicodeScalars.count(where: TextScalars.isWordScalar) }

    private static func isParticle(_ word: String) -> Bool {
        BylineLexicon.particles.contains(TextScalars.folded(word))
    }
}
