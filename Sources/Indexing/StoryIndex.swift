/// The stories of a window of time, found by their words.
struct StoryIndex: Sendable {
    /// The stories by their key.
    private(set) var profiles: [Int64: StoryProfile] = [:]
    private var postings: [UInt64: [Int64]] = [:]
    /// Which words each story is listed under.
    private var listed: [Int64: Set<UInt64>] = [:]
    /// The order in which stories were last added or replaced.
    private var turns: [Int64: Int] = [:]
    private var turn = 0

    /// How many words a story is listed under. Stored stories keep what they were listed under: a greater number needs a
    /// migration that lists them anew.
    static let listedWords = 48
    /// Stories that share the most weight with an article are compared in full.
    private static let maximumCandidates = 40
    /// Words that are listed for more stories than this find too many to be of use.
    private static let longestPosting = 2000

    /// Adds or replaces a story.
    mutating func insert(_ key: Int64, _ profile: StoryProfile) {
        profiles[key] = profile
        turn += 1
        turns[key] = turn
        var words = listed[key] ?? []
        for word in profile.heaviest(Self.listedWords) where words.insert(word).inserted {
            postings[word, default: []].append(key)
        }
        listed[key] = words
    }

    /// Removes the stories that were last in the news before a time; those whose time is unknown stay.
    mutating func removeStories(before time: Double) {
        remove(profiles.filter { ($0.value.lastTime ?? .infinity) < time }.map(\.key))
    }

    /// Removes the stories that no article has joined for longest, down to a number.
    mutating func removeOldest(keeping count: Int) {
        guard profiles.count > count else { return }
        let byAge = turns.sorted { $0.value < $1.value }
        remove(byAge.prefix(profiles.count - count).map(\.key))
    }

    private mutating func remove(_ keys: [Int64]) {
        guard !keys.isEmpty else { return }
        let gone = Set(keys)
        var words: Set<UInt64> = []
        for key in keys {
            profiles[key] = nil
            turns[key] = nil
            words.formUnion(listed.removeValue(forKey: key) ?? [])
        }
        for word in words {
            postings[word]?.removeAll { gone.contains($0) }
            if postings[word]?.isEmpty == true { postings[word] = nil }
        }
    }

    /// The story that an article fits best, whether or not well enough; ties go to the older key.
    func best(
        for vector: StoryVector, language: String, time: Double?, matcher: StoryMatcher
    ) -> (key: Int64, match: StoryMatcher.Match)? {
        var pull: [Int64: Float] = [:]
        for component in vector.components {
            guard let stories = postings[component.hash], stories.count <= Self.longestPosting else { continue }
            for story in stories { pull[story, default: 0] += component.weight }
        }
        let candidates = pull.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.maximumCandidates)
        var best: (key: Int64, match: StoryMatcher.Match)?
        for (key, _) in candidates {
            guard let profile = profiles[key] else { continue }
            let match = matcher.match(vector, language: language, time: time, with: profile)
            guard let current = best else {
                best = (key, match)
                continue
            }
            let (margin, present) = (match.margin, current.match.margin)
            if margin > present || (margin == present && key < current.key) { best = (key, match) }
        }
        return best
    }
}
