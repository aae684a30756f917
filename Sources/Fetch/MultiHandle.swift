internal import CCurl

/// A libcurl multi handle: many transfers and their cache of connections.
///
/// - Note: `@unchecked Sendable` holds because all calls but two are made on the private queue of the one
///   ``TransferLoop`` that owns the handle, and that loop makes those two, ``wakeUp()`` and ``destroy()``, under one
///   lock. libcurl documents waking up as allowed on any thread. After ``destroy()`` every call is answered with an
///   error that does no harm.
@safe final class MultiHandle: @unchecked Sendable {
    /// libcurl returns from a wait after this time at the latest; a wake-up ends it at once.
    private static let longestWaitMilliseconds: CInt = 1_000

    private var handle: UnsafeMutableRawPointer?

    init(maximumIdleConnections: Int) {
        LibCurl.initialize()
        unsafe handle = curl_multi_init()
        _ = unsafe wr_curl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, maximumIdleConnections)
    }

    deinit {
        destroy()
    }

    /// Closes all connections. No transfer may be left: the loop removes them first, and retains this handle while it
    /// runs.
    func destroy() {
        guard let handle = unsafe handle else { return }
        _ = unsafe curl_multi_cleanup(handle)
        unsafe self.handle = nil
    }

    /// Ends a wait that is going on, or the next one.
    func wakeUp() {
        _ = unsafe curl_multi_wakeup(handle)
    }

    /// Adds a transfer; the caller keeps it alive until ``remove(_:)``.
    func add(_ transfer: Transfer) -> Bool {
        unsafe transfer.prepare() && curl_multi_add_handle(handle, transfer.easy) == CURLM_OK
    }

    func remove(_ transfer: Transfer) {
        _ = unsafe curl_multi_remove_handle(handle, transfer.easy)
    }

    /// Moves all transfers on as far as possible without waiting.
    func perform() {
        var running: CInt = 0
        _ = unsafe curl_multi_perform(handle, &running)
    }

    /// Waits for activity on any connection, a timer of libcurl, or ``wakeUp()``.
    func wait() {
        _ = unsafe curl_multi_poll(handle, nil, 0, Self.longestWaitMilliseconds, nil)
    }

    /// The next transfer that came to its end, with libcurl's result.
    func nextFinished() -> (Transfer.ID, CURLcode)? {
        var waiting: CInt = 0
        while let message = unsafe curl_multi_info_read(handle, &waiting) {
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle else {
                continue
            }
            return unsafe (Transfer.ID(easy), wr_curl_message_result(message))
        }
        return nil
    }
}

/// The process-wide set-up of libcurl.
enum LibCurl {
    private static let result = curl_global_init(Int(CURL_GLOBAL_ALL))

    /// Sets libcurl up once; safe to call from any thread.
    static func initialize() {
        _ = result
    }
}
