import Dispatch
import Foundation
import Synchronization

/// A program that a test starts and kills: one of the package's own, as it was built with the tests.
public final class TestProcess: @unchecked Sendable {
    // Safe: the process is started in the initialiser and afterwards only asked for its state, signalled and waited for, each
    // of which Foundation allows from any thread; the output is behind a mutex.
    private let process = Process()
    private let output = Output()
    private let ended = DispatchSemaphore(value: 0)

    /// Where the programs are: `WIREROOM_TEST_BIN_DIR`, or beside the test bundle.
    public static let folder =
        ProcessInfo.processInfo.environment["WIREROOM_TEST_BIN_DIR"]
        ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: its name, or an absolute path.
    ///   - environment: variables on top of this process's own.
    public init(_ program: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
        process.executableURL = URL(fileURLWithPath: program.hasPrefix("/") ? program : Self.folder + "/" + program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = URL(fileURLWithPath: TestServices.project)
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        // A thread of its own, which holds the pipe until its end: Foundation's handler is a dispatch source, and a handle that
        // is given up with it closes the descriptor while dispatch still watches it.
        Thread.detachNewThread { [output, ended] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while case let count = unsafe read(pipe.fileHandleForReading.fileDescriptor, &buffer, buffer.count),
                count > 0
            {
                output.add(buffer[..<count])
            }
            ended.signal()
        }
    }

    /// What it has written so far.
    public var text: String { output.text }

    /// Whether it runs.
    public var isRunning: Bool { process.isRunning }

    /// Its process number.
    public var identifier: Int32 { process.processIdentifier }

    /// Stops it with SIGSTOP, as a machine that is frozen would, until ``resume()``.
    public func pause() { Foundation.kill(process.processIdentifier, SIGSTOP) }

    /// Lets it go on.
    public func resume() { Foundation.kill(process.processIdentifier, SIGCONT) }

    /// Kills it with SIGKILL, as a machine that dies would, and waits until it is gone.
    public func kill() {
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Asks it to stop and waits for its end, as ``wait()`` does.
    ///
    /// - Returns: its exit code.
    public func stop() -> Int32 {
        if process.isRunning { process.terminate() }
        return wait()
    }

    /// Waits for its end, and until all that it wrote has been read; what a child of it still writes is not waited for.
    ///
    /// - Returns: its exit code.
    public func wait() -> Int32 {
        process.waitUntilExit()
        if ended.wait(timeout: .now() + .seconds(10)) == .success { ended.signal() }
        return process.terminationStatus
    }

    /// Waits until it has written a text; the test's time limit ends a wait that never comes true.
    public func wait(for words: String) async throws {
        while !text.contains(words) {
            guard process.isRunning else { throw TestServices.Failure(message: "ended without \"\(words)\": \(text)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// What a process has written so far.
private final class Output: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }

    func add(_ more: ArraySlice<UInt8>) { bytes.withLock { $0 += more } }
}
