import Foundation

/// The names of places and what they stand for, read from `gazetteer.bin`.
///
/// The file holds a sorted table of name hashes, so that loading it is one read and one pass over bucket sizes.
/// `scripts/gazetteer-build.py` writes it and documents its form.
struct Gazetteer: Sendable {
    /// One place.
    struct Place: Sendable {
        var geonamesID: Int
        var latitude: Double
        var longitude: Double
        var country: String
        var division: String
        var kind: ArticlePlace.Kind
        /// About eight times the binary logarithm of the population.
        var level: Int
        var isCapital: Bool
    }

    /// One meaning of a name.
    struct Sense: Sendable {
        var entity: Int
        var isDemonym: Bool
        var isCode: Bool
        var isAlternative: Bool
    }

    private static let headerBytes = 20
    private static let entityBytes = 26
    private static let bucketCount = 65536

    private let bytes: [UInt8]
    private let entityCount: Int
    /// The thirty-two bits of each name's hash that follow the sixteen of its bucket.
    private let keys: [UInt32]
    private let keysOffset: Int
    private let namesOffset: Int
    /// The first key of each bucket, and one past the last key.
    private let bucketStarts: [UInt32]

    /// Reads the table.
    ///
    /// - Throws: ``ClassifyingError`` when the bytes are not such a table or are cut off.
    init(_ bytes: [UInt8]) throws(ClassifyingError) {
        guard bytes.count > Self.headerBytes, bytes[0..<4].elementsEqual("WRGZ".utf8),
            Self.integer(bytes, at: 4) == 2
        else { throw ClassifyingError(code: .resourceInvalid, message: "gazetteer.bin is not a table of version 2") }
        entityCount = Self.integer(bytes, at: 8)
        let keyCount = Self.integer(bytes, at: 12)
        let buckets = Self.headerBytes + entityCount * Self.entityBytes
        keysOffset = buckets + Self.bucketCount
        namesOffset = keysOffset + keyCount * 8
        guard bytes.count == namesOffset + Self.integer(bytes, at: 16) else {
            throw ClassifyingError(code: .resourceInvalid, message: "gazetteer.bin is cut off")
        }
        var starts = [UInt32](repeating: 0, count: Self.bucketCount + 1)
        var total: UInt32 = 0
        for bucket in 0..<Self.bucketCount {
            starts[bucket] = total
            total += UInt32(bytes[buckets + bucket])
        }
        starts[Self.bucketCount] = total
        guard total == keyCount else {
            throw ClassifyingError(code: .resourceInvalid, message: "gazetteer.bin has buckets that do not add up")
        }
        bucketStarts = starts
        keys = (0..<keyCount).map { [keysOffset] in
            UInt32(truncatingIfNeeded: Self.integer(bytes, at: keysOffset + $0 * 8))
        }
        self.bytes = bytes
    }

    /// Whether some place has the name; cheaper than ``senses(of:)``.
    func hasName(_ hash: NameHash) -> Bool {
        let bucket = Int(hash.value >> 48)
        let wanted = UInt32(truncatingIfNeeded: hash.value >> 16)
        for key in Int(bucketStarts[bucket])..<Int(bucketStarts[bucket + 1]) where keys[key] == wanted { return true }
        return false
    }

    /// What the name may stand for: countries first, then by population.
    func senses(of hash: NameHash) -> [Sense] {
        let bucket = Int(hash.value >> 48)
        let wanted = UInt32(truncatingIfNeeded: hash.value >> 16)
        var found: [Sense] = []
        for key in Int(bucketStarts[bucket])..<Int(bucketStarts[bucket + 1]) where keys[key] == wanted {
            let packed = Self.integer(bytes, at: keysOffset + key * 8 + 4)
            let entity = packed & 0xFF_FFFF
            guard entity < entityCount else { continue }
            found.append(
                Sense(
                    entity: entity, isDemonym: packed & 1 << 24 != 0, isCode: packed & 2 << 24 != 0,
                    isAlternative: packed & 4 << 24 != 0))
        }
        return found
    }

    /// A place by its number in the table.
    func place(_ entity: Int) -> Place {
        let at = Self.headerBytes + entity * Self.entityBytes
        let kind: ArticlePlace.Kind =
            switch bytes[at + 21] {
            case 0: .country
            case 1: .state
            case 2: .region
            default: .city
            }
        return Place(
            geonamesID: Self.integer(bytes, at: at), latitude: degrees(at + 4), longitude: degrees(at + 8),
            country: text(at + 16, 2), division: text(at + 18, 3), kind: kind, level: Int(bytes[at + 22]),
            isCapital: bytes[at + 23] != 0)
    }

    /// A place's English name.
    func name(_ entity: Int) -> String {
        let offset = Self.integer(bytes, at: Self.headerBytes + entity * Self.entityBytes + 12)
        let at = namesOffset + offset
        guard at < bytes.count else { return "" }
        let end = min(bytes.count, at + 1 + Int(bytes[at]))
        return String(decoding: bytes[(at + 1)..<end], as: UTF8.self)
    }

    private func degrees(_ at: Int) -> Double {
        Double(Int32(truncatingIfNeeded: Self.integer(bytes, at: at))) / 100_000
    }

    private func text(_ at: Int, _ count: Int) -> String {
        String(decoding: bytes[at..<(at + count)].prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func integer(_ bytes: [UInt8], at offset: Int) -> Int {
        Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 | Int(bytes[offset + 2]) << 16 | Int(bytes[offset + 3]) << 24
    }
}
