import Foundation
import Operator
import TestSupport
import Testing

/// What `wireroom import` makes of files, without broker and database.
@Suite(.timeLimit(.minutes(1)))
struct OneShotInputTests {
    private struct Found {
        var urls: [String] = []
        var skipped: [String] = []
        var failed: [String] = []
    }

    /// Reads files that are made for it, by name; those named `.gz` are compressed first.
    private func read(_ files: [String: [UInt8]]) async throws -> Found {
        let folder = FileManager.default.temporaryDirectory.appending(path: "input-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // a leftover in the temporary folder harms nobody
        for (name, bytes) in files {
            let plain = folder.appending(path: name.replacing(".gz", with: ""))
            try Data(bytes).write(to: plain)
            if name.hasSuffix(".gz") { _ = try TestProcess("/usr/bin/env", ["gzip", plain.path]).wait() }
        }
        var found = Found()
        try await DocumentReader().read(folder.path) { item in
            switch item {
            case .document(let document): found.urls.append(document.url)
            case .skipped(let message): found.skipped.append(message)
            case .failed(let message): found.failed.append(message)
            }
        }
        return found
    }

    private func record(_ number: Int, _ sentences: Int = 1) -> String {
        let text = String(repeating: "The river rose again. ", count: sentences)
        return #"{"url":"https://a.example/\#(number)","text":"\#(text)"}"#
    }

    @Test(arguments: ["a.jsonl", "a.jsonl.gz"]) func readsLinesThatCompressWellAndNamesBadOnes(
        _ name: String
    ) async throws {
        let lines = [record(1, 50_000), "", "  \r", "not JSON", record(5), #"{"id":"6"}"#, record(7)]
        let found = try await read([name: Array(lines.joined(separator: "\n").utf8)])
        #expect(found.urls == [1, 5, 7].map { "https://a.example/\($0)" })
        #expect(found.failed.count == 2)
        #expect(found.failed.first?.contains("line 4") == true)
        #expect(found.failed.last?.contains("line 6") == true)
    }

    @Test func tellsCompressedLinesThatBreakOff() async throws {
        // The head of a gzip member and nothing after it.
        let found = try await read(["a.jsonl": [0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 3]])
        #expect(found.urls.isEmpty)
        #expect(found.failed.count == 1)
    }

    @Test func skipsWhatIsNoTextWhateverItsName() async throws {
        let picture: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        let found = try await read([
            "a.txt": picture, "b.html": [0, 1, 2], "c.png": picture, "d.txt": Array("A text.".utf8),
        ])
        #expect(found.urls.map { URL(string: $0)?.lastPathComponent } == ["d.txt"])
        #expect(found.skipped.count == 3)
    }
}
