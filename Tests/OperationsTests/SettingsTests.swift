import Configuration
import Foundation
import Operations
import Testing

struct SettingsTests {
    /// Settings from the same three places that a program reads, in its order of strength.
    private func settings(flags: [String: String] = [:], environment: [String: String] = [:]) throws -> Settings {
        let values = flags.map { (AbsoluteConfigKey(ConfigKey($0)), ConfigValue(.string($1), isSecret: false)) }
        return Settings(
            reader: ConfigReader(providers: [
                InMemoryProvider(name: "flags", values: Dictionary(uniqueKeysWithValues: values)),
                EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "wireroom"),
            ]))
    }

    private func file(_ text: String, _ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString).json").path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }  // the temporary folder is cleared sometime anyway
        try await body(path)
    }

    @Test func flagsAreStrongerThanTheEnvironment() throws {
        let both = try settings(flags: ["sample.name": "flag"], environment: ["WIREROOM_SAMPLE_NAME": "environment"])
        #expect(both.text("sample.name") == "flag")
        #expect(try settings(environment: ["WIREROOM_SAMPLE_NAME": "environment"]).text("sample.name") == "environment")
    }

    @Test func theEnvironmentIsStrongerThanTheFile() async throws {
        // A variable of no other test and no other program.
        let key = "WIREROOM_SETTINGSTEST_NAME"
        unsafe setenv(key, "environment", 1)
        defer { unsafe unsetenv(key) }
        try await file(#"{"settingstest": {"name": "file", "other": "file"}}"#) { path in
            let settings = try await Settings(flags: [:], file: path)
            #expect(settings.text("settingstest.name") == "environment")
            #expect(settings.text("settingstest.other") == "file")
            #expect(
                try await Settings(flags: ["settingstest.name": "flag"], file: path).text("settingstest.name") == "flag"
            )
        }
    }

    @Test func readsNumbersFlagsAndListsFromAFile() async throws {
        try await file(#"{"sample": {"count": 7, "text-count": "8", "on": true, "names": "a, b,,c "}}"#) { path in
            let settings = try await Settings(flags: [:], file: path)
            #expect(try settings.integer("sample.count", default: 1, in: 0...10) == 7)
            #expect(try settings.integer("sample.text-count", default: 1, in: 0...10) == 8)
            #expect(try settings.flag("sample.on", default: false))
            #expect(settings.list("sample.names") == ["a", "b", "c"])
        }
    }

    @Test(arguments: ["{", "[1]", ""]) func aFileThatIsNotJSONIsRefused(text: String) async throws {
        try await file(text) { path in
            let error = await #expect(throws: SettingsError.self) { try await Settings(flags: [:], file: path) }
            #expect(error?.key == "config")
            #expect(error?.message.contains(path) == true)
        }
    }

    @Test func aMissingFileIsRefused() async throws {
        let error = await #expect(throws: SettingsError.self) {
            try await Settings(flags: [:], file: "/no/such/file.json")
        }
        #expect(error?.key == "config")
    }

    @Test(arguments: ["9", "-1", "x", "1.5", "99999999999999999999", " 3"]) func wrongNumbersNameTheKey(
        value: String
    ) throws {
        let settings = try settings(environment: ["WIREROOM_SAMPLE_COUNT": value])
        let error = #expect(throws: SettingsError.self) { try settings.integer("sample.count", default: 1, in: 0...8) }
        #expect(error?.key == "sample.count")
        #expect("\(error.map { "\($0)" } ?? "")".contains("WIREROOM_SAMPLE_COUNT"))
    }

    @Test(arguments: [("0", 0), ("8", 8), ("", 5)]) func boundsAreWithinTheRangeAndEmptyIsUnset(
        value: String, number: Int
    ) throws {
        let settings = try settings(environment: ["WIREROOM_SAMPLE_COUNT": value])
        #expect(try settings.integer("sample.count", default: 5, in: 0...8) == number)
    }

    @Test(arguments: [
        ("true", true), ("YES", true), ("on", true), ("1", true), ("false", false), ("no", false), ("Off", false),
        ("0", false),
    ])
    func readsYesAndNo(text: String, value: Bool) throws {
        let settings = try settings(flags: ["sample.on": text])
        #expect(try settings.flag("sample.on", default: !value) == value)
    }

    @Test func otherWordsAreNeitherYesNorNo() throws {
        let settings = try settings(flags: ["sample.on": "perhaps"])
        let error = #expect(throws: SettingsError.self) { try settings.flag("sample.on", default: true) }
        #expect(error?.key == "sample.on")
    }
}
