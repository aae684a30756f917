public import ArgumentParser

/// The flags that every worker has. Each has an environment variable, and a place in the settings file, of the same name.
public struct WorkerOptions: ParsableArguments {
    @Option(name: .long, help: "PostgreSQL: a libpq URI or DSN. [WIREROOM_DATABASE_URL]")
    public var databaseURL: String?

    @Option(name: .long, help: "RabbitMQ: amqp://user:password@host:port/vhost, or amqps://… [WIREROOM_BROKER_URL]")
    public var brokerURL: String?

    @Option(name: .long, help: "Settings file, JSON. [WIREROOM_CONFIG]")
    public var config: String?

    @Option(
        name: .long,
        help: "This worker's name in the ledger. [WIREROOM_WORKER_NAME, default: host, stage and process number]")
    public var workerName: String?

    @Option(name: .long, help: "Messages in hand at once. [WIREROOM_WORKER_PREFETCH]")
    public var prefetch: Int?

    @Option(
        name: .long, help: "trace, debug, info, notice, warning, error or critical. [WIREROOM_LOG_LEVEL, default: info]"
    )
    public var logLevel: String?

    @Option(name: .long, help: "text or json. [WIREROOM_LOG_FORMAT, default: text]")
    public var logFormat: String?

    @Option(
        name: .long,
        help:
            "Where metrics and health are served: address:port, or none. [WIREROOM_ADMIN_LISTEN, default: 127.0.0.1 and the stage's port]"
    )
    public var adminListen: String?

    public init() {}

    /// The given flags by settings key.
    public var settings: [String: String] {
        let all: [String: String?] = [
            "database.url": databaseURL, "broker.url": brokerURL, "worker.name": workerName,
            "worker.prefetch": prefetch.map(String.init), "log.level": logLevel, "log.format": logFormat,
            "admin.listen": adminListen,
        ]
        return all.compactMapValues { $0 }
    }
}
