internal import Glibc

/// Where the broker is and how to talk to it.
///
/// Printing a configuration never shows the password.
public struct AMQPConfiguration: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// Host name or address; an IPv6 address without brackets.
    public var host: String
    /// TCP port, 1 to 65535.
    public var port: Int
    /// Virtual host, `/` by default.
    public var virtualHost: String
    /// User name, `guest` by default (which RabbitMQ only accepts over loopback).
    public var user: String
    /// The password, printed by nothing.
    var password: Secret
    /// Whether the connection is encrypted. Host name and certificate are always verified then.
    public var usesTLS: Bool
    /// The file of trusted certificate authorities (PEM). Nil means the system's bundle.
    public var caFile: String?
    /// Heartbeat interval offered to the broker, in whole seconds; zero turns heartbeats off. Default 10 s.
    ///
    /// A silent peer is noticed after twice this time.
    public var heartbeat: Duration
    /// How long connecting, the login and each request of the set-up may take. Default 10 s. Name resolution is not
    /// covered.
    public var connectTimeout: Duration
    /// The name that the broker shows for the connection.
    public var connectionName: String

    /// Reads a URL `amqp[s]://user:password@host:port/vhost?parameter=value`.
    ///
    /// Every part but the scheme may be missing: `guest`, `guest`, `localhost`, 5672 (5671 with TLS) and `/`. An empty
    /// path means the virtual host `/`; another virtual host is percent-encoded. Parameters: `heartbeat` (seconds, 0 to
    /// 3600), `connection_timeout` (milliseconds, 1 to 600 000), `cacertfile`, `connection_name`, and `verify`, of
    /// which only `verify_peer` is accepted.
    ///
    /// - Throws: ``AMQPError/Code/invalidConfiguration``, which names the part and never shows the password.
    public init(url: String) throws(AMQPError) {
        let parts = try BrokerURL(parsing: url)
        host = parts.host
        port = parts.port
        virtualHost = parts.virtualHost
        user = parts.user
        password = Secret(parts.password)
        usesTLS = parts.usesTLS
        caFile = nil
        heartbeat = .seconds(10)
        connectTimeout = .seconds(10)
        connectionName = "wireroom"
        for (name, value) in parts.parameters { try apply(parameter: name, value) }
    }

    private mutating func apply(parameter name: String, _ value: String) throws(AMQPError) {
        switch name {
        case "heartbeat":
            heartbeat = .seconds(try BrokerURL.number(value, name: "heartbeat", in: 0...3600))
        case "connection_timeout":
            connectTimeout = .milliseconds(try BrokerURL.number(value, name: "connection_timeout", in: 1...600_000))
        case "cacertfile":
            caFile = value
        case "connection_name":
            connectionName = value
        case "verify" where value == "verify_peer":
            break
        case "verify":
            throw AMQPError(
                .invalidConfiguration, "the broker URL's verify must be verify_peer: certificates are always verified")
        default:
            throw AMQPError(.invalidConfiguration, "the broker URL has an unknown parameter '\(name)'")
        }
    }

    /// The URL without the password and the parameters.
    public var description: String {
        let shownHost = host.contains(":") ? "[\(host)]" : host
        return "\(usesTLS ? "amqps" : "amqp")://\(user)@\(shownHost):\(port)/\(virtualHost == "/" ? "" : virtualHost)"
    }

    public var debugDescription: String { description }
}

extension AMQPConfiguration {
    /// Where distributions keep the bundle of trusted authorities.
    private static let systemBundles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
    ]

    /// The file of trusted authorities: the configured one, or the system's.
    ///
    /// The library loads no authorities by itself, so that without a file every certificate would be refused.
    func trustedAuthorities() throws(AMQPError) -> String {
        let candidates = caFile.map { [$0] } ?? Self.systemBundles
        for candidate in candidates where unsafe access(candidate, R_OK) == 0 { return candidate }
        throw AMQPError(
            .invalidConfiguration, "no readable file of certificate authorities: \(candidates.joined(separator: ", "))")
    }

    /// Checks what the C library would cut at a NUL byte or refuse with an unclear error.
    func validate() throws(AMQPError) {
        for (name, text) in [
            ("host", host), ("virtual host", virtualHost), ("user", user), ("password", password.value),
            ("connection name", connectionName), ("file of authorities", caFile ?? ""),
        ] where text.utf8.contains(0) || text.utf8.count > 1024 {
            throw AMQPError(.invalidConfiguration, "the broker's \(name) contains a NUL byte or is too long")
        }
        guard !host.isEmpty, (1...65535).contains(port) else {
            throw AMQPError(.invalidConfiguration, "the broker's host is empty or its port is not in 1...65535")
        }
        guard virtualHost.utf8.count <= 255, connectTimeout > .zero, heartbeat >= .zero else {
            throw AMQPError(.invalidConfiguration, "virtual host over 255 bytes, or a timeout that is not positive")
        }
    }
}

/// A text that shows itself to nobody: neither when printed nor when dumped.
struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let value: String

    init(_ value: String) {
        self.value = value
    }

    var description: String { "(secret)" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
