public import Configuration
import Foundation
import SystemPackage

/// Settings from flags, the environment and a file, in this order of strength, read with errors that name the key.
///
/// A key such as `database.url` is the flag `--database-url` where the program has it, the environment variable
/// `WIREROOM_DATABASE_URL`, and `{"database": {"url": …}}` in the JSON file that `--config` or `WIREROOM_CONFIG` names.
public struct Settings: Sendable {
    private let reader: ConfigReader

    /// Wraps a reader.
    public init(reader: ConfigReader) {
        self.reader = reader
    }

    /// Reads from all places.
    ///
    /// - Parameters:
    ///   - flags: values that were given on the command line, by key.
    ///   - file: the settings file, or `nil` for the one that `WIREROOM_CONFIG` names.
    /// - Throws: ``SettingsError`` when the file cannot be read.
    public init(flags: [String: String], file: String?) async throws {
        let environment = EnvironmentVariablesProvider().prefixKeys(with: "wireroom")
        let values = flags.map { key, value in
            (AbsoluteConfigKey(ConfigKey(key)), ConfigValue(.string(value), isSecret: false))
        }
        var providers: [any ConfigProvider] = [
            InMemoryProvider(name: "flags", values: Dictionary(values) { first, _ in first }), environment,
        ]
        if let path = file ?? ConfigReader(provider: environment).string(forKey: "config"), !path.isEmpty {
            do {
                providers.append(try await FileProvider<JSONSnapshot>(filePath: FilePath(path)))
            } catch {
                throw SettingsError(key: "config", message: "cannot read \(path): \(error)")
            }
        }
        reader = ConfigReader(providers: providers)
    }

    /// A text, or `nil` when it is not set or empty.
    public func text(_ key: String) -> String? {
        reader.string(forKey: ConfigKey(key)).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A secret, or `nil` when it is not set: never shown by the reader's reports.
    public func secret(_ key: String) -> String? {
        reader.string(forKey: ConfigKey(key), isSecret: true).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A whole number.
    ///
    /// - Throws: ``SettingsError`` when it is no number or out of its range.
    public func integer(_ key: String, default fallback: Int, in range: ClosedRange<Int>) throws(SettingsError) -> Int {
        // A number in the settings file is a number to the reader, one in the environment is text.
        let number: Int
        if let value = reader.int(forKey: ConfigKey(key)) {
            number = value
        } else if let text = text(key) {
            guard let value = Int(text) else { throw SettingsError(key: key, message: "\(text) is not a whole number") }
            number = value
        } else {
            return fallback
        }
        guard range.contains(number) else {
            throw SettingsError(key: key, message: "\(number) is not within \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A yes or no: `true`, `yes`, `on`, `1`, `false`, `no`, `off` or `0`.
    public func flag(_ key: String, default fallback: Bool) throws(SettingsError) -> Bool {
        if let value = reader.bool(forKey: ConfigKey(key)) { return value }
        guard let text = text(key) else { return fallback }
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw SettingsError(key: key, message: "\(text) is neither yes nor no")
        }
    }

    /// A list, separated by commas.
    public func list(_ key: String) -> [String] {
        (text(key) ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}

/// A setting is missing or makes no sense.
public struct SettingsError: Error, CustomStringConvertible {
    /// The setting's key, such as `database.url`.
    public var key: String
    /// What is wrong with it.
    public var message: String

    /// Makes an error.
    public init(key: String, message: String) {
        self.key = key
        self.message = message
    }

    public var description: String {
        let variable = "WIREROOM_" + key.uppercased().replacing(".", with: "_").replacing("-", with: "_")
        return "setting \(key) (environment \(variable)): \(message)"
    }
}
