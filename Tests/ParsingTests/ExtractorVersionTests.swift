import Digests
import Foundation
import Parsing
import Testing

/// Keeps `ParseStage.version` honest: what the extraction gives of the cases may change only together with it.
///
/// `Cases/version.json` holds the version and, for each case, a digest of everything that is stored of it. After raising the
/// version, or adding a case, write it anew: `WIREROOM_RECORD_EXTRACTION=1 swift test --filter ExtractorVersionTests`.
@Suite struct ExtractorVersionTests {
    /// What `Cases/version.json` holds.
    private struct Record: Codable {
        var version: Int
        var digests: [String: String]
    }

    private static let name = "version.json"

    private func recorded() throws -> Record {
        let root = try #require(Bundle.module.url(forResource: "Cases", withExtension: nil))
        return try JSONDecoder().decode(Record.self, from: Data(contentsOf: root.appending(path: Self.name)))
    }

    @Test func whatIsExtractedChangesOnlyWithTheVersion() throws {
        let old = try recorded()
        let new = Record(version: ParseStage.version, digests: try digests())
        #expect(new.digests.count >= 60)
        #expect(new.version >= old.version)
        let changed = new.digests.keys.filter { name in
            old.digests[name].map { $0 != new.digests[name] } ?? false
        }
        if new.version == old.version {
            #expect(changed.isEmpty, "the extraction gives something else: raise ParseStage.version, and record it")
        }
        if ProcessInfo.processInfo.environment["WIREROOM_RECORD_EXTRACTION"] != nil {
            guard changed.isEmpty || new.version > old.version else { return }
            let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases/\(Self.name)")
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            try (try encoder.encode(new) + Data("\n".utf8)).write(to: file)
        } else {
            #expect(new.version == old.version, "the version is raised: record what it gives")
            #expect(
                Set(new.digests.keys).symmetricDifference(old.digests.keys).isEmpty, "cases came or went: record them")
        }
    }

    private func digests() throws -> [String: String] {
        var digests: [String: String] = [:]
        for example in ArticleCase.all {
            let url = try JSONDecoder().decode(Address.self, from: Data(example.text("expected.json").utf8)).url
            digests[example.folder.lastPathComponent] = try digest(
                of: Data(contentsOf: example.folder.appending(path: "source.html")), url: url, type: "text/html")
        }
        for example in PlainTextCase.all {
            digests[example.slug] = try digest(
                of: Data(contentsOf: example.folder.appending(path: "source.txt")),
                url: "https://case.example/\(example.slug)", type: "text/plain")
        }
        return digests
    }

    private struct Address: Codable {
        var url: String
    }

    private func digest(of source: Data, url: String, type: String) throws -> String {
        var article = DocumentExtractor.extract(
            bytes: [UInt8](source), url: url, contentType: type, charset: nil,
            fetchedAt: Date(timeIntervalSince1970: 1_780_000_000))
        // They carry weights, whose last digits may depend on the processor; what they decide is in the fields.
        article.candidates = MetadataCandidates()
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return SHA256Digest.digest([UInt8](try encoder.encode(article))).prefix(8).map {
            ($0 < 16 ? "0" : "") + String($0, radix: 16)
        }.joined()
    }
}
