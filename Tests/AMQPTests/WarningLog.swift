import Logging
import Synchronization

/// What consumers and publishers warn of: the errors that ended their connections, or kept them from coming about.
final class WarningLog: Sendable {
    struct Warning: Sendable {
        let errorType: String
        let text: String
    }

    private let continuation: AsyncStream<Warning>.Continuation
    private let warnings: AsyncStream<Warning>

    init() {
        (warnings, continuation) = AsyncStream.makeStream()
    }

    /// The next warning of an error. Only one task may ask.
    func next() async -> Warning? {
        for await warning in warnings { return warning }
        return nil
    }

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: WarningLog
        var logLevel = Logger.Level.warning
        var metadata = Logger.Metadata()

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            guard let type = event.metadata?["error.type"] else { return }
            log.continuation.yield(
                Warning(errorType: type.description, text: event.metadata?["error"]?.description ?? ""))
        }
    }
}
