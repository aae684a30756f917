/// Words and phrases with what they tell, read from `lexicon.txt` and `names.txt`.
struct Lexicon: Sendable {
    /// What a word or phrase may tell; several may hold.
    struct Classes: OptionSet, Sendable {
        let rawValue: UInt32

        static let honorific = Classes(rawValue: 1)
        static let role = Classes(rawValue: 2)
        static let organisationHead = Classes(rawValue: 4)
        static let organisationSuffix = Classes(rawValue: 8)
        static let organisation = Classes(rawValue: 16)
        static let speech = Classes(rawValue: 32)
        static let pronoun = Classes(rawValue: 64)
        static let particle = Classes(rawValue: 128)
        static let connector = Classes(rawValue: 256)
        static let locative = Classes(rawValue: 512)
        static let notName = Classes(rawValue: 1024)
        static let indirect = Classes(rawValue: 2048)
        static let legislature = Classes(rawValue: 4096)
        static let modifier = Classes(rawValue: 32768)
        static let placeHead = Classes(rawValue: 65536)
        static let givenName = Classes(rawValue: 8192)
        static let familyName = Classes(rawValue: 16384)

        static let names: [String: Classes] = [
            "honorific": .honorific, "role": .role, "organisationhead": .organisationHead,
            "organisationsuffix": .organisationSuffix,
            "organisation": .organisation, "speech": .speech, "pronoun": .pronoun, "particle": .particle,
            "connector": .connector,
            "locative": .locative, "notname": .notName, "indirect": .indirect, "legislature": .legislature,
            "given": .givenName,
            "family": .familyName, "modifier": .modifier, "placehead": .placeHead,
        ]
    }

    private static let mostWords = 5
    private var classes = NameTable<Classes>(minimumCapacity: 60_000)
    /// Beginnings of phrases of more than one word.
    private var beginnings = NameTable<Void>()

    /// Reads the two files.
    ///
    /// - Throws: ``ClassifyingError`` when a class is unknown.
    init(words: [UInt8], names: [UInt8]) throws(ClassifyingError) {
        try read(words, separator: 0x2C)
        try read(names, separator: 0x0A)
    }

    private mutating func read(_ bytes: [UInt8], separator: UInt8) throws(ClassifyingError) {
        var current: Classes = []
        for line in bytes.split(separator: 0x0A) where line.first != 0x23 {
            if line.first == 0x5B {
                let name = String(decoding: line.dropFirst().prefix { $0 != 0x5D }, as: UTF8.self)
                guard let known = Classes.names[name] else {
                    throw ClassifyingError(code: .resourceInvalid, message: "the lexicon has an unknown class \(name)")
                }
                current = known
            } else if separator == 0x0A {
                classes.update(.of(line), initial: []) { $0.insert(current) }
            } else {
                for phrase in line.split(separator: separator) { add(phrase, current) }
            }
        }
    }

    /// Adds a phrase as the tokenizer cuts it: hyphens are gaps and periods vanish.
    private mutating func add(_ phrase: ArraySlice<UInt8>, _ kind: Classes) {
        let words = phrase.filter { $0 != 0x2E }.split { $0 == 0x20 || $0 == 0x2D }
        guard !words.isEmpty, words.count <= Self.mostWords else { return }
        var hash = NameHash()
        for (index, word) in words.enumerated() {
            if index > 0 {
                beginnings.insert(hash)
                hash.append(0x20)
            }
            hash.append(word)
        }
        classes.update(hash, initial: []) { $0.insert(kind) }
    }

    /// What a word tells, by its lower-case form.
    func classes(of token: Token) -> Classes {
        token.kind == .word || token.kind == .run ? classes[token.lowerHash] ?? [] : []
    }

    /// Whether a word is a given or family name, by its form with capitals.
    func nameClasses(of token: Token, in text: ArticleText) -> Classes {
        guard token.kind == .word, token.shape != .lower else { return [] }
        let exact = classes[token.hash]?.intersection([.givenName, .familyName]) ?? []
        guard exact.isEmpty, token.shape == .allCapitals, token.bytes.count > 2 else { return exact }
        return classes[text.titleHash(token)]?.intersection([.givenName, .familyName]) ?? []
    }

    /// The longest phrase of a class that begins at a token.
    func phrase(at start: Int, of wanted: Classes, in text: ArticleText) -> (end: Int, classes: Classes)? {
        var hash = text.tokens[start].lowerHash
        guard text.tokens[start].kind == .word || text.tokens[start].kind == .run else { return nil }
        var found: (end: Int, classes: Classes)?
        var index = start
        while true {
            if let here = classes[hash], !here.isDisjoint(with: wanted) { found = (index + 1, here) }
            guard beginnings.contains(hash), index + 1 < text.tokens.count, index - start < Self.mostWords - 1 else {
                return found
            }
            index += 1
            let next = text.tokens[index]
            guard next.kind == .word, next.gap == .space || next.gap == .hyphen else { return found }
            hash.append(0x20)
            hash.append(text.lowerBytes(next))
        }
    }
}

extension ArticleText {
    /// The hash of a word in capitals as it would be in title case.
    func titleHash(_ token: Token) -> NameHash {
        var hash = NameHash()
        appendTitle(token, to: &hash)
        return hash
    }

    /// Appends a word with its first letter as it is and the others in lower case.
    func appendTitle(_ token: Token, to hash: inout NameHash) {
        let upper = bytes(token)
        let first = upper.first ?? 0
        let width = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        hash.append(upper.prefix(width))
        hash.append(lowerBytes(token).dropFirst(width))
    }
}
