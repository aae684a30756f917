/// Cuts a document into lines, mends hard wrapping and takes the marks of Markdown into account later.
enum LineSplitter {
    /// Text beyond this many scalars is not looked at.
    static let maximumScalars = 16 << 20
    /// A document of more lines is cut.
    static let maximumLines = 200_000

    /// The document's lines that are not empty.
    static func lines(of text: String) -> [TextLine] {
        var raw = rawLines(of: text)
        if raw.count <= 2 { raw = splitAtGaps(text, raw) }
        return HardWrap.joined(raw).map { TextLine(text: $0.text, followsBlank: $0.followsBlank) }
    }

    /// A line as it stands, white space collapsed.
    struct Raw {
        var text: String
        var followsBlank: Bool
    }

    private static func rawLines(of text: String) -> [Raw] {
        var lines: [Raw] = []
        var current = String.UnicodeScalarView()
        var isSpaced = false
        var followsBlank = true
        var consumed = 0
        var isAfterReturn = false
        func close() {
            if current.isEmpty {
                followsBlank = true
            } else {
                lines.append(Raw(text: String(current), followsBlank: followsBlank))
                followsBlank = false
                current = String.UnicodeScalarView()
            }
            isSpaced = false
        }
        for scalar in text.unicodeScalars {
            consumed += 1
            if consumed > maximumScalars || lines.count >= maximumLines { break }
            let isReturn = scalar == "\r"
            if isLineEnd(scalar) {
                if !(scalar == "\n" && isAfterReturn) { close() }
            } else if TextScalars.isSpace(scalar) {
                isSpaced = !current.isEmpty
            } else if !TextScalars.isIgnorable(scalar) {
                if isSpaced { current.append(" ") }
                isSpaced = false
                current.append(scalar)
            }
            isAfterReturn = isReturn
        }
        close()
        return lines
    }

    private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x0D, 0x0B, 0x0C, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    /// A document that came in one line may still show its blocks as wide gaps.
    private static func splitAtGaps(_ text: String, _ raw: [Raw]) -> [Raw] {
        var pieces: [Raw] = []
        var current = String.UnicodeScalarView()
        var gap = 0
        var wideGaps = 0
        for scalar in text.unicodeScalars.prefix(maximumScalars) {
            if TextScalars.isSpace(scalar) {
                gap += scalar == "\t" ? 3 : 1
                continue
            }
            if gap >= 3, !current.isEmpty {
                wideGaps += 1
                pieces.append(Raw(text: String(current), followsBlank: false))
                current = String.UnicodeScalarView()
            } else if gap > 0, !current.isEmpty {
                current.append(" ")
            }
            gap = 0
            if !TextScalars.isIgnorable(scalar) { current.append(scalar) }
        }
        if !current.isEmpty { pieces.append(Raw(text: String(current), followsBlank: false)) }
        return wideGaps >= 3 ? Array(pieces.prefix(maximumLines)) : raw
    }
}

/// Mends text that was broken at a fixed width.
///
/// A line was broken by a machine when the next line's first word would not have fitted. Where nearly all lines of a
/// document are so, such lines are joined.
enum HardWrap {
    static func joined(_ lines: [LineSplitter.Raw]) -> [LineSplitter.Raw] {
        guard lines.count >= 4 else { return lines }
        let lengths = lines.map { $0.text.unicodeScalars.count }
        guard let width = wrapWidth(lines, lengths) else { return lines }
        var result: [LineSplitter.Raw] = []
        for (index, line) in lines.enumerated() {
            if index > 0, !line.followsBlank, isBroken(index - 1, lines, lengths, width) {
                result[result.count - 1].text += " " + line.text
            } else {
                result.append(line)
            }
        }
        return result
    }

    /// The width at which the document was wrapped, or `nil` when it was not.
    private static func wrapWidth(_ lines: [LineSplitter.Raw], _ lengths: [Int]) -> Int? {
        let long = lengths.filter { $0 >= 45 }.sorted()
        guard long.count >= 4, let longest = long.last, longest <= 110 else { return nil }
        let width = long[min(long.count - 1, long.count * 97 / 100)]
        var tight = 0
        var open = 0
        var inner = 0
        for index in lines.indices.dropLast() where lengths[index] >= 45 && !lines[index + 1].followsBlank {
            inner += 1
            if isBroken(index, lines, lengths, width) { tight += 1 }
            if let last = lines[index].text.unicodeScalars.last, !TextLine.isTerminal(last) { open += 1 }
        }
        return inner >= 4 && tight * 10 >= inner * 7 && open * 2 >= inner ? width : nil
    }

    private static func isBroken(_ index: Int, _ lines: [LineSplitter.Raw], _ lengths: [Int], _ width: Int) -> Bool {
        guard index + 1 < lines.count, lengths[index] * 2 >= width else { return false }
        let next = lines[index + 1].text.unicodeScalars
        if let mark = next.first, ["-", "*", "•", "#", ">"].contains(mark), next.dropFirst().first == " " {
            return false
        }
        let firstWord = next.prefix { !TextScalars.isSpace($0) }.count
        return lengths[index] + 1 + firstWord > width - 1
    }
}
