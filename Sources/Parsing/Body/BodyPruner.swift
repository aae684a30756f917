internal import Markup

/// Takes out of the chosen blocks what is not the author's text: dates and names at the top, calls to action, credits,
/// pointers to other pieces, and what the page's own copy of the text does not have.
struct BodyPruner {
    let list: BlockList
    let document: HTMLDocument

    /// The blocks that remain.
    ///
    /// - Parameters:
    ///   - copy: The text as the page's structured data gives it.
    ///   - description: The page's own summary; a block that says the same above the text is the standfirst.
    func prune(_ chosen: [Int], copy: String?, description: String?) -> [Int] {
        var kept = withoutCalls(withoutRepeats(chosen))
        kept = withoutTop(kept)
        kept = withoutEnd(kept)
        kept = withoutForeignEnd(kept)
        if let copy { kept = agreeing(kept, with: copy) }
        if let description, let lead = standfirst(before: kept, description: description) { kept.insert(lead, at: 0) }
        return withoutLonelyHeadings(kept)
    }

    /// Drops blocks that say once more what a block before them said, as layouts for several screens do.
    private func withoutRepeats(_ chosen: [Int]) -> [Int] {
        var seen: [UInt64: [Int]] = [:]
        return chosen.filter { index in
            let block = list.blocks[index]
            // Short lines and lists may repeat on purpose, as in a training plan or a refrain.
            guard block.characters >= 120, block.kind == .paragraph || block.kind == .caption else { return true }
            let text = list.text[block.start..<block.end]
            let hash = text.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
            let same = seen[hash, default: []].contains {
                text == list.text[list.blocks[$0].start..<list.blocks[$0].end]
            }
            if !same { seen[hash, default: []].append(index) }
            return !same
        }
    }

    /// The block above the text that says what the page's description says, where the text does not have it.
    private func standfirst(before kept: [Int], description: String) -> Int? {
        let letters = HTMLText.letters(HTMLEntities.decoded(description))
        guard let first = kept.first, letters.count >= 40 else { return nil }
        guard !kept.prefix(6).contains(where: { HTMLText.letters(list.string(list.blocks[$0])) == letters }) else {
            return nil
        }
        for index in stride(from: first - 1, through: max(0, first - 40), by: -1) {
            let block = list.blocks[index]
            guard block.characters >= 40, block.characters <= 700, block.linkDensity < 0.3, block.kind != .caption
            else { continue }
            guard block.structure.isDisjoint(with: [.navigation, .footer, .hidden]) else { continue }
            if HTMLText.letters(list.string(block)) == letters { return index }
        }
        return nil
    }

    // MARK: - Phrases

    /// Drops short blocks that are calls to action or credits, and lists under headings that announce other pieces.
    private func withoutCalls(_ chosen: [Int]) -> [Int] {
        var kept: [Int] = []
        var skipsPointers = false
        var pointerArticle: Int?
        var skipsReferences = false
        let end = chosen.count - 4
        for (position, index) in chosen.enumerated() {
            let block = list.blocks[index]
            if block.characters < (position >= end ? 700 : 250), block.kind == .paragraph || block.kind == .heading,
                ClosingPhrases.occur(in: list.text, block.start..<block.end)
            {
                continue
            }
            if isRow(block) { continue }
            let isShort = block.characters < 400
            let phrase = isShort ? PhraseLexicon.kind(of: list.text, block.start..<block.end) : nil
            if block.kind == .heading || block.characters < 60, phrase == .pointer {
                skipsPointers = true
                pointerArticle = article(of: block)
                skipsReferences = false
                continue
            }
            if block.kind == .heading { skipsReferences = phrase == .references }
            if skipsReferences { continue }
            if skipsPointers {
                // Other pieces may stand there in full, each in an element of its own.
                let isProse =
                    block.linkDensity < 0.3 && block.characters > 120 && block.kind != .listItem
                    && article(of: block) == pointerArticle
                if isProse || (block.kind == .heading && block.linkDensity < 0.3) {
                    skipsPointers = false
                } else {
                    continue
                }
            }
            switch phrase {
            case .whole where block.characters < 60: continue
            case .call: continue
            case .credit where block.characters < 120: continue
            case .pointer where block.linkDensity > 0.3, .pointerLine where block.linkDensity > 0.3: continue
            default: kept.append(index)
            }
        }
        return kept
    }

    /// Whether a block is a row of short entries between strokes or dots, some of them links: a menu, or commands to print
    /// and to send.
    private func isRow(_ block: TextBlock) -> Bool {
        guard block.kind == .paragraph, block.links > 0, block.linkDensity >= 0.2, !block.endsSentence,
            block.characters < 300
        else { return false }
        var separators = 0
        for position in block.start..<block.end {
            let byte = list.text[position]
            if byte == UInt8(ascii: "|") || byte == 0xB7 && list.text[position - 1] == 0xC2 {
                separators += 1
            } else if byte == UInt8(ascii: "-"), position + 1 < block.end, list.text[position + 1] == 0x20,
                position == block.start || list.text[position - 1] == 0x20
            {
                separators += 1
            }
        }
        return separators >= 3 && block.characters <= (separators + 1) * 25
    }

    /// The innermost `article` element around a block.
    private func article(of block: TextBlock) -> Int? {
        guard block.structure.contains(.article) else { return nil }
        var node = block.node
        while node > 0, document.nodes[node].tag != .article { node = document.nodes[node].parentIndex }
        return node > 0 ? node : nil
    }

    // MARK: - Top and end

    private func isStrong(_ block: TextBlock) -> Bool {
        block.kind != .heading && block.kind != .caption && !isCopyright(block)
            && (block.characters >= 80 || (block.characters >= 40 && block.endsSentence))
    }

    /// Whether a short block opens like the line on the owner of the rights.
    private func isCopyright(_ block: TextBlock) -> Bool {
        let text = list.text[block.start..<block.end]
        return block.characters < 120
            && (text.starts(with: "Copyright ".utf8) || text.starts(with: "\u{A9}".utf8))
    }

    /// Drops dates, names and labels above the first paragraph.
    private func withoutTop(_ chosen: [Int]) -> [Int] {
        guard
            let first = chosen.firstIndex(where: {
                isStrong(list.blocks[$0]) && !isDateLine(list.blocks[$0]) && !isAddress(list.blocks[$0])
            })
        else {
            return chosen
        }
        var kept: [Int] = []
        for index in chosen[..<first] {
            let block = list.blocks[index]
            if isAddress(block) { continue }
            if block.kind == .heading
                ? block.level == 1 : (block.characters < 30 && !block.endsSentence) || isDateLine(block)
            {
                continue
            }
            kept.append(index)
        }
        return kept + chosen[first...]
    }

    /// Whether a block is nothing but an address, as pages print it for paper.
    private func isAddress(_ block: TextBlock) -> Bool {
        let text = list.text[block.start..<block.end]
        return text.starts(with: "http".utf8) && !text.contains(0x20)
    }

    /// Whether a short block holds a date and little else.
    private func isDateLine(_ block: TextBlock) -> Bool {
        guard block.characters <= 110, block.kind != .heading else { return false }
        var digits = 0
        var letters = 0
        for byte in list.text[block.start..<block.end] {
            if byte &- 0x30 < 10 { digits += 1 } else if byte > 0x40 { letters += 1 }
        }
        guard digits >= 4, letters < digits * 8 else { return false }
        return DateParser.parse(list.string(block), languageHint: nil, reference: nil) != nil
    }

    /// Drops labels below the last paragraph.
    private func withoutEnd(_ chosen: [Int]) -> [Int] {
        guard let last = chosen.lastIndex(where: { isStrong(list.blocks[$0]) }) else { return chosen }
        return Array(chosen[...last])
            + chosen[(last + 1)...].filter {
                let block = list.blocks[$0]
                return block.kind == .listItem || block.kind == .table || block.kind == .caption
                    || (block.kind != .heading && block.endsSentence && block.linkDensity < 0.3 && !isCopyright(block))
            }
    }

    /// Drops a short end that stands in another kind of element than the text: boxes that ask for something, notes on
    /// the author or the outlet, teasers.
    ///
    /// Elements are of one kind when their tag and class names are the same, digits aside. Only a page whose text stands
    /// for the most part in one kind of element is judged.
    private func withoutForeignEnd(_ chosen: [Int]) -> [Int] {
        var sums: [Int: Int] = [:]
        var all = 0
        var prose = 0
        for index in chosen where list.blocks[index].kind != .caption {
            let block = list.blocks[index]
            all += block.characters
            guard block.kind == .paragraph else { continue }
            prose += block.characters
            sums[surroundings(of: block), default: 0] += block.characters
        }
        guard let most = sums.values.max(), most * 10 >= all * 3 else { return chosen }
        let least = most * 4 >= all * 3 ? prose / 10 : prose / 20
        let last = chosen.lastIndex { index in
            let block = list.blocks[index]
            switch block.kind {
            case .quote, .listItem, .table, .preformatted, .embed: return true
            case .caption: return false
            case .paragraph, .heading: return sums[surroundings(of: block), default: 0] > least
            }
        }
        guard let last, last + 1 < chosen.count else { return chosen }
        let end = chosen[(last + 1)...].reduce(0) { $0 + list.blocks[$1].characters }
        guard end * 5 <= all else { return chosen }
        return chosen[...last] + chosen[(last + 1)...].filter { list.blocks[$0].kind == .caption }
    }

    /// A number for the tag and the class names of the element around a block's element, digits aside.
    private func surroundings(of block: TextBlock) -> Int {
        let parent = document.nodes[block.node].parentIndex
        guard parent >= 0 else { return 0 }
        var hash = UInt64(document.nodes[parent].tag.rawValue) &+ 0xCBF2_9CE4_8422_2325
        if let names = document.attribute(.class, of: parent) {
            for position in names.prefix(200) {
                let byte = document.text[position]
                hash = (hash ^ UInt64(byte &- 0x30 < 10 ? 0x30 : byte)) &* 0x100_0000_01B3
            }
        }
        return Int(truncatingIfNeeded: hash >> 1)
    }

    /// Drops headings that nothing follows.
    private func withoutLonelyHeadings(_ chosen: [Int]) -> [Int] {
        var kept: [Int] = []
        var followed = false
        for index in chosen.reversed() {
            let block = list.blocks[index]
            if block.kind == .heading {
                if followed { kept.append(index) }
                continue
            }
            if block.kind != .caption { followed = true }
            kept.append(index)
        }
        return kept.reversed()
    }

    // MARK: - Agreement

    /// Drops paragraphs that the page's own copy of the text lacks, where it is plainly a copy of these blocks.
    private func agreeing(_ chosen: [Int], with copy: String) -> [Int] {
        let letters = HTMLText.letters(copy)
        guard letters.count > 300, letters.count * chosen.count < 40_000_000 else { return chosen }
        var found: Set<Int> = []
        var foundBytes = 0
        var allBytes = 0
        for index in chosen {
            let block = list.blocks[index]
            let own = HTMLText.letters(list.string(block))
            guard own.count >= 12 else { continue }
            if block.kind != .caption, block.kind != .heading { allBytes += own.count }
            if ByteSearch.firstIndex(of: Array(own.prefix(48)), in: letters) != nil {
                found.insert(index)
                if block.kind != .caption, block.kind != .heading { foundBytes += own.count }
            }
        }
        guard foundBytes * 10 >= letters.count * 8, foundBytes * 10 >= allBytes * 6 else { return chosen }
        guard let first = chosen.first(where: found.contains) else { return chosen }
        return chosen.filter { index in
            let block = list.blocks[index]
            if found.contains(index) || block.kind == .heading || block.kind == .caption { return true }
            if index < first { return block.characters > 50 }
            return [.listItem, .table, .quote, .embed].contains(block.kind)
        }
    }
}
