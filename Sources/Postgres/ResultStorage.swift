internal import CPostgreSQL

/// Owns one `PGresult` and frees it.
///
/// `@unchecked Sendable`: libpq documents that a result may be passed between threads and that the functions which only
/// read it are safe to call from several at once. After `init` nothing here changes it. The one reader that writes is
/// an access out of range (it raises a notice through the connection), and every access below is checked first.
@safe final class ResultStorage: @unchecked Sendable {
    private let raw: OpaquePointer
    let rowCount: Int
    let columns: [PostgresColumn]
    private let indexes: [String: Int]

    /// Takes the result over: it is freed with this object.
    init(taking raw: OpaquePointer) {
        unsafe self.raw = raw
        rowCount = Int(unsafe PQntuples(raw))
        let columns = (0..<(unsafe PQnfields(raw))).map { index in
            let name = unsafe PQfname(raw, index).map { unsafe String(cString: $0) } ?? ""
            let format = PostgresFormat(type: unsafe PQftype(raw, index), isBinary: unsafe PQfformat(raw, index) == 1)
            return PostgresColumn(name: name, format: format)
        }
        self.columns = columns
        indexes = Dictionary(columns.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    deinit {
        unsafe PQclear(raw)
    }

    func index(of column: String) -> Int? { indexes[column] }

    /// Lends the bytes of a field; nil for NULL.
    func withField<Value>(row: Int, column: Int, _ body: (Span<UInt8>?) -> Value) -> Value {
        precondition(row >= 0 && row < rowCount && column >= 0 && column < columns.count, "field out of range")
        let row = Int32(row)
        let column = Int32(column)
        guard unsafe PQgetisnull(raw, row, column) == 0, let start = unsafe PQgetvalue(raw, row, column) else {
            return body(nil)
        }
        let length = Int(unsafe PQgetlength(raw, row, column))
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length)
        return body(unsafe Span<UInt8>(_unsafeBytes: bytes))
    }

    var affectedRows: Int {
        Int(unsafe String(cString: PQcmdTuples(raw))) ?? 0
    }

    /// The command the server ran, as `INSERT 0 1`.
    var commandTag: String {
        unsafe String(cString: PQcmdStatus(raw))
    }
}
