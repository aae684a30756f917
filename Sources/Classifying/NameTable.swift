/// Values by name, made for look-ups that mostly find nothing: the beginnings of words and phrases.
///
/// The hash of a name is well spread already. Swift's dictionary hashes it once more, with a keyed function, which took a
/// quarter of the time of a classification. Method: open addressing with linear probing and multiplicative hashing (Knuth,
/// The Art of Computer Programming, vol. 3, 6.4).
struct NameTable<Value> {
    /// The values, in the order in which their names came.
    private(set) var values: [Value] = []
    /// The hashes, 0 where none is; a power of two of them.
    private var keys: [UInt64]
    /// Which of the values each of them has.
    private var places: [Int32]
    private var shift: UInt64

    /// An empty table with room for so many names.
    init(minimumCapacity: Int = 8) {
        let bits = max(4, Int.bitWidth - (max(1, minimumCapacity) * 2 - 1).leadingZeroBitCount)
        keys = [UInt64](repeating: 0, count: 1 << bits)
        places = [Int32](repeating: 0, count: 1 << bits)
        shift = UInt64(64 - bits)
    }

    /// The value of a name, or `nil`.
    subscript(hash: NameHash) -> Value? {
        let slot = slot(of: Self.key(hash))
        return keys[slot] == 0 ? nil : values[Int(places[slot])]
    }

    /// Whether a name is there.
    func contains(_ hash: NameHash) -> Bool { keys[slot(of: Self.key(hash))] != 0 }

    /// Changes the value of a name, which is put in first where there is none.
    mutating func update(_ hash: NameHash, initial: @autoclosure () -> Value, by change: (inout Value) -> Void) {
        let place = place(of: hash, initial: initial)
        change(&values[place])
    }

    /// Which of ``values`` a name has, which is put in first where there is none.
    mutating func place(of hash: NameHash, initial: () -> Value) -> Int {
        let key = Self.key(hash)
        var slot = slot(of: key)
        if keys[slot] != 0 { return Int(places[slot]) }
        if (values.count + 1) * 2 > keys.count {
            grow()
            slot = self.slot(of: key)
        }
        keys[slot] = key
        places[slot] = Int32(values.count)
        values.append(initial())
        return values.count - 1
    }

    /// Zero marks what is free.
    private static func key(_ hash: NameHash) -> UInt64 { hash.value == 0 ? 1 : hash.value }

    /// Where a hash is, or the free place where it would be: half of the places at least are free.
    private func slot(of key: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift)
        while keys[slot] != 0, keys[slot] != key { slot = (slot + 1) & (keys.count - 1) }
        return slot
    }

    private mutating func grow() {
        var larger = NameTable(minimumCapacity: keys.count)
        for slot in keys.indices where keys[slot] != 0 {
            let place = larger.slot(of: keys[slot])
            larger.keys[place] = keys[slot]
            larger.places[place] = places[slot]
        }
        larger.values = values
        self = larger
    }
}

extension NameTable: Sendable where Value: Sendable {}

extension NameTable where Value == Void {
    /// Adds a name.
    mutating func insert(_ hash: NameHash) { _ = place(of: hash) {} }
}
