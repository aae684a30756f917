/// What actors do to one another, read from `events.txt`.
struct EventLexicon: Sendable {
    /// A kind of event.
    struct Kind: Sendable {
        var code: String
        var name: String
    }

    /// A phrase that speaks for a kind.
    struct Trigger {
        var kind: Int
        var tokens: Range<Int>
    }

    private static let mostWords = 4
    private(set) var kinds: [Kind] = []
    private var whole = NameTable<UInt8>()
    private var prefixes = NameTable<UInt8>()
    private var beginnings = NameTable<Void>()
    private static let damaged = ClassifyingError(
        code: .resourceInvalid, message: "events.txt has a line that is not of its form")

    /// Reads the file.
    ///
    /// - Throws: ``ClassifyingError`` when words stand before the first kind.
    init(_ bytes: [UInt8]) throws(ClassifyingError) {
        for line in bytes.split(separator: 0x0A) where line.first != 0x23 {
            if line.first == 0x5B {
                let head = String(decoding: line.dropFirst().dropLast(), as: UTF8.self).split(separator: " ")
                guard head.count == 2 else { throw Self.damaged }
                kinds.append(Kind(code: String(head[0]), name: String(head[1])))
            } else {
                guard !kinds.isEmpty else { throw Self.damaged }
                for phrase in line.split(separator: 0x2C) { add(phrase) }
            }
        }
    }

    private mutating func add(_ phrase: ArraySlice<UInt8>) {
        let words = phrase.filter { $0 != 0x2A }.split { $0 == 0x20 || $0 == 0x2D }
        guard !words.isEmpty, words.count <= Self.mostWords else { return }
        var hash = NameHash()
        for (index, word) in words.enumerated() {
            if index > 0 {
                beginnings.insert(hash)
                hash.append(0x20)
            }
            hash.append(word)
        }
        let kind = UInt8(kinds.count - 1)
        if phrase.last == 0x2A {
            _ = prefixes.place(of: hash) { kind }
        } else {
            _ = whole.place(of: hash) { kind }
        }
    }

    /// The longest phrase that begins at a token.
    func trigger(at start: Int, in text: ArticleText) -> Trigger? {
        var hash = NameHash()
        var found: Trigger?
        var index = start
        while index < text.tokens.count, index - start < Self.mostWords {
            let token = text.tokens[index]
            guard token.kind == .word, index == start || token.gap == .space || token.gap == .hyphen else {
                return found
            }
            if index > start { hash.append(0x20) }
            var prefix: UInt8?
            for byte in text.lowerBytes(token).prefix(64) {
                hash.append(byte)
                if let kind = prefixes[hash] { prefix = kind }
            }
            if let kind = whole[hash] ?? prefix { found = Trigger(kind: Int(kind), tokens: start..<(index + 1)) }
            guard beginnings.contains(hash) else { return found }
            index += 1
        }
        return found
    }
}
