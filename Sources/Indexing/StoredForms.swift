internal import Foundation

/// How hashes, profiles and signatures are written into the database.
enum StoredForms {
    /// A word as the tables `story_term` and `term_frequency` name it: its hash in base 36.
    static func term(_ hash: UInt64) -> String { String(hash, radix: 36) }

    /// The hash that a stored word stands for.
    static func hash(_ term: String) -> UInt64? { UInt64(term, radix: 36) }

    /// The row of `term_frequency` that counts stories. No word has this name.
    static let storyCountTerm = ""

    private struct Part: Decodable {
        var count: Int
        /// Weight and weight as a name, by word.
        var words: [String: [Float]]
    }

    /// A story's profile as JSON, by language; the lightest words are left out.
    ///
    /// - Throws: `EncodingError` for a language that JSON cannot name.
    static func features(_ profile: StoryProfile) throws -> String { try StoredProfileWriter.features(profile) }

    /// The words that a story is found by: the heaviest of each part. Those of a stored profile are those that were listed
    /// when it was written.
    static func listedWords(_ profile: StoryProfile) -> Set<UInt64> {
        Set(profile.parts.values.flatMap { heaviest(StoryIndex.listedWords, of: $0) })
    }

    /// The heaviest words by the weights as they are stored, so that a stored profile gives the same ones.
    static func heaviest(_ count: Int, of part: StoryProfile.Part) -> [UInt64] {
        let weights = part.entries.map { (word: $0.key, weight: StoredProfileWriter.stored($0.value.weight)) }
        return weights.sorted { ($1.weight, $0.word) < ($0.weight, $1.word) }.prefix(count).map(\.word)
    }

    /// The parts of a stored profile; words that are not of the stored form are left out.
    static func parts(_ features: String) throws -> [String: StoryProfile.Part] {
        if let parts = StoredProfileReader.parts(features) { return parts }
        return try JSONDecoder().decode([String: Part].self, from: Data(features.utf8)).mapValues { part in
            var entries: [UInt64: StoryProfile.Part.Entry] = [:]
            for (word, weights) in part.words {
                guard let hash = hash(word), weights.count == 2 else { continue }
                entries[hash] = StoryProfile.Part.Entry(weight: weights[0], nameWeight: weights[1])
            }
            return StoryProfile.Part(entries: entries, articleCount: part.count)
        }
    }

    /// A signature as bytes, little-endian: a version, the digest, the headline's hash, the keys.
    static func bytes(_ signature: ReprintSignature) -> [UInt8] {
        var bytes: [UInt8] = [1]
        let numbers = [signature.digest, signature.headline] + signature.keys.map { UInt64(bitPattern: $0) }
        for number in numbers {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: number >> shift))
            }
        }
        return bytes
    }
}
