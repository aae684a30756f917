import Testing

@testable import AMQP

struct AMQPConfigurationTests {
    @Test func readsEveryPartOfAURL() throws {
        let configuration = try AMQPConfiguration(
            url: "amqps://us%40er:p%2Fa:ss@broker.example:1234/vh%2F1?heartbeat=30&cacertfile=/etc/ca.pem"
                + "&connection_name=crawl%201&connection_timeout=2500&verify=verify_peer")
        #expect(configuration.user == "us@er")
        #expect(configuration.password.value == "p/a:ss")
        #expect(configuration.host == "broker.example")
        #expect(configuration.port == 1234)
        #expect(configuration.virtualHost == "vh/1")
        #expect(configuration.usesTLS)
        #expect(configuration.heartbeat == .seconds(30))
        #expect(configuration.connectTimeout == .milliseconds(2500))
        #expect(configuration.caFile == "/etc/ca.pem")
        #expect(configuration.connectionName == "crawl 1")
    }

    struct DefaultsCase: Sendable, CustomTestStringConvertible {
        let url: String
        var host = "localhost"
        var port = 5672
        var virtualHost = "/"
        var testDescription: String { url }
    }

    @Test(arguments: [
        DefaultsCase(url: "amqp://"), DefaultsCase(url: "AMQP://localhost"), DefaultsCase(url: "amqp://guest:guest@/"),
        DefaultsCase(url: "amqps://h", host: "h", port: 5671), DefaultsCase(url: "amqp://h:1", host: "h", port: 1),
        DefaultsCase(url: "amqp://[::1]", host: "::1"),
        DefaultsCase(url: "amqp://u@[::1]:99/v", host: "::1", port: 99, virtualHost: "v"),
        DefaultsCase(url: "amqp://h//", host: "h"), DefaultsCase(url: "amqp://h/%2F", host: "h"),
        DefaultsCase(url: "amqp://h/%2f?heartbeat=0", host: "h"),
    ])
    func fillsInDefaults(_ test: DefaultsCase) throws {
        let configuration = try AMQPConfiguration(url: test.url)
        #expect(configuration.host == test.host)
        #expect(configuration.port == test.port)
        #expect(configuration.virtualHost == test.virtualHost)
        #expect(configuration.user == "guest" || configuration.user == "u")
    }

    @Test(arguments: [
        "", "localhost", "http://h", "amqp:/h", "amqp://h:0", "amqp://h:65536", "amqp://h:x", "amqp://[::1",
        "amqp://[::1]x",
        "amqp://h/a/b", "amqp://h/%zz", "amqp://h/%2", "amqp://u:%00@h", "amqp://u:%ff@h", "amqp://h?heartbeat=-1",
        "amqp://h?heartbeat=x", "amqp://h?heartbeat", "amqp://h?verify=verify_none", "amqp://h?unknown=1",
        "amqp://h?connection_timeout=0",
    ])
    func refusesWhatItCannotRead(_ url: String) {
        let error = #expect(throws: AMQPError.self) { try AMQPConfiguration(url: url) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.isRetriable == false)
    }

    @Test func showsThePasswordToNobody() throws {
        let configuration = try AMQPConfiguration(url: "amqp://user:hunter2@h/v")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hunter2"))
        }
        #expect("\(configuration)" == "amqp://user@h:5672/v")
        let error = #expect(throws: AMQPError.self) { try AMQPConfiguration(url: "amqp://user:hunter2%@h") }
        #expect(error.map { !"\($0)".contains("hunter2") } == true)
    }

    @Test func wantsReadableAuthorities() throws {
        let configuration = try AMQPConfiguration(url: "amqps://h?cacertfile=/nowhere/ca.pem")
        let error = #expect(throws: AMQPError.self) { try configuration.trustedAuthorities() }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test func refusesWhatTheLibraryWouldCut() throws {
        var configuration = try AMQPConfiguration(url: "amqp://h")
        configuration.connectionName = "a\0b"
        #expect(throws: AMQPError.self) { try configuration.validate() }
        configuration.connectionName = "ab"
        configuration.connectTimeout = .zero
        #expect(throws: AMQPError.self) { try configuration.validate() }
    }
}

struct BackoffTests {
    @Test func growsToItsCapWithFullJitter() {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        for attempt in 0..<40 {
            let ceiling = min(Duration.seconds(30), .milliseconds(200) * (1 << min(attempt, 20)))
            #expect(backoff.ceiling == ceiling)
            let pause = backoff.next(uptime: .zero, using: &generator)
            #expect(pause >= .zero && pause <= ceiling)
        }
    }

    @Test func startsAgainAfterAHealthyConnection() {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<10 { _ = backoff.next(uptime: .seconds(59), using: &generator) }
        #expect(backoff.failures == 10)
        #expect(backoff.next(uptime: .seconds(60), using: &generator) <= Backoff.base)
        #expect(backoff.failures == 1)
    }
}
