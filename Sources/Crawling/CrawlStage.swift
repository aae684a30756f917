public import CoreMetrics
public import Fetch
public import Logging
public import Model
public import Pipeline
public import Postgres
internal import WebURL

/// The crawl stage: a lease in, captures and new URLs out.
///
/// A lease writes as it goes; what the loop persists in the end is only that the lease is over. A worker that dies leaves
/// its lease to run out: the host is then released again, without the URLs that are done.
public struct CrawlStage: Stage {
    private let frontier: Frontier
    private let runner: LeaseRunner
    private let worker: String

    /// Makes the stage.
    public init(
        frontier: Frontier, fetcher: FetchClient, configuration: CrawlConfiguration, worker: String,
        metrics: any MetricsFactory = NOOPMetricsHandler.instance, logger: Logger
    ) {
        self.frontier = frontier
        self.worker = worker
        runner = LeaseRunner(
            configuration: configuration, frontier: frontier, fetcher: fetcher,
            discoverer: Discoverer(configuration: configuration), metrics: CrawlMetrics(factory: metrics),
            logger: logger)
    }

    public func load(
        _ messages: [StageMessage<CrawlLease>], from database: PostgresPool
    ) async throws -> [StageStep<LeasedHost>] {
        try await frontier.claim(messages.map(\.payload), worker: worker).map { host in
            host.map { .next($0) } ?? .end(.drop(.staleLease))
        }
    }

    public func process(_ host: LeasedHost, message: StageMessage<CrawlLease>) async throws -> StageStep<Duration> {
        do {
            return .next(try await runner.run(host).delay)
        } catch is LeaseLost {
            return .end(.drop(.staleLease, detail: "the lease was given to another worker"))
        }
    }

    public func persist(
        _ batch: [ProcessedMessage<CrawlLease, Duration>], in transaction: PostgresConnection
    ) async throws -> [StageResult] {
        try await frontier.close(
            batch.map { ($0.message.payload.hostID, $0.message.payload.leaseNumber, $0.value) }, in: transaction)
        return batch.map { _ in StageResult(.done) }
    }
}
