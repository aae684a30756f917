import ArgumentParser
import Captures
import Crawling
import Fetch
import Model
import Operations
import Pipeline
import WorkerRuntime

@main
struct CrawlWorker: WorkerCommand {
    static let configuration = CommandConfiguration(
        commandName: "wireroom-crawl", abstract: "Fetches what is due, host by host.",
        discussion: """
            Releases hosts that may be contacted as leases, takes leases from wireroom.crawl, and stores captures. Any number of \
            workers may run: a host is never contacted by two at once. SIGTERM and SIGINT stop it after the pages in hand.

            EXAMPLE
              wireroom-crawl --contact https://example.org/our-crawler --database-url … --broker-url …
            """, version: WorkerApplication.version)

    @OptionGroup var options: WorkerOptions

    @Option(
        help: "Where an outlet can learn who crawls it: an https:// page or mailto: address. [WIREROOM_CRAWL_CONTACT]")
    var contact: String?

    func work() async throws {
        let flags = ["crawl.contact": contact].compactMapValues { $0 }
        let application = try await WorkerApplication(
            stage: .crawl, options: options, flags: flags, defaultPrefetch: 64, metrics: CrawlMetrics.descriptions)
        let configuration = try CrawlConfiguration(settings: application.settings)
        let fetcher = FetchClient(
            try configuration.fetchConfiguration(application.settings), logger: application.logger)
        let frontier = Frontier(
            database: application.database, captures: PostgresCaptureStore(), configuration: configuration)
        let relay = OutboxRelay(
            topology: application.topology, broker: application.broker, database: application.database,
            logger: application.logger)
        let releaser = Releaser(
            frontier: frontier, relay: relay, broker: application.broker, topology: application.topology,
            configuration: configuration, logger: application.logger)
        let stage = CrawlStage(
            frontier: frontier, fetcher: fetcher, configuration: configuration, worker: application.runner.worker,
            metrics: application.metrics, logger: application.logger)
        try await application.run(stage, with: [relay, releaser])
        await fetcher.close()
    }
}
