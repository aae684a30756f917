internal import Markup

/// Finds dates of publication in the data that a page's own programs carry, such as `"publishedAt":"2024-05-17T08:30:00Z"`.
enum ScriptDates {
    /// Names of members, the surest first; matched in lower case without `_` and `-`.
    private static let names = [
        "datepublished", "publishedat", "publisheddate", "publishdate", "publicationdate", "firstpublished",
        "firstpublishedat",
        "publishedtime", "pubdate", "displaydate", "datecreated", "createdat", "createddate",
    ]

    /// The first values of such members, of the surest name that occurs; at most four.
    static func find(in document: HTMLDocument) -> [(name: String, text: String)] {
        var found: [String: [String]] = [:]
        for node in document.nodes where node.tag == .script && node.textRange.count < 4 << 20 {
            search(document.text[node.textRange], &found)
        }
        for name in names {
            if let values = found[name] { return values.prefix(4).map { (name, $0) } }
        }
        return []
    }

    /// Walks over strings in quotation marks that a colon or an equals sign and another string follow.
    private static func search(_ text: ContiguousArray<UInt8>.SubSequence, _ found: inout [String: [String]]) {
        var position = text.startIndex
        while position < text.endIndex {
            // "ate" and "ublish" and "reated" all have an "e": look at quotation marks only, and read the word before them.
            guard text[position] == 0x3A || text[position] == 0x3D else {
                position += 1
                continue
            }
            let separator = position
            position += 1
            guard let value = value(text, after: separator), let name = name(text, before: separator),
                names.contains(name)
            else { continue }
            found[name, default: []].append(value)
            if found[name, default: []].count > 8 { return }
        }
    }

    /// The word before a separator, quotation marks left out, in lower case without `_` and `-`.
    private static func name(_ text: ContiguousArray<UInt8>.SubSequence, before end: Int) -> String? {
        var position = end
        var bytes: [UInt8] = []
        while position > text.startIndex, bytes.count < 24 {
            position -= 1
            let byte = text[position]
            if byte == 0x5F || byte == 0x2D { continue }
            let isLetter = (byte | 0x20) &- 0x61 < 26
            if isLetter { bytes.append(byte | 0x20) } else if !bytes.isEmpty { break }
            if !isLetter, byte != 0x22, byte != 0x27, byte != 0x20, byte != 0x5C { return nil }
        }
        return bytes.isEmpty ? nil : String(decoding: bytes.reversed(), as: UTF8.self)
    }

    /// The string in quotation marks after a separator, where it is short and opens with a figure.
    private static func value(_ text: ContiguousArray<UInt8>.SubSequence, after separator: Int) -> String? {
        var position = separator + 1
        while position < text.endIndex, position < separator + 6,
            text[position] == 0x20 || text[position] == 0x22 || text[position] == 0x27 || text[position] == 0x5C
        {
            position += 1
        }
        guard position < text.endIndex, text[position] &- 0x30 < 10 else { return nil }
        let rest = text[position..<min(position + 40, text.endIndex)]
        let value = rest.prefix { $0 != 0x22 && $0 != 0x27 && $0 != 0x5C && $0 != 0x2C && $0 != 0x7D }
        return value.count >= 8 ? String(decoding: value, as: UTF8.self) : nil
    }
}
