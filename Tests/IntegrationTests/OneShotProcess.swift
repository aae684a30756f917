import Foundation
import TestSupport

/// A run of `wireroom` without broker, database and settings: what it was given, and what it wrote.
struct OneShotProcess {
    /// Exit code.
    let code: Int32
    /// Lines of standard output.
    let lines: [String]
    /// Standard error.
    let messages: String

    /// Runs the command to its end.
    ///
    /// - Parameters:
    ///   - input: standard input.
    ///   - environment: the variables that begin with `WIREROOM_`; there are no others of these.
    init(_ arguments: [String], input: String = "", environment: [String: String] = [:]) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "one-shot-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // a leftover in the temporary folder harms nobody
        let files = ["in", "out", "err"].map { folder.appending(path: $0) }
        try Data(input.utf8).write(to: files[0])
        for file in files.dropFirst() { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: TestProcess.folder + "/wireroom")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("WIREROOM_") }.merging(
            environment
        ) { $1 }
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        code = process.terminationStatus
        lines = try String(contentsOf: files[1], encoding: .utf8).split(separator: "\n").map(String.init)
        messages = try String(contentsOf: files[2], encoding: .utf8)
    }

    /// The lines as JSON objects; an empty one for a line that is none.
    var objects: [[String: Any]] {
        lines.map { line in
            // What is no object fails the test by having no members.
            (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any] ?? [:]
        }
    }

    /// Writes a file that is there while the body runs.
    static func withFile<Result>(_ name: String, _ text: String, _ body: (String) throws -> Result) throws -> Result {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString)-\(name)")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }  // a leftover in the temporary folder harms nobody
        return try body(file.path)
    }
}
