/// A hash table from short ASCII words to flags, looked up by bytes.
struct TokenTable: Sendable {
    private var keys: ContiguousArray<UInt128> = []
    private var values: ContiguousArray<UInt32> = []
    private var mask = 0

    /// A word of up to 16 bytes packed into one number.
    struct Key {
        private(set) var packed: UInt128 = 0
        private(set) var count = 0

        /// Adds a byte, in lower case where it is an ASCII letter.
        @inline(__always) mutating func append(_ byte: UInt8) {
            packed = (packed &<< 8) | UInt128(byte &- 0x41 < 26 ? byte | 0x20 : byte)
            count &+= 1
        }
    }

    /// Makes a table from lists of words, separated by spaces, with the flags of each list; flags of a word add up.
    init(_ lists: [(words: String, flags: UInt32)]) {
        var entries: [(packed: UInt128, flags: UInt32)] = []
        for list in lists {
            for word in list.words.split(separator: " ") {
                var key = Key()
                for byte in word.utf8.prefix(16) { key.append(byte) }
                entries.append((key.packed, list.flags))
            }
        }
        var size = 64
        while size < entries.count * 4 { size *= 2 }
        mask = size - 1
        keys = ContiguousArray(repeating: 0, count: size)
        values = ContiguousArray(repeating: 0, count: size)
        for entry in entries {
            var slot = Self.hash(entry.packed) & mask
            while keys[slot] != 0, keys[slot] != entry.packed { slot = (slot + 1) & mask }
            keys[slot] = entry.packed
            values[slot] |= entry.flags
        }
    }

    /// The flags of a word, 0 for a word that is not in the table. Only a word's first 16 bytes count.
    func flags(_ key: Key) -> UInt32 {
        guard key.count > 0 else { return 0 }
        var slot = Self.hash(key.packed) & mask
        while keys[slot] != 0 {
            if keys[slot] == key.packed { return values[slot] }
            slot = (slot &+ 1) & mask
        }
        return 0
    }

    private static func hash(_ packed: UInt128) -> Int {
        let folded =
            UInt64(truncatingIfNeeded: packed) ^ (UInt64(truncatingIfNeeded: packed >> 64) &* 0x9E37_79B9_7F4A_7C15)
        return Int(truncatingIfNeeded: (folded &* 0xD6E8_FEB8_6659_FD93) >> 40)
    }
}
