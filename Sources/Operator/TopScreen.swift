import Foundation

/// Lays a ``TopReport`` out for a terminal. Pure, so that it can be tested; texts from outside are made harmless.
public struct TopScreen: Sendable {
    /// What the lower half shows.
    public enum Panel: Sendable, Equatable {
        /// Workers, and hosts in trouble below them.
        case overview
        /// Only workers.
        case workers
        /// Only hosts in trouble.
        case hosts
        /// The chosen stage in detail.
        case stage
    }

    /// What somebody wants by a key.
    public enum Action: Sendable, Equatable {
        /// To end.
        case quit
        /// To pause the chosen stage, or let it go on.
        case togglePause(stage: String)
        /// To see the screen again, as it is now.
        case redraw
        /// Nothing.
        case none
    }

    /// What the stage panel shows besides.
    public struct Detail: Sendable, Equatable {
        /// What became of the stage's messages since yesterday.
        public var funnel: [FunnelRow]
        /// Why messages are in quarantine.
        public var quarantine: [QuarantineGroup]
        /// The last lines of the ledger, oldest first.
        public var ledger: [LedgerLine]

        /// Makes a detail.
        public init(funnel: [FunnelRow], quarantine: [QuarantineGroup], ledger: [LedgerLine]) {
            self.funnel = funnel
            self.quarantine = quarantine
            self.ledger = ledger
        }
    }

    /// What the lower half shows.
    public private(set) var panel = Panel.overview
    /// The chosen stage, counted from 0.
    public private(set) var chosen = 0
    private static let stages = ["crawl", "parse", "classify", "index"]

    /// Makes a screen that shows the overview.
    public init() {}

    /// The chosen stage.
    public var chosenStage: String { Self.stages[chosen] }

    /// Takes what was typed: one or more keys, as bytes.
    public mutating func press(_ keys: [UInt8]) -> Action {
        switch keys {
        case [0x1B, 0x5B, 0x41], [UInt8(ascii: "k")]: chosen = max(0, chosen - 1)
        case [0x1B, 0x5B, 0x42], [UInt8(ascii: "j")]: chosen = min(3, chosen + 1)
        case [0x1B], [UInt8(ascii: "o")]: panel = .overview
        case [0x0A], [0x0D]: panel = panel == .stage ? .overview : .stage
        case [UInt8(ascii: "w")]: panel = panel == .workers ? .overview : .workers
        case [UInt8(ascii: "h")]: panel = panel == .hosts ? .overview : .hosts
        case [UInt8(ascii: "p")]: return .togglePause(stage: chosenStage)
        case [UInt8(ascii: "q")], [0x03], [0x04]: return .quit
        default:
            guard keys.count == 1, let key = keys.first, (0x31...0x34).contains(key) else { return .none }
            chosen = Int(key) - 0x31
        }
        return .redraw
    }

    /// The screen's lines.
    ///
    /// - Parameters:
    ///   - note: what the last key did.
    ///   - isColoured: whether the chosen row and trouble stand out.
    /// - Returns: `rows` lines of at most `columns` columns.
    public func lines(
        _ report: TopReport, detail: Detail?, note: String = "", rows: Int, columns: Int, isColoured: Bool = true
    ) -> [String] {
        var lines = head(report)
        lines.append("")
        lines.append(Self.stageHeading)
        lines += report.stages.map(stageLine)
        lines.append("")
        let room = max(0, rows - lines.count - 1)
        lines += panelLines(report, detail, room: room).prefix(room)
        lines += Array(repeating: "", count: max(0, rows - 1 - lines.count))
        lines = Array(lines.prefix(max(0, rows - 1)))
        lines.append(
            note.isEmpty ? "1-4 ↑↓ stage  p pause/resume  Enter detail  w workers  h hosts  o overview  q quit" : note)
        return lines.enumerated().map { index, line in
            let cut = TerminalText.shortened(line, to: columns)
            guard isColoured else { return cut }
            if index == 0 { return "\u{1B}[7m\(cut)\u{1B}[0m" }
            if index == 3 + chosen { return "\u{1B}[1m\(cut)\u{1B}[0m" }
            return cut
        }
    }

    private func head(_ report: TopReport) -> [String] {
        let figures = report.figures
        func figure(_ name: String) -> String { Self.count(Int(figures[name] ?? 0)) }
        let time = report.at.formatted(.iso8601).dropFirst(11).prefix(8)
        let broker =
            report.brokerMilliseconds.map { "broker \(Self.milliseconds($0))" }
            ?? "BROKER DOWN: \(report.brokerError ?? "no answer")"
        return [
            "wireroom \(time) UTC   database \(Self.milliseconds(report.databaseMilliseconds))   outbox \(figure("outbox.messages"))   leases \(figure("leases.outstanding")) (\(figure("leases.expired")) expired)   \(broker)"
        ]
    }

    private static let stageHeading =
        "  STAGE    WRK CONS READY UNACK  IN/S OUT/S OLDEST  15s   2m  15m   2h SUSP QUAR"

    private func stageLine(_ stage: TopReport.Stage) -> String {
        let mark = stage.stage == chosenStage ? ">" : " "
        let name = (stage.stage + (stage.isPaused ? "‖" : "")).padding(toLength: 9, withPad: " ", startingAt: 0)
        let rungs = ["15s", "2m", "15m", "2h"].map { Self.right(stage.retry[$0].map(Self.count) ?? "–", 4) }
        let cells = [
            Self.right("\(stage.workers)", 3), Self.right(stage.consumers.map(Self.count) ?? "–", 4),
            Self.right(stage.ready.map(Self.count) ?? "–", 5), Self.right(Self.count(stage.unacked), 5),
            Self.right(stage.inPerSecond.map(Self.rate) ?? "–", 5),
            Self.right(stage.outPerSecond.map(Self.rate) ?? "–", 5), Self.right(Self.age(stage.oldestSeconds), 6),
        ]
        return "\(mark) \(name)" + cells.joined(separator: " ") + " " + rungs.joined(separator: " ") + " "
            + Self.right(stage.suspects.map(Self.count) ?? "–", 4) + " " + Self.right(Self.count(stage.quarantine), 4)
    }

    private func panelLines(_ report: TopReport, _ detail: Detail?, room: Int) -> [String] {
        switch panel {
        case .workers: return workerLines(report, limit: room - 1)
        case .hosts: return hostLines(report, limit: room - 1)
        case .stage: return detail.map { detailLines($0, room: room) } ?? ["reading …"]
        case .overview:
            let workers = workerLines(report, limit: max(4, room - 3 - min(report.hosts.count, 5)))
            return workers + [""] + hostLines(report, limit: max(0, room - workers.count - 2))
        }
    }

    private func workerLines(_ report: TopReport, limit: Int) -> [String] {
        guard !report.workers.isEmpty else { return ["NO WORKERS: nothing is being done"] }
        let heading =
            "WORKERS \(Self.right("\(report.workers.count)", 3))                  RECEIVED     DONE  DROPPED  RETRIED  QUARANT.  SILENT"
        return [heading]
            + Self.cut(report.workers, limit) { worker in
                let name = TerminalText.shortened("\(worker.stage) \(worker.worker)", to: 26)
                let padding = String(repeating: " ", count: 27 - min(26, TerminalText.width(name)))
                let counts = ["received", "done", "dropped", "retried", "quarantined"].map {
                    Self.right(Self.count(worker.counts[$0] ?? 0), 8)
                }
                return name + padding + counts.joined(separator: " ") + "  "
                    + Self.right(Self.age(worker.silentSeconds), 6)
            }
    }

    private func hostLines(_ report: TopReport, limit: Int) -> [String] {
        let blocked = Self.count(Int(report.figures["hosts.blocked"] ?? 0))
        let paused = Self.count(Int(report.figures["hosts.paused"] ?? 0))
        return ["HOSTS IN TROUBLE: \(blocked) blocked, \(paused) paused"]
            + Self.cut(report.hosts, limit) { host in
                let since = host.since.map { " since \($0.formatted(.iso8601).dropFirst(11).prefix(8))" } ?? ""
                let until = host.until.map { " until \($0.formatted(.iso8601).dropFirst(11).prefix(8))" } ?? ""
                let reason = host.reason.map { ", \($0)" } ?? ""
                return "  \(TerminalText.shortened(host.name, to: 40))  \(host.trouble)\(since)\(until)\(reason)"
            }
    }

    private func detailLines(_ detail: Detail, room: Int) -> [String] {
        var lines = ["\(chosenStage.uppercased()) since yesterday"]
        for row in detail.funnel {
            lines.append(
                "  in \(row.entered) = done \(row.done) + dropped \(row.dropped) + quarantined \(row.quarantined) + pending \(row.pending)   retries \(row.retried)"
            )
            let reasons = row.reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(6)
            if !reasons.isEmpty { lines.append("  " + reasons.map { "\($0.key) \($0.value)" }.joined(separator: ", ")) }
        }
        if !detail.quarantine.isEmpty {
            lines.append("IN QUARANTINE")
            lines += detail.quarantine.prefix(3).map {
                "  \($0.count)  \($0.key)  newest \(TerminalText.time($0.newest))"
            }
        }
        lines.append("LATEST")
        lines += detail.ledger.suffix(max(0, room - lines.count)).map { line in
            let time = line.at.formatted(.iso8601).dropFirst(11).prefix(8)
            let reason = line.reason.map { " \($0)" } ?? ""
            return "  \(time) \(line.outcome)\(reason)  \(line.subject ?? line.messageID)"
        }
        return lines
    }

    // MARK: Numbers

    private static func cut<Item>(_ items: [Item], _ limit: Int, _ line: (Item) -> String) -> [String] {
        guard items.count > limit else { return items.map(line) }
        guard limit > 0 else { return [] }
        return items.prefix(limit - 1).map(line) + ["  … and \(items.count - limit + 1) more"]
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - TerminalText.width(text))) + text
    }

    /// A number in five columns at most.
    static func count(_ number: Int) -> String {
        switch number {
        case ..<10_000: "\(number)"
        case ..<1_000_000: "\(number / 1000)k"
        default: "\(number / 1_000_000)M"
        }
    }

    private static func rate(_ rate: Double) -> String {
        rate >= 100 ? count(Int(rate)) : String(format: "%.1f", rate)
    }

    /// A time in four columns at most.
    static func age(_ seconds: Double) -> String {
        switch Int(seconds) {
        case ..<120: "\(Int(seconds))s"
        case ..<7200: "\(Int(seconds) / 60)m"
        case ..<172_800: "\(Int(seconds) / 3600)h"
        default: "\(Int(seconds) / 86_400)d"
        }
    }

    private static func milliseconds(_ milliseconds: Double) -> String {
        milliseconds < 10 ? String(format: "%.1f ms", milliseconds) : "\(Int(milliseconds)) ms"
    }
}
