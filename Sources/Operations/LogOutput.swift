import Foundation
public import Logging
import Synchronization

/// How log lines look.
public enum LogFormat: String, Sendable, CaseIterable {
    /// For people: time, level, message, `key=value`.
    case text
    /// For machines: one JSON object a line.
    case json
}

/// Writes log lines to standard error. Passwords in URLs are masked, whatever key they came under.
public struct LogOutput: LogHandler {
    private static let lock = Mutex(())

    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    public var logLevel: Logger.Level
    private let label: String
    private let format: LogFormat
    private let write: @Sendable ([UInt8]) -> Void

    /// Makes an output.
    ///
    /// - Parameter write: takes one finished line with its line end; standard error by default.
    public init(
        label: String, format: LogFormat, level: Logger.Level,
        write: @escaping @Sendable ([UInt8]) -> Void = LogOutput.standardError
    ) {
        self.label = label
        self.format = format
        self.logLevel = level
        self.write = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a whole line at once, so that lines of several tasks never mix.
    public static let standardError: @Sendable ([UInt8]) -> Void = { line in
        lock.withLock { _ in
            // Standard error may be closed by whoever reads it; a worker does not stop for that.
            try? FileHandle.standardError.write(contentsOf: Data(line))
        }
    }

    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        if let error = event.error { all["error.message"] = "\(error)" }
        let time = Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        let pairs = all.map { ($0.key, Self.masked($0.value.description)) }.filter { !$0.1.isEmpty }.sorted {
            $0.0 < $1.0
        }
        let line: String
        switch format {
        case .text:
            let tail = pairs.map { " \($0.0)=\(Self.quoted($0.1))" }.joined()
            let message = "\(event.message)"
            let shown =
                message.unicodeScalars.contains(where: ControlCharacters.contains) ? Self.json(message) : message
            line = "\(time) \(event.level) \(label): \(shown)\(tail)\n"
        case .json:
            let fields =
                [("time", time), ("level", event.level.rawValue), ("logger", label), ("message", "\(event.message)")]
                + pairs
            line = "{" + fields.map { "\(Self.json($0.0)):\(Self.json($0.1))" }.joined(separator: ",") + "}\n"
        }
        write([UInt8](line.utf8))
    }

    private static func quoted(_ text: String) -> String {
        text.unicodeScalars.contains { $0 == " " || $0 == "\"" || ControlCharacters.contains($0) } ? json(text) : text
    }

    /// A JSON string (RFC 8259, section 7).
    private static func json(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where ControlCharacters.contains(scalar):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// The text with `user:password@` behind any `://` masked.
    static func masked(_ text: String) -> String {
        guard text.contains("://"), text.utf8.contains(UInt8(ascii: "@")) else { return text }
        var result = ""
        var rest = text[...]
        while let mark = rest.range(of: "://") {
            result += rest[..<mark.upperBound]
            rest = rest[mark.upperBound...]
            let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" || $0.isWhitespace } ?? rest.endIndex
            if let at = rest[..<end].lastIndex(of: "@") {
                let user = rest[..<at].prefix { $0 != ":" }
                result += user.endIndex < at ? "\(user):***" : "\(user)"
                rest = rest[at...]
            }
        }
        return result + rest
    }
}

extension Logger {
    /// A logger that writes to standard error.
    ///
    /// - Parameters:
    ///   - label: the program.
    ///   - settings: `log.level` (`trace` to `critical`, default `info`) and `log.format` (`text` or `json`, default `text`).
    public static func make(label: String, settings: Settings) throws(SettingsError) -> Logger {
        let levelName = settings.text("log.level") ?? "info"
        guard let level = Logger.Level(rawValue: levelName) else {
            throw SettingsError(
                key: "log.level",
                message: "\(levelName) is none of trace, debug, info, notice, warning, error, critical")
        }
        let formatName = settings.text("log.format") ?? "text"
        guard let format = LogFormat(rawValue: formatName) else {
            throw SettingsError(key: "log.format", message: "\(formatName) is neither text nor json")
        }
        return Logger(label: label) { LogOutput(label: $0, format: format, level: level) }
    }
}
