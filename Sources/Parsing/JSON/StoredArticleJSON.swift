/// The `jsonb` columns of an article. What the blocks' and the evidence's own coding writes, at a tenth of its cost: with it, a
/// twentieth of the parse stage's time went into encoding.
enum StoredArticleJSON {
    /// The blocks, as an array.
    static func text(of blocks: [ArticleBlock]) -> String {
        array(
            blocks.map { block in
                var writer = JSONWriter()
                writer.add("kind", block.kind.rawValue)
                writer.add("text", storable(block.text))
                if let level = block.level { writer.add("level", level) }
                if let links = block.links {
                    let written = links.map { link in
                        var writer = JSONWriter()
                        writer.add("text", storable(link.text))
                        writer.add("target", storable(link.target))
                        return writer.finish()
                    }
                    writer.add("links", json: Array(array(written).utf8))
                }
                return writer.finish()
            })
    }

    /// The evidence, by field.
    static func text(of evidence: [String: FieldEvidence]) -> String {
        var object = JSONWriter()
        for (field, found) in evidence.sorted(by: { $0.key < $1.key }) {
            var writer = JSONWriter()
            writer.add("source", storable(found.source))
            if let sources = found.sources { writer.add("sources", sources.map(storable)) }
            if let agreement = found.agreement { writer.add("agreement", json: Array("\(agreement)".utf8)) }
            object.add(field, json: writer.finish())
        }
        return String(decoding: object.finish(), as: UTF8.self)
    }

    private static func array(_ items: [[UInt8]]) -> String {
        var bytes: [UInt8] = [0x5B]
        bytes.reserveCapacity(items.reduce(2) { $0 + $1.count + 1 })
        for (place, item) in items.enumerated() {
            if place > 0 { bytes.append(0x2C) }
            bytes.append(contentsOf: item)
        }
        bytes.append(0x5D)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text without NUL, which `jsonb` cannot hold.
    private static func storable(_ text: String) -> String {
        guard text.utf8.contains(0) else { return text }
        return String(decoding: text.utf8.filter { $0 != 0 }, as: UTF8.self)
    }
}
