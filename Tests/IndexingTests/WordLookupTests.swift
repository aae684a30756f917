import Testing

@testable import Indexing

struct WordLookupTests {
    @Test(arguments: [0, 1, 2, 3, 7, 8, 160, 256, 1000])
    func findsWhatIsThereAndNothingElse(count: Int) {
        // Small numbers, neighbours and multiples of a power of two: what a bad hash would put in one place.
        let words = (0..<UInt64(count)).map { $0 % 2 == 0 ? $0 : $0 << 40 }
        let entries = Dictionary(
            uniqueKeysWithValues: words.enumerated().map { index, word in
                (word, StoryProfile.Part.Entry(weight: Float(index), nameWeight: Float(index) / 2))
            })
        let lookup = WordLookup(entries)
        for word in words { #expect(lookup[word] == entries[word]) }
        for word in [UInt64.max, 1 << 63, 12_345_678_901] { #expect(lookup[word] == nil) }
    }
}
