internal import CRabbitMQ
internal import Dispatch
internal import Glibc

extension BrokerLink {
    /// Connects and logs in on a queue where blocking is allowed.
    ///
    /// - Parameters:
    ///   - queue: a private queue; it is blocked for up to twice the configuration's `connectTimeout`, and for as long
    ///     as name resolution takes.
    ///   - sendTimeout: how long a send may block before the connection is given up.
    static func open(
        _ configuration: AMQPConfiguration, generation: UInt64, sendTimeout: Duration, on queue: DispatchQueue
    ) async throws(AMQPError) -> sending BrokerLink {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<LinkResult, Never>) in
            queue.async {
                do throws(AMQPError) {
                    let link = try connect(configuration, generation: generation, sendTimeout: sendTimeout)
                    continuation.resume(returning: .opened(link))
                } catch {
                    continuation.resume(returning: .failed(error))
                }
            }
        }
        switch result {
        case .opened(let link): return link
        case .failed(let error): throw error
        }
    }

    private enum LinkResult {
        case opened(BrokerLink)
        case failed(AMQPError)
    }

    private static func connect(
        _ configuration: AMQPConfiguration, generation: UInt64, sendTimeout: Duration
    ) throws(AMQPError) -> sending BrokerLink {
        try configuration.validate()
        let library = try LibraryConnection()
        try openSocket(of: library, configuration)
        let descriptor = try LinkDescriptor(duplicating: unsafe amqp_get_sockfd(library.raw))
        try logIn(library, configuration, watching: descriptor.number)
        setSocketOptions(descriptor.number, configuration, sendTimeout: sendTimeout)
        return BrokerLink(
            library: library, descriptor: descriptor, generation: generation, sendTimeout: sendTimeout)
    }

    private static func openSocket(
        of library: borrowing LibraryConnection, _ configuration: AMQPConfiguration
    ) throws(AMQPError) {
        // The connection object owns the socket object from here on, whatever happens.
        let socket =
            unsafe configuration.usesTLS ? amqp_ssl_socket_new(library.raw) : amqp_tcp_socket_new(library.raw)
        guard let socket = unsafe socket else { throw AMQPError(.connectionFailed, "no socket could be made") }
        if configuration.usesTLS { unsafe try prepareTLS(socket, configuration) }
        var timeout = configuration.connectTimeout.timeInterval
        let status = unsafe amqp_socket_open_noblock(socket, configuration.host, Int32(configuration.port), &timeout)
        guard status == AMQP_STATUS_OK.rawValue else {
            throw AMQPError(
                status == AMQP_STATUS_TIMEOUT.rawValue ? .timeout : .connectionFailed,
                "cannot connect to \(configuration): \(unsafe String(cString: amqp_error_string2(status)))")
        }
    }

    private static func prepareTLS(_ socket: OpaquePointer, _ configuration: AMQPConfiguration) throws(AMQPError) {
        unsafe amqp_ssl_socket_set_verify_peer(socket, 1)
        unsafe amqp_ssl_socket_set_verify_hostname(socket, 1)
        guard unsafe amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST) == AMQP_STATUS_OK.rawValue
        else {
            throw AMQPError(.connectionFailed, "TLS 1.2 is not available")
        }
        let authorities = try configuration.trustedAuthorities()
        guard unsafe amqp_ssl_socket_set_cacert(socket, authorities) == AMQP_STATUS_OK.rawValue else {
            throw AMQPError(.invalidConfiguration, "\(authorities) holds no certificate authorities in PEM form")
        }
    }

    /// How much a broker may send during the login: three frames of 64 KiB are as much as it can need.
    private static let bytesOfLogin = 1 << 20

    /// Logs in, and not for longer than the time for it, whatever the broker sends.
    private static func logIn(
        _ library: borrowing LibraryConnection, _ configuration: AMQPConfiguration, watching descriptor: Int32
    ) throws(AMQPError) {
        let watchdog = SendWatchdog(
            descriptor: descriptor, limit: configuration.connectTimeout, byteLimit: bytesOfLogin,
            interval: .milliseconds(20))
        watchdog.arm()
        defer { watchdog.retire() }
        do throws(AMQPError) {
            try logIn(library, configuration)
        } catch {
            guard watchdog.hasFired else { throw error }
            throw AMQPError(
                .timeout, "no login at \(configuration): the broker went on sending and did not answer")
        }
        // What has come by then is good for nothing: the socket is shut down.
        if watchdog.hasFired { throw AMQPError(.timeout, "the login at \(configuration) took too long") }
    }

    private static func logIn(
        _ library: borrowing LibraryConnection, _ configuration: AMQPConfiguration
    ) throws(AMQPError) {
        var timeout = configuration.connectTimeout.timeInterval
        _ = unsafe amqp_set_handshake_timeout(library.raw, &timeout)
        _ = unsafe amqp_set_rpc_timeout(library.raw, &timeout)
        let heartbeat = Int32(clamping: configuration.heartbeat.components.seconds)
        let reply = unsafe configuration.virtualHost.withCString { virtualHost in
            unsafe configuration.user.withCString { user in
                unsafe configuration.password.value.withCString { password in
                    unsafe configuration.connectionName.withCString { name in
                        var login = unsafe wireroom_amqp_login(
                            virtual_host: virtualHost, user: user, password: password, connection_name: name,
                            frame_max: frameMaximum, heartbeat_seconds: heartbeat)
                        return unsafe wireroom_amqp_login_with_capabilities(library.raw, &login)
                    }
                }
            }
        }
        guard unsafe reply.reply_type != AMQP_RESPONSE_NORMAL else { return }
        throw unsafe loginError(reply, configuration)
    }

    private static func loginError(_ reply: amqp_rpc_reply_t, _ configuration: AMQPConfiguration) -> AMQPError {
        if unsafe reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION,
            unsafe reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD, let fields = unsafe reply.reply.decoded
        {
            let close = unsafe fields.load(as: amqp_connection_close_t.self)
            let text = unsafe FrameDecoder.string(close.reply_text)
            let code = Int(unsafe close.reply_code)
            guard code != 403 else {
                return AMQPError(.authenticationFailed, "\(configuration) refused the login", replyCode: code)
            }
            return .closedByBroker(.connection, replyCode: code, text: text)
        }
        let status = unsafe reply.library_error
        let reason = unsafe String(cString: amqp_error_string2(status))
        switch status {
        case AMQP_STATUS_TIMEOUT.rawValue:
            return AMQPError(.timeout, "no login at \(configuration): \(reason)")
        case AMQP_STATUS_BAD_AMQP_DATA.rawValue, AMQP_STATUS_WRONG_METHOD.rawValue,
            AMQP_STATUS_UNKNOWN_CLASS.rawValue, AMQP_STATUS_UNKNOWN_METHOD.rawValue,
            AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION.rawValue, AMQP_STATUS_OK.rawValue:
            // Another protocol, another version of it, or a method that has no place in a login.
            return AMQPError(
                .connectionFailed, "no login at \(configuration): what answers there does not speak AMQP 0-9-1")
        default:
            return AMQPError(.connectionFailed, "no login at \(configuration): \(reason)")
        }
    }

    /// Lets the kernel notice a peer that is gone, also in the middle of a send.
    private static func setSocketOptions(
        _ descriptor: Int32, _ configuration: AMQPConfiguration, sendTimeout: Duration
    ) {
        #if os(Linux)
            let userTimeout = Int32(clamping: sendTimeout.wholeMicroseconds / 1000)
            let options: [(Int32, Int32)] = [
                (TCP_USER_TIMEOUT, userTimeout), (TCP_KEEPIDLE, 10), (TCP_KEEPINTVL, 5), (TCP_KEEPCNT, 3),
            ]
            for (option, value) in options {
                var value = value
                // A second line of defence behind heartbeats and the watchdog: nothing is lost where it is missing.
                _ = unsafe setsockopt(
                    descriptor, Int32(IPPROTO_TCP), option, &value, socklen_t(MemoryLayout<Int32>.size))
            }
        #endif
    }
}

extension Duration {
    /// The duration as the C library wants it, at least one microsecond.
    fileprivate var timeInterval: timeval {
        let microseconds = max(1, wholeMicroseconds)
        return timeval(tv_sec: Int(microseconds / 1_000_000), tv_usec: Int(microseconds % 1_000_000))
    }
}
