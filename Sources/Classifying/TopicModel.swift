/// Says what a text is about by the words that speak for each topic, read from `topics.txt`.
///
/// Each word counts by its weight and the logarithm of how often it stands, words of the title and the first sentences more; the
/// sums of the topics are compared with one another.
struct TopicModel: Sendable {
    private struct Entry: Sendable {
        var topic: UInt8
        var weight: Float
        var isPrefix: Bool
    }

    private struct Topic: Sendable {
        var code: String
        var name: String
    }

    private static let mostWords = 3
    /// The least sum for which a topic is named at all, and the least share of the best topic's sum for a second one.
    private static let leastSum = 1.2
    private static let leastShare = 0.72
    private static let mostTopics = 3
    private static let runLength = 2...5

    private var topics: [Topic] = []
    private var entries = NameTable<[Entry]>()
    private var beginnings = NameTable<Void>()

    /// Reads the file.
    ///
    /// - Throws: ``ClassifyingError`` when a line is not of its form.
    init(_ bytes: [UInt8]) throws(ClassifyingError) {
        var weight: Float = 1
        for line in bytes.split(separator: 0x0A) where line.first != 0x23 {
            if line.first == 0x5B {
                let head = String(decoding: line.dropFirst().dropLast(), as: UTF8.self)
                guard let space = head.firstIndex(of: " ") else { throw Self.damaged }
                topics.append(Topic(code: "medtop:" + head[..<space], name: String(head[head.index(after: space)...])))
                continue
            }
            guard let colon = line.firstIndex(of: 0x3A), !topics.isEmpty,
                let number = Float(String(decoding: line[..<colon], as: UTF8.self))
            else { throw Self.damaged }
            weight = number
            for phrase in line[(colon + 1)...].split(separator: 0x2C) { add(phrase, weight) }
        }
    }

    private static let damaged = ClassifyingError(
        code: .resourceInvalid, message: "topics.txt has a line that is not of its form")

    private mutating func add(_ phrase: ArraySlice<UInt8>, _ weight: Float) {
        let isPrefix = phrase.last == 0x2A
        let words = phrase.filter { $0 != 0x2A && $0 != 0x2E }.split { $0 == 0x20 || $0 == 0x2D }
        guard !words.isEmpty, words.count <= Self.mostWords else { return }
        var hash = NameHash()
        for (index, word) in words.enumerated() {
            if index > 0 {
                beginnings.insert(hash)
                hash.append(0x20)
            }
            hash.append(word)
        }
        let entry = Entry(topic: UInt8(topics.count - 1), weight: weight, isPrefix: isPrefix)
        entries.update(hash, initial: []) { $0.append(entry) }
    }

    /// The topics of an article, best first; the path of its address counts as a part of the text.
    func topics(title: ArticleText, path: ArticleText, body: ArticleText) -> [ArticleTopic] {
        var counts = NameTable<(Double, [Entry])>(minimumCapacity: 64)
        count(title, factor: 3, into: &counts)
        count(path, factor: 1, into: &counts)
        count(body, factor: 1, into: &counts)
        // Whole numbers: the order of the words must not show in the sums.
        var sums = [Int](repeating: 0, count: topics.count)
        for (count, entries) in counts.values {
            let frequency = 1 + Double.roughLogarithm(count)
            for entry in entries { sums[Int(entry.topic)] += Int(Double(entry.weight) * frequency * 1024) }
        }
        return ranked(sums.map { Double($0) / 1024 })
    }

    private func ranked(_ sums: [Double]) -> [ArticleTopic] {
        let best = sums.max() ?? 0
        let total = sums.reduce(0, +)
        guard best >= Self.leastSum else { return [] }
        return sums.indices.filter { sums[$0] >= best * Self.leastShare && sums[$0] >= Self.leastSum }
            .sorted { (-sums[$0], $0) < (-sums[$1], $1) }.prefix(Self.mostTopics)
            .map { index in
                let share = sums[index] / total
                let certainty = sums[index] / (sums[index] + 4)
                return ArticleTopic(
                    code: topics[index].code, name: topics[index].name,
                    score: (share * certainty * 1000).rounded() / 1000)
            }
    }

    private func count(_ text: ArticleText, factor: Double, into counts: inout NameTable<(Double, [Entry])>) {
        for (index, token) in text.tokens.enumerated() {
            let early = index < 60 ? 1.5 : index > 600 ? 0.5 : 1
            if token.kind == .run {
                countRun(token, in: text, factor * early, into: &counts)
            } else if token.kind == .word {
                countWord(index, in: text, factor * early, into: &counts)
            }
        }
    }

    /// Counts the word, its beginnings that stand for any ending, and phrases that begin with it.
    private func countWord(
        _ index: Int, in text: ArticleText, _ factor: Double, into counts: inout NameTable<(Double, [Entry])>
    ) {
        let token = text.tokens[index]
        let bytes = text.lowerBytes(token)
        guard bytes.count <= 80 else { return }
        var prefix = NameHash()
        var matched = false
        for (offset, byte) in bytes.enumerated() {
            prefix.append(byte)
            let isLast = offset == bytes.count - 1
            guard offset >= 2, let found = entries[prefix] else { continue }
            let fitting = isLast ? found : found.filter(\.isPrefix)
            guard !fitting.isEmpty else { continue }
            counts.update(prefix, initial: (0, fitting)) { $0.0 += factor }
            matched = true
            if isLast { break }
        }
        if !matched, bytes.count < 3, let found = entries[token.lowerHash] {
            counts.update(token.lowerHash, initial: (0, found)) { $0.0 += factor }
        }
        countPhrase(index, in: text, factor, into: &counts)
    }

    private func countPhrase(
        _ index: Int, in text: ArticleText, _ factor: Double, into counts: inout NameTable<(Double, [Entry])>
    ) {
        var hash = text.tokens[index].lowerHash
        var next = index + 1
        while beginnings.contains(hash), next < text.tokens.count, next - index < Self.mostWords {
            let token = text.tokens[next]
            guard token.kind == .word || token.kind == .suffix, token.gap != .paragraphBreak else { return }
            hash.append(0x20)
            hash.append(text.lowerBytes(token))
            if let found = entries[hash] { counts.update(hash, initial: (0, found)) { $0.0 += factor } }
            next += 1
        }
    }

    private func countRun(
        _ token: Token, in text: ArticleText, _ factor: Double, into counts: inout NameTable<(Double, [Entry])>
    ) {
        for start in token.span.start..<token.span.end {
            var hash = NameHash()
            for length in 1...Self.runLength.upperBound where start + length <= token.span.end {
                for byte in UTF8.encode(text.scalars[start + length - 1]) ?? .init() { hash.append(byte) }
                guard Self.runLength.contains(length), let found = entries[hash] else { continue }
                counts.update(hash, initial: (0, found)) { $0.0 += factor }
            }
        }
    }
}

extension Double {
    /// The binary logarithm of a count, straight lines between powers of two, 0 for anything up to one.
    fileprivate static func roughLogarithm(_ count: Double) -> Double {
        guard count > 1 else { return 0 }
        return Double(count.exponent) + (count.significand - 1)
    }
}
