public import Logging
import Synchronization

/// A bounded set of connections that are made when needed.
///
/// Whoever finds none free waits in line. A connection that comes back broken, or with something left open on it, is
/// dropped and replaced. While the server cannot be reached, making a connection is tried again with a growing, random
/// pause until the configuration's connect timeout has passed.
public final class PostgresPool: Sendable {
    private typealias Grant = Result<PostgresConnection?, PostgresError>

    private let configuration: PostgresConfiguration
    private let logger: Logger
    private let state: Mutex<Shared>

    private struct Shared {
        var places: PoolState<PostgresConnection, Handoff<Grant>>
        var counts = PostgresPoolStatistics()
        var lastID: UInt64 = 0
        var closers: [Handoff<Void>] = []
    }

    /// Makes a pool; connects to nothing yet.
    ///
    /// - Parameters:
    ///   - configuration: where to connect.
    ///   - maximumConnections: the most connections at a time, at least 1.
    ///   - logger: where notices and lost connections are written, at `debug`.
    public init(_ configuration: PostgresConfiguration, maximumConnections: Int = 4, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        state = Mutex(Shared(places: PoolState(maximum: maximumConnections)))
    }

    /// Lends a connection to a body.
    ///
    /// - Throws: what the body throws; ``PostgresError/Code/poolClosed``, ``PostgresError/Code/cancelled``, or why no
    ///   connection could be made.
    public func withConnection<Value>(_ body: (PostgresConnection) async throws -> Value) async throws -> Value {
        let connection = try await lease()
        do {
            let value = try await body(connection)
            await giveBack(connection)
            return value
        } catch {
            await giveBack(connection)
            throw error
        }
    }

    /// Runs a body in a transaction on a connection of the pool, and runs it again, up to three times in all, when the
    /// transaction fails because of others (serialization failure, deadlock, lock not available).
    ///
    /// - Parameters:
    ///   - isolation: the isolation level.
    ///   - body: what to do; it must bear being run again.
    public func withTransaction<Value: Sendable>(
        isolation: PostgresIsolation = .readCommitted, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        var attempt = 1
        while true {
            do {
                return try await withConnection { try await $0.transaction(isolation: isolation, body) }
            } catch let error as PostgresError where error.action == .retryTransaction && attempt < 3 {
                try await Backoff.transaction.pause(after: attempt)
                attempt += 1
            }
        }
    }

    /// Runs one statement on a connection of the pool.
    public func query(_ sql: String, _ values: [PostgresValue] = []) async throws -> PostgresResult {
        try await withConnection { try await $0.query(sql, values) }
    }

    /// Closes the pool: turns away who waits, closes idle connections, and waits until every lent one has come back.
    /// Later requests fail with ``PostgresError/Code/poolClosed``. May be called more than once.
    public func close() async {
        let closed = Handoff<Void>()
        let (idle, waiters) = state.withLock { state in
            let result = state.places.close()
            if state.places.isEmpty { closed.give(()) } else { state.closers.append(closed) }
            return result
        }
        for waiter in waiters { waiter.give(.failure(Self.poolClosed)) }
        for connection in idle { await connection.close() }
        await closed.value()
    }

    /// The numbers of the moment.
    public var statistics: PostgresPoolStatistics {
        state.withLock { state in
            var statistics = state.counts
            statistics.idle = state.places.idle.count
            statistics.leased = state.places.leased
            statistics.waiting = state.places.waiting
            return statistics
        }
    }

    // MARK: Leases

    private static var poolClosed: PostgresError { PostgresError(.poolClosed, "the pool is closed") }

    private func lease() async throws(PostgresError) -> PostgresConnection {
        guard !Task.isCancelled else { throw Self.cancelled }
        let waiter = Handoff<Grant>()
        let id = state.withLock { state -> UInt64 in
            state.lastID += 1
            switch state.places.lease(isUsable: \.isOpen) {
            case .use(let connection): waiter.give(.success(connection))
            case .connect: waiter.give(.success(nil))
            case .closed: waiter.give(.failure(Self.poolClosed))
            case .wait:
                state.counts.waits += 1
                state.places.enqueue(waiter, id: state.lastID)
            }
            return state.lastID
        }
        let granted = try await withTaskCancellationHandler {
            await waiter.value()
        } onCancel: {
            // Only who is still in line is turned away; a grant that is on its way is used.
            if state.withLock({ $0.places.withdraw(id: id) }) { waiter.give(.failure(Self.cancelled)) }
        }.get()
        if let granted { return granted }
        return try await connect()
    }

    private static var cancelled: PostgresError {
        PostgresError(.cancelled, "the task was cancelled while waiting for a connection")
    }

    /// Makes a connection for a place that is already counted.
    private func connect() async throws(PostgresError) -> PostgresConnection {
        let clock = ContinuousClock()
        let end = clock.now + configuration.connectTimeout
        var attempt = 1
        while true {
            do throws(PostgresError) {
                let connection = try await PostgresConnection.connect(configuration, logger: logger)
                state.withLock { $0.counts.connects += 1 }
                return connection
            } catch {
                state.withLock { $0.counts.connectFailures += 1 }
                let isHopeless = !error.isRetriable || clock.now >= end || state.withLock { $0.places.isClosed }
                guard !isHopeless, await Backoff.connection.hasPaused(after: attempt) else {
                    handOver { $0.giveBackPlace() }
                    throw error
                }
                attempt += 1
            }
        }
    }

    private func giveBack(_ connection: PostgresConnection) async {
        guard await connection.reset() else {
            handOver { $0.giveBackPlace() }
            return
        }
        let isSpare = handOver { $0.giveBack(connection) }
        if isSpare { await connection.close() }
    }

    /// Serves the next in line, and the closers when the last place came free.
    ///
    /// - Returns: whether the pool is closed and nobody took what came back.
    @discardableResult
    private func handOver(
        _ change:
            @Sendable (inout PoolState<PostgresConnection, Handoff<Grant>>) -> PoolState<
                PostgresConnection, Handoff<Grant>
            >
            .Handover?
    ) -> Bool {
        let (handover, closers, isClosed) = state.withLock { state in
            let handover = change(&state.places)
            let isDone = state.places.isClosed && state.places.isEmpty
            let closers = isDone ? state.closers : []
            if isDone { state.closers = [] }
            return (handover, closers, state.places.isClosed)
        }
        handover?.waiter.give(.success(handover?.connection))
        for closer in closers { closer.give(()) }
        return isClosed && handover == nil
    }
}
