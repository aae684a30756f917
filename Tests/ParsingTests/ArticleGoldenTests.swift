import Foundation
import Parsing
import Testing

/// One folder of `Cases`: a page and what must come out of it.
struct ArticleCase: Sendable, CustomTestStringConvertible {
    let folder: URL
    var testDescription: String { folder.lastPathComponent }

    /// What `expected.json` holds.
    struct Expected: Codable, Equatable {
        var url: String
        var title: String?
        var authors: [String]
        var published: String?
        var modified: String?
        var language: String?
        var siteName: String?
        var canonicalURL: String?
        var leadImage: String?
        var section: String?
        var tags: [String]
        var captions: [String]
        var notArticle: String?
    }

    /// All cases, by name.
    static let all: [ArticleCase] = {
        guard let root = Bundle.module.url(forResource: "Cases", withExtension: nil),
            let folders = try? FileManager.default.contentsOfDirectory(at: root, includingPropertiesForKeys: nil)
        else { return [] }
        return folders.filter { FileManager.default.fileExists(atPath: $0.appending(path: "source.html").path) }
            .sorted { $0.path < $1.path }.map(ArticleCase.init)
    }()

    func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }
}

@Suite struct ArticleGoldenTests {
    @Test func hasCases() {
        #expect(ArticleCase.all.count >= 16)
    }

    @Test(arguments: ArticleCase.all)
    func extractsTheCase(_ example: ArticleCase) throws {
        let source = [UInt8](try Data(contentsOf: example.folder.appending(path: "source.html")))
        let expected = try JSONDecoder().decode(
            ArticleCase.Expected.self, from: Data(try example.text("expected.json").utf8))
        let article = DocumentExtractor.extract(
            bytes: source, url: expected.url, contentType: "text/html", charset: nil, fetchedAt: nil)
        let difference = firstDifference(article.body, try example.text("expected.txt"))
        #expect(difference == nil)
        #expect(found(article, url: expected.url) == expected)
    }

    private func found(_ article: ExtractedArticle, url: String) -> ArticleCase.Expected {
        ArticleCase.Expected(
            url: url, title: article.title, authors: article.authors, published: article.published?.iso8601,
            modified: article.modified?.iso8601, language: article.language, siteName: article.siteName,
            canonicalURL: article.canonicalURL, leadImage: article.leadImage, section: article.section,
            tags: article.tags,
            captions: article.blocks.filter { $0.kind == .caption }.map(\.text),
            notArticle: article.notArticleReason?.rawValue)
    }

    /// The first lines in which two texts differ, or `nil` when they are the same but for empty lines at the end.
    private func firstDifference(_ found: String, _ expected: String) -> String? {
        let foundLines = found.split(separator: "\n", omittingEmptySubsequences: false)
        var expectedLines = expected.split(separator: "\n", omittingEmptySubsequences: false)
        while expectedLines.last == "", expectedLines.count > foundLines.count { expectedLines.removeLast() }
        for index in 0..<max(foundLines.count, expectedLines.count) {
            let one = index < foundLines.count ? String(foundLines[index]) : "(end)"
            let other = index < expectedLines.count ? String(expectedLines[index]) : "(end)"
            if one != other { return "line \(index + 1): found “\(one)”, expected “\(other)”" }
        }
        return nil
    }
}
