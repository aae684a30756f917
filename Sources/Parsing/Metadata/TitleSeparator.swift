/// Takes the site's name off a document title.
enum TitleSeparator {
    private static let separators = [
        " | ", " - ", " – ", " — ", " :: ", " · ", " • ", " » ", " « ", " / ", " ‹ ", " ∙ ", " │ ", "｜", " |", "| ",
    ]

    /// Marks that set a site's name apart without white space; what else they set apart belongs to the title.
    private static let tightSeparators = ["：", ":", "|", "–", "—", "-", "_"]

    /// The names of a site, as letters.
    struct Site {
        private let names: [[UInt8]]
        private let host: [UInt8]

        init(names: [String], host: String?) {
            var seen: Set<[UInt8]> = []
            self.names = names.map(HTMLText.letters).filter { !$0.isEmpty && seen.insert($0).inserted }
            let bare = host.map { $0.hasPrefix("www.") ? String($0.dropFirst(4)) : $0 }
            self.host = bare.map(HTMLText.letters) ?? []
        }

        /// Whether the letters are a name of the site, or the start of its name or of its host.
        func matches(_ letters: [UInt8]) -> Bool {
            guard letters.count >= 2 else { return false }
            if isExact(letters) { return true }
            guard letters.count >= 4 else { return false }
            if host.starts(with: letters) { return true }
            return names.contains { name in
                name.starts(with: letters)
                    || (name.count >= 4 && letters.starts(with: name) && letters.count < name.count + 8)
            }
        }

        /// Whether the letters are the whole of a name or of the host.
        func isExact(_ letters: [UInt8]) -> Bool { letters == host || names.contains(letters) }
    }

    /// The title without the site's name at its end or start.
    ///
    /// A part is taken off when it is the site's name, or when it stands after `|` and is short against the rest.
    ///
    /// - Parameter isGuessing: Whether a short part after any other separator is taken for the site's name as well.
    static func withoutSite(_ title: String, site: Site, isGuessing: Bool) -> String {
        var result = title
        for _ in 0..<3 {
            guard let shorter = stripOnce(result, site: site, isGuessing: isGuessing) else { break }
            result = shorter
        }
        return result
    }

    /// The parts of a title that separators set apart, where there are several.
    static func parts(of title: String) -> [String] {
        var parts = [title]
        for separator in separators {
            parts = parts.flatMap { part -> [String] in
                var rest = part
                var pieces: [String] = []
                while pieces.count < 8, let range = firstRange(of: separator, in: rest) {
                    pieces.append(String(rest[..<range.lowerBound]))
                    rest = String(rest[range.upperBound...])
                }
                return pieces + [rest]
            }
        }
        return parts.count > 1 ? parts : []
    }

    /// The title without the site's whole name behind or before a mark that stands close to it.
    private static func withoutTightName(_ title: String, site: Site) -> String? {
        for separator in tightSeparators {
            if let range = lastRange(of: separator, in: title),
                site.isExact(HTMLText.letters(String(title[range.upperBound...])))
            {
                return HTMLText.trimmed(String(title[..<range.lowerBound]))
            }
            if let range = firstRange(of: separator, in: title),
                site.isExact(HTMLText.letters(String(title[..<range.lowerBound])))
            {
                return HTMLText.trimmed(String(title[range.upperBound...]))
            }
        }
        return nil
    }

    private static func stripOnce(_ title: String, site: Site, isGuessing: Bool) -> String? {
        for separator in separators {
            guard let range = lastRange(of: separator, in: title) else { continue }
            let head = String(title[..<range.lowerBound])
            let tail = String(title[range.upperBound...])
            if site.matches(HTMLText.letters(tail)) { return head }
            if let first = firstRange(of: separator, in: title),
                site.matches(HTMLText.letters(String(title[..<first.lowerBound])))
            {
                return String(title[first.upperBound...])
            }
            let isBar = separator.contains("|") || separator == "｜" || separator == " │ " || separator == " :: "
            let words = tail.utf8.lazy.filter { $0 == 0x20 }.count + 1
            if isBar, words <= 5, head.utf8.count >= 2 * tail.utf8.count || head.utf8.count > 24 { return head }
            if isGuessing, !isBar, words <= 4, head.utf8.count >= 3 * tail.utf8.count, separator != " / " {
                return head
            }
        }
        return withoutTightName(title, site: site)
    }

    private static func lastRange(of needle: String, in text: String) -> Range<String.Index>? {
        range(of: needle, in: text, last: true)
    }

    private static func firstRange(of needle: String, in text: String) -> Range<String.Index>? {
        range(of: needle, in: text, last: false)
    }

    private static func range(of needle: String, in text: String, last: Bool) -> Range<String.Index>? {
        let bytes = Array(text.utf8)
        let wanted = Array(needle.utf8)
        var found: Int?
        var start = 0
        while let position = ByteSearch.firstIndex(of: wanted, in: bytes, from: start) {
            found = position
            if !last { break }
            start = position + 1
        }
        guard let found, found > 0 else { return nil }
        let lower = text.utf8.index(text.startIndex, offsetBy: found)
        return lower..<text.utf8.index(lower, offsetBy: wanted.count)
    }
}
