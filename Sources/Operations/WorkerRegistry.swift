import Foundation
public import Logging
public import Model
public import Postgres
public import ServiceLifecycle

/// Keeps a worker's row in the database fresh, so that `wireroom status` shows who works and on what.
public final class WorkerRegistry: Service {
    private let stage: StageName
    private let worker: String
    private let version: String
    private let database: PostgresPool
    private let interval: Duration
    private let status: @Sendable () -> String
    private let logger: Logger

    /// Makes a registry entry.
    ///
    /// - Parameters:
    ///   - interval: how often the row is written.
    ///   - status: what the worker has done so far, as JSON.
    public init(
        stage: StageName, worker: String, version: String, database: PostgresPool, interval: Duration = .seconds(5),
        logger: Logger,
        status: @escaping @Sendable () -> String
    ) {
        self.stage = stage
        self.worker = worker
        self.version = version
        self.database = database
        self.interval = interval
        self.status = status
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.write(isLast: false)
                try? await Task.sleep(for: self.interval)  // cancelled: the loop's condition ends it
            }
        }
        // In a task of its own, because this one may be cancelled and the last word still has to be written. A database
        // that does not answer must not hold up the stop.
        let lastWord = Task { await write(isLast: true) }
        let timer = Task {
            try? await Task.sleep(for: .seconds(2))  // cancelled: the word was written
            lastWord.cancel()
        }
        await lastWord.value
        timer.cancel()
    }

    private func write(isLast: Bool) async {
        do {
            _ = try await database.query(
                """
                INSERT INTO wireroom.worker (worker, stage, version, status) VALUES ($1, $2, $3, $4::jsonb)
                ON CONFLICT (worker) DO UPDATE SET stage = excluded.stage, version = excluded.version, status = excluded.status,
                    seen_at = now(), stopped_at = CASE WHEN $5 THEN now() END
                """,
                [.text(worker), .text(stage.rawValue), .text(version), .json(status()), .bool(isLast)])
        } catch {
            logger.debug("The worker's row cannot be written now", error: error)
        }
    }
}
