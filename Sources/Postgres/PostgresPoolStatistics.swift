/// What a ``PostgresPool`` is doing and has done.
public struct PostgresPoolStatistics: Sendable, Hashable {
    /// Open connections nobody uses.
    public internal(set) var idle = 0
    /// Connections that are lent or being made.
    public internal(set) var leased = 0
    /// Tasks that wait for a connection.
    public internal(set) var waiting = 0
    /// Connections made so far.
    public internal(set) var connects = 0
    /// Failed attempts to connect so far.
    public internal(set) var connectFailures = 0
    /// Requests so far that had to wait in line.
    public internal(set) var waits = 0
}
