internal import CPostgreSQL

/// Turns what libpq reports into errors, in one place.
enum ServerMessage {
    /// The longest message passed on, in characters.
    private static let limit = 500

    // PG_DIAG_*: character constants, which Swift does not import.
    private static let severity = Int32(UInt8(ascii: "V"))
    private static let sqlState = Int32(UInt8(ascii: "C"))
    private static let primary = Int32(UInt8(ascii: "M"))
    private static let detail = Int32(UInt8(ascii: "D"))
    private static let hint = Int32(UInt8(ascii: "H"))
    private static let constraintName = Int32(UInt8(ascii: "n"))

    /// The error of a failed result. The caller still owns the result.
    static func error(of result: OpaquePointer, isConnectionLost: Bool) -> PostgresError {
        // After these severities the server ends the session, though the socket may not show it yet.
        let isFinal = ["FATAL", "PANIC"].contains(unsafe field(severity, of: result) ?? "")
        let isConnectionLost = isConnectionLost || isFinal
        let state = unsafe field(sqlState, of: result)
        var message = unsafe field(primary, of: result) ?? String(cString: PQresultErrorMessage(result))
        let classCode = state.map { String($0.prefix(2)) } ?? ""
        // Data exceptions quote the bad value; the details of constraint violations show the row.
        if classCode == "22", let colon = message.range(ofFirst: ": \"") { message = String(message[..<colon]) }
        if classCode != "22", classCode != "23", let detail = unsafe field(detail, of: result) {
            message += ": \(detail)"
        }
        if let hint = unsafe field(hint, of: result) { message += " (hint: \(hint))" }
        return PostgresError(
            isConnectionLost ? .connectionLost : .queryFailed, tidied(message), sqlState: state,
            constraint: unsafe field(constraintName, of: result), action: isConnectionLost ? .reconnect : nil)
    }

    /// Severity and text of a notice.
    static func notice(of result: OpaquePointer) -> (text: String, sqlState: String) {
        let text = unsafe field(primary, of: result) ?? String(cString: PQresultErrorMessage(result))
        return (tidied(text), unsafe field(sqlState, of: result) ?? "")
    }

    private static func field(_ code: Int32, of result: OpaquePointer) -> String? {
        unsafe PQresultErrorField(result, code).map { unsafe String(cString: $0) }
    }

    /// The error of a failed attempt to connect, from libpq's message in its verbose form.
    static func connectionError(_ message: String, password: String?) -> PostgresError {
        let text = redacted(message, password: password)
        let state = sqlState(inVerbose: text)
        let isRefused = state?.hasPrefix("28") == true || text.contains("no password supplied")
        guard !isRefused else {
            return PostgresError(.authenticationFailed, tidied(text), sqlState: state, action: .giveUp)
        }
        return PostgresError(.connectionFailed, tidied(text), sqlState: state)
    }

    /// Replaces the password, should a message ever show it.
    static func redacted(_ message: String, password: String?) -> String {
        guard let password, !password.isEmpty else { return message }
        var parts: [Substring] = []
        var rest = message[...]
        while let start = rest.range(ofFirst: password) {
            parts.append(rest[..<start])
            rest = rest[rest.index(start, offsetBy: password.count)...]
        }
        return parts.isEmpty ? message : (parts + [rest]).joined(separator: "***")
    }

    /// Finds the code in `FATAL:  28P01: password authentication failed`.
    private static func sqlState(inVerbose text: String) -> String? {
        text.split(separator: ":").map { $0.trimmed }.first { part in
            part.utf8.count == 5 && part.utf8.contains { $0 < 0x3A }
                && part.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
        }.map(String.init)
    }

    /// One line, without libpq's source locations, of bounded length.
    static func tidied(_ message: String) -> String {
        let lines = message.split(whereSeparator: \.isNewline).map { $0.trimmed }
        let text = lines.filter { !$0.isEmpty && !$0.hasPrefix("LOCATION:") }.joined(separator: "; ")
        return text.count > limit ? "\(text.prefix(limit))\u{2026}" : text
    }
}

extension StringProtocol {
    /// The start of the first occurrence of a text.
    fileprivate func range(ofFirst text: String) -> Index? {
        indices.first { self[$0...].hasPrefix(text) }
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var result = drop { $0.isWhitespace }
        while result.last?.isWhitespace == true { result.removeLast() }
        return result
    }
}
