import ArgumentParser
import Classifying
import Compression
import Crawling
import Operations
import Operator

/// `wireroom doctor`
struct DoctorCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Checks everything that the line stands on, and says what to do.",
        discussion: """
            Checks settings, libraries and data of the program, the database and its migrations, the broker and its queues, and \
            whether every stage has a worker. Ends with 1 when something keeps the line from running.

            EXAMPLE
              wireroom doctor
            """)

    @OptionGroup var options: OperatorOptions

    @Option(
        help: ArgumentHelp(
            "Folder of the SQL files. [default: ./Migrations, else that of the installation]", valueName: "dir"))
    var migrations: String?

    func execute(_ session: OperatorSession) async throws {
        let doctor = Doctor(logger: session.logger)
        var findings = Self.program(session.settings)
        do {
            let configuration = try session.databaseConfiguration()
            findings += await doctor.examine(
                database: configuration, migrations: migrations ?? Migrator.defaultFolder())
        } catch {
            findings.append(
                Self.missing("database", error, "set it to a libpq URI, such as postgres://wireroom@localhost/wireroom")
            )
        }
        do {
            findings += await doctor.examine(broker: try session.broker(), topology: session.topology)
        } catch {
            findings.append(
                Self.missing("broker", error, "set it to an AMQP URL, such as amqp://wireroom:secret@localhost/"))
        }
        if options.json { try findings.forEach(Console.json) } else { try show(findings) }
        let failures = findings.count { $0.level == .failure }
        if failures > 0 { throw CommandFailure(.failed, "\(TerminalText.count(failures, "check")) failed") }
    }

    private static func missing(_ subject: String, _ error: any Error, _ advice: String) -> Finding {
        Finding(subject: subject, level: .failure, message: CommandFailure(error).message ?? "\(error)", advice: advice)
    }

    /// Checks what the program itself brings along, and the settings that only a stage reads.
    private static func program(_ settings: Settings) -> [Finding] {
        var findings: [Finding] = []
        do {
            _ = try ArticleClassifier()
            findings.append(Finding(subject: "word lists", level: .ok, message: "all can be read"))
        } catch {
            findings.append(
                Finding(
                    subject: "word lists", level: .failure, message: error.message,
                    advice: "install the program with its .resources folders"))
        }
        do {
            let sample = Array("wireroom".utf8)
            let isWhole = try Zstd.decompress(try Zstd.compress(sample, level: 3), maximumBytes: 64) == sample
            findings.append(
                Finding(
                    subject: "libraries", level: isWhole ? .ok : .failure,
                    message: isWhole
                        ? "librabbitmq, libpq, libcurl, libxml2, libidn2, zlib, zstd and cld2 are loaded"
                        : "zstd damages data"))
        } catch {
            findings.append(
                Finding(subject: "libraries", level: .failure, message: "zstd: \(error)", advice: "reinstall libzstd"))
        }
        do {
            let configuration = try CrawlConfiguration(settings: settings)
            _ = try configuration.fetchConfiguration(settings)
            findings.append(
                Finding(subject: "crawl settings", level: .ok, message: "crawling as \(configuration.userAgent)"))
        } catch {
            findings.append(
                Finding(
                    subject: "crawl settings", level: .warning, message: error.description,
                    advice: "wireroom-crawl does not start without it"))
        }
        return findings
    }

    private func show(_ findings: [Finding]) throws {
        var table = TextTable()
        for finding in findings {
            let mark =
                switch finding.level {
                case .ok: "ok"
                case .warning: "warning"
                case .failure: "FAILED"
                }
            let since = finding.since.map { ", since \(TerminalText.moment($0))" } ?? ""
            table.add(mark, finding.subject, finding.message + since)
            if let advice = finding.advice { table.add("", "", "→ \(advice)") }
        }
        try table.write()
    }
}
