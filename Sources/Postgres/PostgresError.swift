/// Everything that can go wrong with PostgreSQL, as one type.
///
/// A message never contains a password, a connection string or the values of a statement's parameters.
public struct PostgresError: Error, Sendable {
    /// What kind of failure it is.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Name: String {
            case connectionFailed, connectionLost, authenticationFailed, timeout, queryFailed
            case decodingFailed, poolClosed, cancelled, invalidConfiguration
        }

        private let name: Name

        /// No connection could be made.
        public static let connectionFailed = Code(name: .connectionFailed)
        /// An established connection broke, or was closed while work was waiting. Whether a running statement took
        /// effect is unknown.
        public static let connectionLost = Code(name: .connectionLost)
        /// The server refused the credentials.
        public static let authenticationFailed = Code(name: .authenticationFailed)
        /// A deadline passed.
        public static let timeout = Code(name: .timeout)
        /// The server reported an error; see ``PostgresError/sqlState``.
        public static let queryFailed = Code(name: .queryFailed)
        /// A result did not have the asked-for column or type.
        public static let decodingFailed = Code(name: .decodingFailed)
        /// The pool is closed or closing.
        public static let poolClosed = Code(name: .poolClosed)
        /// The calling task was cancelled.
        public static let cancelled = Code(name: .cancelled)
        /// The connection string or another setting is not valid.
        public static let invalidConfiguration = Code(name: .invalidConfiguration)

        /// The name of the constant.
        public var description: String { name.rawValue }
    }

    /// Where in the source an error was made.
    public struct Location: Sendable, Hashable, CustomStringConvertible {
        /// Module and file.
        public let fileID: String
        /// One-based line.
        public let line: Int

        /// `Module/File.swift:12`.
        public var description: String { "\(fileID):\(line)" }
    }

    /// What kind of failure it is.
    public let code: Code

    /// The five-character SQLSTATE the server gave, if it gave one.
    public let sqlState: String?

    /// The name of the constraint that was violated, if one was.
    public let constraint: String?

    /// What happened, and the server's hint if it gave one.
    public let message: String

    /// What to do about it.
    public let action: PostgresErrorAction

    /// Where the error was made.
    public let location: Location

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: what kind of failure it is.
    ///   - message: what happened; without secrets and parameter values.
    ///   - sqlState: the server's SQLSTATE, if any.
    ///   - constraint: the violated constraint, if any.
    ///   - action: what to do about it; by default what the SQLSTATE, or else the code, calls for.
    public init(
        _ code: Code, _ message: String, sqlState: String? = nil, constraint: String? = nil,
        action: PostgresErrorAction? = nil, fileID: String = #fileID, line: Int = #line
    ) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
        self.constraint = constraint
        self.action = action ?? sqlState.map(PostgresErrorAction.init(sqlState:)) ?? code.defaultAction
        self.location = Location(fileID: fileID, line: line)
    }

    /// Whether the same work, tried again (on a new connection if need be), may succeed.
    public var isRetriable: Bool {
        action == .retryTransaction || action == .reconnect
    }

    /// A word or two from a bounded set: the code, and for server errors the class of the SQLSTATE. Fit for a metric
    /// label.
    public var shortDescription: String {
        guard code == .queryFailed, let sqlState else { return code.description }
        return "\(code.description).\(sqlState.prefix(2))"
    }
}

extension PostgresError.Code {
    /// The action for an error without a SQLSTATE.
    fileprivate var defaultAction: PostgresErrorAction {
        switch self {
        case .connectionFailed, .connectionLost, .timeout: .reconnect
        case .decodingFailed: .badData
        default: .giveUp
        }
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    /// The code, SQLSTATE, constraint and message.
    public var description: String {
        var text = "\(code): \(message)"
        if let sqlState { text += " [SQLSTATE \(sqlState)]" }
        if let constraint { text += " [constraint \(constraint)]" }
        return text
    }

    /// ``description`` and the place the error was made.
    public var debugDescription: String { "\(description) (\(location))" }
}
