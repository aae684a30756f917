/// The prepared statements of one connection, by SQL text and parameter types.
///
/// Pure bookkeeping. Names are never reused, so that a statement the server forgot cannot be taken for another.
struct StatementCache {
    struct Entry {
        let name: String
        let sql: String
        let types: [UInt32]
        var isBinary = true
        var lastUse = 0
    }

    private var entries: [String: [Entry]] = [:]
    private var count = 0
    private var clock = 0
    private var lastNumber = 0
    private let capacity: Int

    init(capacity: Int = 256) { self.capacity = capacity }

    /// The statement prepared for this text and these types. A NULL (nil) fits any type.
    mutating func find(_ sql: String, _ types: [UInt32?]) -> Entry? {
        guard let index = entries[sql]?.firstIndex(where: { Self.fits(types, $0.types) }) else { return nil }
        clock += 1
        entries[sql]?[index].lastUse = clock
        return entries[sql]?[index]
    }

    /// A new entry, not yet stored. A NULL takes the type an earlier statement of the same text has there.
    mutating func make(_ sql: String, _ types: [UInt32?]) -> Entry {
        lastNumber += 1
        let known = entries[sql]?.last?.types
        let resolved = types.indices.map { types[$0] ?? (known?.count == types.count ? known?[$0] : nil) ?? 0 }
        return Entry(name: "wireroom_\(lastNumber)", sql: sql, types: resolved)
    }

    mutating func store(_ entry: Entry) {
        clock += 1
        var entry = entry
        entry.lastUse = clock
        entries[entry.sql, default: []].append(entry)
        count += 1
    }

    /// Removes the statements used longest ago that are too many; the caller deallocates them.
    mutating func evict() -> [Entry] {
        guard count > capacity else { return [] }
        let oldest = entries.values.joined().sorted { $0.lastUse < $1.lastUse }.prefix(count - capacity)
        for entry in oldest { forget(entry.sql, name: entry.name) }
        return Array(oldest)
    }

    /// Removes every statement of a text.
    mutating func forget(_ sql: String) {
        count -= entries.removeValue(forKey: sql)?.count ?? 0
    }

    private mutating func forget(_ sql: String, name: String) {
        entries[sql]?.removeAll { $0.name == name }
        if entries[sql]?.isEmpty == true { entries[sql] = nil }
        count -= 1
    }

    private static func fits(_ types: [UInt32?], _ prepared: [UInt32]) -> Bool {
        types.count == prepared.count && zip(types, prepared).allSatisfy { $0 == nil || $0 == $1 }
    }
}
