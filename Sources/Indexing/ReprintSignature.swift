/// What of a text is kept to find its reprints: hashes of its word sequences, and the few of them that are looked up.
///
/// The keys are fingerprints chosen by winnowing (Schleimer, Wilkerson and Aiken 2003): of every eight neighbouring
/// sequences of five words the smallest hash is kept, and of those the smallest ``maximumKeys``. The choice depends
/// on the passage alone, so two texts that share a passage share its keys, wherever it stands and however long the
/// rest is. Banded MinHash, which finds texts that are alike as a whole, misses excerpts and round-ups that quote a
/// part.
struct ReprintSignature: Sendable, Equatable {
    /// Hashes of all sequences of five words, in the order of the text.
    var shingles: [UInt32]
    /// What to look up: sorted, each once, at most ``maximumKeys``.
    var keys: [Int64]
    /// Hash of all words: equal texts have equal digests whatever their punctuation.
    var digest: UInt64
    /// Hash of the headline's words; 0 where it is too short to tell articles apart.
    var headline: UInt64

    static let wordsPerShingle = 5
    static let maximumKeys = 64
    /// A text with fewer words is too short to say that one was taken from the other.
    static let minimumWords = 24
    private static let window = 8

    /// The signature of a text; without shingles and keys where the text is too short.
    init(_ text: FoldedText, title: FoldedText) {
        headline = title.words.count >= 4 ? title.words.reduce(1) { StableHash.mix($0 ^ $1.hash) } : 0
        shingles = []
        keys = []
        digest = 0
        let words = text.words
        guard words.count >= Self.minimumWords else { return }
        var full: [UInt64] = []
        full.reserveCapacity(words.count)
        for word in words {
            digest = StableHash.mix(digest ^ word.hash)
        }
        for start in 0...(words.count - Self.wordsPerShingle) {
            var hash: UInt64 = 0
            for word in words[start..<(start + Self.wordsPerShingle)] {
                hash = StableHash.mix(hash &+ word.hash)
            }
            full.append(hash)
        }
        shingles = full.map { UInt32(truncatingIfNeeded: $0 >> 32) }
        // The digest is a key of its own: a text that repeats one sentence has too few others.
        keys = Set(Self.winnowed(full) + [Int64(bitPattern: digest)]).sorted()
    }

    var isEmpty: Bool { shingles.isEmpty }

    private static func winnowed(_ hashes: [UInt64]) -> [Int64] {
        var chosen: [UInt64] = []
        var newest = -1
        var smallest = -1
        for end in hashes.indices {
            let begin = max(0, end - window + 1)
            if smallest < begin {
                smallest = begin
                for index in begin...end where hashes[index] <= hashes[smallest] { smallest = index }
            } else if hashes[end] <= hashes[smallest] {
                smallest = end
            }
            if end - begin + 1 == window || end == hashes.count - 1, smallest != newest {
                chosen.append(hashes[smallest])
                newest = smallest
            }
        }
        return firstDistinct(maximumKeys - 1, of: chosen.sorted()).map { Int64(bitPattern: $0) }
    }

    private static func firstDistinct(_ count: Int, of sorted: [UInt64]) -> [UInt64] {
        var distinct: [UInt64] = []
        for hash in sorted where hash != distinct.last {
            if distinct.count == count { break }
            distinct.append(hash)
        }
        return distinct
    }
}
