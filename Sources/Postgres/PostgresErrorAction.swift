/// What to do after a ``PostgresError``.
public enum PostgresErrorAction: Sendable, Hashable, CaseIterable {
    /// Run the whole transaction again: nothing is wrong with it or with the connection.
    case retryTransaction
    /// Try again later on a new connection: the server, the network or its resources are at fault.
    case reconnect
    /// Stop: a fault of the program, the schema, the permissions or the settings. Trying again changes nothing.
    case giveUp
    /// Set the record aside: its data is not acceptable, other records may be.
    case badData

    /// The action for a SQLSTATE (PostgreSQL manual, appendix A).
    ///
    /// Codes that are not listed mean ``giveUp``.
    public init(sqlState: String) {
        switch sqlState {
        // serialization failure, deadlock, lock not available
        case "40001", "40P01", "55P03": self = .retryTransaction
        // shutdown, crash, cannot connect now, idle-in-transaction and idle-session timeouts, read-only standby
        case "57P01", "57P02", "57P03", "57P05", "25P03", "25006": self = .reconnect
        // query cancelled (statement_timeout or an operator)
        case "57014": self = .reconnect
        default: self = Self(sqlStateClass: sqlState.prefix(2))
        }
    }

    private init(sqlStateClass: Substring) {
        switch sqlStateClass {
        // connection exception, insufficient resources (disk, memory, connections), system error
        case "08", "53", "58": self = .reconnect
        // transaction rollback: 40003 and 40002 included
        case "40": self = .retryTransaction
        // data exception, integrity violation, cardinality violation, check option, program limit exceeded
        case "22", "23", "21", "44", "54": self = .badData
        default: self = .giveUp
        }
    }
}
