import Logging
import TestSupport
import Testing
import WebURL

@testable import Fetch

/// Fetching over TLS, from a server with a certificate that a test has made.
@Suite(.timeLimit(.minutes(1)))
struct TLSTests {
    private static let host = "courier.test"

    private func withServer(
        protocols: [String] = ["h2", "http/1.1"], trusted: Bool = true,
        _ body: (TLSServer, FetchClient) async throws -> Void
    ) async throws {
        let server = try await TLSServer.start(host: Self.host, protocols: protocols, body: "<p>The bridge")
        defer { server.stop() }
        var configuration = FetchConfiguration(userAgent: "TestBot/1.0")
        configuration.addressPolicy = FetchClientTests.loopback
        for name in [Self.host, "ledger.test"] {
            configuration.resolveOverrides["\(name):443"] = "127.0.0.1:\(server.port)"
        }
        if trusted { configuration.caFile = server.certificate }
        let client = FetchClient(
            configuration, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        do {
            try await body(server, client)
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    private func request(_ host: String = TLSTests.host, anyCertificate: Bool = false) throws -> FetchRequest {
        var request = FetchRequest(url: try #require(ParsedURL("https://\(host)/article")))
        request.allowsInvalidCertificate = anyCertificate
        return request
    }

    @Test func speaksHTTP2WhereTheServerOffersIt() async throws {
        try await withServer { server, client in
            let first = try await client.fetch(try request())
            let second = try await client.fetch(try request())
            #expect(first.httpVersion == "2" && second.httpVersion == "2")
            #expect(first.body == Array("<p>The bridge".utf8))
            #expect(first.headers["Content-Type"] == "text/html")
            #expect(!first.reusedConnection && second.reusedConnection)
            #expect(try await server.requests(atLeast: 2) == ["h2", "h2"])
        }
    }

    @Test func speaksHTTP1WhereTheServerHasNoOther() async throws {
        try await withServer(protocols: ["http/1.1"]) { server, client in
            let response = try await client.fetch(try request())
            #expect(response.httpVersion == "1.1")
            #expect(response.body == Array("<p>The bridge".utf8))
            #expect(try await server.requests(atLeast: 1) == ["http/1.1"])
        }
    }

    @Test(arguments: [(host, false), ("ledger.test", true)])
    func refusesACertificateOfNoAuthorityOrOfAnotherHost(name: String, trusted: Bool) async throws {
        try await withServer(trusted: trusted) { server, client in
            let error = try await #require(throws: FetchError.self) { try await client.fetch(try request(name)) }
            #expect(error.code == .tlsFailed)
            #expect(server.requests == [])
        }
    }

    @Test func anExceptionCountsForItsOwnRequestsOnly() async throws {
        try await withServer(trusted: false) { server, client in
            #expect(try await client.fetch(try request(anyCertificate: true)).status == 200)
            // The connection that was made without a check is open, and not taken for one with.
            let error = try await #require(throws: FetchError.self) { try await client.fetch(try request()) }
            #expect(error.code == .tlsFailed)
            #expect(try await client.fetch(try request("ledger.test", anyCertificate: true)).status == 200)
            #expect(try await server.requests(atLeast: 2).count == 2)
        }
    }
}
