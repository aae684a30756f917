/// One message received by `LISTEN`.
public struct PostgresNotification: Sendable, Hashable {
    /// The channel it was sent to.
    public let channel: String

    /// The payload; empty when the sender gave none. At most 8,000 bytes (a server limit).
    public let payload: String

    /// The process number of the sending server process.
    public let processID: Int32

    /// Makes a notification.
    public init(channel: String, payload: String, processID: Int32) {
        self.channel = channel
        self.payload = payload
        self.processID = processID
    }
}
