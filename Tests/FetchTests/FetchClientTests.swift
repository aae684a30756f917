import Foundation
import Logging
import TestSupport
import Testing
import WebURL

@testable import Fetch

@Suite(.timeLimit(.minutes(1)))
struct FetchClientTests {
    static let loopback = AddressPolicy(allowing: [AddressRange("127.0.0.0/8")].compactMap { $0 })

    private func client(_ change: (inout FetchConfiguration) -> Void = { _ in }) -> FetchClient {
        var configuration = FetchConfiguration(userAgent: "TestBot/1.0")
        configuration.addressPolicy = Self.loopback
        change(&configuration)
        return FetchClient(configuration, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func request(
        _ server: TestServer, _ path: String = "/", maximumBytes: Int = 1_000_000
    ) throws
        -> FetchRequest
    {
        let url = try #require(ParsedURL("http://127.0.0.1:\(server.port)\(path)"))
        return FetchRequest(url: url, maximumBytes: maximumBytes)
    }

    /// Fetches once from a server that follows `steps`, and returns the error.
    private func failure(
        _ steps: [ServerStep], _ change: (inout FetchConfiguration) -> Void = { _ in }
    ) async throws -> FetchError {
        let server = try TestServer { _ in steps }
        let request = try request(server)
        return try await #require(throws: FetchError.self) { try await client(change).fetch(request) }
    }

    // MARK: Responses

    @Test func returnsStatusHeadersAndBody() async throws {
        let server = try TestServer { _ in
            [.answer("404 Not Found", headers: ["X-One: a", "x-one:  b ", "ETag: \"v1\""], body: Array("gone".utf8))]
        }
        let response = try await client().fetch(try request(server))
        #expect(response.status == 404)
        #expect(response.body == Array("gone".utf8))
        #expect(response.headers.values(of: "X-ONE") == ["a", "b"])
        #expect(response.headers["etag"] == "\"v1\"")
        #expect(response.remoteAddress == IPAddress("127.0.0.1"))
        #expect(response.httpVersion == "1.1")
        #expect(!response.isTruncated)
        #expect(response.wireBytes > 4)
        #expect(response.timings.total >= response.timings.firstByte)
    }

    @Test func sendsHeadersAndNoFragment() async throws {
        let server = try TestServer { _ in [.answer("304 Not Modified")] }
        var request = try request(server, "/a/../b?x=1#part")
        request.ifNoneMatch = "\"v1\""
        request.ifModifiedSince = "Sun, 06 Nov 1994 08:49:37 GMT"
        request.headers = [("Accept-Language", "en"), ("X-Empty", "")]
        request.acceptHeader = "application/rss+xml"
        #expect(try await client().fetch(request).status == 304)
        let head = try #require(await server.requests.first { _ in true })
        #expect(head.hasPrefix("GET /b?x=1 HTTP/1.1\r\n"))
        for line in [
            "User-Agent: TestBot/1.0", "If-None-Match: \"v1\"", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
            "Accept-Language: en", "X-Empty:", "Accept: application/rss+xml",
        ] {
            #expect(head.contains("\r\n\(line)\r\n"))
        }
        #expect(!head.lowercased().contains("cookie"))
    }

    @Test func reusesTheConnectionOfAHost() async throws {
        let server = try TestServer { _ in [.answer("200 OK", headers: ["Set-Cookie: a=b"], body: [1])] }
        let client = client()
        let first = try await client.fetch(try request(server))
        let second = try await client.fetch(try request(server, "/two"))
        #expect(!first.reusedConnection)
        #expect(second.reusedConnection)
        #expect(server.connectionCount == 1)
        var heads = server.requests.makeAsyncIterator()
        _ = await heads.next()
        let head = try #require(await heads.next())
        #expect(!head.contains("Cookie"))
    }

    @Test func undoesGzip() async throws {
        let server = try TestServer { _ in
            [.answer("200 OK", headers: ["Content-Encoding: gzip"], body: Self.gzipHello)]
        }
        let response = try await client().fetch(try request(server))
        #expect(response.body == Array("Hello, compressed world".utf8))
    }

    @Test(arguments: [
        (
            "zstd",
            [
                40, 181, 47, 253, 36, 17, 137, 0, 0, 116, 104, 101, 32, 98, 114, 105, 100, 103, 101, 32, 111, 112, 101,
                110, 101,
                100, 113, 35, 235, 250,
            ] as [UInt8]
        ),
        ("br", [27, 16, 0, 248, 37, 203, 208, 232, 138, 16, 78, 106, 146, 127, 158, 21, 0]),
    ])
    func asksForAndUndoesNewerCodings(coding: String, body: [UInt8]) async throws {
        let server = try TestServer { _ in
            [.answer("200 OK", headers: ["Content-Encoding: \(coding)"], body: body)]
        }
        let response = try await client().fetch(try request(server))
        #expect(response.body == Array("the bridge opened".utf8))
        var heads = server.requests.makeAsyncIterator()
        let asked = await heads.next()?.split(whereSeparator: \.isNewline).first { $0.hasPrefix("Accept-Encoding:") }
        #expect(asked?.contains(coding) == true)
    }

    @Test func aRequestThatComesUpTooLateIsNotSent() async throws {
        let server = try TestServer { _ in [.answer("200 OK")] }
        var late = try request(server)
        late.latestStart = .now - .milliseconds(1)
        await #expect(throws: FetchError.self) { try await client().fetch(late) }
        #expect(server.connectionCount == 0)
    }

    @Test func cutsTheDecodedBodyAtTheLimit() async throws {
        let server = try TestServer { _ in
            [.answer("200 OK", headers: ["Content-Encoding: gzip"], body: Self.gzipTwentyThousand)]
        }
        let response = try await client().fetch(try request(server, maximumBytes: 5_000))
        #expect(response.isTruncated)
        #expect(response.body == [UInt8](repeating: UInt8(ascii: "a"), count: 5_000))
    }

    @Test func keepsABodyOfExactlyTheLimit() async throws {
        let server = try TestServer { _ in [.answer("200 OK", body: [1, 2, 3])] }
        let response = try await client().fetch(try request(server, maximumBytes: 3))
        #expect(!response.isTruncated)
        #expect(response.body == [1, 2, 3])
    }

    @Test func ignoresInterimAnswersAndTrailers() async throws {
        let server = try TestServer { _ in
            [
                .text("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"),
                .text(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Real: yes\r\n\r\n2\r\nhi\r\n0\r\nX-Trailer: no\r\n\r\n"
                ),
            ]
        }
        let response = try await client().fetch(try request(server))
        #expect(response.status == 200)
        #expect(response.headers["Link"] == nil)
        #expect(response.headers["X-Real"] == "yes")
        #expect(response.headers["X-Trailer"] == nil)
        #expect(response.body == Array("hi".utf8))
    }

    @Test func fetchesManyAtOnce() async throws {
        let server = try TestServer { head in [.answer("200 OK", body: Array(head.prefix(12).utf8))] }
        let client = client()
        let paths = (10..<60).map { "/\($0)" }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for path in paths {
                let request = try request(server, path)
                group.addTask {
                    let response = try await client.fetch(request)
                    #expect(String(decoding: response.body, as: UTF8.self).hasPrefix("GET \(path)"))
                }
            }
            try await group.waitForAll()
        }
    }

    // MARK: Redirects

    @Test(arguments: [301, 302, 303, 307, 308])
    func returnsRedirectsUnfollowed(status: Int) async throws {
        let server = try TestServer { _ in [.answer("\(status) Moved", headers: ["Location: ../new?a=b"])] }
        let response = try await client().fetch(try request(server, "/old/page#top"))
        #expect(response.status == status)
        #expect(response.redirectTarget?.path == "/new")
        #expect(response.redirectTarget?.fragment == "top")
        #expect(server.connectionCount == 1)
    }

    @Test func hasNoRedirectTargetForOtherAnswers() async throws {
        let server = try TestServer { _ in [.answer("200 OK", headers: ["Location: /new"])] }
        #expect(try await client().fetch(try request(server)).redirectTarget == nil)
    }

    // MARK: Address policy

    @Test func refusesLoopbackByDefault() async throws {
        let server = try TestServer { _ in [.answer("200 OK")] }
        let error = try await #require(throws: FetchError.self) {
            try await client { $0.addressPolicy = AddressPolicy() }.fetch(try request(server))
        }
        #expect(error.code == .addressRefused)
        #expect(error.refusal == .loopback)
        #expect(!error.isRetriable)
        #expect(server.connectionCount == 0)
    }

    @Test func refusesANameThatResolvesToLoopbackWhenItConnects() async throws {
        let server = try TestServer { _ in [.answer("200 OK")] }
        let url = try #require(ParsedURL("http://site.example/"))
        let error = try await #require(throws: FetchError.self) {
            try await client {
                $0.addressPolicy = AddressPolicy()
                $0.resolveOverrides = ["site.example": "127.0.0.1:\(server.port)"]
            }.fetch(FetchRequest(url: url))
        }
        #expect(error.code == .addressRefused)
        #expect(error.refusal == .loopback)
        #expect(server.connectionCount == 0)
    }

    @Test(arguments: ["site.example", "site.example:80"])
    func contactsTheAddressThatStandsInForAHost(key: String) async throws {
        let server = try TestServer { _ in [.answer("200 OK")] }
        let url = try #require(ParsedURL("http://site.example/a"))
        let response = try await client { $0.resolveOverrides = [key: "127.0.0.1:\(server.port)"] }.fetch(
            FetchRequest(url: url))
        #expect(response.status == 200)
        let head = try #require(await server.requests.first { _ in true })
        #expect(head.contains("Host: site.example\r\n"))
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://8.8.8.8/", "http://8.8.8.8:6379/", "http://printer/"])
    func refusesURLsBeforeContactingAnything(text: String) async throws {
        let url = try #require(ParsedURL(text))
        let error = try await #require(throws: FetchError.self) { try await client().fetch(FetchRequest(url: url)) }
        #expect(error.code == .addressRefused)
    }

    @Test func asksTheProxyForTheWholeURL() async throws {
        let server = try TestServer { _ in [.answer("200 OK", body: [1])] }
        let url = try #require(ParsedURL("http://site.example/a"))
        let response = try await client {
            $0.addressPolicy = AddressPolicy()
            $0.proxy = "http://127.0.0.1:\(server.port)"
        }.fetch(FetchRequest(url: url))
        #expect(response.status == 200)
        let head = try #require(await server.requests.first { _ in true })
        #expect(head.hasPrefix("GET http://site.example/a HTTP/1.1\r\n"))
    }

    // MARK: Failures

    @Test func reportsAPortThatNobodyListensOn() async throws {
        let port = try TestServer { _ in [] }.port
        let url = try #require(ParsedURL("http://user:secret@127.0.0.1:\(port)/"))
        let error = try await #require(throws: FetchError.self) { try await client().fetch(FetchRequest(url: url)) }
        #expect(error.code == .connectFailed)
        #expect(error.isRetriable)
        #expect(!error.description.contains("secret"))
    }

    @Test func reportsAServerThatNeverAnswers() async throws {
        let error = try await failure([.holdUntilClosed]) { $0.totalTimeout = .milliseconds(200) }
        #expect(error.code == .timeout)
        #expect(error.isRetriable)
    }

    @Test func givesUpASlowTransfer() async throws {
        let error = try await failure([.text("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"), .holdUntilClosed]) {
            $0.lowSpeedPeriod = .seconds(1)
        }
        #expect(error.code == .tooSlow)
    }

    @Test func reportsAServerWithoutTLS() async throws {
        let server = try TestServer { _ in [.close] }
        let url = try #require(ParsedURL("https://127.0.0.1:\(server.port)/"))
        let error = try await #require(throws: FetchError.self) {
            // The server waits for the end of a request that never comes, so the handshake has to run into its limit or
            // fail.
            try await client { $0.connectTimeout = .milliseconds(300) }.fetch(FetchRequest(url: url))
        }
        #expect(error.code == .tlsFailed || error.code == .timeout)
    }

    @Test func limitsHeaderBytes() async throws {
        let long = String(repeating: "x", count: 5_000)
        let error = try await failure([.answer("200 OK", headers: ["X-Long: \(long)"])]) {
            $0.maximumHeaderBytes = 4_096
        }
        #expect(error.code == .tooLarge)
    }

    @Test func limitsHeaderLines() async throws {
        let error = try await failure([.answer("200 OK", headers: (0..<50).map { "X-\($0): a" })]) {
            $0.maximumHeaderLines = 40
        }
        #expect(error.code == .tooLarge)
    }

    @Test(arguments: ["hello, this is no HTTP\r\n\r\n", "HTTP/1.1 abc\r\n\r\n"])
    func reportsAnswersThatAreNotHTTP(answer: String) async throws {
        #expect(try await failure([.text(answer), .close]).code == .protocolError)
    }

    @Test func reportsABrokenContentEncoding() async throws {
        let error = try await failure([
            .answer("200 OK", headers: ["Content-Encoding: gzip"], body: Array("plain".utf8))
        ])
        #expect(error.code == .protocolError)
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"])
    func reportsAConnectionThatEndsEarly(answer: String) async throws {
        let error = try await failure([.text(answer), .close])
        #expect(error.code == .connectionLost)
        #expect(error.isRetriable)
    }

    @Test(arguments: [("X-A", "b\r\nX-Evil: 1"), ("X A", "b"), ("", "b")])
    func refusesHeadersThatBreakOutOfTheirLine(name: String, value: String) async throws {
        let server = try TestServer { _ in [.answer("200 OK")] }
        var request = try request(server)
        request.headers = [(name, value)]
        let error = try await #require(throws: FetchError.self) { try await client().fetch(request) }
        #expect(error.code == .invalidRequest)
        #expect(server.connectionCount == 0)
    }

    // MARK: Ending

    @Test func cancellationAbortsTheTransfer() async throws {
        let server = try TestServer { _ in [.holdUntilClosed] }
        let client = client()
        let request = try request(server)
        let task = Task { try await client.fetch(request) }
        _ = await server.requests.first { _ in true }
        task.cancel()
        let error = try await #require(throws: FetchError.self) { try await task.value }
        #expect(error.code == .cancelled)
    }

    @Test func aCancelledTaskFetchesNothing() async throws {
        let server = try TestServer { _ in [.answer("200 OK")] }
        let client = client()
        let request = try request(server)
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return try await client.fetch(request)
        }
        let error = try await #require(throws: FetchError.self) { try await task.value }
        #expect(error.code == .cancelled)
        #expect(server.connectionCount == 0)
    }

    @Test func closingEndsTransfersAndRefusesNewOnes() async throws {
        let server = try TestServer { _ in [.holdUntilClosed] }
        let client = client()
        let request = try request(server)
        let task = Task { try await client.fetch(request) }
        _ = await server.requests.first { _ in true }
        await client.close()
        await client.close()
        #expect(try await #require(throws: FetchError.self) { try await task.value }.code == .closed)
        #expect(try await #require(throws: FetchError.self) { try await client.fetch(request) }.code == .closed)
    }

    private static let gzipHello: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 243, 72, 205, 201, 201, 215, 81, 72, 206, 207, 45, 40, 74, 45, 46, 78, 77, 81,
        40, 207,
        47, 202, 73, 1, 0, 144, 146, 209, 55, 23, 0, 0, 0,
    ]

    /// 20,000 times the letter `a`.
    private static let gzipTwentyThousand: [UInt8] =
        [31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 49, 1, 0, 0, 0, 194, 160, 172, 235, 95, 194, 26, 30, 64, 1]
        + [UInt8](repeating: 0, count: 18) + [240, 96, 49, 135, 189, 202, 32, 78, 0, 0]
}
