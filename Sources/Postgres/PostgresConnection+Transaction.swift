import Logging

extension PostgresConnection {
    /// Runs a body in a transaction: commits when it returns, rolls back when it throws.
    ///
    /// While the body runs, the connection is its own: calls from other tasks wait until the transaction ends. Inside
    /// the body of another transaction of the same connection this is a savepoint, and `isolation` is ignored. A
    /// statement that fails aborts the transaction even when the body catches its error; use a nested transaction
    /// around what may fail.
    ///
    /// - Parameters:
    ///   - isolation: the isolation level.
    ///   - body: what to do, with this connection.
    /// - Returns: what the body returns, once committed.
    /// - Throws: what the body throws; or ``PostgresError``. When the connection is lost during the commit it is not
    ///   known whether the transaction took effect.
    nonisolated public func transaction<Value: Sendable>(
        isolation: PostgresIsolation = .readCommitted,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let scope = TransactionScope(connection: self, within: TransactionScope.current)
        let verbs = TransactionVerbs(level: scope.level, isolation: isolation)
        _ = try await perform(.script(verbs.begin), TransactionScope.current, .push(scope))
        do {
            let value = try await TransactionScope.$current.withValue(scope) { try await body(self) }
            try await commit(verbs, scope)
            return value
        } catch {
            await rollBack(verbs, scope)
            throw error
        }
    }

    /// Commits, whether the task was cancelled or not: the work is done.
    private nonisolated func commit(_ verbs: TransactionVerbs, _ scope: TransactionScope) async throws(PostgresError) {
        let change: Operation.ScopeChange = scope.level == 0 ? .pop : .popOnSuccess
        let results = try await perform(.script(verbs.commit), scope, change, isCancellable: false)
        guard results.last?.storage.commandTag != "ROLLBACK" else {
            throw PostgresError(
                .queryFailed, "the transaction was rolled back, because a statement in it had failed", sqlState: "25P02"
            )
        }
    }

    /// Rolls back unless the scope has ended already. What cannot be rolled back is dropped: the session's state is
    /// unknown.
    private nonisolated func rollBack(_ verbs: TransactionVerbs, _ scope: TransactionScope) async {
        guard scope.isActive else { return }
        do {
            _ = try await perform(.script(verbs.rollBack), scope, .pop, isCancellable: false)
        } catch {
            logger.debug("A transaction could not be rolled back", metadata: ["error": "\(error)"])
            await close()
        }
    }

    private nonisolated func perform(
        _ command: Command, _ scope: TransactionScope?, _ change: Operation.ScopeChange, isCancellable: Bool = true
    ) async throws(PostgresError) -> [PostgresResult] {
        try await perform(command, in: scope, change, isCancellable: isCancellable)
    }

    /// Makes the connection fit for another user: ends what was left open.
    ///
    /// - Returns: whether the connection can be used again.
    nonisolated func reset() async -> Bool {
        guard isOpen else { return false }
        if isAtRest { return true }
        do {
            // A transaction begun by hand can be rolled back; what child tasks left running cannot be waited for.
            if await isUnused {
                _ = try await perform(.script("ROLLBACK"), TransactionScope.current, .none, isCancellable: false)
            }
        } catch {
            logger.debug("A returned connection could not be reset", metadata: ["error": "\(error)"])
        }
        if isAtRest, isOpen { return true }
        await close()
        return false
    }
}

/// The SQL around a transaction or a savepoint.
private struct TransactionVerbs {
    let begin: String
    let commit: String
    let rollBack: String

    init(level: Int, isolation: PostgresIsolation) {
        guard level > 0 else {
            begin = "BEGIN ISOLATION LEVEL \(isolation.rawValue)"
            commit = "COMMIT"
            rollBack = "ROLLBACK"
            return
        }
        let name = "wireroom_\(level)"
        begin = "SAVEPOINT \(name)"
        commit = "RELEASE SAVEPOINT \(name)"
        rollBack = "ROLLBACK TO SAVEPOINT \(name); RELEASE SAVEPOINT \(name)"
    }
}
