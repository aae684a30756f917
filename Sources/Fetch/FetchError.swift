public import WebURL

/// Why a fetch brought no response.
public struct FetchError: Error, Sendable {
    /// The kind of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// A name from a small fixed set, fit for a metric label.
        public let description: String

        private init(_ description: String) {
            self.description = description
        }

        /// The host name could not be resolved.
        public static let dnsFailure = Code("dns-failure")
        /// No connection could be made.
        public static let connectFailed = Code("connect-failed")
        /// The TLS handshake or the certificate check failed.
        public static let tlsFailed = Code("tls-failed")
        /// Connecting or the whole transfer took too long.
        public static let timeout = Code("timeout")
        /// The transfer stayed below the low-speed limit.
        public static let tooSlow = Code("too-slow")
        /// The address policy refuses the URL or the address that its host resolved to.
        public static let addressRefused = Code("address-refused")
        /// The response headers are larger than allowed.
        public static let tooLarge = Code("too-large")
        /// The answer is not valid HTTP, or its content encoding is broken.
        public static let protocolError = Code("protocol-error")
        /// The connection ended before the response was complete.
        public static let connectionLost = Code("connection-lost")
        /// The request itself is not valid.
        public static let invalidRequest = Code("invalid-request")
        /// The task was cancelled.
        public static let cancelled = Code("cancelled")
        /// The client was closed.
        public static let closed = Code("closed")
        /// libcurl failed for a reason of its own, such as lack of memory.
        public static let internalError = Code("internal-error")
    }

    /// The kind of failure.
    public let code: Code
    /// What happened, with the URL but without its credentials.
    public let message: String
    /// Why the address policy refused, for ``Code/addressRefused``.
    public let refusal: AddressRefusal?
    /// The line of this module that made the error.
    public let location: String

    /// Makes an error about `url`, whose credentials do not enter the message.
    public init(
        _ code: Code, _ message: String, url: ParsedURL?, refusal: AddressRefusal? = nil, file: StaticString = #fileID,
        line: UInt = #line
    ) {
        self.code = code
        self.message = url.map { "\(message) (\($0))" } ?? message
        self.refusal = refusal
        location = "\(file):\(line)"
    }

    /// Whether the same request may succeed later.
    public var isRetriable: Bool {
        switch code {
        case .dnsFailure, .connectFailed, .timeout, .tooSlow, .connectionLost, .internalError, .cancelled, .closed: true
        default: false
        }
    }

    /// The code alone, fit for a metric label.
    public var shortDescription: String { code.description }
}

extension FetchError: CustomStringConvertible {
    public var description: String { "\(code): \(message)" }
}
