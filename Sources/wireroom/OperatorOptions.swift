import ArgumentParser

/// The flags of every command that talks to broker or database.
struct OperatorOptions: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp("PostgreSQL: a libpq URI or DSN. [WIREROOM_DATABASE_URL]", valueName: "url"))
    var databaseURL: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "RabbitMQ: amqp://user:password@host:port/vhost, or amqps://… [WIREROOM_BROKER_URL]", valueName: "url"))
    var brokerURL: String?

    @Option(help: ArgumentHelp("Settings file, JSON. [WIREROOM_CONFIG]", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error or critical. [WIREROOM_LOG_LEVEL, default: warning]",
            valueName: "level"))
    var logLevel: String?

    @Flag(help: "Write one JSON object a line.")
    var json = false

    /// The given flags by settings key.
    var settings: [String: String] {
        let all: [String: String?] = ["database.url": databaseURL, "broker.url": brokerURL, "log.level": logLevel]
        return all.compactMapValues { $0 }
    }
}
