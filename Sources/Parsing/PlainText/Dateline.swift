import Foundation

/// The place, day and agency that open a wire report.
struct Dateline: Sendable, Equatable {
    /// As it stands in the text, without the dash or full stop that ends it.
    var text: String
    /// The agencies that it names.
    var agencies: [String] = []
    /// The day that it names.
    var date: ArticleDate?
    /// The text behind it.
    var rest: String

    /// Reads the dateline that opens a paragraph, or returns `nil`.
    ///
    /// A place in capitals before a dash is enough; a place in mixed case needs a day or an agency with it.
    static func read(from text: String, reference: Date?) -> Dateline? {
        let scalars = Array(text.unicodeScalars.prefix(140))
        if let wire = spaceless(scalars, text) { return wire }
        for index in scalars.indices.dropFirst(2) {
            guard let length = separatorLength(scalars, index) else { continue }
            let isDash = length.isDash
            let restStart = index + length.count
            guard restStart < scalars.count, opensSentence(scalars[restStart]) else { continue }
            guard
                let head = Head(
                    String(String.UnicodeScalarView(scalars[..<index])), reference: reference, isDash: isDash)
            else { continue }
            var rest = String(String.UnicodeScalarView(text.unicodeScalars.dropFirst(restStart))).trimmingWhitespace()
            var dateline = Dateline(text: head.text, agencies: head.agencies, date: head.date, rest: rest)
            if let agency = leadingAgency(rest) {
                dateline.agencies.append(agency.name)
                rest = agency.rest
                dateline.rest = rest
            }
            return dateline.rest.isEmpty ? nil : dateline
        }
        return nil
    }

    /// Reads a line that is nothing but a dateline: a place with a day that lacks the year or with an agency.
    static func standalone(_ text: String, reference: Date?) -> Dateline? {
        let stripped = text.trimmingMarks()
        guard stripped.unicodeScalars.count <= 80, let head = Head(stripped, reference: reference, isDash: false),
            head.hasPlace
        else { return nil }
        let hasYear =
            DateParser.find(in: stripped, languageHint: "und", reference: reference, limit: 1).first?.hasYear ?? false
        guard !head.agencies.isEmpty || (!hasYear && !stripped.contains("|")) else { return nil }
        return Dateline(text: head.text, agencies: head.agencies, date: head.date, rest: "")
    }

    /// ` — `, ` - `, ` -- `, `.- `, `. ` and their like at the index.
    private static func separatorLength(_ scalars: [Unicode.Scalar], _ index: Int) -> (count: Int, isDash: Bool)? {
        func at(_ offset: Int) -> Unicode.Scalar { index + offset < scalars.count ? scalars[index + offset] : "\0" }
        func isDash(_ scalar: Unicode.Scalar) -> Bool { ["-", "–", "—", "―", "‒", "="].contains(scalar) }
        let isSpaced = TextScalars.isSpace(at(0))
        if isSpaced, isDash(at(1)) {
            var count = 2
            while isDash(at(count)) { count += 1 }
            guard TextScalars.isSpace(at(count)) || at(1) == "—" else { return nil }
            return (TextScalars.isSpace(at(count)) ? count + 1 : count, true)
        }
        if at(0) == "—" || at(0) == "–" { return (TextScalars.isSpace(at(1)) ? 2 : 1, true) }
        if at(0) == "." {
            if isDash(at(1)) { return (TextScalars.isSpace(at(2)) ? 3 : 2, true) }
            if TextScalars.isSpace(at(1)), isDash(at(2)), TextScalars.isSpace(at(3)) { return (4, true) }
            if TextScalars.isSpace(at(1)) { return (2, false) }
        }
        if at(0) == ":", TextScalars.isSpace(at(1)) { return (2, false) }
        if at(0) == ")", isDash(at(1)), TextScalars.isSpace(at(2)) { return nil }
        return nil
    }

    private static func opensSentence(_ scalar: Unicode.Scalar) -> Bool {
        if TextScalars.isLower(scalar) { return false }
        return TextScalars.isWordScalar(scalar) || TextScalars.digit(scalar) != nil
            || "\"“„«'‘(/$€£¿¡[".unicodeScalars.contains(scalar)
    }

    /// `/TASS/.` or `Interfax —` behind place and day.
    private static func leadingAgency(_ text: String) -> (name: String, rest: String)? {
        let scalars = Array(text.unicodeScalars.prefix(40))
        for (index, scalar) in scalars.enumerated() where index > 1 {
            let isEnd = scalar == "." || ["—", "–", "-"].contains(scalar) && TextScalars.isSpace(scalars[index - 1])
            guard isEnd, index + 1 < scalars.count, TextScalars.isSpace(scalars[index + 1]) else { continue }
            let head = String(String.UnicodeScalarView(scalars[..<index])).filter {
                $0 != "/" && $0 != "(" && $0 != ")"
            }.trimmingWhitespace()
            guard BylineCleaner.isAgency(head) else { return nil }
            let rest = String(String.UnicodeScalarView(text.unicodeScalars.dropFirst(index + 1))).trimmingWhitespace()
            let dropped = rest.drop { "—–- ".contains($0) }
            return (head, String(dropped))
        }
        return nil
    }

    /// `新华社北京11月28日电`, `（서울=연합뉴스）`, `【東京=共同】`.
    private static func spaceless(_ scalars: [Unicode.Scalar], _ text: String) -> Dateline? {
        guard let first = scalars.first,
            scalars.contains(where: { TextScalars.isHan($0) || (0xAC00...0xD7A3).contains($0.value) })
        else {
            return nil
        }
        let end: Int?
        if ["(", "（", "【", "["].contains(first) {
            end = scalars.prefix(40).firstIndex { [")", "）", "】", "]"].contains($0) }
        } else {
            end = scalars.prefix(24).firstIndex { $0 == "电" || $0 == "電" }
        }
        guard let end, end >= 4, end + 1 < scalars.count else { return nil }
        let head = String(String.UnicodeScalarView(scalars[...end]))
        let agencies = ["新华社", "中新社", "共同", "時事", "연합뉴스", "뉴시스", "뉴스1", "中央社"].filter { head.contains($0) }
        guard !agencies.isEmpty else { return nil }
        let rest = String(String.UnicodeScalarView(text.unicodeScalars.dropFirst(end + 1))).trimmingWhitespace()
        return Dateline(text: head.filter { !"()（）【】[]".contains($0) }, agencies: agencies, date: nil, rest: rest)
    }
}

extension Dateline {
    /// What stands before the dash, taken apart.
    private struct Head {
        var text: String
        var agencies: [String] = []
        var date: ArticleDate?
        /// Whether it names a day, also where the year is unknown.
        private var hasDay = false
        /// Whether it names a place.
        private(set) var hasPlace = false

        init?(_ raw: String, reference: Date?, isDash: Bool) {
            text = raw.trimmingWhitespace()
            guard text.unicodeScalars.count <= 100, !text.contains("\"") else { return nil }
            var places = takeAgencies(text)
            takeDate(&places, reference: reference)
            guard var parts = Head.placeParts(places) else { return nil }
            agencies += parts.filter(BylineCleaner.isAgency)
            parts.removeAll { BylineCleaner.isAgency($0) || DateLexicon.isWeekday(TextScalars.folded($0)) }
            hasPlace = !parts.isEmpty
            let hasEvidence = hasDay || !agencies.isEmpty
            if parts.isEmpty {
                guard !agencies.isEmpty else { return nil }
            } else {
                guard hasEvidence || (isDash && Head.isCapitalPlace(parts[0])) else { return nil }
            }
        }

        /// Takes agencies out of parentheses and slashes; returns the rest.
        private mutating func takeAgencies(_ text: String) -> String {
            var outside = ""
            var inside = ""
            var isInside = false
            for character in text {
                if character == "(" || (character == "/" && !isInside) {
                    isInside = true
                } else if character == ")" || character == "/" {
                    isInside = false
                    for name in inside.split(whereSeparator: { $0 == "/" || $0 == "," })
                    where BylineCleaner.isAgency(name.trimmingWhitespace()) {
                        agencies.append(name.trimmingWhitespace())
                    }
                    inside = ""
                } else if isInside {
                    inside.append(character)
                } else {
                    outside.append(character)
                }
            }
            guard inside.isEmpty else { return text }
            return outside
        }

        private mutating func takeDate(_ places: inout String, reference: Date?) {
            let assumed = reference ?? Date(timeIntervalSince1970: 4_102_444_800)
            guard let match = DateParser.find(in: places, languageHint: "und", reference: assumed, limit: 1).first,
                !match.isRelative
            else { return }
            var scalars = Array(places.unicodeScalars)
            scalars.removeSubrange(match.scalars)
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars)
            places = String(view)
            hasDay = true
            date = match.hasYear || reference != nil ? match.date : nil
        }

        /// The names of places, or `nil` when the text is something else.
        private static func placeParts(_ text: String) -> [String]? {
            let separators: Set<Character> = [",", ".", ";", "،", "/"]
            let parts = text.split(whereSeparator: { separators.contains($0) }).map { $0.trimmingWhitespace() }.filter {
                !$0.isEmpty
            }
            guard parts.count <= 4 else { return nil }
            for part in parts {
                let words = part.split(separator: " ")
                guard words.count <= 4, let first = part.unicodeScalars.first, TextScalars.isWordScalar(first) else {
                    return nil
                }
                guard words.allSatisfy(isPlaceWord), !TextScalars.isLower(first) else { return nil }
                let isPlace = words.contains { !FunctionWords.all.contains(TextScalars.folded(String($0))) }
                guard isPlace || !TextScalars.isUpper(first) else { return nil }
            }
            return parts
        }

        private static func isPlaceWord(_ word: Substring) -> Bool {
            let letters = word.unicodeScalars.allSatisfy {
                TextScalars.isWordScalar($0) || "-'’.".unicodeScalars.contains($0)
            }
            guard letters, let first = word.unicodeScalars.first else { return false }
            let small = [
                "de", "of", "la", "le", "am", "an", "der", "sur", "del", "do", "upon", "the", "в", "на", "и", "y",
                "and", "et", "und",
            ]
            return !TextScalars.isLower(first) || small.contains(String(word))
        }

        /// `BAKU`, `NEW YORK`; names of organisations and labels are written so, too, and do not count.
        private static func isCapitalPlace(_ text: String) -> Bool {
            let scalars = text.unicodeScalars
            guard scalars.count >= 3, !scalars.contains(where: TextScalars.isLower),
                scalars.contains(where: TextScalars.isUpper)
            else {
                return false
            }
            return !labels.contains(TextScalars.folded(text))
        }

        private static let labels: Set<String> = DateLexicon.foldedSet(
            """
            nato osce unesco unicef asean opec brics brexit covid covid-19 watch update updated breaking exclusive analysis opinion live
            video photos explainer interview comment editorial review factbox wrapup eilmeldung kommentar update1 iaea who imf wto un eu usa
            """)
    }
}
