import ArgumentParser
import Captures
import Model
import Parsing
import WorkerRuntime

@main
struct ParseWorker: WorkerCommand {
    static let configuration = CommandConfiguration(
        commandName: "wireroom-parse", abstract: "Turns captures into articles.",
        discussion: """
            Takes messages from wireroom.parse, reads the captures that they point to, extracts the articles, and sends each on \
            to the classify stage. Any number of workers may run. SIGTERM and SIGINT stop it after the messages in hand.

            EXAMPLE
              wireroom-parse --database-url postgresql://user:password@localhost/wireroom --broker-url amqp://user:password@localhost/
            """, version: WorkerApplication.version)

    @OptionGroup var options: WorkerOptions

    func work() async throws {
        let application = try await WorkerApplication(stage: .parse, options: options, defaultPrefetch: 128)
        try await application.run(ParseStage(captures: PostgresCaptureStore()))
    }
}
