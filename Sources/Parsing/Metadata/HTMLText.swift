internal import Markup

/// Text of parts of a page, white space collapsed.
enum HTMLText {
    /// The text inside an element, without scripts, or the raw text of `title`.
    ///
    /// - Parameter limit: How many bytes are taken at most.
    static func string(of index: Int, in document: HTMLDocument, limit: Int = 1024) -> String {
        var bytes: [UInt8] = []
        var position = index + 1
        let end = document.nodes[index].endIndex
        var needsSpace = false
        while position < end, bytes.count < limit {
            let node = document.nodes[position]
            switch node.tag {
            case .text:
                append(document.text[node.textRange], to: &bytes, &needsSpace)
                position += 1
            case .script, .style, .noscript, .svg, .button, .template, .iframe:
                position = node.endIndex
            default:
                if !node.tag.isInline || node.tag == .br { needsSpace = true }
                position += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Bytes as a string, white space collapsed and trimmed.
    static func collapsed(_ source: ContiguousArray<UInt8>.SubSequence) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(source.count)
        var needsSpace = false
        append(source, to: &bytes, &needsSpace)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A string with white space collapsed and trimmed.
    static func collapsed(_ text: String) -> String {
        collapsed(ContiguousArray(text.utf8)[...])
    }

    /// A string without white space at its ends.
    static func trimmed(_ text: String) -> String {
        var bytes = text.utf8[...]
        while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
        while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(
        _ source: ContiguousArray<UInt8>.SubSequence, to bytes: inout [UInt8], _ needsSpace: inout Bool
    ) {
        var position = source.startIndex
        let end = source.endIndex
        while position < end {
            let byte = source[position]
            position += 1
            if byte <= 0x20 {
                needsSpace = true
                continue
            }
            if byte == 0xC2, position < end, source[position] == 0xA0 {
                position += 1
                needsSpace = true
                continue
            }
            if needsSpace, !bytes.isEmpty { bytes.append(0x20) }
            needsSpace = false
            bytes.append(byte)
        }
    }

    /// The letters and digits of a text in lower case, for comparing regardless of typography.
    ///
    /// Bytes outside ASCII are kept except those of typographic punctuation.
    static func letters(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        var previous: (UInt8, UInt8) = (0, 0)
        for byte in text.utf8 {
            if byte < 0x80 {
                if byte &- 0x41 < 26 {
                    result.append(byte | 0x20)
                } else if byte &- 0x61 < 26 || byte &- 0x30 < 10 {
                    result.append(byte)
                }
            } else {
                result.append(byte)
                // General punctuation (E2 80..81 xx) and the quotation marks of Latin-1 (C2 xx).
                let count = result.count
                if count >= 3, result[count - 3] == 0xE2, result[count - 2] == 0x80 || result[count - 2] == 0x81 {
                    result.removeLast(3)
                } else if previous.1 == 0xC2, byte <= 0xBF, count >= 2, result[count - 2] == 0xC2 {
                    result.removeLast(2)
                }
            }
            previous = (previous.1, byte)
        }
        return result
    }
}
