import Testing

@testable import AdminHTTP

struct AdminRequestTests {
    private func read(_ text: String, maximum: Int = 200) -> AdminRequest.Reading {
        AdminRequest.read([UInt8](text.utf8), maximumBytes: maximum)
    }

    private func status(_ text: String) -> Int? {
        if case .refused(let answer) = read(text) { answer.status } else { nil }
    }

    @Test(arguments: ["\r\n", "\n"])
    func readsTheHeadWithEitherLineEnd(_ end: String) {
        let expected = AdminRequest(isHeadOnly: false, path: "/metrics")
        #expect(read("GET /metrics HTTP/1.1\(end)Host: x\(end)\(end)") == .request(expected))
    }

    @Test func leavesOutTheQuery() {
        #expect(read("HEAD /livez?a=b HTTP/1.0\r\n\r\n") == .request(AdminRequest(isHeadOnly: true, path: "/livez")))
    }

    @Test(arguments: ["", "GET / HTTP/1.1", "GET / HTTP/1.1\r\nHost: x\r\n"])
    func waitsForTheWholeHead(_ text: String) {
        #expect(read(text) == .incomplete)
    }

    @Test(arguments: [
        ("POST / HTTP/1.1\r\n\r\n", 405), ("DELETE /metrics HTTP/1.1\r\n\r\n", 405), ("GET / HTTP/2.0\r\n\r\n", 505),
        ("GET /\r\n\r\n", 400), ("\r\n\r\n", 400), ("GET  / HTTP/1.1\r\n\r\n", 400),
        ("GET http://x/ HTTP/1.1\r\n\r\n", 400), ("GET /\u{1} HTTP/1.1\r\n\r\n", 400), ("\u{16}\u{3}\u{1}\n\n", 400),
    ])
    func refusesWhatIsNoRequest(_ text: String, _ expected: Int) {
        #expect(status(text) == expected)
    }

    @Test func refusesAnEndlessHead() {
        #expect(status("GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 300)) == 431)
        #expect(status("GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 300) + "\r\n\r\n") == 431)
    }

    @Test(arguments: [
        ("127.0.0.1:9464", "127.0.0.1:9464"), ("localhost:0", "127.0.0.1:0"), ("[::1]:80", "[::1]:80"),
        ("0.0.0.0:65535", "0.0.0.0:65535"),
    ])
    func readsAddresses(_ text: String, _ expected: String) {
        #expect(AdminAddress(text)?.description == expected)
    }

    @Test(arguments: [
        "", "9464", "127.0.0.1", "127.0.0.1:65536", "::1:80", "example.org:80", "[127.0.0.1]:80", "1.2.3:4",
    ])
    func refusesOtherAddresses(_ text: String) {
        #expect(AdminAddress(text) == nil)
    }
}
