import AMQP
import ArgumentParser
import Foundation
import Model
import Operator
import Postgres
import TerminalControl

/// `wireroom top`
struct Top: OperatorCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watches the line live: stages, queues, workers, hosts in trouble, database and broker.",
        discussion: """
            KEYS
              1-4, arrows  choose a stage        w  workers          p  pause the stage, or let it go on
              Enter        the stage in detail   h  hosts            q  quit
              Esc, o       overview

            Unacked are messages that workers have in hand; oldest is the age of the oldest message without an outcome \
            (crawl: how late the oldest due URL is). Rates are those of the last ten seconds.

            EXAMPLES
              wireroom top
              wireroom top --once          # one screen as text, for scripts
              wireroom top --json          # one JSON object every --interval seconds; with --once only one
            """)

    @OptionGroup var options: OperatorOptions

    @Flag(help: "Look once and end.")
    var once = false

    @Option(help: ArgumentHelp("Time between two looks, 1 to 3600.", valueName: "seconds"))
    var interval = 2

    func validate() throws {
        guard (1...3600).contains(interval) else {
            throw ValidationError("--interval \(interval) is not within 1 to 3600")
        }
    }

    func execute(_ session: OperatorSession) async throws {
        try await session.withDatabase { database in
            let eye = TopEye(session: session, database: database)
            defer { eye.close() }
            if options.json || once { return try await print(eye) }
            guard let terminal = TerminalSession() else {
                throw CommandFailure(.usage, "top needs a terminal; see --once and --json")
            }
            try await TopLoop(terminal: terminal, eye: eye, office: PauseOffice(database: database), name: session.name)
                .run(interval: .seconds(interval))
        }
    }

    private func print(_ eye: TopEye) async throws {
        // The first look only makes rates possible.
        _ = try await eye.look()
        repeat {
            try await Task.sleep(for: .seconds(interval))
            let report = try await eye.look()
            if options.json {
                try Console.json(report)
            } else {
                let lines = TopScreen().lines(
                    report, detail: nil, note: " ", rows: 24 + report.workers.count + report.hosts.count, columns: 200,
                    isColoured: false)
                let last = lines.lastIndex { !$0.allSatisfy(\.isWhitespace) } ?? -1
                for line in lines[...last] { try Console.line(line) }
            }
        } while !once
    }
}

/// Looks at the line, with a connection to the broker that is made again when it was lost.
final class TopEye {
    private let session: OperatorSession
    private let database: PostgresPool
    private var reader: TopReader
    private var administration: AMQPAdministration?

    init(session: OperatorSession, database: PostgresPool) {
        self.session = session
        self.database = database
        reader = TopReader(database: database, topology: session.topology)
    }

    /// Looks.
    func look() async throws -> TopReport {
        let connection: Result<AMQPAdministration, any Error>
        do {
            let known = administration
            let made =
                if let known { known } else {
                    try await AMQPAdministration.connect(session.broker(), logger: session.logger)
                }
            administration = made
            connection = .success(made)
        } catch {
            connection = .failure(error)
        }
        return try await reader.read(connection)
    }

    /// What the stage panel shows.
    func detail(of stage: String) async throws -> TopScreen.Detail {
        let funnel = try await FunnelReader(database: database).read(
            since: Date(timeIntervalSinceNow: -86_400), grouping: FunnelGrouping())
        let groups = try await QuarantineOffice(database: database).groups(
            QuarantineFilter(stage: stage), by: .reason)
        var follower = LedgerFollower(database: database, filter: LedgerFilter(stage: stage))
        return TopScreen.Detail(
            funnel: funnel.filter { $0.stage == stage }, quarantine: groups, ledger: try await follower.start(lines: 40)
        )
    }

    /// Lets the connection go; the broker notices by itself when the program ends.
    func close() {
        guard let administration else { return }
        Task { await administration.close() }
    }
}

/// Draws, and obeys keys and signals, until somebody wants to quit.
struct TopLoop {
    /// What wakes the loop.
    private enum Event: Sendable {
        case keys([UInt8])
        case tick
        case resized
        case resumed
        case ended
    }

    let terminal: TerminalSession
    let eye: TopEye
    let office: PauseOffice
    let name: String

    func run(interval: Duration) async throws {
        let (events, feed) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(64))
        let signals = SignalWatch()
        signals.watch([SIGINT, SIGTERM, SIGHUP, SIGQUIT]) { feed.yield(.ended) }
        signals.watch([SIGWINCH]) { feed.yield(.resized) }
        // Ctrl-Z gives the terminal back before it stops the program, and takes it again afterwards.
        signals.watch([SIGTSTP]) { [terminal] in
            terminal.restore()
            raise(SIGSTOP)
            terminal.take()
            feed.yield(.resumed)
        }
        terminal.take()
        defer { terminal.restore() }
        let keys = Task { [terminal] in
            for await key in terminal.keys() { feed.yield(.keys(key)) }
            feed.yield(.ended)
        }
        let ticks = Task {
            while !Task.isCancelled {
                feed.yield(.tick)
                try? await Task.sleep(for: interval)  // cancelled: the loop's condition ends it
            }
        }
        defer {
            keys.cancel()
            ticks.cancel()
            signals.stop()
        }
        try await obey(events)
    }

    private func obey(_ events: AsyncStream<Event>) async throws {
        var screen = TopScreen()
        var report: TopReport?
        var detail: TopScreen.Detail?
        var note = ""
        for await event in events {
            switch event {
            case .ended: return
            case .resized, .resumed: break
            case .tick:
                do {
                    report = try await eye.look()
                    if screen.panel == .stage { detail = try await eye.detail(of: screen.chosenStage) }
                } catch let error as PostgresError {
                    note = "database: \(error.message)"
                }
            case .keys(let bytes):
                note = ""
                let stage = screen.chosenStage
                switch screen.press(bytes) {
                case .quit: return
                case .none: continue
                case .togglePause(let stage): note = try await toggle(stage, report)
                case .redraw:
                    if screen.chosenStage != stage || screen.panel != .stage { detail = nil }
                    if screen.panel == .stage, detail == nil { detail = try await eye.detail(of: screen.chosenStage) }
                }
            }
            draw(screen, report, detail, note)
        }
    }

    private func toggle(_ stage: String, _ report: TopReport?) async throws -> String {
        guard let name = StageName(rawValue: stage) else { return "" }
        let isPaused = report?.stages.first { $0.stage == stage }?.isPaused ?? false
        _ = try await office.set(.stage(name), isPaused: !isPaused, by: self.name)
        return isPaused ? "\(stage) goes on" : "\(stage) is paused: its workers stop within seconds"
    }

    private func draw(_ screen: TopScreen, _ report: TopReport?, _ detail: TopScreen.Detail?, _ note: String) {
        let size = terminal.size
        guard let report else { return terminal.show([note.isEmpty ? "looking …" : TerminalText.plain(note)]) }
        terminal.show(screen.lines(report, detail: detail, note: note, rows: size.rows, columns: size.columns))
    }
}

/// Takes signals on a queue instead of in a handler.
private final class SignalWatch {
    private var sources: [any DispatchSourceSignal] = []
    private let queue = DispatchQueue(label: "wireroom.signals")

    func watch(_ numbers: [Int32], _ handler: @escaping @Sendable () -> Void) {
        for number in numbers {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler(handler: handler)
            source.activate()
            sources.append(source)
        }
    }

    func stop() {
        sources.forEach { $0.cancel() }
        sources = []
    }
}
