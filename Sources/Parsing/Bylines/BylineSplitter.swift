/// Cuts a byline into segments, and a segment into names.
enum BylineSplitter {
    /// The byline cut at bars, bullets, dashes between spaces, slashes, semicolons and line ends.
    static func segments(of byline: String) -> [String] {
        var segments: [String] = []
        var current = String.UnicodeScalarView()
        let scalars = Array(byline.unicodeScalars.prefix(BylineCleaner.maximumScalars))
        for (index, scalar) in scalars.enumerated() where !TextScalars.isIgnorable(scalar) {
            if isBoundary(scalar, index, scalars) {
                append(current, to: &segments)
                current.removeAll(keepingCapacity: true)
            } else {
                current.append(TextScalars.isSpace(scalar) ? " " : scalar)
            }
        }
        append(current, to: &segments)
        return segments
    }

    private static func isBoundary(_ scalar: Unicode.Scalar, _ index: Int, _ scalars: [Unicode.Scalar]) -> Bool {
        switch scalar {
        case "|", "•", ";", "\n", "\r", "\t", "│", "►", "●", "▪", "—", "―", "؛", "=": return true
        case "·", "-", "–", "/":
            let isSpacedBefore = index == 0 || TextScalars.isSpace(scalars[index - 1])
            let isSpacedAfter = index + 1 == scalars.count || TextScalars.isSpace(scalars[index + 1])
            if scalar == "/", index > 2, index < scalars.count - 1 {
                return !scalars[..<index].contains(":") && !scalars[..<index].contains(".") && scalars[index + 1] != "/"
            }
            return isSpacedBefore && isSpacedAfter
        default: return false
        }
    }

    private static func append(_ scalars: String.UnicodeScalarView, to segments: inout [String]) {
        let text = String(scalars).trimmingWhitespace()
        if !text.isEmpty { segments.append(text) }
    }

    /// The names that a segment lists.
    static func names(in segment: String) -> [String] {
        let commaParts = split(segment)
        if let turned = surnameFirst(commaParts) { return [turned] }
        return joinSuffixes(commaParts).flatMap(splitAtConjunctions)
    }

    /// Splits at commas outside parentheses.
    private static func split(_ segment: String) -> [String] {
        var parts: [String] = []
        var current = String.UnicodeScalarView()
        var depth = 0
        for scalar in segment.unicodeScalars {
            if scalar == "(" || scalar == "[" { depth += 1 }
            if scalar == ")" || scalar == "]" { depth = max(0, depth - 1) }
            if depth == 0, ["," as Unicode.Scalar, "،", "、", "，"].contains(scalar) {
                append(current, to: &parts)
                current.removeAll()
            } else {
                current.append(scalar)
            }
        }
        append(current, to: &parts)
        return parts
    }

    /// `Doe, Jane` as catalogues write it.
    private static func surnameFirst(_ parts: [String]) -> String? {
        guard parts.count == 2, let surname = parts.first, let given = parts.last else { return nil }
        guard BylineCleaner.isLikelyPersonName(given + " " + surname), !surname.contains(" "), !given.contains(" ")
        else { return nil }
        guard !BylineCleaner.isAgency(given), !BylineCleaner.isAgency(surname) else { return nil }
        return given + " " + surname
    }

    private static func joinSuffixes(_ parts: [String]) -> [String] {
        var joined: [String] = []
        for part in parts {
            let key = TextScalars.folded(part).filter { $0 != "." }
            if let last = joined.last, BylineLexicon.nameSuffixes.contains(key) {
                if key != "phd" && key != "md" { joined[joined.count - 1] = last + " " + part }
            } else {
                joined.append(part)
            }
        }
        return joined
    }

    private static func splitAtConjunctions(_ text: String) -> [String] {
        let words = text.split(separator: " ").map(String.init)
        let isCapital = !text.unicodeScalars.contains(where: TextScalars.isLower)
        var lists: [[String]] = [[]]
        for (index, word) in words.enumerated() {
            let key = TextScalars.folded(word)
            let isSmall = word == key || isCapital || word.unicodeScalars.first.map { !TextScalars.isUpper($0) } == true
            let isConjunction = word == "&" || word == "+" || (isSmall && BylineLexicon.conjunctions.contains(key))
            let current = lists[lists.count - 1]
            if isConjunction, !current.isEmpty || index == 0,
                !isInsideName(key, before: current, after: words[(index + 1)...])
            {
                lists.append([])
            } else {
                lists[lists.count - 1].append(word)
            }
        }
        return lists.map { $0.joined(separator: " ") }.filter { !$0.isEmpty }
    }

    /// `Ortega y Gasset`: a small conjunction with one word on one side and several on the other joins a surname.
    private static func isInsideName(_ key: String, before: [String], after: ArraySlice<String>) -> Bool {
        guard BylineLexicon.weakConjunctions.contains(key) else { return false }
        return after.count == 1 && before.count >= 2
    }
}
