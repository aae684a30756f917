import ArgumentParser
import Compression
import Foundation
import Operations

/// The flags of the commands that need neither broker nor database, and how they read and write.
struct LineOptions: ParsableArguments {
    /// The most bytes of a document that is named on the command line.
    static let maximumBytes = 64 << 20

    @Option(help: "Records worked on at once. [default: one for each processor]")
    var jobs: Int?

    func validate() throws {
        if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs \(jobs) is not within 1 to 1024") }
    }

    /// Answers the records of standard input, one a line, in their order.
    func stream(
        from input: FileHandle = .standardInput, _ respond: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) throws {
        try stream(from: input, transform: respond) { $0 }
    }

    /// Answers the records of standard input: a parallel part, and one that sees them in order.
    ///
    /// - Throws: ``OutputClosed`` when the reader has gone, ``CommandFailure`` when the answers cannot be written: the mapper
    ///   tells neither, so the lines are written here, and its own output only says when to stop.
    func stream<Value: Sendable>(
        from input: FileHandle = .standardInput, transform: @escaping @Sendable ([UInt8]) -> Value,
        finish: @escaping (Value) -> [UInt8]
    ) throws {
        if Console.isInteractive {
            Console.note("reading JSON lines from the terminal; end with Ctrl-D, see --help for other input")
        }
        let threads = jobs ?? ProcessInfo.processInfo.activeProcessorCount
        guard let brake = FileHandle(forWritingAtPath: "/dev/null") else {
            throw CommandFailure(.software, "/dev/null cannot be opened")
        }
        var failure: (any Error)?
        let mapper = OrderedLineMapper(threads: threads, output: brake, transform: transform) { value in
            do {
                try Console.jsonLine(finish(value))
            } catch {
                failure = error
                try? brake.close()  // the next write fails, and that stops the mapper
            }
            return []
        }
        mapper.run(input: input)
        if let failure { throw failure }
        try? brake.close()  // nothing was kept in it
    }

    /// Reads a document that was named on the command line, `-` for standard input; inflates gzip.
    ///
    /// - Throws: ``CommandFailure`` naming the path.
    static func document(_ path: String) throws -> [UInt8] {
        let bytes = try path == "-" ? content(of: .standardInput, named: "standard input") : content(ofFile: path)
        guard Gzip.isGzip(bytes) else { return bytes }
        do {
            return try Gzip.decompress(bytes, maximumBytes: maximumBytes)
        } catch {
            throw CommandFailure(.failed, "cannot inflate \(path): \(error.message)")
        }
    }

    private static func content(ofFile path: String) throws -> [UInt8] {
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(.failed, "\(path): no such file")
        }
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw CommandFailure(.failed, "\(path): cannot be opened; is it a folder, or another user's?")
        }
        defer { try? file.close() }  // it was only read
        return try content(of: file, named: path)
    }

    private static func content(of file: FileHandle, named name: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            while let chunk = try file.read(upToCount: 1 << 18), !chunk.isEmpty {
                bytes += chunk
                guard bytes.count <= maximumBytes else {
                    throw CommandFailure(.failed, "\(name): more than \(maximumBytes) bytes")
                }
            }
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(.failed, "\(name): cannot be read; is it a folder?")
        }
        return bytes
    }

    /// Whether an answer is an error object. No text can look like it: quotation marks inside of JSON strings are escaped.
    static func isFailure(_ answer: [UInt8]) -> Bool {
        Data(answer).range(of: Data(#""error":"#.utf8)) != nil
    }
}

/// A command that needs no settings.
protocol OneShotCommand: ParsableCommand {
    /// Does the work.
    func execute() throws
}

extension OneShotCommand {
    func run() throws {
        signal(SIGPIPE, SIG_IGN)  // A reader that has gone shows as a failed write.
        do {
            try execute()
        } catch {
            throw CommandFailure.report(error)
        }
    }

    /// Answers one document after the other; those that fail are told, and the rest goes on.
    func forEachDocument(_ paths: [String], _ answer: (String, [UInt8]) throws -> Bool) throws {
        var hasFailed = false
        for path in paths {
            do {
                if try !answer(path, LineOptions.document(path)) { hasFailed = true }
            } catch let failure as CommandFailure where failure.status == .failed {
                if let message = failure.message { Console.note("error: \(message)") }
                hasFailed = true
            }
        }
        if hasFailed { throw CommandFailure(.failed) }
    }
}

/// Says that a command always writes JSON lines.
struct JSONOutputOptions: ParsableArguments {
    @Flag(help: "Changes nothing here: the output is one JSON object a line in any case.")
    var json = false
}
