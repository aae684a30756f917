internal import CCurl
internal import Synchronization
internal import WebURL

/// One libcurl transfer: its easy handle, what the handle borrows, and what its callbacks collect.
///
/// - Note: `@unchecked Sendable` holds because, after `init`, everything but the atomic flag and the constants is
///   touched only on the queue of the ``TransferLoop`` it was submitted to; libcurl runs the callbacks there as well.
@safe final class Transfer: @unchecked Sendable {
    /// Identifies a transfer by its easy handle, which lives as long as the transfer.
    struct ID: Hashable, Sendable {
        private let address: UInt

        init(_ easy: UnsafeMutableRawPointer) {
            address = UInt(bitPattern: easy)
        }
    }

    let request: FetchRequest
    let configuration: FetchConfiguration
    let isCancelled = Atomic(false)
    let id: ID
    /// Owned; freed in `deinit`, after the loop has removed it from the multi handle.
    let easy: UnsafeMutableRawPointer

    var collected: ResponseCollector
    /// Set when the address policy refused a connection.
    var refusal: AddressRefusal?

    /// Owned lists that the easy handle borrows; freed after it.
    private var lists: [UnsafeMutablePointer<curl_slist>] = unsafe []
    /// Owned; libcurl writes its error text here until the handle is freed.
    private let errorBuffer: UnsafeMutablePointer<CChar>
    private let headerLines: [String]

    /// Makes a transfer for a valid request; nothing happens before ``prepare()``.
    init(request: FetchRequest, configuration: FetchConfiguration) throws(FetchError) {
        LibCurl.initialize()
        headerLines = try request.headerLines()
        guard let easy = unsafe curl_easy_init() else {
            throw FetchError(.internalError, "libcurl could not make a handle.", url: request.url)
        }
        unsafe self.easy = easy
        unsafe id = ID(easy)
        self.request = request
        self.configuration = configuration
        collected = ResponseCollector(
            maximumBodyBytes: max(0, request.maximumBytes), maximumHeaderBytes: configuration.maximumHeaderBytes,
            maximumHeaderLines: configuration.maximumHeaderLines)
        unsafe errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        while let list = unsafe lists.popLast() { unsafe curl_slist_free_all(list) }
        unsafe errorBuffer.deallocate()
    }

    func error(_ code: FetchError.Code, _ message: String) -> FetchError {
        FetchError(code, message, url: request.url, refusal: refusal)
    }

    /// libcurl's own words about the failure, or an empty string.
    var errorText: String {
        unsafe String(cString: errorBuffer)
    }

    // MARK: Options

    /// Sets all options; `false` when libcurl refuses one, such as an address it reads differently.
    func prepare() -> Bool {
        guard CurlURL.agrees(with: request.url) else { return false }
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        let callbacks = unsafe wr_curl_set_callbacks(
            easy, Self.bodyCallback, Self.headerCallback, Self.openSocketCallback, context)
        return unsafe callbacks == CURLE_OK && wr_curl_set_error_buffer(easy, errorBuffer) == CURLE_OK
            && setStrings() && setNumbers() && setLists()
    }

    private func setStrings() -> Bool {
        let url = request.url.withoutFragment.href
        let strings: [(CURLoption, String)] = [
            (CURLOPT_URL, url), (CURLOPT_PROTOCOLS_STR, "http,https"), (CURLOPT_USERAGENT, configuration.userAgent),
            // Empty means every encoding that libcurl can undo.
            (CURLOPT_ACCEPT_ENCODING, ""),
            // Empty switches the proxy variables of the environment off.
            (CURLOPT_PROXY, configuration.proxy ?? ""), (CURLOPT_NOPROXY, ""),
        ]
        for (option, value) in strings where unsafe wr_curl_set_string(easy, option, value) != CURLE_OK { return false }
        if let body = request.body {
            // Makes it a POST. libcurl copies the text, and would take its length up to a NUL.
            guard !body.utf8.contains(0), unsafe wr_curl_set_string(easy, CURLOPT_COPYPOSTFIELDS, body) == CURLE_OK
            else {
                return false
            }
        }
        guard let caFile = configuration.caFile else { return true }
        return unsafe wr_curl_set_string(easy, CURLOPT_CAINFO, caFile) == CURLE_OK
    }

    private func setNumbers() -> Bool {
        let verifies = request.allowsInvalidCertificate ? 0 : 1
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue)),
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS)), (CURLOPT_HTTP09_ALLOWED, 0), (CURLOPT_PATH_AS_IS, 1),
            (CURLOPT_SSL_VERIFYPEER, verifies), (CURLOPT_SSL_VERIFYHOST, verifies * 2),
            (CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeout.milliseconds),
            (CURLOPT_TIMEOUT_MS, configuration.totalTimeout.milliseconds),
            (CURLOPT_LOW_SPEED_LIMIT, configuration.lowSpeedBytesPerSecond),
            (CURLOPT_LOW_SPEED_TIME, Int(configuration.lowSpeedPeriod.components.seconds)),
            (CURLOPT_BUFFERSIZE, Self.bufferBytes), (CURLOPT_TCP_KEEPALIVE, 1), (CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
            // An aborted transfer must not wait for a name resolution that goes on in a thread.
            (CURLOPT_QUICK_EXIT, 1),
        ]
        for (option, value) in numbers where unsafe wr_curl_set_long(easy, option, value) != CURLE_OK { return false }
        return true
    }

    /// What libcurl reads at once; its own 16 KB means seven reads for a page of 100 KB.
    private static let bufferBytes = 128 << 10

    private func setLists() -> Bool {
        guard setList(CURLOPT_HTTPHEADER, headerLines) else { return false }
        guard let address = configuration.override(for: request.url) else { return true }
        // The form is HOST1:PORT1:HOST2:PORT2; empty first parts match any host and port.
        return setList(CURLOPT_CONNECT_TO, ["::\(address)"])
    }

    private func setList(_ option: CURLoption, _ lines: [String]) -> Bool {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            // On failure libcurl leaves the list as it was, and it stays ours.
            guard let longer = unsafe curl_slist_append(list, line) else {
                unsafe curl_slist_free_all(list)
                return false
            }
            unsafe list = longer
        }
        guard let owned = unsafe list else { return true }
        unsafe lists.append(owned)
        return unsafe wr_curl_set_list(easy, option, owned) == CURLE_OK
    }

    // MARK: Callbacks

    /// The transfer behind a callback's context, alive as long as its handle is in the multi handle.
    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }

    private static let bodyCallback: curl_write_callback = { data, size, count, context in
        guard let transfer = unsafe Transfer.from(context), let data = unsafe data else { return 0 }
        let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
        return unsafe transfer.collected.receiveBody(bytes)
    }

    private static let headerCallback: curl_write_callback = { data, size, count, context in
        guard let transfer = unsafe Transfer.from(context), let data = unsafe data else { return 0 }
        let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
        return unsafe transfer.collected.receiveHeader(Array(bytes)) ? size * count : 0
    }

    private static let openSocketCallback: curl_opensocket_callback = { context, _, address in
        guard let transfer = unsafe Transfer.from(context), let address = unsafe address else {
            return wr_curl_bad_socket()
        }
        var bytes: [UInt8] = .init(repeating: 0, count: 16)
        let count = unsafe wr_curl_address_bytes(address, &bytes)
        return transfer.permits(IPAddress(bytes: bytes.prefix(Int(count))))
            ? unsafe wr_curl_open_socket(address) : wr_curl_bad_socket()
    }

    /// Judges the address that libcurl is about to connect to, and keeps the reason of a refusal.
    private func permits(_ address: IPAddress?) -> Bool {
        if configuration.proxy != nil { return true }
        guard let address else { return false }
        guard let refusal = configuration.addressPolicy.refusal(of: address) else { return true }
        self.refusal = refusal
        return false
    }
}

extension Duration {
    /// Whole milliseconds, at least 1, since libcurl takes 0 as "no limit".
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return max(1, Int(clamping: min(max(seconds, 0), 1 << 30) * 1_000 + attoseconds / 1_000_000_000_000_000))
    }
}
