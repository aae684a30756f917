internal import Pipeline
internal import Postgres

/// Writes the visits of a worker's many leases together, so that under load one commit serves many.
///
/// A batch is written when half of the open leases have a visit for it, or when its first visit has waited for
/// 50 ms. While one is on its way the next gathers, and the other half of the leases fetches. A lone lease never
/// waits. A visit is not done before it is committed: the lease fetches nothing more until then, so what a crash costs is the
/// one page in hand of each lease.
actor VisitWriter {
    /// Visits in one transaction at most. Their bodies are in memory meanwhile.
    private static let maximumBatch = 64

    /// What a visit that had to wait is told.
    private enum Turn {
        /// Write yourself and whoever else waits.
        case write
        /// It was written with others.
        case written(Result<RecordedVisit?, any Error>)
    }

    private let frontier: Frontier
    private let longestWait: Duration
    private let gathered = WakeSignal()
    private var openLeases = 0
    /// Whether some visit gathers a batch or writes it.
    private var isBusy = false
    private var isGathering = false
    private var waiting: [(entry: VisitEntry, continuation: CheckedContinuation<Turn, Never>)] = []

    /// - Parameter longestWait: how long a visit waits for others.
    init(frontier: Frontier, longestWait: Duration = .milliseconds(50)) {
        self.frontier = frontier
        self.longestWait = longestWait
    }

    /// Says that a lease begins, whose visits may come.
    func beginLease() { openLeases += 1 }

    /// Says that no more visits of a lease will come.
    func endLease() {
        openLeases -= 1
        tellWhenGathered()
    }

    /// Writes a visit, alone or with others, and comes back once it is committed.
    ///
    /// - Throws: ``LeaseLost``, or what kept the database from writing it.
    func record(_ entry: VisitEntry) async throws -> RecordedVisit {
        if isBusy {
            let turn = await withCheckedContinuation {
                waiting.append((entry, $0))
                tellWhenGathered()
            }
            if case .written(let result) = turn { return try Self.recorded(result) }
        }
        isBusy = true
        if !hasGathered {
            isGathering = true
            await gathered.wait(atMost: longestWait)
            isGathering = false
        }
        let others = Array(waiting.prefix(Self.maximumBatch - 1))
        waiting.removeFirst(others.count)
        let results = await write([entry] + others.map(\.entry))
        if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().continuation.resume(returning: .write) }
        for (other, result) in zip(others, results.dropFirst()) {
            other.continuation.resume(returning: .written(result))
        }
        return try Self.recorded(results[0])
    }

    /// Whether the visit that gathers and those that wait are enough for a batch.
    private var hasGathered: Bool {
        waiting.count + 1 >= min(Self.maximumBatch, openLeases / 2)
    }

    private func tellWhenGathered() {
        if isGathering, hasGathered { gathered.set() }
    }

    private static func recorded(_ result: Result<RecordedVisit?, any Error>) throws -> RecordedVisit {
        guard let recorded = try result.get() else { throw LeaseLost() }
        return recorded
    }

    private func write(_ entries: [VisitEntry]) async -> [Result<RecordedVisit?, any Error>] {
        do {
            return try await frontier.record(entries).map { .success($0) }
        } catch let error as PostgresError where error.code == .queryFailed && entries.count > 1 {
            // Values that the database refuses, or a deadlock: each for itself, so that one does not take the others along.
            var results: [Result<RecordedVisit?, any Error>] = []
            for entry in entries {
                do {
                    results.append(.success(try await frontier.record([entry])[0]))
                } catch {
                    results.append(.failure(error))
                }
            }
            return results
        } catch {
            return entries.map { _ in .failure(error) }
        }
    }
}
