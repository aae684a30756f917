internal import Foundation

/// The words that tell what an article is about, weighed by their place alone; how rare they are is not known here.
struct StoryFeatures: Sendable {
    /// A word of an article.
    struct Term: Sendable, Equatable {
        /// The word, folded and cut to its first ``StoryFeatures/stemLength`` letters.
        var text: String
        /// Hash of ``text``.
        var hash: UInt64
        /// How much the article makes of it: grows with the logarithm of its occurrences, more for headline and lead.
        var weight: Float
        /// Whether it looks like a name or is a number, and so reads the same in many languages.
        var isName: Bool
    }

    /// The weightiest words, heaviest first, at most ``maximumTerms``.
    var terms: [Term]
    /// How many words the article has.
    var wordCount: Int

    static let maximumTerms = 160
    /// Word forms of one stem share their beginning in most languages of the news: a cheap stemmer for all of them.
    static let stemLength = 8

    /// The features of an article.
    init(title: FoldedText, body: FoldedText) {
        var counts = Collector()
        counts.add(title, isTitle: true)
        counts.add(body, isTitle: false)
        terms = counts.terms(limit: Self.maximumTerms)
        wordCount = title.words.count + body.words.count
    }

    /// Counts words by their stem.
    private struct Collector {
        private struct Count {
            var text: String
            var places: Float = 0
            var inside = 0
            var capitalised = 0
            var isNumber: Bool
        }

        private var counts: [UInt64: Count] = [:]

        /// Words beyond this are repetition.
        private static let bodyLimit = 1500
        private static let leadLength = 80

        mutating func add(_ text: FoldedText, isTitle: Bool) {
            let trustsCapitals = !Self.isTitleCase(text)
            var previous: FoldedText.Word?
            for (position, word) in text.words.prefix(Self.bodyLimit).enumerated() {
                defer { previous = word }
                let weight: Float = isTitle ? 2 : position < Self.leadLength ? 1.5 : 1
                if word.isIdeographic {
                    // A single character says little, two neighbours are mostly a word.
                    guard let before = previous, before.isIdeographic, before.end == word.start else { continue }
                    count(text, from: before.start, to: word.end, weight: weight, word: word, trustsCapitals: false)
                } else if word.end - word.start > 1 || word.isNumber {
                    guard !CommonWords.contains(word.hash) else { continue }
                    count(
                        text, from: word.start, to: Self.stemEnd(text, word), weight: weight, word: word,
                        trustsCapitals: trustsCapitals)
                }
            }
        }

        private mutating func count(
            _ text: FoldedText, from start: Int32, to end: Int32, weight: Float, word: FoldedText.Word,
            trustsCapitals: Bool
        ) {
            let bytes = text.bytes[Int(start)..<Int(end)]
            let hash = StableHash.of(bytes)
            var count = counts[hash] ?? Count(text: String(decoding: bytes, as: UTF8.self), isNumber: word.isNumber)
            count.places += weight
            if trustsCapitals, !word.opensSentence {
                count.inside += 1
                if word.isCapitalised { count.capitalised += 1 }
            }
            counts[hash] = count
        }

        /// The end of the word's stem, in bytes; never inside a scalar.
        private static func stemEnd(_ text: FoldedText, _ word: FoldedText.Word) -> Int32 {
            guard !word.isNumber, Int(word.end - word.start) > StoryFeatures.stemLength else { return word.end }
            var index = Int(word.start)
            var letters = 0
            while index < Int(word.end) {
                if text.bytes[index] & 0xC0 != 0x80 {
                    if letters == StoryFeatures.stemLength { return Int32(index) }
                    letters += 1
                }
                index += 1
            }
            return word.end
        }

        /// Whether most words start with a capital, as in an English headline: capitals then mark no names.
        private static func isTitleCase(_ text: FoldedText) -> Bool {
            let words = text.words.prefix(200).filter { !$0.isNumber }
            return words.count { $0.isCapitalised } * 2 > words.count
        }

        func terms(limit: Int) -> [Term] {
            let all = counts.map { hash, count in
                let isName = count.isNumber ? count.text.utf8.count >= 2 : count.capitalised * 3 > count.inside * 2
                return Term(text: count.text, hash: hash, weight: Self.logarithm(count.places), isName: isName)
            }
            return Array(all.sorted { ($1.weight, $0.hash) < ($0.weight, $1.hash) }.prefix(limit))
        }

        private static func logarithm(_ places: Float) -> Float { log1p(places) }
    }
}
