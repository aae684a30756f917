/// The words of a part of a story, to be looked up often.
///
/// The words are hashes already. A dictionary hashes them once more at each look, which was most of the time that comparing
/// articles with stories took.
struct WordLookup: Sendable, Equatable {
    typealias Entry = StoryProfile.Part.Entry

    private struct Slot: Sendable, Equatable {
        var word: UInt64 = 0
        /// No weight is negative: such a slot is empty.
        var entry = Entry(weight: -1, nameWeight: 0)
    }

    /// At least half of them are empty, so that every search ends soon.
    private var slots: [Slot]
    private let shift: UInt64

    init(_ entries: [UInt64: Entry] = [:]) {
        var bits: UInt64 = 1
        while 1 << bits < entries.count * 2 { bits += 1 }
        shift = 64 - bits
        slots = [Slot](repeating: Slot(), count: 1 << bits)
        for (word, entry) in entries {
            var place = place(of: word)
            while slots[place].entry.weight >= 0 { place = (place + 1) & (slots.count - 1) }
            slots[place] = Slot(word: word, entry: entry)
        }
    }

    subscript(word: UInt64) -> Entry? {
        var place = place(of: word)
        while slots[place].entry.weight >= 0 {
            if slots[place].word == word { return slots[place].entry }
            place = (place + 1) & (slots.count - 1)
        }
        return nil
    }

    private func place(of word: UInt64) -> Int {
        Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) >> shift)
    }
}
