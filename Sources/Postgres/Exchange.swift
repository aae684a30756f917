/// What the current operation has sent and received so far.
struct Exchange {
    enum Mode {
        /// Nothing is expected: the operation ends when the output is flushed.
        case sending
        /// Answers until libpq says there are no more.
        case plain
        /// Answers until the pipeline's end.
        case pipeline
    }

    var mode = Mode.plain
    /// The statements being prepared; nil once the statements themselves run.
    var preparing: [StatementCache.Entry]?
    /// The statements the cache had no room for, deallocated in the same round trip.
    var deallocating: [StatementCache.Entry] = []
    var results: [PostgresResult] = []
    var error: PostgresError?
    /// libpq's "nothing more" since the last answer of a pipeline. Its number differs between minor versions.
    var endMarks = 0
    /// Whether forgotten prepared statements were prepared again already.
    var isSecondTry = false

    /// Why the operation is being cancelled, if it is.
    var cancelling: PostgresError?
    /// Whether the request to cancel is still under way: it could hit the next statement.
    var awaitsCancelRequest = false
    /// Whether the server is done with the operation.
    var isComplete = false

    /// More "nothing more" in a row than any libpq gives while answers are outstanding.
    static let endMarkLimit = 64

    /// The results, or the error.
    var outcome: Result<[PostgresResult], PostgresError> {
        if let cancelling, case .sending = mode { return .failure(cancelling) }
        guard let error else { return .success(results) }
        // 57014: the server did cancel it, on our request.
        if let cancelling, error.sqlState == "57014" { return .failure(cancelling) }
        return .failure(error)
    }
}
