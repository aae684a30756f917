internal import Postgres

/// Writes the visits of a worker's many leases together: while one transaction is on its way, the visits that come gather for
/// the next one. So a lone visit never waits, and under load one commit serves many.
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
    private var isWriting = false
    private var waiting: [(entry: VisitEntry, continuation: CheckedContinuation<Turn, Never>)] = []

    init(frontier: Frontier) {
        self.frontier = frontier
    }

    /// Writes a visit, alone or with others, and comes back once it is committed.
    ///
    /// - Throws: ``LeaseLost``, or what kept the database from writing it.
    func record(_ entry: VisitEntry) async throws -> RecordedVisit {
        if isWriting {
            let turn = await withCheckedContinuation { waiting.append((entry, $0)) }
            if case .written(let result) = turn { return try Self.recorded(result) }
        }
        isWriting = true
        let others = Array(waiting.prefix(Self.maximumBatch - 1))
        waiting.removeFirst(others.count)
        let results = await write([entry] + others.map(\.entry))
        if waiting.isEmpty { isWriting = false } else { waiting.removeFirst().continuation.resume(returning: .write) }
        for (other, result) in zip(others, results.dropFirst()) {
            other.continuation.resume(returning: .written(result))
        }
        return try Self.recorded(results[0])
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
