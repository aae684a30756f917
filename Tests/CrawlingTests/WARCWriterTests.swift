import Compression
import Foundation
import Testing

@testable import Crawling

struct WARCWriterTests {
    private static let date = Date(timeIntervalSince1970: 1_767_225_600.125)

    private func document(status: Int? = 200, headers: [(name: String, value: String)] = []) -> WARCWriter.Document {
        WARCWriter.Document(
            key: "capture 7", url: "https://courier.example/one", date: Self.date, status: status, headers: headers,
            body: status == 304 ? [] : Array("<p>The bridge opened".utf8), digest: [UInt8](repeating: 0, count: 32),
            contentType: "text/html", serverAddress: "192.0.2.1")
    }

    private func records(_ bytes: [UInt8]) throws -> [WARCRecord] {
        var reader = try WARCReader()
        var records: [WARCRecord] = []
        reader.append(bytes)
        while let record = try reader.next() { records.append(record) }
        try reader.finish()
        while let record = try reader.next() { records.append(record) }
        return records
    }

    @Test func anAnswerComesBackAsItWas() throws {
        let headers = [
            (name: "Content-Type", value: "text/html"), (name: "Content-Encoding", value: "gzip"),
            (name: "Content-Length", value: "12"), (name: "X-Two", value: "a\r\nInjected: b"),
        ]
        let bytes = try WARCWriter().response(document(headers: headers))
        #expect(Gzip.isGzip(bytes))
        let record = try #require(try records(bytes).first)
        #expect(record.kind == .response && record.version == "1.1")
        #expect(record.targetURI == "https://courier.example/one")
        #expect(record.headers["WARC-Date"] == "2026-01-01T00:00:00.125Z")
        #expect(record.headers["WARC-IP-Address"] == "192.0.2.1")
        let response = try #require(record.response(maximumBodyBytes: 1000))
        #expect(response.status == 200 && response.body == Array("<p>The bridge opened".utf8))
        #expect(response.headers["X-Original-Content-Encoding"] == "gzip")
        #expect(response.headers["Content-Encoding"] == nil && response.headers["Injected"] == nil)
        #expect(response.headers["Content-Length"] == "20")
    }

    @Test func aDocumentWithoutAnAnswerIsAResource() throws {
        let record = try #require(try records(try WARCWriter().response(document(status: nil))).first)
        #expect(record.kind == .resource && record.headers["Content-Type"] == "text/html")
        #expect(record.block == Array("<p>The bridge opened".utf8))
    }

    @Test(arguments: [(200, "identical-payload-digest"), (304, "server-not-modified")])
    func aRevisitNamesWhatItRepeats(status: Int, profile: String) throws {
        let original = WARCWriter.Original(key: "capture 3", url: "https://courier.example/1", date: Self.date)
        let bytes = try WARCWriter().revisit(document(status: status), of: original)
        let record = try #require(try records(bytes).first)
        #expect(record.kind == .revisit)
        #expect(record.headers["WARC-Profile"]?.hasSuffix(profile) == true)
        #expect(record.headers["WARC-Refers-To-Target-URI"] == "https://courier.example/1")
        #expect(record.headers["WARC-Refers-To"] == WARCWriter.identifier("capture 3"))
        #expect(String(decoding: record.block, as: UTF8.self).hasPrefix("HTTP/1.1 \(status) "))
        #expect(!String(decoding: record.block, as: UTF8.self).contains("bridge"))
    }

    @Test func metadataRefersToItsDocument() throws {
        let bytes = try WARCWriter().metadata(about: document(), [("fetchTimeMs", "12"), ("note", "two\nlines")])
        let record = try #require(try records(bytes).first)
        #expect(record.kind == .metadata)
        #expect(record.headers["WARC-Refers-To"] == WARCWriter.identifier("capture 7"))
        #expect(String(decoding: record.block, as: UTF8.self) == "fetchTimeMs: 12\r\nnote: two lines\r\n")
    }

    @Test func oneDocumentHasOneIdentifier() {
        #expect(WARCWriter.identifier("a") == WARCWriter.identifier("a"))
        #expect(WARCWriter.identifier("a") != WARCWriter.identifier("b"))
        let form = /<urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}>/
        #expect(WARCWriter.identifier("a").wholeMatch(of: form) != nil)
    }

    @Test(arguments: [
        ("", ""), ("f", "MY======"), ("fo", "MZXQ===="), ("foo", "MZXW6==="), ("foob", "MZXW6YQ="),
        ("foobar", "MZXW6YTBOI======"),
    ])
    func digestsAreInBase32(text: String, encoded: String) {
        #expect(WARCWriter.base32(Array(text.utf8)) == encoded)
    }
}
