internal import Postgres

/// What an error of reading or writing a batch's rows means for the batch.
enum BatchTrouble {
    /// The database is away, busy or full: the same again a little later.
    case passing
    /// No retry can cure it and no message is to blame: the worker ends.
    case fatal
    /// It may lie in one of the messages.
    case messages

    init(_ error: any Error) {
        switch error {
        case let error as PostgresError where error.isRetriable: self = .passing
        case let error as PostgresError where error.action == .giveUp: self = .fatal
        case is CancellationError: self = .fatal
        default: self = .messages
        }
    }
}
