import Captures
import Foundation
import Postgres
import TestSupport
import Testing

@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(2)))
struct CaptureStoreTests {
    private let store = PostgresCaptureStore()

    private func store(_ captures: [Capture], in line: TestServices.Line) async throws -> [CapturePointer] {
        let prepared = try captures.map(PostgresCaptureStore.prepare)
        return try await line.database.withTransaction { try await store.store(prepared, in: $0) }
    }

    private func capture(_ number: Int64 = 1, body: [UInt8] = Array("<p>Bridge opened".utf8)) -> Capture {
        Capture(
            urlID: number, requestedURL: "https://courier.example/\(number)",
            finalURL: "https://courier.example/\(number)",
            origin: .fetch, fetchedAt: Date(timeIntervalSince1970: 1_780_000_000), body: body)
    }

    @Test func givesBackEverythingThatWasStored() async throws {
        try await TestServices.withLine { line in
            let stored = Capture(
                urlID: 7, requestedURL: "https://courier.example/a", finalURL: "https://www.courier.example/a?x=1",
                origin: .fetch,
                fetchedAt: Date(timeIntervalSince1970: 1_780_000_000.25),
                body: Array(0...255) + Array(repeating: 0x41, count: 9000),
                status: 203,
                headers: [
                    .init(name: "Set-Cookie", value: "a=1"), .init(name: "Set-Cookie", value: "b=\"ü\"\\"),
                    .init(name: "X", value: ""), .init(name: "X-Odd", value: "a\tb\u{1}c\u{1F}\u{7F}/\u{2028}"),
                ],
                redirects: ["https://courier.example/a", "https://courier.example/b"], remoteAddress: "2001:db8::1",
                contentType: "text/html; charset=iso-8859-1", charset: "windows-1252", durationMilliseconds: 321,
                evidence: #"{"title": "Bridge"}"#)
            let pointers = try await store([stored], in: line)
            let loaded = try #require(try await store.load(pointers, from: line.database).first).get()
            #expect(loaded == stored)
        }
    }

    @Test func givesPointersAndCapturesInTheOrderAsked() async throws {
        try await TestServices.withLine { line in
            let pointers = try await store((1...5).map { capture($0, body: Array("body \($0)".utf8)) }, in: line)
            #expect(Set(pointers).count == 5)
            let loaded = try await store.load(pointers.reversed(), from: line.database)
            #expect(try loaded.map { try $0.get().urlID } == [5, 4, 3, 2, 1])
            #expect(
                try loaded.map { String(decoding: try $0.get().body, as: UTF8.self) }
                    == (1...5).reversed().map { "body \($0)" })
        }
    }

    @Test func knowsTheSizesOfBodiesWithoutReadingThem() async throws {
        try await TestServices.withLine { line in
            var pointers = try await store(
                [5, 70_000].map { capture(body: Array(repeating: 0x61, count: $0)) }, in: line)
            pointers.insert(CapturePointer(captureID: 999_999, capturedAtMilliseconds: 1_780_000_000_000), at: 1)
            #expect(try await store.sizes(of: pointers, from: line.database) == [5, 0, 70_000])
            #expect(try await store.sizes(of: [], from: line.database).isEmpty)
        }
    }

    @Test func storesMoreThanOneStatementHolds() async throws {
        try await TestServices.withLine { line in
            // Random, so that they stay as large as they are.
            let bodies = [1_100_000, 1_100_000, 5, 2_100_000, 5].map { size in
                (0..<size).map { _ in UInt8.random(in: 0...255) }
            }
            let pointers = try await store(bodies.enumerated().map { capture(Int64($0), body: $1) }, in: line)
            let loaded = try await store.load(pointers, from: line.database).map { try $0.get() }
            #expect(loaded.map(\.urlID) == [0, 1, 2, 3, 4])
            #expect(loaded.map(\.body) == bodies)
        }
    }

    @Test func storesAnEmptyBody() async throws {
        try await TestServices.withLine { line in
            let pointers = try await store([capture(body: [])], in: line)
            #expect(try #require(try await store.load(pointers, from: line.database).first).get().body.isEmpty)
        }
    }

    @Test func saysWhichCapturesAreMissing() async throws {
        try await TestServices.withLine { line in
            let pointers = try await store([capture(1)], in: line)
            var wrongTime = try #require(pointers.first)
            wrongTime.capturedAtMilliseconds -= 1000
            let absent = CapturePointer(captureID: 999_999, capturedAtMilliseconds: wrongTime.capturedAtMilliseconds)
            let loaded = try await store.load([absent, pointers[0]], from: line.database)
            #expect(throws: CaptureError.self) { try loaded[0].get() }
            #expect(try loaded[1].get().urlID == 1)
            guard case .failure(let error) = try await store.load([wrongTime], from: line.database)[0] else {
                Issue.record("found under another time")
                return
            }
            #expect(error.code == .missing)
        }
    }

    @Test(arguments: ["decode('00ff', 'hex')", "substring(body from 1 for length(body) / 2)", "NULL", "'\\x'::bytea"])
    func saysWhichBodiesAreCorrupt(damage: String) async throws {
        try await TestServices.withLine { line in
            let body = Array(String(repeating: "The bridge of Oslo opened. ", count: 200).utf8)
            let pointers = try await store([capture(1, body: body), capture(2, body: body)], in: line)
            _ = try await line.database.query("UPDATE wireroom.capture SET body = \(damage) WHERE url_id = 1")
            let loaded = try await store.load(pointers, from: line.database)
            guard case .failure(let error) = loaded[0] else {
                Issue.record("a damaged body was taken")
                return
            }
            #expect(error.code == .corrupt)
            #expect(try loaded[1].get().body == body)
        }
    }

    @Test func leavesNULOutOfHeadersAndTexts() async throws {
        try await TestServices.withLine { line in
            var odd = capture()
            odd.headers = [.init(name: "X-Odd", value: "a\0b"), .init(name: "Y", value: "\\u0000")]
            odd.requestedURL = "https://courier.example/a\0b"
            odd.contentType = "text/html\0; charset=utf-8"
            let pointers = try await store([odd], in: line)
            let loaded = try #require(try await store.load(pointers, from: line.database).first).get()
            #expect(loaded.headers.first == .init(name: "X-Odd", value: "ab"))
            #expect(loaded.contentType == "text/html; charset=utf-8")
            #expect(loaded.body == odd.body)
        }
    }

    @Test func storesNothingWhenTheTransactionFails() async throws {
        struct Stop: Error {}
        try await TestServices.withLine { line in
            let prepared = try PostgresCaptureStore.prepare(capture())
            await #expect(throws: Stop.self) {
                try await line.database.withTransaction { transaction in
                    _ = try await store.store([prepared], in: transaction)
                    throw Stop()
                }
            }
            #expect(try await line.number("SELECT count(*) FROM wireroom.capture") == 0)
        }
    }
}
