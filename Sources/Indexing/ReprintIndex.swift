/// The texts of a window of time, found by the passages that they share.
struct ReprintIndex: Sendable {
    /// A text that can be reprinted.
    struct Entry: Sendable {
        var signature: ReprintSignature
        /// The group that it belongs to: the key of its original.
        var original: Int64
        /// When it appeared, in seconds since 1970, where that is known.
        var time: Double?
        /// The date that the outlet gave it, in seconds since 1970.
        var published: Double?
    }

    /// What was found for a text.
    struct Finding: Sendable, Equatable {
        /// The text that it is a reprint of, and how.
        var reprintOf: (key: Int64, relation: ReprintRelation)?
        /// Texts that share a passage with it and are no reprints.
        var contains: [Int64] = []

        static func == (left: Finding, right: Finding) -> Bool {
            left.reprintOf?.key == right.reprintOf?.key && left.reprintOf?.relation == right.reprintOf?.relation
                && left.contains == right.contains
        }
    }

    private(set) var entries: [Int64: Entry] = [:]
    private var postings: [Int64: [Int64]] = [:]
    private var arrivals: [(key: Int64, time: Double?)] = []

    /// A passage that stands in more texts than this is boilerplate, such as an agency's disclaimer.
    static let longestPosting = 96
    private static let maximumCandidates = 24
    /// One passage in common may be a turn of phrase.
    static let minimumShared = 2

    /// Adds or replaces a text.
    mutating func insert(_ key: Int64, _ entry: Entry) {
        guard !entry.signature.isEmpty else { return }
        if entries[key] != nil { remove([key]) }
        entries[key] = entry
        arrivals.append((key, entry.time))
        for band in entry.signature.keys where postings[band, default: []].count <= Self.longestPosting {
            postings[band, default: []].append(key)
        }
    }

    /// Removes texts that are older than a time, and then the oldest arrivals down to a number. A text whose time is
    /// unknown goes by its arrival alone.
    mutating func removeEntries(before time: Double, keeping count: Int) {
        remove(arrivals.filter { ($0.time ?? .infinity) < time }.map(\.key))
        if entries.count > count { remove(arrivals.prefix(entries.count - count).map(\.key)) }
    }

    private mutating func remove(_ keys: [Int64]) {
        guard !keys.isEmpty else { return }
        let gone = Set(keys)
        var bands: Set<Int64> = []
        for key in keys {
            if let entry = entries.removeValue(forKey: key) { bands.formUnion(entry.signature.keys) }
        }
        for band in bands {
            postings[band]?.removeAll { gone.contains($0) }
            if postings[band]?.isEmpty == true { postings[band] = nil }
        }
        arrivals.removeAll { gone.contains($0.key) }
    }

    /// What a text has in common with the others. Best relation first: exact, then the most similar, then the oldest.
    func find(_ signature: ReprintSignature, except key: Int64) -> Finding {
        var shared: [Int64: Int] = [:]
        for band in signature.keys {
            guard let texts = postings[band], texts.count <= Self.longestPosting else { continue }
            for text in texts where text != key { shared[text, default: 0] += 1 }
        }
        let candidates = shared.filter { $0.value >= Self.minimumShared }.sorted {
            ($1.value, $0.key) < ($0.value, $1.key)
        }.prefix(Self.maximumCandidates)
        var finding = Finding()
        for (candidate, _) in candidates {
            guard let entry = entries[candidate], let relation = ReprintVerifier.relation(entry.signature, signature)
            else { continue }
            guard relation.isReprint else {
                finding.contains.append(candidate)
                continue
            }
            if let best = finding.reprintOf, best.relation.similarity >= relation.similarity { continue }
            finding.reprintOf = (candidate, relation)
        }
        finding.contains.sort()
        return finding
    }
}
