import Synchronization

/// One statement in wire form.
struct EncodedStatement: Sendable {
    let sql: String
    let parameters: EncodedParameters
    let isPrepared: Bool

    init(_ statement: PostgresStatement) throws(PostgresError) {
        try Self.check(statement.sql)
        sql = statement.sql
        parameters = try EncodedParameters(statement.values)
        isPrepared = statement.isPrepared
    }

    /// The types for the statement cache; nil for NULL.
    var types: [UInt32?] { parameters.fields.map { $0.range == nil ? nil : $0.type } }

    /// SQL is a C string to libpq.
    static func check(_ sql: String) throws(PostgresError) {
        guard !sql.utf8.contains(0) else {
            throw PostgresError(.queryFailed, "the SQL contains U+0000", sqlState: "42601")
        }
    }
}

/// Something a connection does at one go.
enum Command: Sendable {
    case statements([EncodedStatement])
    case script(String)
    case copyData([UInt8])
    case copyEnd(failure: String?)
}

/// A command in the queue of a connection, with everything needed to answer whoever waits for it.
final class Operation: Sendable {
    /// What the end of the operation does to the stack of scopes.
    enum ScopeChange {
        case none
        case push(TransactionScope)
        case popOnSuccess, pop
    }

    let command: Command
    let deadline: Duration
    /// The transaction of the caller, if any.
    let scope: TransactionScope?
    let scopeChange: ScopeChange
    let handoff = Handoff<Result<[PostgresResult], PostgresError>>()
    private let cancelledFlag = Atomic(false)

    init(_ command: Command, deadline: Duration, scope: TransactionScope?, scopeChange: ScopeChange) {
        self.command = command
        self.deadline = deadline
        self.scope = scope
        self.scopeChange = scopeChange
    }

    /// Whether the waiting task was cancelled, possibly before the operation reached its connection.
    var isCancelled: Bool { cancelledFlag.load(ordering: .acquiring) }

    func markCancelled() { cancelledFlag.store(true, ordering: .releasing) }
}

/// A right to a connection's exclusive use, held by a transaction, a savepoint or a copy.
///
/// Calls find theirs in a task-local value, so that queries made in the body of a transaction (also from its child
/// tasks) are told from those of other tasks, whatever reference to the connection they use.
final class TransactionScope: Sendable {
    @TaskLocal static var current: TransactionScope?

    let parent: TransactionScope?
    let connection: ObjectIdentifier
    /// 0 for a transaction, above for savepoints.
    let level: Int
    private let activeFlag = Atomic(false)

    init(connection: PostgresConnection, within parent: TransactionScope?) {
        let enclosing = parent?.innermostActive(of: connection)
        self.parent = parent
        self.connection = ObjectIdentifier(connection)
        level = enclosing.map { $0.level + 1 } ?? 0
    }

    /// Whether it is on its connection's stack.
    var isActive: Bool { activeFlag.load(ordering: .acquiring) }

    func setActive(_ isActive: Bool) { activeFlag.store(isActive, ordering: .releasing) }

    /// The innermost scope of a connection in the chain that has not ended.
    func innermostActive(of connection: PostgresConnection) -> TransactionScope? {
        var scope: TransactionScope? = self
        while let candidate = scope {
            if candidate.connection == ObjectIdentifier(connection), candidate.isActive { return candidate }
            scope = candidate.parent
        }
        return nil
    }
}
