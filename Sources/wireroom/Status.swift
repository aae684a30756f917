import AMQP
import ArgumentParser
import Foundation
import Logging
import Model
import Operator
import Pipeline
import Postgres

/// `wireroom status`
struct Status: OperatorCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows where everything is: URLs, queues, hosts, workers, articles, stories.",
        discussion: """
            EXAMPLES
              wireroom status
              wireroom status --watch
              wireroom status --wait-until-settled --timeout 120   # for scripts: ends with 75 when time runs out
            """)

    @OptionGroup var options: OperatorOptions

    @Flag(help: "Show it again every two seconds, until Ctrl-C.")
    var watch = false

    @Flag(help: "Wait until nothing is due and nothing is on its way; progress goes to standard error.")
    var waitUntilSettled = false

    @Option(help: ArgumentHelp("With --wait-until-settled: the longest time, in seconds.", valueName: "seconds"))
    var timeout = 300

    func validate() throws {
        guard (1...86_400).contains(timeout) else {
            throw ValidationError("--timeout \(timeout) is not within 1 to 86400 seconds")
        }
        guard !(watch && waitUntilSettled) else {
            throw ValidationError("--watch and --wait-until-settled exclude each other")
        }
    }

    func execute(_ session: OperatorSession) async throws {
        try await session.withDatabase { database in
            var reader = StatusSource(session: session, database: database)
            if waitUntilSettled {
                try show(try await waitUntilSettled(&reader), session.topology)
                return
            }
            try show(try await reader.read(), session.topology)
            while watch {
                try await Task.sleep(for: .seconds(2))
                if !options.json { try Console.line() }
                try show(try await reader.read(), session.topology)
            }
        }
    }

    private func waitUntilSettled(_ reader: inout StatusSource) async throws -> StatusReport {
        let deadline = ContinuousClock.now + .seconds(timeout)
        var shown = ""
        var settled = 0
        while true {
            let report = try await reader.read()
            let line = Self.progress(report)
            if line != shown { Console.note(line) }
            shown = line
            // Twice in a row: what was just handed from one place to the other may be in none at one moment.
            settled = report.isSettled && report.queues != nil ? settled + 1 : 0
            if settled > 1 { return report }
            guard ContinuousClock.now < deadline else {
                try show(report, reader.session.topology)
                throw CommandFailure(.timedOut, "not settled after \(timeout) s: \(line)")
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private static func progress(_ report: StatusReport) -> String {
        func urls(_ state: String) -> Int { report.urls[state] ?? 0 }
        let underway = urls("captured") + urls("parsed") + urls("classified")
        var parts = [
            "due \(report.due)", "under way \(underway)", "queued \(report.pendingMessages + report.outbox)",
            "indexed \(urls("indexed"))",
            "dropped \(urls("dropped"))", "stories \(report.stories)",
        ]
        if report.quarantine > 0 { parts.append("quarantine \(report.quarantine)") }
        if report.queues == nil { parts.append("no broker") }
        return parts.joined(separator: "  ")
    }

    private func show(_ report: StatusReport, _ topology: Topology) throws {
        guard !options.json else { return try Console.json(StatusLine(report: report)) }
        var table = TextTable()
        let states = ["known", "captured", "parsed", "classified", "indexed", "dropped", "quarantined"]
        table.add("urls", states.map { "\($0) \(report.urls[$0] ?? 0)" }.joined(separator: "  "))
        table.add("due now", "\(report.due)")
        table.add(
            "hosts", ["leased", "blocked", "paused"].map { "\($0) \(report.hosts[$0] ?? 0)" }.joined(separator: "  "))
        table.add("outbox", "\(report.outbox)")
        table.add("quarantine", "\(report.quarantine)")
        table.add("articles", "\(report.articles) in \(TerminalText.count(report.stories, "story", "stories"))")
        if report.queues == nil { table.add("queues", "the broker does not answer") }
        if report.workers.isEmpty { table.add("workers", "none was seen in the last minute") }
        table.add("settled", report.queues == nil ? "unknown" : report.isSettled ? "yes" : "no")
        try table.write()
        try showQueues(report, topology)
        try showWorkers(report)
    }

    private func showQueues(_ report: StatusReport, _ topology: Topology) throws {
        guard let queues = report.queues else { return }
        let messages = Dictionary(queues.map { ($0.name, $0) }) { first, _ in first }
        var table = TextTable("STAGE", "WAITING", "SUSPECT", "IN RETRY", "TO QUARANTINE", "CONSUMERS")
        for stage in StageName.allCases {
            guard let main = messages[topology.stageQueue(stage)] else {
                table.add(stage.rawValue, "no queue; run `wireroom topology apply`")
                continue
            }
            let retries = topology.rungs.reduce(0) { $0 + (messages[topology.retryQueue(stage, $1)]?.messages ?? 0) }
            table.add(
                stage.rawValue, "\(main.messages)", "\(messages[topology.suspectQueue(stage)]?.messages ?? 0)",
                "\(retries)",
                "\(messages[topology.quarantineQueue(stage)]?.messages ?? 0)", "\(main.consumers)")
        }
        try Console.line()
        try table.write()
    }

    private func showWorkers(_ report: StatusReport) throws {
        guard !report.workers.isEmpty else { return }
        var table = TextTable("WORKER", "STAGE", "VERSION", "SEEN", "COUNTS")
        for worker in report.workers {
            let counts = worker.counts.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map {
                "\($0.key) \($0.value)"
            }
            table.add(
                worker.worker, worker.stage, worker.version, "\(Int(worker.silentSeconds)) s ago",
                counts.joined(separator: "  "))
        }
        try Console.line()
        try table.write()
    }
}

/// The report with what follows from it.
private struct StatusLine: Encodable {
    var report: StatusReport

    enum CodingKeys: String, CodingKey {
        case isSettled = "settled"
    }

    func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        // Without the broker nobody knows.
        try container.encode(report.queues == nil ? nil : report.isSettled, forKey: .isSettled)
    }
}

/// Reads the status again and again over one connection to the broker, which may come and go meanwhile.
private struct StatusSource {
    let session: OperatorSession
    let database: PostgresPool
    private let configuration: AMQPConfiguration?
    private var administration: AMQPAdministration?
    private var hasComplained = false

    init(session: OperatorSession, database: PostgresPool) {
        self.session = session
        self.database = database
        // Without a broker's address everything else can still be shown.
        configuration = try? session.broker()
    }

    mutating func read() async throws -> StatusReport {
        let reader = StatusReader(database: database, topology: session.topology)
        guard let configuration else {
            complain("setting broker.url (environment WIREROOM_BROKER_URL) is not set or wrong")
            return try await reader.read(nil)
        }
        do {
            let connection: AMQPAdministration
            if let administration {
                connection = administration
            } else {
                connection = try await AMQPAdministration.connect(configuration, logger: session.logger)
            }
            administration = connection
            let report = try await reader.read(connection)
            hasComplained = false
            return report
        } catch let error as AMQPError {
            administration = nil
            complain("broker: \(error.message)")
            return try await reader.read(nil)
        }
    }

    private mutating func complain(_ message: String) {
        if !hasComplained { Console.note("\(message); the queues are left out") }
        hasComplained = true
    }
}
