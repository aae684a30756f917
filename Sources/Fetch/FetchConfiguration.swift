public import WebURL

/// What all requests of one ``FetchClient`` share.
public struct FetchConfiguration: Sendable {
    /// The `User-Agent` header.
    public var userAgent: String
    /// The most bytes of response headers, all answers of one request together.
    public var maximumHeaderBytes = 256 * 1024
    /// The most header lines of one request.
    public var maximumHeaderLines = 200
    /// How long name resolution, connecting and the TLS handshake may take together.
    public var connectTimeout: Duration = .seconds(10)
    /// How long a whole transfer may take.
    public var totalTimeout: Duration = .seconds(60)
    /// A transfer slower than this many bytes per second for ``lowSpeedPeriod`` is given up.
    public var lowSpeedBytesPerSecond = 1_000
    /// How long a transfer may be slow; whole seconds.
    public var lowSpeedPeriod: Duration = .seconds(20)
    /// How many idle connections are kept open.
    public var maximumIdleConnections = 256
    /// Judges each URL before it is fetched and each address when it is connected to.
    public var addressPolicy = AddressPolicy()
    /// `host` or `host:port` to the `address:port` that is contacted in its place.
    ///
    /// The `Host` header, TLS server name and certificate check keep the original host. For demonstrations and tests:
    /// the address still has to satisfy ``addressPolicy``, while the host name is not judged.
    public var resolveOverrides: [String: String] = [:]
    /// The URL of a proxy, or `nil` for none. The environment is never consulted.
    ///
    /// With a proxy the connected address is the proxy's own, so the proxy has to guard addresses.
    public var proxy: String?
    /// A file of certificate authorities in PEM form, or `nil` for those of the system.
    public var caFile: String?

    /// Makes a configuration with the given user agent and careful limits for the rest.
    public init(userAgent: String) {
        self.userAgent = userAgent
    }
}
