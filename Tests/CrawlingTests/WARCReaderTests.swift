import Compression
import Crawling
import Foundation
import Testing

private func record(_ type: String, _ block: [UInt8], extra: String = "", version: String = "1.0") -> [UInt8] {
    let head =
        "WARC/\(version)\r\nWARC-Type: \(type)\r\nWARC-Target-URI: <http://w.test/>\r\nWARC-Date: 2024-05-14T06:00:00Z\r\n"
        + "\(extra)Content-Type: application/http; msgtype=response\r\nContent-Length: \(block.count)\r\n\r\n"
    return Array(head.utf8) + block + [13, 10, 13, 10]
}

private func answer(_ headers: String, _ body: [UInt8]) -> [UInt8] {
    Array("HTTP/1.1 200 OK\r\n\(headers)\r\n".utf8) + body
}

private func readAll(_ bytes: [UInt8], chunk: Int, limits: WARCLimits = WARCLimits()) throws -> [WARCRecord] {
    var reader = try WARCReader(limits: limits)
    var found: [WARCRecord] = []
    var start = 0
    while start < bytes.count {
        reader.append(Array(bytes[start..<min(bytes.count, start + chunk)]))
        while let record = try reader.next() { found.append(record) }
        start += chunk
    }
    try reader.finish()
    return found
}

private let page = Array("<html>hello</html>".utf8)

@Suite struct WARCReaderTests {
    @Test(arguments: [
        ("2026-01-01T00:00:00Z", 0), ("2026-01-01T00:00:00.125Z", 0.125), ("2026-01-01T00:00:00.000000001Z", 1e-9),
        ("2026-01-01T00:00:00.Z", 0),
    ])
    func readsDatesWithPartsOfASecond(text: String, part: Double) throws {
        let bytes = String(decoding: record("response", []), as: UTF8.self).replacing(
            "2024-05-14T06:00:00Z", with: text)
        let date = try #require(try readAll(Array(bytes.utf8), chunk: 1000).first?.date)
        #expect(abs(date.timeIntervalSince1970 - 1_767_225_600 - part) < 1e-6)
    }

    @Test(arguments: [1, 7, 100, 1 << 20])
    func readsPlainAndCompressedInAnyChunks(_ chunk: Int) throws {
        let records = [
            record("warcinfo", Array("software: x".utf8)),
            record("response", answer("Content-Type: text/html\r\n", page)),
            record("request", [], version: "1.1"),
        ]
        for bytes in [Array(records.joined()), try Array(records.map { try Gzip.compress($0) }.joined())] {
            let found = try readAll(bytes, chunk: chunk)
            #expect(found.map(\.kind) == [.warcinfo, .response, .request])
            #expect(found[1].targetURI == "http://w.test/")
            #expect(found[1].date == FeedDateParser.parse("2024-05-14T06:00:00Z"))
            #expect(found[1].response(maximumBodyBytes: 1000)?.body == page)
            #expect(found[2].version == "1.1")
            #expect(found[0].response(maximumBodyBytes: 1000) == nil)
        }
    }

    @Test func capsLargeBlocksAndGoesOn() throws {
        var limits = WARCLimits()
        limits.maximumBlockBytes = 10
        let bytes = record("resource", [UInt8](repeating: 7, count: 1_000_000)) + record("metadata", [1, 2])
        let found = try readAll(bytes, chunk: 4096, limits: limits)
        #expect(found.map(\.block.count) == [10, 2])
        #expect(found.map(\.isCapped) == [true, false])
    }

    @Test func passesOverLitter() throws {
        var reader = try WARCReader()
        reader.append(Array("litter\nWARC/1.0\r\nbroken\r\n\r\n".utf8) + record("metadata", [1]))
        var kinds: [WARCRecord.Kind] = []
        while let record = try reader.next() { kinds.append(record.kind) }
        #expect(kinds == [.metadata])
        let skipped = reader.skippedBytes
        #expect(skipped == 27)
    }

    @Test func saysWhenAnArchiveIsCutOff() throws {
        let whole = record("response", answer("", page))
        let packed = try Gzip.compress(whole)
        for bytes in [Array(whole.dropLast(10)), Array(whole.prefix(50)), Array(packed.dropLast(6))] {
            #expect { try readAll(bytes, chunk: 64) } throws: { ($0 as? WARCError)?.code == .truncated }
        }
        #expect { try readAll(Array("no archive at all, only text\n".utf8), chunk: 64) } throws: {
            ($0 as? WARCError)?.code == .corrupt
        }
        #expect(try readAll([], chunk: 64).isEmpty)
    }

    @Test func refusesEndlessHeads() {
        let bytes = Array("WARC/1.0\r\n".utf8) + [UInt8](repeating: 0x61, count: 200_000)
        #expect { try readAll(bytes, chunk: 1 << 16) } throws: { ($0 as? WARCError)?.code == .tooLarge }
    }
}

@Suite struct WARCResponseTests {
    @Test func undoesChunksAndCompression() throws {
        let packed = try Gzip.compress(page)
        let half = packed.count / 2
        var chunked = Array("\(String(half, radix: 16));x=y\r\n".utf8)
        chunked += packed[..<half]
        chunked += Array("\r\n\(String(packed.count - half, radix: 16))\r\n".utf8)
        chunked += packed[half...]
        chunked += Array("\r\n0\r\n\r\n".utf8)
        let headers =
            "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\nContent-Type: text/html; charset=koi8-r\r\n"
        let response = try #require(WARCResponse(message: answer(headers, chunked), maximumBodyBytes: 1000))
        #expect(response.status == 200)
        #expect(response.body == page)
        #expect(response.charset == "koi8-r")
        #expect(!response.isTruncated)
    }

    @Test func leavesWhatTheArchiveHasUndoneAlready() throws {
        for headers in ["Transfer-Encoding: chunked\r\n", "Content-Encoding: gzip\r\n", "Content-Encoding: br\r\n"] {
            let response = try #require(WARCResponse(message: answer(headers, page), maximumBodyBytes: 1000))
            #expect(response.body == page)
            #expect(response.undecodedEncoding == nil)
        }
    }

    @Test func saysWhatItCannotUndo() throws {
        let response = try #require(
            WARCResponse(message: answer("Content-Encoding: br\r\n", [1, 200, 3]), maximumBodyBytes: 9))
        #expect(response.undecodedEncoding == "br")
    }

    @Test func capsBodies() throws {
        let bomb = try Gzip.compress([UInt8](repeating: 0, count: 10_000_000))
        let response = try #require(
            WARCResponse(message: answer("Content-Encoding: gzip\r\n", bomb), maximumBodyBytes: 1000))
        #expect(response.isTruncated)
        #expect(response.body.count <= 1000)
    }

    @Test(arguments: ["", "HTTP/1.1", "nonsense\r\n\r\n", "HTTP/1.1 999 X\r\n\r\n", "HTTP/1.1 200 OK\r\nno end"])
    func refusesWhatIsNoAnswer(_ text: String) {
        #expect(WARCResponse(message: Array(text.utf8), maximumBodyBytes: 10) == nil)
    }
}
