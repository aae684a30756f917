internal import CPostgreSQL

/// Where and as whom to connect.
public struct PostgresConfiguration: Sendable {
    /// The settings of the connection string by libpq keyword; includes the password.
    private let settings: [String: String]

    /// The name the server shows for the connection; replaces one from the connection string when it is not empty.
    public var applicationName: String

    /// The time a connection may take to be made: name lookup, TCP, TLS and authentication together. `connect_timeout` of
    /// the connection string, else 10 s.
    public var connectTimeout: Duration = .seconds(10)

    /// The time a statement (or a pipeline, or one chunk of a copy) may run before it is cancelled.
    public var statementDeadline: Duration = .seconds(30)

    /// The role that the session takes at its start (`SET ROLE`), or `nil` for the login's own.
    public var role: String?

    /// Reads a connection string: `postgres://user:password@host:port/database?sslmode=verify-full&sslrootcert=…` or
    /// `host=… dbname=…`, with all keywords of libpq. What it leaves out comes from the `PG*` variables of the
    /// environment.
    ///
    /// - Throws: ``PostgresError/Code/invalidConfiguration``; the message quotes nothing of the string.
    public init(url: String) throws(PostgresError) {
        guard !url.utf8.contains(0) else {
            throw PostgresError(.invalidConfiguration, "the connection string contains U+0000")
        }
        var problem: UnsafeMutablePointer<CChar>?
        // Both the options and the message are malloc'd by libpq and ours to free.
        guard let options = unsafe PQconninfoParse(url, &problem) else {
            let reason = unsafe problem.map { unsafe String(cString: $0) } ?? "out of memory"
            if let problem = unsafe problem { unsafe PQfreemem(problem) }
            throw PostgresError(
                .invalidConfiguration, "the connection string is not valid: \(Self.withoutQuotations(reason))")
        }
        defer { unsafe PQconninfoFree(options) }
        var settings: [String: String] = [:]
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                unsafe settings[String(cString: keyword)] = unsafe String(cString: value)
            }
            unsafe option += 1
        }
        if let seconds = settings["connect_timeout"].flatMap({ Int32($0) }), seconds > 0 {
            connectTimeout = .seconds(seconds)
        }
        self.settings = settings
        applicationName = settings["application_name"] ?? "wireroom"
    }

    /// libpq quotes the offending part, which may be the password: cut from the first quotation mark to the last.
    private static func withoutQuotations(_ reason: String) -> String {
        let bytes = Array(reason.utf8)
        guard let first = bytes.firstIndex(of: 0x22), let last = bytes.lastIndex(of: 0x22) else {
            return "cannot be parsed"
        }
        let rest = String(decoding: bytes[..<first] + Array("\u{2026}".utf8) + bytes[(last + 1)...], as: UTF8.self)
        return String(rest.prefix { $0 != "\n" })
    }

    /// The password, if the connection string has one.
    var password: String? { settings["password"].flatMap { $0.isEmpty ? nil : $0 } }

    /// What to hand to libpq: the settings over this module's defaults, which find a dead peer within about 25 s.
    var parameters: [(name: String, value: String)] {
        var all = [
            "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "20000",
        ]
        all.merge(settings) { $1 }
        all["client_encoding"] = "UTF8"
        if !applicationName.isEmpty { all["application_name"] = applicationName }
        all["options"] = [Self.sessionOptions, settings["options"]].compactMap { $0 }.joined(separator: " ")
        if let role {
            // In the `options` keyword a backslash protects white space and itself.
            let escaped = role.reduce(into: "") { $0 += $1 == " " || $1 == "\\" ? "\\\($1)" : "\($1)" }
            all["options"] = [all["options"], "-c role=\(escaped)"].compactMap { $0 }.joined(separator: " ")
        }
        return all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The server's side of finding a dead peer: without it the session of a machine that is gone keeps its locks for hours,
    /// and a frozen worker those of its open transaction for ever. What the connection string says of these counts more.
    private static let sessionOptions = [
        "tcp_keepalives_idle=10", "tcp_keepalives_interval=5", "tcp_keepalives_count=3", "tcp_user_timeout=20000",
        "idle_in_transaction_session_timeout=120000",
    ].map { "-c \($0)" }.joined(separator: " ")

    /// What `sslmode` may be; anything else is a mistake, and may be a password in the wrong place.
    private static let modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]

    /// Host, port, database, user and TLS mode, for logs; never the password.
    public var redactedDescription: String {
        let user = settings["user"].map { "\($0)@" } ?? ""
        let host = settings["host"] ?? settings["hostaddr"] ?? ""
        let port = settings["port"].map { ":\($0)" } ?? ""
        let mode = settings["sslmode"].map { "?sslmode=\(Self.modes.contains($0) ? $0 : "***")" } ?? ""
        return "postgres://\(user)\(host)\(port)/\(settings["dbname"] ?? "")\(mode)"
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// ``redactedDescription``.
    public var description: String { redactedDescription }

    /// ``redactedDescription``.
    public var debugDescription: String { redactedDescription }

    /// Without children, so that `dump` shows no password either.
    public var customMirror: Mirror { Mirror(self, children: ["url": redactedDescription]) }
}
