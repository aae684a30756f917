/// What went wrong between this process and the broker.
///
/// No part of it ever shows a password or a message body.
public struct AMQPError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure: a closed set of constants that may grow.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The stable name, in snake case, fit for a metric label.
        public let description: String

        private init(_ name: String) {
            description = name
        }

        /// The broker could not be reached, or the TLS handshake failed.
        public static let connectionFailed = Code("connection_failed")
        /// The broker refused the user name or the password.
        public static let authenticationFailed = Code("authentication_failed")
        /// An established connection ended: closed by the broker, by the network, or for want of heartbeats.
        public static let connectionClosed = Code("connection_closed")
        /// The broker closed the channel for a reason that has no code of its own.
        public static let channelClosed = Code("channel_closed")
        /// An answer did not come in time.
        public static let timeout = Code("timeout")
        /// The queue or exchange does not exist (404).
        public static let notFound = Code("not_found")
        /// The queue or exchange exists with other arguments, or a delivery tag is unknown (406).
        public static let preconditionFailed = Code("precondition_failed")
        /// The user may not do this, or may not enter the virtual host (403, 530).
        public static let accessRefused = Code("access_refused")
        /// Another connection holds the queue exclusively (405).
        public static let resourceLocked = Code("resource_locked")
        /// The configuration or the URL is wrong.
        public static let invalidConfiguration = Code("invalid_configuration")
        /// A frame breaks the protocol or a size limit, in either direction.
        public static let invalidFrame = Code("invalid_frame")
        /// The object has been closed, or its `run()` has ended.
        public static let closed = Code("closed")
        /// The waiting task was cancelled.
        public static let cancelled = Code("cancelled")
    }

    /// The kind of failure.
    public let code: Code
    /// What happened, and what to do about it where that is known.
    public let message: String
    /// The AMQP reply code of the broker, where the broker said why.
    public let replyCode: Int?
    /// Where in the source the error was made: `file:line`.
    public let location: String

    init(
        _ code: Code, _ message: String, replyCode: Int? = nil,
        file: StaticString = #fileID, line: UInt = #line
    ) {
        self.code = code
        self.message = message
        self.replyCode = replyCode
        location = "\(file):\(line)"
    }

    /// Whether the same call may succeed later without anybody changing anything.
    public var isRetriable: Bool {
        switch code {
        case .connectionFailed, .connectionClosed, .channelClosed, .timeout, .resourceLocked: true
        default: false
        }
    }

    /// The code's name, from a bounded set: fit for a metric label.
    public var shortDescription: String { code.description }

    /// The code, the reply code and the message, in one line.
    public var description: String {
        guard let replyCode else { return "\(code): \(message)" }
        return "\(code) (\(replyCode)): \(message)"
    }
}

extension AMQPError {
    /// Maps a close of the broker (channel or connection) to our codes.
    static func closedByBroker(
        _ scope: CloseScope, replyCode: Int, text: String, file: StaticString = #fileID, line: UInt = #line
    ) -> AMQPError {
        let code: Code =
            switch replyCode {
            case 403, 530: .accessRefused
            case 404: .notFound
            case 405: .resourceLocked
            case 406: .preconditionFailed
            case 501, 502, 503, 504, 505: .invalidFrame
            default: scope == .channel ? .channelClosed : .connectionClosed
            }
        return AMQPError(
            code, text.isEmpty ? "the broker gave no reason" : text, replyCode: replyCode, file: file, line: line)
    }

    /// What the broker closed.
    enum CloseScope {
        case channel
        case connection
    }
}
