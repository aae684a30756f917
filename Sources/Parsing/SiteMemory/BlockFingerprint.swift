internal import Markup

/// Makes the fingerprints of blocks: a hash of a block's text and of its place.
///
/// The text counts without digits, so that a counter stays the same line. The place is the element with its class names
/// and the two elements around it: a standfirst that also stands in other pages' lists of recommended pieces is another
/// block there. The hash is FNV-1a (64 bits) with a final mix.
struct BlockFingerprint {
    let document: HTMLDocument
    let list: BlockList
    /// The hash of each element that was asked for.
    private var places: [Int: UInt64] = [:]

    init(document: HTMLDocument, list: BlockList) {
        self.document = document
        self.list = list
    }

    /// The fingerprint of a block, or `nil` when it has too little text to tell.
    mutating func value(of block: TextBlock) -> Int64? {
        guard let text = Self.textHash(list.text[block.start..<block.end]) else { return nil }
        return Int64(bitPattern: Self.mixed(text ^ place(block.node)))
    }

    /// The fingerprint of a text wherever it stands.
    static func textHash(_ bytes: ContiguousArray<UInt8>.SubSequence) -> UInt64? {
        var hash = offset
        var count = 0
        for byte in bytes where byte > 0x20 && byte &- 0x30 >= 10 {
            hash = (hash ^ UInt64(byte)) &* prime
            count += 1
        }
        return count >= 2 ? hash : nil
    }

    /// The hash of an element and the two around it.
    private mutating func place(_ node: Int) -> UInt64 {
        if let known = places[node] { return known }
        var hash = Self.offset
        var index = node
        for _ in 0..<3 where index > 0 {
            hash = (hash ^ UInt64(document.nodes[index].tag.rawValue)) &* Self.prime
            if let name = document.attribute(.class, of: index) {
                for byte in document.text[name].prefix(200) where byte &- 0x30 >= 10 {
                    hash = (hash ^ UInt64(byte)) &* Self.prime
                }
            }
            index = document.nodes[index].parentIndex
        }
        places[node] = hash
        return hash
    }

    private static let offset: UInt64 = 0xCBF2_9CE4_8422_2325
    private static let prime: UInt64 = 0x100_0000_01B3

    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// What was decided of a block before the text was looked for.
enum BlockVerdict: Sendable, Equatable {
    /// Nothing.
    case open
    /// It stands on so many other articles of the site.
    case repeated(Int)
    /// An operator's rule leaves it out.
    case dropped(rule: Int64)
    /// An operator's rule keeps it.
    case kept(rule: Int64)

    /// Whether the block is no text of the article.
    var isAgainst: Bool {
        switch self {
        case .repeated, .dropped: true
        case .open, .kept: false
        }
    }

    /// Whether the site's memory says so.
    var isRepeat: Bool {
        if case .repeated = self { true } else { false }
    }
}

/// Marks the blocks of a page with what is known from outside it.
struct BlockMarker {
    private let document: HTMLDocument
    private(set) var fingerprints: [Int64?] = []

    init(document: HTMLDocument) {
        self.document = document
    }

    /// Marks what repeats on the site, and what the rules say; rules win.
    mutating func mark(_ list: inout BlockList, context: ExtractionContext) {
        if context.memory != nil || context.wantsImprint {
            var maker = BlockFingerprint(document: document, list: list)
            fingerprints = list.blocks.map { maker.value(of: $0) }
        }
        if let memory = context.memory {
            for index in list.blocks.indices {
                if let fingerprint = fingerprints[index], let count = memory.repeats(fingerprint) {
                    list.blocks[index].verdict = .repeated(count)
                }
            }
            pardonReprint(&list)
        }
        RuleMatcher(document: document).mark(&list, rules: context.rules)
    }

    /// Lets go of what was said against prose when most of the page's prose repeats: then the page is a reprint, under
    /// another title, of what the site published before.
    private func pardonReprint(_ list: inout BlockList) {
        func isProse(_ block: TextBlock) -> Bool {
            block.characters >= 60 && block.linkDensity < 0.3 && block.kind != .caption
                && block.hints.isDisjoint(with: .boilerplate) && block.structure.isDisjoint(with: .boilerplate)
        }
        var all = 0
        var repeated = 0
        for block in list.blocks where isProse(block) {
            all += block.characters
            if case .repeated = block.verdict { repeated += block.characters }
        }
        guard repeated * 2 > all else { return }
        for index in list.blocks.indices where isProse(list.blocks[index]) { list.blocks[index].verdict = .open }
    }

    /// What the site's memory keeps of the page, or `nil` of a page without text.
    func imprint(_ list: BlockList, title: String?, chosen: [Int]) -> PageImprint? {
        guard let key = contentKey(list, title: title, chosen: chosen) else { return nil }
        var seen: Set<Int64> = []
        var kept: [Int64] = []
        for fingerprint in fingerprints.lazy.compactMap({ $0 }) where seen.insert(fingerprint).inserted {
            kept.append(fingerprint)
            if kept.count == PageImprint.maximumFingerprints { break }
        }
        return PageImprint(contentKey: key, fingerprints: kept)
    }

    /// What the addresses of one article share: the title, or the longest block of a text without one.
    private func contentKey(_ list: BlockList, title: String?, chosen: [Int]) -> Int64? {
        guard let longest = chosen.max(by: { list.blocks[$0].characters < list.blocks[$1].characters }) else {
            return nil
        }
        let letters = ContiguousArray(HTMLText.letters(title ?? ""))
        let block = list.blocks[longest]
        let hash =
            BlockFingerprint.textHash(letters[...]) ?? BlockFingerprint.textHash(list.text[block.start..<block.end])
        return hash.map { Int64(bitPattern: $0) }
    }
}
