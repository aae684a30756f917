import ArgumentParser
import Foundation
import Operator

/// `wireroom trace`
struct Trace: OperatorCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows where a URL is, and what happened to it at each stage.",
        discussion: """
            EXAMPLES
              wireroom trace https://www.example.org/2026/03/a-story.html
              wireroom trace 17      # the URL of article 17
            """)

    @OptionGroup var options: OperatorOptions

    @Argument(help: ArgumentHelp("A URL, the path of an imported file, or an article's number.", valueName: "url"))
    var target: String

    func execute(_ session: OperatorSession) async throws {
        let report = try await session.withDatabase { try await TraceReader(database: $0).read(Self.address(target)) }
        guard let report else { throw CommandFailure(.failed, "nothing is known of \(TerminalText.plain(target))") }
        if options.json { try Console.json(report) } else { try show(report) }
    }

    /// A file on this machine is known by its URL.
    private static func address(_ target: String) -> String {
        guard Int64(target) == nil, !target.contains("://"), FileManager.default.fileExists(atPath: target) else {
            return target
        }
        return URL(fileURLWithPath: target).standardizedFileURL.absoluteString
    }

    private func show(_ report: TraceReport) throws {
        try Console.line(TerminalText.plain(report.url))
        try Console.line(TerminalText.plain(report.summary))
        try Console.line()
        var facts = TextTable()
        facts.add("url", "\(report.urlID), \(report.kind), \(report.state)" + (report.reason.map { " (\($0))" } ?? ""))
        if let source = report.source { facts.add("source", source) }
        let origin = report.discoveredFrom.map { " from \($0)" } ?? ""
        facts.add("found", TerminalText.time(report.discoveredAt) + origin)
        if report.lastFetchedAt != nil {
            facts.add(
                "fetched", TerminalText.time(report.lastFetchedAt) + (report.lastStatus.map { ", HTTP \($0)" } ?? ""))
        }
        if report.dueAt != nil { facts.add("due", TerminalText.time(report.dueAt)) }
        if let error = report.lastError { facts.add("last error", error) }
        if let twin = report.twinOf { facts.add("same page", twin) }
        if let directives = report.robotsDirectives, !directives.isEmpty {
            facts.add("directives", directives.joined(separator: ", "))
        }
        if let note = report.hostNote { facts.add("host", note) }
        for capture in report.captures {
            let status = capture.status.map { ", HTTP \($0)" } ?? ""
            facts.add(
                "capture", "\(capture.captureID), \(TerminalText.time(capture.at)), \(capture.bytes) bytes\(status)")
        }
        if let articleID = report.articleID { facts.add("article", "\(articleID) \(report.title ?? "(no title)")") }
        try facts.write()
        guard !report.steps.isEmpty else { return }
        try Console.line()
        var steps = TextTable("TIME", "STAGE", "OUTCOME", "ATTEMPT", "MS", "WORKER", "DETAIL")
        for step in report.steps {
            let detail = [step.reason, step.detail].compactMap { $0 }.joined(separator: ": ")
            steps.add(
                step.at.formatted(.iso8601), step.stage, step.outcome, "\(step.attempt)",
                step.milliseconds.map(String.init) ?? "",
                step.worker, detail)
        }
        try steps.write()
    }
}
