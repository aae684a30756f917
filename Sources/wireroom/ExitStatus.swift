import AMQP
import ArgumentParser
import Crawling
import Operations
import Operator
import Pipeline
import Postgres

/// Exit codes, after `sysexits.h`; `docs/cli.md` lists them.
enum ExitStatus: Int32 {
    /// Some inputs failed, or what was asked for is not there.
    case failed = 1
    /// The command line is wrong.
    case usage = 64
    /// Broker or database do not answer, or are not set up.
    case unavailable = 69
    /// An error inside the program.
    case software = 70
    /// The time that was given ran out.
    case timedOut = 75
    /// A setting is missing or wrong.
    case configuration = 78
}

/// A command ends with a message and an exit code.
struct CommandFailure: Error {
    /// The exit code.
    var status: ExitStatus
    /// What is wrong, and what to do; `nil` when it has been said.
    var message: String?

    init(_ status: ExitStatus, _ message: String? = nil) {
        self.status = status
        self.message = message
    }

    /// The failure that an error comes to.
    init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as SettingsError: self.init(.configuration, error.description)
        case let error as MigrationError: self.init(.configuration, error.message)
        case let error as PostgresError: self.init(error)
        case let error as AMQPError: self.init(error)
        case let error as TopologyError:
            let more = error.problems.count > 3 ? " and \(error.problems.count - 3) more" : ""
            self.init(
                .unavailable,
                error.problems.prefix(3).joined(separator: "; ") + more + "; run `wireroom topology apply`")
        case let error as SourceProbeError: self.init(.failed, error.message)
        case let error as OperatorError: self.init(.failed, error.message)
        default: self.init(.software, "\(error)")
        }
    }

    private init(_ error: PostgresError) {
        switch (error.code, error.sqlState) {
        case (.queryFailed, "42P01"?), (.queryFailed, "3F000"?), (.queryFailed, "42883"?), (.queryFailed, "42703"?):
            self.init(
                .unavailable, "the database lacks tables of this version (\(error.message)); run `wireroom migrate`")
        case (.queryFailed, "42501"?):
            self.init(.configuration, "the login of database.url may not do this: \(error.message)")
        case (.connectionFailed, _), (.connectionLost, _), (.authenticationFailed, _), (.timeout, _):
            self.init(.unavailable, "database: \(error.message)")
        case (.invalidConfiguration, _): self.init(.configuration, "database.url: \(error.message)")
        default: self.init(.software, "database: \(error.description)")
        }
    }

    private init(_ error: AMQPError) {
        switch error.code {
        case .connectionFailed, .connectionClosed, .authenticationFailed, .accessRefused, .timeout:
            self.init(.unavailable, "broker: \(error.message)")
        case .invalidConfiguration: self.init(.configuration, "broker.url: \(error.message)")
        default: self.init(.software, "broker: \(error.description)")
        }
    }

    /// Says what is wrong on standard error, and gives the exit code.
    static func report(_ error: any Error) -> any Error {
        // Whoever read the output has enough; help, usage errors and exit codes are the argument parser's own.
        if error is OutputClosed { return ExitCode.success }
        if error is ExitCode || error is ValidationError || error is CleanExit { return error }
        let failure = CommandFailure(error)
        if let message = failure.message { Console.note("error: \(message)") }
        return ExitCode(failure.status.rawValue)
    }
}
