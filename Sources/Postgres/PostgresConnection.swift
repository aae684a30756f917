import Dispatch
import Logging
internal import QueueExecutor
import Synchronization

/// One session with a PostgreSQL server.
///
/// All use of libpq happens on the connection's private queue and none of it blocks, so a call costs one hop there and
/// one back. Calls from several tasks run one after another in the order of their arrival; while a transaction or a
/// copy is open, calls from outside its body wait until it ends. Inside the actor everything is synchronous: there is
/// no re-entrancy to think of.
///
/// A statement that outlives its deadline, or whose task is cancelled, is cancelled on the server. If the server has
/// not answered a second later (or the session is encrypted: libpq 15 would send the request in clear), the connection
/// is dropped. A dropped connection never comes back: make a new one, or use ``PostgresPool``.
public actor PostgresConnection {
    private let executor: QueueExecutor

    /// Runs the actor on its private queue.
    nonisolated public var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    nonisolated let configuration: PostgresConfiguration
    nonisolated let logger: Logger

    /// What `LISTEN` brings, also while the connection is idle. Holds the latest 1,024; ends when the connection does.
    nonisolated public let notifications: AsyncStream<PostgresNotification>
    let notificationSink: AsyncStream<PostgresNotification>.Continuation

    nonisolated let openFlag = Atomic(false)
    nonisolated let restFlag = Atomic(true)

    enum Phase {
        case connecting(Handoff<Result<Void, PostgresError>>)
        case open
        case closed(PostgresError)
    }

    var phase: Phase = .closed(PostgresError(.connectionFailed, "not connected"))
    var handle: ConnectionHandle?
    var readSource: ReadinessSource?
    var writeSource: ReadinessSource?
    var timer: DeadlineTimer?
    /// When the current operation must be over; see `due`.
    var operationDue: DispatchTime?
    /// When the timer fires next.
    var timerDue: DispatchTime?

    var waiting: [Operation] = []
    var current: Operation?
    var exchange = Exchange()
    var scopes: [TransactionScope] = []
    var isCopying = false
    var cache = StatementCache()

    init(_ configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        executor = QueueExecutor(label: "wireroom.postgres")
        (notifications, notificationSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1024))
    }

    deinit {
        notificationSink.finish()
    }

    /// Whether the connection was made and has not been lost or closed.
    nonisolated public var isOpen: Bool { openFlag.load(ordering: .acquiring) }

    /// Whether nothing runs, waits or is open on the connection.
    nonisolated var isAtRest: Bool { restFlag.load(ordering: .acquiring) }

    // MARK: Statements

    /// Runs one statement and waits for its whole result.
    ///
    /// - Throws: ``PostgresError``. After ``PostgresError/Code/queryFailed`` the connection is as good as before (a
    ///   transaction that was open is aborted and must be rolled back).
    nonisolated public func query(
        _ sql: String, _ values: [PostgresValue] = []
    ) async throws(PostgresError) -> PostgresResult {
        try await query(sql, values, deadline: configuration.statementDeadline)
    }

    /// Runs one statement with a deadline of its own, counted from when the statement is sent.
    nonisolated public func query(
        _ sql: String, _ values: [PostgresValue] = [], deadline: Duration
    ) async throws(PostgresError) -> PostgresResult {
        try await query(PostgresStatement(sql, values), deadline: deadline)
    }

    /// Runs one statement.
    ///
    /// - Parameter deadline: how long it may run; nil means the configuration's.
    nonisolated public func query(
        _ statement: PostgresStatement, deadline: Duration? = nil
    ) async throws(PostgresError) -> PostgresResult {
        let encoded = try EncodedStatement(statement)
        let results = try await perform(.statements([encoded]), deadline: deadline)
        guard let result = results.first else {
            throw PostgresError(.queryFailed, "the server gave no result", action: .giveUp)
        }
        return result
    }

    /// Runs SQL with any number of statements and no parameters; without `BEGIN` they are one transaction.
    nonisolated public func script(_ sql: String, deadline: Duration? = nil) async throws(PostgresError) {
        try EncodedStatement.check(sql)
        _ = try await perform(.script(sql), deadline: deadline)
    }

    /// Sends several statements at once and waits for all results: one round trip, and one transaction unless one is
    /// open.
    ///
    /// - Returns: a result for each statement, in order.
    /// - Throws: the first error; then no statement has had an effect.
    nonisolated public func pipeline(
        _ statements: [PostgresStatement], deadline: Duration? = nil
    ) async throws(PostgresError) -> [PostgresResult] {
        guard !statements.isEmpty else { return [] }
        var encoded: [EncodedStatement] = []
        encoded.reserveCapacity(statements.count)
        for statement in statements { encoded.append(try EncodedStatement(statement)) }
        return try await perform(.statements(encoded), deadline: deadline)
    }

    /// Begins to receive the notifications of a channel, through ``notifications``.
    ///
    /// - Parameter channel: the exact name, in the case it has in the server.
    nonisolated public func listen(_ channel: String) async throws(PostgresError) {
        try await script("LISTEN \(Identifier.quoted(channel))")
    }

    /// Closes the connection at once. What runs or waits on it fails with ``PostgresError/Code/connectionLost``.
    nonisolated public func close() async {
        let closed = Handoff<Void>()
        enter { connection in
            connection.drop(PostgresError(.connectionLost, "the connection was closed"))
            closed.give(())
        }
        await closed.value()
    }

    // MARK: Entering the actor

    /// Runs a body on the actor, after everything entered before it.
    nonisolated func enter(_ body: @escaping @Sendable (isolated PostgresConnection) -> Void) {
        executor.queue.async { self.assumeIsolated(body) }
    }

    /// For handlers that must not keep the connection alive.
    nonisolated func weakly(_ body: @escaping @Sendable (isolated PostgresConnection) -> Void) -> @Sendable () -> Void {
        { [weak self] in self?.assumeIsolated(body) }
    }

    nonisolated var queue: DispatchQueue { executor.queue }

    /// Queues a command and waits for its results.
    nonisolated func perform(
        _ command: Command, deadline: Duration? = nil, in scope: TransactionScope? = TransactionScope.current,
        _ change: Operation.ScopeChange = .none, isCancellable: Bool = true
    ) async throws(PostgresError) -> [PostgresResult] {
        let operation = Operation(
            command, deadline: deadline ?? configuration.statementDeadline, scope: scope, scopeChange: change)
        guard isCancellable else {
            enter { $0.submit(operation) }
            return try await operation.handoff.value().get()
        }
        return try await withTaskCancellationHandler {
            enter { $0.submit(operation) }
            return await operation.handoff.value()
        } onCancel: {
            operation.markCancelled()
            enter { $0.cancel(operation) }
        }.get()
    }
}

/// Names in SQL.
enum Identifier {
    /// A name in quotation marks.
    static func quoted(_ name: String) -> String {
        var bytes: [UInt8] = [0x22]
        for byte in name.utf8 {
            if byte == 0x22 { bytes.append(0x22) }
            bytes.append(byte)
        }
        bytes.append(0x22)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `schema.table`, each part in quotation marks.
    static func quotedPath(_ path: String) -> String {
        path.split(separator: ".", omittingEmptySubsequences: false).map { quoted(String($0)) }.joined(separator: ".")
    }
}
