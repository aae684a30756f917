/// Who has which connection: the bookkeeping of ``PostgresPool`` without its waiting and connecting.
///
/// A connection's place is counted from the moment somebody may connect until it is discarded.
struct PoolState<Connection, Waiter> {
    /// What whoever asks for a connection is to do.
    enum Lease {
        case use(Connection)
        /// The place is taken for you: connect, or give the place back.
        case connect
        case wait
        case closed
    }

    /// What to do after a place or a connection came free.
    struct Handover {
        var waiter: Waiter
        /// Nil: the waiter is to connect.
        var connection: Connection?
    }

    private let maximum: Int
    private(set) var idle: [Connection] = []
    private(set) var places = 0
    private(set) var isClosed = false
    private var waiters: [(id: UInt64, waiter: Waiter)] = []

    init(maximum: Int) { self.maximum = max(1, maximum) }

    var leased: Int { places - idle.count }
    var waiting: Int { waiters.count }
    var isEmpty: Bool { places == 0 }

    /// Asks for a connection; the idle one used last comes first, so that spare ones stay cold.
    mutating func lease(isUsable: (Connection) -> Bool) -> Lease {
        guard !isClosed else { return .closed }
        while let connection = idle.popLast() {
            if isUsable(connection) { return .use(connection) }
            places -= 1
        }
        guard places < maximum else { return .wait }
        places += 1
        return .connect
    }

    mutating func enqueue(_ waiter: Waiter, id: UInt64) {
        waiters.append((id, waiter))
    }

    /// Takes a waiter out that gave up; false when it has been served.
    mutating func withdraw(id: UInt64) -> Bool {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return false }
        waiters.remove(at: index)
        return true
    }

    /// A connection comes back in good state.
    ///
    /// - Returns: who gets it; nil when it became idle or, in a closed pool, is for the caller to close.
    mutating func giveBack(_ connection: Connection) -> Handover? {
        if !waiters.isEmpty { return Handover(waiter: waiters.removeFirst().waiter, connection: connection) }
        if isClosed { places -= 1 } else { idle.append(connection) }
        return nil
    }

    /// A place comes free: its connection was lost, or could not be made.
    mutating func giveBackPlace() -> Handover? {
        guard !waiters.isEmpty else {
            places -= 1
            return nil
        }
        return Handover(waiter: waiters.removeFirst().waiter, connection: nil)
    }

    /// Closes the pool.
    ///
    /// - Returns: the idle connections to close and the waiters to turn away.
    mutating func close() -> (idle: [Connection], waiters: [Waiter]) {
        isClosed = true
        let result = (idle, waiters.map(\.waiter))
        places -= idle.count
        idle = []
        waiters = []
        return result
    }
}

extension PoolState: Sendable where Connection: Sendable, Waiter: Sendable {}
extension PoolState.Lease: Sendable where Connection: Sendable, Waiter: Sendable {}
extension PoolState.Handover: Sendable where Connection: Sendable, Waiter: Sendable {}
