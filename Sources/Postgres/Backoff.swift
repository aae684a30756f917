/// Growing, random pauses ("full jitter": anything from 0 to a limit that doubles with each attempt).
struct Backoff {
    let first: Duration
    let longest: Duration

    static let connection = Backoff(first: .milliseconds(100), longest: .seconds(2))
    static let transaction = Backoff(first: .milliseconds(10), longest: .milliseconds(200))

    /// The longest pause after an attempt, counted from 1.
    func limit(after attempt: Int) -> Duration {
        min(longest, first * (1 << min(max(attempt - 1, 0), 20)))
    }

    /// Pauses.
    ///
    /// - Throws: ``PostgresError/Code/cancelled``.
    func pause(after attempt: Int) async throws(PostgresError) {
        do {
            try await Task.sleep(for: limit(after: attempt) * Double.random(in: 0...1))
        } catch {
            throw PostgresError(.cancelled, "the task was cancelled between two attempts")
        }
    }

    /// Pauses; false when the task was cancelled.
    func hasPaused(after attempt: Int) async -> Bool {
        do throws(PostgresError) {
            try await pause(after: attempt)
            return true
        } catch {
            return false
        }
    }
}
