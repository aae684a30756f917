public import Logging
public import WebURL

/// Fetches URLs over HTTP, many at once, on kept-alive connections.
///
/// Every request is judged by ``FetchConfiguration/addressPolicy``: its URL at the start, and the address that libcurl
/// is about to connect to in the dial step, so that a name which resolves to an internal address is refused however it
/// came about. Redirects are returned and not followed, cookies are not kept, and neither `.netrc` nor proxy variables
/// are read. HTTP/2 is used where TLS negotiates it.
///
/// All transfers of a client share one libcurl multi handle, driven by one private queue that is idle when nothing
/// runs.
public final class FetchClient: Sendable {
    private let configuration: FetchConfiguration
    private let loop: TransferLoop
    private let logger: Logger

    /// Makes a client. Connections are made on demand.
    public init(_ configuration: FetchConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        loop = TransferLoop(maximumIdleConnections: configuration.maximumIdleConnections)
    }

    /// Fetches one URL.
    ///
    /// Any HTTP status is a response; only the lack of one throws. Cancelling the task aborts the transfer.
    public func fetch(_ request: FetchRequest) async throws(FetchError) -> FetchResponse {
        try checkPolicy(request.url)
        let transfer = try Transfer(request: request, configuration: configuration)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.submit(transfer, continuation)
            }
        } onCancel: {
            loop.cancel(transfer)
        }
        log(result, of: request)
        return try result.get()
    }

    /// Ends all transfers with ``FetchError/Code/closed`` and closes all connections. Later requests fail the same way.
    public func close() async {
        await loop.close()
    }

    /// Why a URL would be refused by its look alone, or `nil` when it would be tried: for a redirect's target, before a place
    /// is kept for it.
    public func refusal(of url: ParsedURL) -> AddressRefusal? {
        guard let refusal = configuration.addressPolicy.refusal(of: url) else { return nil }
        if refusal == .internalName || refusal == .port, configuration.override(for: url) != nil { return nil }
        return refusal
    }

    private func checkPolicy(_ url: ParsedURL) throws(FetchError) {
        guard let refusal = refusal(of: url) else { return }
        throw FetchError(
            .addressRefused, "The address policy refuses this URL: \(refusal.rawValue).", url: url, refusal: refusal)
    }

    private func log(_ result: Result<FetchResponse, FetchError>, of request: FetchRequest) {
        switch result {
        case .success(let response):
            logger.trace(
                "Fetched a URL",
                metadata: [
                    "http.host": "\(request.url.host ?? "")", "http.status": "\(response.status)",
                    "fetch.bytes": "\(response.wireBytes)", "duration.ms": "\(response.timings.total.milliseconds)",
                ])
        case .failure(let error):
            logger.debug(
                "Could not fetch a URL",
                metadata: ["http.host": "\(request.url.host ?? "")", "error.type": "\(error.shortDescription)"])
        }
    }
}

extension FetchConfiguration {
    /// The `address:port` that stands in for the host of `url`, by host and port or by host alone.
    func override(for url: ParsedURL) -> String? {
        guard !resolveOverrides.isEmpty, let host = url.host, let port = url.effectivePort else { return nil }
        return resolveOverrides["\(host):\(port)"] ?? resolveOverrides[host]
    }
}
