import Dispatch
public import Logging
import Synchronization

extension PostgresConnection {
    /// Connects.
    ///
    /// - Throws: ``PostgresError/Code/connectionFailed``, ``PostgresError/Code/authenticationFailed``,
    ///   ``PostgresError/Code/timeout`` after ``PostgresConfiguration/connectTimeout`` (it holds even while the
    ///   system's name lookup hangs), ``PostgresError/Code/cancelled``.
    public static func connect(
        _ configuration: PostgresConfiguration, logger: Logger
    ) async throws(PostgresError) -> PostgresConnection {
        let connection = PostgresConnection(configuration, logger: logger)
        let attempt = Handoff<Result<Void, PostgresError>>()
        // On a queue of its own, since the connection's may be blocked by the lookup.
        let abandon: @Sendable (PostgresError) -> Void = { [weak connection] error in
            if attempt.give(.failure(error)) { connection?.enter { $0.drop(error) } }
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + configuration.connectTimeout.dispatchInterval) {
            abandon(PostgresError(.timeout, "no connection within \(configuration.connectTimeout)"))
        }
        try await withTaskCancellationHandler {
            connection.enter { $0.startConnecting(attempt) }
            return await attempt.value()
        } onCancel: {
            abandon(PostgresError(.cancelled, "the task was cancelled while connecting"))
        }.get()
        try await connection.settle()
        return connection
    }

    private func startConnecting(_ attempt: Handoff<Result<Void, PostgresError>>) {
        guard !attempt.isGiven else { return }
        phase = .connecting(attempt)
        guard let handle = ConnectionHandle(parameters: configuration.parameters, logger: logger) else {
            return drop(PostgresError(.connectionFailed, "out of memory"))
        }
        guard !handle.isBroken else { return failConnecting(handle) }
        self.handle = handle
        // libpq: before the first poll, behave as if it had asked to wait for writing.
        waitFor(handle, .write)
    }

    private func advanceConnecting() {
        guard case .connecting = phase, let handle else { return }
        readSource = nil
        switch handle.poll() {
        case .reading: waitFor(handle, .read)
        case .writing: waitFor(handle, .write)
        case .failed: failConnecting(handle)
        case .connected: finishConnecting(handle)
        }
    }

    private func waitFor(_ handle: ConnectionHandle, _ direction: ReadinessSource.Direction) {
        readSource = ReadinessSource(
            duplicating: handle.socket, direction, queue: queue, handler: weakly { $0.advanceConnecting() })
        if readSource == nil { drop(Self.noDescriptor) }
    }

    private func failConnecting(_ handle: ConnectionHandle) {
        drop(ServerMessage.connectionError(handle.errorMessage, password: configuration.password))
    }

    private func finishConnecting(_ handle: ConnectionHandle) {
        guard case .connecting(let attempt) = phase else { return }
        guard handle.becomeNonBlocking() else { return failConnecting(handle) }
        readSource = ReadinessSource(
            duplicating: handle.socket, .read, queue: queue, handler: weakly { $0.receive() })
        guard readSource != nil else { return drop(Self.noDescriptor) }
        timer = DeadlineTimer(queue: queue, handler: weakly { $0.timerFired() })
        phase = .open
        openFlag.store(true, ordering: .releasing)
        guard attempt.give(.success(())) else {
            return drop(PostgresError(.connectionLost, "nobody waited for the connection"))
        }
    }

    private static var noDescriptor: PostgresError {
        PostgresError(.connectionFailed, "no file descriptor is left")
    }

    /// Gives the session the one setting the text forms depend on, where the server's default differs.
    private nonisolated func settle() async throws(PostgresError) {
        guard await serverParameter("DateStyle")?.hasPrefix("ISO") != true else { return }
        try await script("SET DateStyle TO ISO")
    }

    private func serverParameter(_ name: String) -> String? { handle?.serverParameter(name) }

    // MARK: The end

    /// What others than the one with the deadline, or in the cancelled task, see of it.
    private static func lost(_ error: PostgresError) -> PostgresError {
        PostgresError(.connectionLost, "the connection was dropped: \(error.message)")
    }

    /// Ends the connection and fails everything on it: the running operation with the error, others as by a lost connection.
    func drop(_ error: PostgresError) {
        if case .closed = phase, handle == nil { return }
        if case .connecting(let attempt) = phase { attempt.give(.failure(error)) }
        let lasting = error.code == .connectionFailed || error.code == .connectionLost ? error : Self.lost(error)
        phase = .closed(lasting)
        openFlag.store(false, ordering: .releasing)
        readSource = nil
        writeSource = nil
        timer = nil
        handle = nil
        isCopying = false
        for scope in scopes { scope.setActive(false) }
        scopes = []
        notificationSink.finish()
        let failed = waiting
        waiting = []
        let running = current
        current = nil
        running?.handoff.give(.failure(exchange.cancelling ?? exchange.error ?? error))
        exchange = Exchange()
        for operation in failed { operation.handoff.give(.failure(lasting)) }
        logger.debug("A database connection ended", metadata: ["error": "\(error)"])
    }
}

extension Duration {
    /// The same time for a dispatch timer, at least 1 ns and at most about a century.
    var dispatchInterval: DispatchTimeInterval {
        let (seconds, attoseconds) = components
        guard seconds < 3_000_000_000 else { return .seconds(3_000_000_000) }
        return .nanoseconds(max(1, Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)))
    }
}
