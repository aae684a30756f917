import Foundation
import Operations
import Operator

/// Nobody reads standard output any more.
struct OutputClosed: Error {}

/// Standard output for results, standard error for everything else.
enum Console {
    /// Writes lines of results, without control characters: no text from outside gets past here to command a terminal.
    ///
    /// - Throws: ``OutputClosed`` when the reader has gone, ``CommandFailure`` when the line cannot be written.
    static func line(_ text: String = "") throws {
        try write(Array(TerminalText.paragraphs(text).utf8))
    }

    /// Writes a line whose text from outside is free of control characters already and which has its own for a terminal.
    static func styledLine(_ text: String) throws {
        try write(Array(text.utf8))
    }

    /// Writes one line of JSON, given as bytes without the line end. Control characters in it are escaped.
    static func jsonLine(_ bytes: [UInt8]) throws {
        try write(ControlCharacters.escaped(inJSON: bytes))
    }

    private static func write(_ bytes: [UInt8]) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(bytes + [UInt8(ascii: "\n")]))
        } catch {
            if errno == EPIPE { throw OutputClosed() }
            throw CommandFailure(.software, "cannot write to standard output: \(error.localizedDescription)")
        }
    }

    /// Writes a value as one line of JSON; dates are in UTC.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        try jsonLine([UInt8](try encoder.encode(value)))
    }

    /// Writes a message for people.
    static func note(_ text: String) {
        // Standard error may be closed; the work does not stop for that.
        try? FileHandle.standardError.write(contentsOf: Data("\(TerminalText.paragraphs(text))\n".utf8))
    }

    /// Whether standard output is a terminal.
    static var isTerminal: Bool { isatty(FileHandle.standardOutput.fileDescriptor) == 1 }

    /// Whether somebody types on standard input.
    static var isInteractive: Bool { isatty(FileHandle.standardInput.fileDescriptor) == 1 }
}
