public import AMQP
public import Logging
internal import Model
public import Pipeline
internal import Postgres
public import ServiceLifecycle

/// Releases due hosts as leases, as long as the stages behind keep up. Runs in every crawl worker; no leader is needed.
public struct Releaser: Service {
    private let frontier: Frontier
    private let relay: OutboxRelay
    private let broker: AMQPConfiguration
    private let topology: Topology
    private let configuration: CrawlConfiguration
    private let logger: Logger

    /// Makes a releaser.
    public init(
        frontier: Frontier, relay: OutboxRelay, broker: AMQPConfiguration, topology: Topology,
        configuration: CrawlConfiguration,
        logger: Logger
    ) {
        self.frontier = frontier
        self.relay = relay
        self.broker = broker
        self.topology = topology
        self.configuration = configuration
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.releaseUntilCancelled() }
    }

    private func releaseUntilCancelled() async {
        var isHeldBack = false
        var administration: AMQPAdministration?
        var nextPartitions = ContinuousClock.now
        var failures = 0
        while !Task.isCancelled {
            do {
                if ContinuousClock.now >= nextPartitions {
                    let dropped = try await frontier.keepHouse()
                    if !dropped.isEmpty {
                        logger.notice(
                            "Old captures were dropped",
                            metadata: ["partitions": "\(dropped.joined(separator: ", "))"])
                    }
                    nextPartitions = ContinuousClock.now + .seconds(3600)
                }
                if administration == nil {
                    administration = try await AMQPAdministration.connect(broker, logger: logger)
                }
                // A full queue takes nothing more: what is fetched then waits in the outbox, and is behind all the same.
                let queued = try await administration?.inspectQueue(topology.stageQueue(.parse))?.messageCount ?? 0
                let backlog = try await queued + frontier.unsentCaptures(atMost: configuration.maximumParseBacklog + 1)
                let mustWait = backlog > configuration.maximumParseBacklog
                if mustWait != isHeldBack {
                    isHeldBack = mustWait
                    logger.notice(
                        mustWait ? "Releasing is paused: the parse stage is behind" : "Releasing goes on",
                        metadata: ["queue.name": "\(topology.stageQueue(.parse))", "count": "\(backlog)"])
                }
                if !mustWait, try await frontier.release() > 0 { relay.wake() }
                failures = 0
            } catch  where Task.isCancelled {
                break
            } catch {
                logger.warning("Hosts cannot be released now, trying again", error: error)
                await administration?.close()
                administration = nil
                failures += 1
            }
            // Up to 32 times rarer while broker or database are away.
            // Cancelled: the loop's condition ends it.
            try? await Task.sleep(for: configuration.releaseInterval * (1 << min(failures, 5)))
        }
        await administration?.close()
    }
}
