import Foundation
import Testing

@testable import Parsing

/// One folder of `Cases` whose name begins with `text-`.
struct PlainTextCase: Sendable, CustomTestStringConvertible {
    /// What `expected.json` holds; absent means that the field must be empty, apart from ``siteName`` and ``section``.
    struct Fields: Codable {
        var title: String?
        var authors: [String]
        var date: String?
        var modified: String?
        var dateline: String?
        var originalSource: String?
        var siteName: String?
        var section: String?
        var reason: String?
    }

    var slug: String
    var folder: URL

    var testDescription: String { slug }

    static let all: [PlainTextCase] = {
        guard let root = Bundle.module.url(forResource: "Cases", withExtension: nil) else { return [] }
        // No folder, no cases: a test counts them.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return names.filter { $0.hasPrefix("text-") }.sorted().map {
            PlainTextCase(slug: $0, folder: root.appendingPathComponent($0))
        }
    }()

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
    }
}

@Suite struct PlainTextExtractorTests {
    static let fetched = Date(timeIntervalSince1970: 1_744_804_800)

    @Test func findsItsCases() {
        #expect(PlainTextCase.all.count >= 16)
    }

    @Test(arguments: PlainTextCase.all) func extractsBody(_ item: PlainTextCase) throws {
        let article = PlainTextExtractor.extract(try item.text("source.txt"), fetchedAt: Self.fetched)
        let expected = try item.text("expected.txt").trimmingWhitespace().components(separatedBy: "\n\n").filter {
            !$0.isEmpty
        }
        let found = article.body.components(separatedBy: "\n\n").filter { !$0.isEmpty }
        let difference = zip(expected, found).first { $0 != $1 }
        #expect(difference == nil, "first difference: \(difference.map { "\($0.0) / \($0.1)" } ?? "")")
        #expect(found.count == expected.count, "found: \(found.map { $0.prefix(60) })")
    }

    @Test(arguments: PlainTextCase.all) func extractsFields(_ item: PlainTextCase) throws {
        let article = PlainTextExtractor.extract(try item.text("source.txt"), fetchedAt: Self.fetched)
        let expected = try JSONDecoder().decode(
            PlainTextCase.Fields.self, from: Data(try item.text("expected.json").utf8))
        #expect(article.title == expected.title)
        #expect(article.authors == expected.authors)
        #expect(Self.describe(article.published) == expected.date)
        #expect(Self.describe(article.modified) == expected.modified)
        #expect(article.dateline == expected.dateline)
        #expect(article.originalSource == expected.originalSource)
        #expect(article.notArticleReason?.rawValue == expected.reason)
        if let siteName = expected.siteName { #expect(article.siteName == siteName) }
        if let section = expected.section { #expect(article.section == section) }
    }

    /// `2024-11-28`, or `2024-11-28T11:42` where the time is known.
    static func describe(_ date: ArticleDate?) -> String? {
        guard let date else { return nil }
        return String(ISO8601DateFormatter().string(from: date.instant).prefix(date.precision == .day ? 10 : 16))
    }

    @Test(arguments: ["", " \n\r\n\t ", "\0\0\0", "...\n???\n!!!", "— — —"]) func seesNoArticleInNothing(_ text: String)
    {
        #expect(PlainTextExtractor.extract(text).notArticleReason == .empty)
    }

    @Test func seesErrorPages() {
        let page =
            "Home\nNews\n404\nPage not found\nThe page you are looking for has been moved or never was here.\nBack to top"
        #expect(PlainTextExtractor.extract(page).notArticleReason == .errorPage)
    }

    @Test func removesControlsAndKeepsLineEnds() {
        let paragraph =
            "The bridge was opened on Monday by a girl of nine, who cut the ribbon with scissors that she had brought herself."
        let text =
            "A bridge\u{0} opens\r\n\r\n\(paragraph)\r\(paragraph.replacingOccurrences(of: "Monday", with: "Tues\u{AD}day"))\u{2028}Comments"
        let article = PlainTextExtractor.extract(text)
        #expect(article.title == "A bridge opens")
        #expect(
            article.blocks.map(\.text) == [paragraph, paragraph.replacingOccurrences(of: "Monday", with: "Tuesday")])
    }

    @Test func neverLosesTheMiddle() {
        let odd = ["Silence.", "Then came the comments", "12 comments", "“No.”", "Share", "Copyright was the question"]
        let prose = (1...40).map {
            "Paragraph number \($0) tells in a whole sentence of fourteen words what the witness saw that night."
        }
        var lines = ["A long report on what the witness saw"]
        for (index, paragraph) in prose.enumerated() {
            lines.append(paragraph)
            if index % 6 == 3 { lines.append(odd[index / 6 % odd.count]) }
        }
        let body = PlainTextExtractor.extract(lines.joined(separator: "\n\n")).body
        for paragraph in prose { #expect(body.contains(paragraph)) }
    }

    @Test(arguments: ["a", "1/", "By ", "#", "[x](", "(", "— ", "。", "about jane doe ", "\u{301}", "12:", "👩‍👩‍👧"])
    func takesLinearTimeOnOneLongLine(_ unit: String) {
        let text = String(repeating: unit, count: 200_000 / unit.utf8.count)
        let clock = ContinuousClock()
        let time = clock.measure { _ = PlainTextExtractor.extract(text, fetchedAt: Self.fetched) }
        #expect(time < .seconds(20))
    }

    @Test func takesFiveMegabytesInOneLine() {
        let text = String(repeating: "The ferry comes on Monday, says Ann Poe. ", count: 5_242_880 / 41)
        let article = PlainTextExtractor.extract(text, fetchedAt: Self.fetched)
        #expect(article.blocks.count == 1)
        #expect(article.body.utf8.count > 5_000_000)
    }

    @Test(arguments: [
        "x\n", "Comments\n", "\n\n.\n", "A line of a menu\n", "By Jane Doe\n", "3 March 2025\n", "- item one\n",
        "| | |\n",
    ])
    func takesLinearTimeOnManyLines(_ unit: String) {
        let text = String(repeating: unit, count: 20_000)
        let clock = ContinuousClock()
        let time = clock.measure { _ = PlainTextExtractor.extract(text, fetchedAt: Self.fetched) }
        #expect(time < .seconds(20))
    }
}
