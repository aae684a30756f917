/// A column of a result.
public struct PostgresColumn: Sendable, Hashable {
    /// The name in the result.
    public let name: String

    /// The type, and whether its fields are in binary form.
    public let format: PostgresFormat
}

/// The answer to one statement: its rows, if it gives any, and how many rows it touched.
///
/// Rows stay in the memory libpq received them in and are read when asked for. The memory is freed with the last copy
/// of the result and of its rows: do not keep one row of a large result for long.
public struct PostgresResult: Sendable, RandomAccessCollection {
    let storage: ResultStorage

    /// The rows that were inserted, updated, deleted, copied or selected; 0 for commands without a count.
    public var affectedRows: Int { storage.affectedRows }

    /// The columns, in order.
    public var columns: [PostgresColumn] { storage.columns }

    /// The first position.
    public var startIndex: Int { 0 }

    /// The number of rows.
    public var endIndex: Int { storage.rowCount }

    /// A row.
    public subscript(position: Int) -> PostgresRow {
        precondition(position >= 0 && position < storage.rowCount, "row out of range")
        return PostgresRow(storage: storage, row: position)
    }
}

/// One row of a result.
public struct PostgresRow: Sendable {
    let storage: ResultStorage
    let row: Int

    /// The columns, in order.
    public var columns: [PostgresColumn] { storage.columns }

    /// Reads a field by the name of its column (the first one of that name).
    ///
    /// - Throws: ``PostgresError/Code/decodingFailed``, naming the column, when there is no such column, the field is
    ///   NULL and the type is not an optional, or the field is of another type or out of range.
    public func decode<Value: PostgresDecodable>(
        _ column: String, as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        guard let index = storage.index(of: column) else {
            throw PostgresError(.decodingFailed, "the result has no column \"\(column)\"", action: .giveUp)
        }
        return try decode(index, as: type)
    }

    /// Reads a field by the position of its column, from 0.
    ///
    /// - Throws: ``PostgresError/Code/decodingFailed``, as ``decode(_:as:)-(String,_)``.
    public func decode<Value: PostgresDecodable>(
        _ index: Int, as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        guard index >= 0, index < storage.columns.count else {
            throw PostgresError(
                .decodingFailed, "the result has no column \(index): it has \(storage.columns.count)", action: .giveUp)
        }
        let column = storage.columns[index]
        let (value, isNull) = storage.withField(row: row, column: index) { field -> (Value?, Bool) in
            guard let field else { return (Value.postgresNull, true) }
            return (Value.decode(field, as: column.format), false)
        }
        if let value { return value }
        let problem = isNull ? "is NULL" : "(type number \(column.format.type)) cannot be read"
        throw PostgresError(.decodingFailed, "column \"\(column.name)\" \(problem) as \(Value.self)")
    }
}
