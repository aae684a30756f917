import ArgumentParser
import Indexing
import Model
import WorkerRuntime

@main
struct IndexWorker: WorkerCommand {
    static let configuration = CommandConfiguration(
        commandName: "wireroom-index", abstract: "Makes articles searchable and groups them into reprints and stories.",
        discussion: """
            Takes messages from wireroom.index. Any number of workers may run; grouping itself is done by one at a time. SIGTERM \
            and SIGINT stop it after the messages in hand.

            EXAMPLE
              wireroom-index --database-url postgresql://user:password@localhost/wireroom --broker-url amqp://user:password@localhost/
            """, version: WorkerApplication.version)

    @OptionGroup var options: WorkerOptions

    func work() async throws {
        let application = try await WorkerApplication(
            stage: .index, options: options, defaultPrefetch: 128, metrics: FreshnessMetrics.descriptions)
        try await application.run(IndexStage(metrics: application.metrics))
    }
}
