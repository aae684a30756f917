/// A small hash table from names of up to 16 bytes to numbers, for the names that HTML defines.
struct NameTable: Sendable {
    private var keys: ContiguousArray<UInt128>
    private var values: ContiguousArray<UInt8>
    private let mask: Int

    /// A name packed into one number, so that comparing names is one comparison.
    struct Key {
        var packed: UInt128 = 0
        var count = 0

        /// Adds one byte, in lower case where it is an ASCII letter.
        mutating func append(_ byte: UInt8) {
            let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
            packed = (packed &<< 8) | UInt128(lower)
            count &+= 1
        }
    }

    init(_ entries: [(name: String, value: UInt8)]) {
        var size = 64
        while size < entries.count * 4 { size *= 2 }
        mask = size - 1
        keys = ContiguousArray(repeating: 0, count: size)
        values = ContiguousArray(repeating: 0, count: size)
        for entry in entries {
            var key = Key()
            for byte in entry.name.utf8 { key.append(byte) }
            var slot = Self.hash(key.packed) & mask
            while keys[slot] != 0 { slot = (slot + 1) & mask }
            keys[slot] = key.packed
            values[slot] = entry.value
        }
    }

    /// The number of a name, or `nil` for a name that is not in the table.
    func value(_ key: Key) -> UInt8? {
        guard key.count > 0, key.count <= 16 else { return nil }
        var slot = Self.hash(key.packed) & mask
        while keys[slot] != 0 {
            if keys[slot] == key.packed { return values[slot] }
            slot = (slot &+ 1) & mask
        }
        return nil
    }

    private static func hash(_ packed: UInt128) -> Int {
        let folded =
            UInt64(truncatingIfNeeded: packed) ^ (UInt64(truncatingIfNeeded: packed >> 64) &* 0x9E37_79B9_7F4A_7C15)
        return Int(truncatingIfNeeded: (folded &* 0xD6E8_FEB8_6659_FD93) >> 40)
    }
}
