internal import Foundation
internal import Markup
internal import WebURL

/// One outlet of a list that an operator brings.
public struct SourceEntry: Sendable, Equatable, Codable {
    /// The home page, absolute.
    public var homepage: String
    /// The name; the host's where the list gives none.
    public var name: String
    /// The main language, such as `en`.
    public var language: String?
    /// Further hosts whose articles belong to the outlet.
    public var allowedHosts: [String] = []
    /// Feeds, absolute.
    public var feeds: [String] = []
    /// Sitemaps, absolute.
    public var sitemaps: [String] = []

    enum CodingKeys: String, CodingKey {
        case homepage, name, language, feeds, sitemaps
        case allowedHosts = "allowed_hosts"
    }
}

/// Reads lists of outlets: OPML as feed readers export it, CSV with a heading, JSON lines.
public enum SourceFile {
    /// The form of a list.
    public enum Form: String, Sendable, CaseIterable {
        case opml, csv, jsonl
    }

    /// What was read.
    public struct Contents: Sendable, Equatable {
        /// The outlets, each home page once, in the order of the list.
        public var entries: [SourceEntry] = []
        /// What cannot be used, with its line or its name.
        public var problems: [String] = []
    }

    /// The form that a file's name and first bytes speak of.
    public static func form(ofFile name: String, _ bytes: [UInt8]) -> Form {
        switch name.lowercased().split(separator: ".").last {
        case "opml", "xml": return .opml
        case "csv", "tsv": return .csv
        case "jsonl", "ndjson", "json": return .jsonl
        default:
            switch bytes.first(where: { $0 > 0x20 && $0 < 0x80 }) {
            case UInt8(ascii: "<"): return .opml
            case UInt8(ascii: "{"): return .jsonl
            default: return .csv
            }
        }
    }

    /// Reads a list.
    public static func read(_ bytes: [UInt8], as form: Form) -> Contents {
        var list = List()
        switch form {
        case .opml: readOPML(bytes, &list)
        case .csv: readCSV(String(decoding: bytes, as: UTF8.self), &list)
        case .jsonl: readLines(bytes, &list)
        }
        return list.contents
    }

    // MARK: Gathering

    /// Outlets by home page: several lines may name feeds of the same one.
    private struct List {
        var contents = Contents()
        private var places: [String: Int] = [:]

        mutating func add(_ raw: SourceEntry, place: String) {
            guard let homepage = SourceFile.address(raw.homepage) else {
                contents.problems.append("\(place): \"\(raw.homepage.prefix(200))\" is no web address")
                return
            }
            var entry = raw
            entry.homepage = homepage.href
            if entry.name.isEmpty { entry.name = homepage.host ?? homepage.href }
            for (path, kind) in [(\SourceEntry.feeds, "feed"), (\SourceEntry.sitemaps, "sitemap")] {
                entry[keyPath: path] = []
                for text in raw[keyPath: path] {
                    if let url = SourceFile.address(text) {
                        entry[keyPath: path].append(url.href)
                    } else {
                        contents.problems.append("\(place): \(kind) \"\(text.prefix(200))\" is no web address")
                    }
                }
            }
            guard let known = places[entry.homepage] else {
                places[entry.homepage] = contents.entries.count
                contents.entries.append(entry)
                return
            }
            for path in [\SourceEntry.feeds, \SourceEntry.sitemaps, \SourceEntry.allowedHosts] {
                for text in entry[keyPath: path] where !contents.entries[known][keyPath: path].contains(text) {
                    contents.entries[known][keyPath: path].append(text)
                }
            }
        }
    }

    /// A web address, with `https://` put before a bare host name.
    fileprivate static func address(_ text: String) -> ParsedURL? {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty else { return nil }
        let absolute = trimmed.contains("://") ? trimmed : "https://\(trimmed)"
        guard let url = ParsedURL(absolute), url.isHTTP, !url.hasCredentials, url.host?.contains(".") == true else {
            return nil
        }
        return url.withoutFragment
    }

    // MARK: OPML

    private static func readOPML(_ bytes: [UInt8], _ list: inout List) {
        let tree = XMLTree(utf8: bytes, maximumNodes: 1_000_000)
        guard !tree.hasNestedEntities else {
            list.contents.problems.append("entities are made of entities")
            return
        }
        var number = 0
        for index in tree.nodes.indices where tree.nodes[index].name?.local.lowercased() == "outline" {
            // An outline without a feed is a folder.
            guard let feed = tree.attribute("xmlurl", of: index) else { continue }
            number += 1
            let page = tree.attribute("htmlurl", of: index)
            // Without a home page the feed's site stands for it.
            let homepage = page.flatMap(address) ?? address(feed).flatMap { ParsedURL("/", base: $0) }
            list.add(
                SourceEntry(
                    homepage: homepage?.href ?? feed,
                    name: tree.attribute("title", of: index) ?? tree.attribute("text", of: index) ?? "",
                    language: tree.attribute("language", of: index).flatMap { $0 == "unknown" ? nil : $0 },
                    feeds: [feed]), place: "outline \(number)")
        }
        if number == 0 { list.contents.problems.append("no outline with an xmlUrl") }
    }

    // MARK: CSV

    /// Columns: `homepage` or `url`; `name` or `title`, `language`, `feeds`, `sitemaps`, `allowed_hosts`. Several values of one
    /// field have spaces between them.
    private static func readCSV(_ text: String, _ list: inout List) {
        let heading = text.prefix { !$0.isNewline }
        let separator = [",", ";", "\t"].max { first, second in
            heading.count(where: { String($0) == first }) < heading.count(where: { String($0) == second })
        }
        var rows = CSVRows(text, separator: separator.flatMap(\.first) ?? ",")
        guard let names = rows.next() else { return }
        let columns = names.fields.map {
            $0.trimmingCharacters(in: .whitespaces).lowercased().replacingOccurrences(of: " ", with: "_")
        }
        func column(_ names: String...) -> Int? { columns.firstIndex(where: names.contains) }
        guard let page = column("homepage", "home_page", "url", "site") else {
            list.contents.problems.append("line 1: no column homepage or url in the heading")
            return
        }
        let (name, language) = (column("name", "title"), column("language", "lang"))
        let (feeds, sitemaps) = (column("feeds", "feed", "rss"), column("sitemaps", "sitemap"))
        let hosts = column("allowed_hosts", "allow_hosts", "hosts")
        while let row = rows.next() {
            func field(_ column: Int?) -> String {
                guard let column, column < row.fields.count else { return "" }
                return row.fields[column].trimmingCharacters(in: .whitespaces)
            }
            func values(_ column: Int?) -> [String] { field(column).split { $0.isWhitespace }.map(String.init) }
            if row.fields.allSatisfy(\.isEmpty) { continue }
            list.add(
                SourceEntry(
                    homepage: field(page), name: field(name), language: field(language).isEmpty ? nil : field(language),
                    allowedHosts: values(hosts), feeds: values(feeds), sitemaps: values(sitemaps)),
                place: "line \(row.line)")
        }
    }

    // MARK: JSON lines

    private struct Line: Decodable {
        var homepage: String?
        var url: String?
        var name: String?
        var language: String?
        var allowed_hosts: [String]?
        var feeds: [String]?
        var sitemaps: [String]?
    }

    private static func readLines(_ bytes: [UInt8], _ list: inout List) {
        for (number, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            guard line.contains(where: { $0 > 0x20 }) else { continue }
            let place = "line \(number + 1)"
            // What is wrong is said by the place; the decoder's own words name Swift types.
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(line)) else {
                list.contents.problems.append("\(place): not a JSON object with texts and lists of texts")
                continue
            }
            list.add(
                SourceEntry(
                    homepage: line.homepage ?? line.url ?? "", name: line.name ?? "", language: line.language,
                    allowedHosts: line.allowed_hosts ?? [], feeds: line.feeds ?? [], sitemaps: line.sitemaps ?? []),
                place: place)
        }
    }
}

/// Rows of a CSV text (RFC 4180), with any of the usual separators and line ends.
private struct CSVRows {
    private let characters: [Character]
    private let separator: Character
    private var position = 0
    private var line = 1

    init(_ text: String, separator: Character) {
        characters = Array(text.first == "\u{FEFF}" ? text.dropFirst() : text[...])
        self.separator = separator
    }

    mutating func next() -> (line: Int, fields: [String])? {
        guard position < characters.count else { return nil }
        let begun = line
        var fields = [""]
        var isQuoted = false
        while position < characters.count {
            let character = characters[position]
            position += 1
            if character.isNewline { line += 1 }
            if isQuoted {
                if character != "\"" {
                    fields[fields.count - 1].append(character)
                } else if position < characters.count, characters[position] == "\"" {
                    fields[fields.count - 1].append(character)
                    position += 1
                } else {
                    isQuoted = false
                }
            } else if character == "\"", fields[fields.count - 1].isEmpty {
                isQuoted = true
            } else if character == separator {
                fields.append("")
            } else if character.isNewline {
                break
            } else {
                fields[fields.count - 1].append(character)
            }
        }
        return (begun, fields)
    }
}
