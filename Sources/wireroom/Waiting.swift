import ArgumentParser
import Operator
import Postgres

/// The flags of commands that can wait for what they started.
struct WaitingOptions: ParsableArguments {
    @Flag(help: "Wait until everything is searchable, dropped or in quarantine.")
    var wait = false

    @Option(
        help: ArgumentHelp(
            "With --wait: the longest time, in seconds; then the command ends with 75.", valueName: "seconds"))
    var timeout = 300

    func validate() throws {
        guard (1...86_400).contains(timeout) else {
            throw ValidationError("--timeout \(timeout) is not within 1 to 86400 seconds")
        }
    }

    /// Waits until the URLs are at their end, telling on standard error what changes.
    func waitForArrival(_ urlIDs: [Int64], in database: PostgresPool) async throws -> ArrivalWatcher.Progress {
        let watcher = try await ArrivalWatcher(urlIDs, database: database)
        let deadline = ContinuousClock.now + .seconds(timeout)
        var shown: ArrivalWatcher.Progress?
        while true {
            let progress = try await watcher.read()
            if progress != shown {
                Console.note("\(progress.underway) under way, \(Self.summary(progress))")
                shown = progress
            }
            if progress.underway == 0 { return progress }
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(
                    .timedOut,
                    "\(TerminalText.count(progress.underway, "document")) not through after \(timeout) s; see `wireroom status` and `wireroom trace`"
                )
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    /// The progress in words.
    static func summary(_ progress: ArrivalWatcher.Progress) -> String {
        var parts = ["\(progress.indexed) indexed"]
        if progress.dropped > 0 { parts.append("\(progress.dropped) dropped") }
        if progress.quarantined > 0 { parts.append("\(progress.quarantined) in quarantine") }
        if progress.postponed > 0 { parts.append("\(progress.postponed) to be fetched again later") }
        return parts.joined(separator: ", ")
    }
}
