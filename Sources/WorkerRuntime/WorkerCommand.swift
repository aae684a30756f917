public import ArgumentParser
import Foundation
import Operations
import Pipeline

/// A worker's command: runs and turns errors into messages and exit codes.
public protocol WorkerCommand: AsyncParsableCommand {
    /// Composes the worker and runs it until it is stopped.
    func work() async throws
}

extension WorkerCommand {
    public func run() async throws {
        // Until the services run and have handlers of their own, nothing is in hand: to end at once is a clean stop.
        for name in [SIGTERM, SIGINT] { signal(name) { _ in _exit(0) } }
        do {
            try await work()
        } catch let error as SettingsError {
            throw WorkerExit.report(error, code: WorkerExit.configuration)
        } catch let error as StartupError {
            throw WorkerExit.report(error, code: WorkerExit.unavailable)
        } catch {
            throw WorkerExit.report(error, code: WorkerExit.failure)
        }
    }
}

/// Exit codes, after `sysexits.h`.
enum WorkerExit {
    /// The stage stopped with an error.
    static let failure: Int32 = 70
    /// Broker or database were not there in time, or not set up.
    static let unavailable: Int32 = 69
    /// A setting is missing or wrong.
    static let configuration: Int32 = 78

    static func report(_ error: any Error, code: Int32) -> ExitCode {
        let message = ControlCharacters.replaced(in: "\(error)", keepingLineEnds: true)
        LogOutput.standardError([UInt8]("error: \(message)\n".utf8))
        return ExitCode(code)
    }
}
