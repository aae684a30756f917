import ArgumentParser
import Classifying
import Model
import WorkerRuntime

@main
struct ClassifyWorker: WorkerCommand {
    static let configuration = CommandConfiguration(
        commandName: "wireroom-classify", abstract: "Annotates articles: topics, places, people, quotations, events.",
        discussion: """
            Takes messages from wireroom.classify and sends each article on to the index stage. Any number of workers may run. \
            SIGTERM and SIGINT stop it after the messages in hand.

            EXAMPLE
              wireroom-classify --database-url postgresql://user:password@localhost/wireroom --broker-url amqp://user:password@localhost/
            """, version: WorkerApplication.version)

    @OptionGroup var options: WorkerOptions

    func work() async throws {
        let application = try await WorkerApplication(stage: .classify, options: options, defaultPrefetch: 128)
        try await application.run(ClassifyStage(classifier: try ArticleClassifier()))
    }
}
