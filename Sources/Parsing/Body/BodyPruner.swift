internal import Markup

/// Takes out of the chosen blocks what is not the author's text: dates and names at the top, calls to action, credits,
/// pointers to other pieces, and what the page's own copy of the text does not have.
struct BodyPruner {
    let list: BlockList
    let document: HTMLDocument

    /// The blocks that remain.
    ///
    /// - Parameter copy: The text as the page's structured data gives it.
    func prune(_ chosen: [Int], copy: String?) -> [Int] {
        var kept = withoutCalls(chosen)
        kept = withoutTop(kept)
        kept = withoutEnd(kept)
        if let copy { kept = agreeing(kept, with: copy) }
        return withoutLonelyHeadings(kept)
    }

    // MARK: - Phrases

    /// Drops short blocks that are calls to action or credits, and lists under headings that announce other pieces.
    private func withoutCalls(_ chosen: [Int]) -> [Int] {
        var kept: [Int] = []
        var skipsPointers = false
        for index in chosen {
            let block = list.blocks[index]
            let isShort = block.characters < 220
            let phrase = isShort ? PhraseLexicon.kind(of: list.text, block.start..<block.end) : nil
            if block.kind == .heading || block.characters < 60, phrase == .pointer {
                skipsPointers = true
                continue
            }
            if skipsPointers {
                let isProse = block.linkDensity < 0.3 && block.characters > 120 && block.kind != .listItem
                if isProse || (block.kind == .heading && block.linkDensity < 0.3) {
                    skipsPointers = false
                } else {
                    continue
                }
            }
            switch phrase {
            case .whole where block.characters < 60: continue
            case .call where block.characters < 220: continue
            case .credit where block.characters < 120: continue
            default: kept.append(index)
            }
        }
        return kept
    }

    // MARK: - Top and end

    private func isStrong(_ block: TextBlock) -> Bool {
        block.kind != .heading && block.kind != .caption && (block.characters >= 80 || (block.characters >= 40 && block.endsSentence))
    }

    /// Drops dates, names and labels above the first paragraph.
    private func withoutTop(_ chosen: [Int]) -> [Int] {
        guard let first = chosen.firstIndex(where: { isStrong(list.blocks[$0]) && !isDateLine(list.blocks[$0]) }) else { return chosen }
        var kept: [Int] = []
        for index in chosen[..<first] {
            let block = list.blocks[index]
            if block.kind == .heading ? block.level == 1 : (block.characters < 30 && !block.endsSentence) || isDateLine(block) {
                continue
            }
            kept.append(index)
        }
        return kept + chosen[first...]
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
                    || (block.kind != .heading && block.endsSentence && block.linkDensity < 0.3)
            }
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
            return block.kind == .listItem || block.kind == .table || block.kind == .quote
        }
    }
}
