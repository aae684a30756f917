/// One SQL statement with its parameters.
public struct PostgresStatement: Sendable, Hashable {
    /// The statement; parameters are `$1`, `$2`, …
    public var sql: String

    /// The values of the parameters, at most 65,535.
    public var values: [PostgresValue]

    /// Whether the statement is prepared once per connection and kept under its SQL text (the default).
    ///
    /// Set it to false for a statement that is built at run time and not used again, and for statements of a pipeline
    /// that use what an earlier one of the same pipeline creates: prepared ones are parsed before the pipeline runs.
    public var isPrepared: Bool

    /// Makes a statement.
    public init(_ sql: String, _ values: [PostgresValue] = [], isPrepared: Bool = true) {
        self.sql = sql
        self.values = values
        self.isPrepared = isPrepared
    }
}
