import Foundation
import Model
import Pipeline
import Postgres
import TestSupport
import Testing

/// Rights, secrets, encryption, and text from outside on a terminal.
@Suite(
    .enabled(if: TestServices.areThere, "needs WIREROOM_TEST_AMQP_URL and WIREROOM_TEST_DATABASE_URL: run `make test`"),
    .timeLimit(.minutes(5)), .serialized)
struct SecurityTests {
    private static let stages = ["crawl", "parse", "classify", "index"]

    // MARK: Rights

    /// A login that is nothing but a member of one role, as docs/deployment.md makes them, gone after the body.
    private func withLogin<Value>(
        _ role: String, _ line: TestServices.Line, password: String = UUID().uuidString,
        _ body: (_ url: String) async throws -> Value
    ) async throws -> Value {
        let name = "login_" + UUID().uuidString.lowercased().replacing("-", with: "")
        try await line.database.withConnection { owner in
            try await owner.script("CREATE ROLE \(name) LOGIN PASSWORD '\(password)' IN ROLE \(role)")
        }
        func drop() async throws {
            try await line.database.withConnection { try await $0.script("DROP ROLE \(name)") }
        }
        var parts = try #require(URLComponents(string: line.databaseURL))
        (parts.user, parts.password) = (name, password)
        do {
            let value = try await body(try #require(parts.string))
            try await drop()
            return value
        } catch {
            try await drop()
            throw error
        }
    }

    /// What none of the line's logins may do.
    private static let forbiddenToAll = [
        "CREATE TABLE wireroom.mine (a int)", "CREATE TABLE news.mine (a int)", "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "DROP TABLE wireroom.url", "ALTER TABLE wireroom.url ADD COLUMN mine int", "TRUNCATE wireroom.stage_event",
        "DELETE FROM wireroom.stage_event", "UPDATE wireroom.stage_event SET outcome = 'done'",
        "DELETE FROM wireroom.url",
        "DELETE FROM wireroom.article", "DELETE FROM wireroom.capture",
        "DELETE FROM wireroom.quarantine", "DELETE FROM wireroom.schema_migration",
        "UPDATE wireroom.stage_control SET is_paused = true", "UPDATE wireroom.extraction_rule SET note = 'x'",
        "INSERT INTO wireroom.source (name, homepage) VALUES ('x', 'https://x.example/')",
        "COPY (SELECT 1) TO PROGRAM 'true'", "SELECT pg_read_file('postgresql.conf')",
        "SELECT rolpassword FROM pg_authid",
        "ALTER SYSTEM SET ssl = off", "SET ROLE wireroom", "SET SESSION AUTHORIZATION wireroom",
    ]

    /// What is forbidden to one of them, beyond that.
    private static let forbidden: [String: [String]] = [
        "wireroom_crawl": [
            "UPDATE wireroom.article SET title = 'x'", "SELECT * FROM wireroom.article_quote",
            "INSERT INTO wireroom.article_topic DEFAULT VALUES", "SET ROLE wireroom_parse",
        ],
        "wireroom_parse": [
            "INSERT INTO wireroom.url (url) VALUES ('x')", "UPDATE wireroom.capture SET body = NULL",
            "INSERT INTO wireroom.capture DEFAULT VALUES", "UPDATE wireroom.host SET operator_note = 'x'",
            "DELETE FROM wireroom.outbox", "UPDATE wireroom.extraction_rule SET selector = 'p'",
            "DELETE FROM wireroom.article_search", "SET ROLE wireroom_crawl",
        ],
        "wireroom_classify": [
            "SELECT body FROM wireroom.capture", "INSERT INTO wireroom.article DEFAULT VALUES",
            "UPDATE wireroom.host SET operator_note = 'x'", "DELETE FROM wireroom.story", "SET ROLE wireroom_index",
        ],
        "wireroom_index": [
            "SELECT body FROM wireroom.capture", "INSERT INTO wireroom.article DEFAULT VALUES",
            "DELETE FROM wireroom.article_quote", "UPDATE wireroom.host SET operator_note = 'x'",
            "SET ROLE wireroom_classify",
        ],
        "wireroom_reader": [
            "SELECT * FROM wireroom.url", "SELECT * FROM wireroom.capture", "SELECT * FROM wireroom.quarantine",
            "INSERT INTO wireroom.stage_event DEFAULT VALUES", "CREATE VIEW news.mine AS SELECT 1",
            "SET ROLE wireroom_index",
        ],
    ]

    @Test(arguments: ["wireroom_crawl", "wireroom_parse", "wireroom_classify", "wireroom_index", "wireroom_reader"])
    func aLoginMayDoWhatItsStageNeedsAndNothingElse(role: String) async throws {
        try await TestServices.withLine { line in
            try await withLogin(role, line) { url in
                let connection = try await PostgresConnection.connect(
                    PostgresConfiguration(url: url), logger: TestServices.logger)
                for statement in Self.forbiddenToAll + (Self.forbidden[role] ?? []) {
                    let error = await #expect(throws: PostgresError.self, "\(statement)") {
                        _ = try await connection.query(statement)
                    }
                    #expect(error?.sqlState == "42501", "\(statement): \(error as Any)")
                }
                // The refusals say something only if the login can do its own work.
                _ = try await connection.query(
                    role == "wireroom_reader" ? "SELECT * FROM news.articles" : "SELECT * FROM wireroom.url")
                await connection.close()
            }
        }
    }

    @Test func workersDoTheirWorkUnderLoginsOfTheirOwn() async throws {
        try await TestServices.withLine(rungs: Topology.ladder) { line in
            try await withLogin("wireroom_crawl", line) { crawl in
                try await withLogin("wireroom_parse", line) { parse in
                    try await withLogin("wireroom_classify", line) { classify in
                        try await withLogin("wireroom_index", line) { index in
                            let urls = ["crawl": crawl, "parse": parse, "classify": classify, "index": index]
                            try await importsADocument(line, urls.mapValues { ["WIREROOM_DATABASE_URL": $0] })
                        }
                    }
                }
            }
        }
    }

    /// Starts the workers with settings of their own and lets a document through the line.
    private func importsADocument(_ line: TestServices.Line, _ settings: [String: [String: String]]) async throws {
        let fixture = LineFixture(line: line)
        let workers = try Self.stages.map { try fixture.worker($0, settings[$0] ?? [:]) }
        defer { workers.forEach { $0.kill() } }
        let (code, text) = try fixture.wireroom(["import", TestServices.project + "/docker/demo/documents"])
        #expect(code == 0, "\(text)")
        while try await line.number("SELECT count(*) FROM wireroom.url WHERE state = 'indexed'") < 3 {
            for worker in workers { try #require(worker.isRunning, "\(worker.text)") }
            try await Task.sleep(for: .milliseconds(50))
        }
        for worker in workers { #expect(worker.stop() == 0, "\(worker.text)") }
    }

    // MARK: Encryption

    @Test func theLineRunsOverEncryptedConnections() async throws {
        let environment = ProcessInfo.processInfo.environment
        let port = try #require(environment["WIREROOM_TEST_AMQPS_PORT"])
        let authority = try #require(environment["WIREROOM_TEST_AUTHORITY"])
        try await TestServices.withLine(rungs: Topology.ladder) { line in
            var broker = try #require(
                URLComponents(string: LineFixture(line: line).environment["WIREROOM_BROKER_URL"] ?? ""))
            (broker.scheme, broker.host, broker.port) = ("amqps", "localhost", Int(port))
            broker.queryItems = [.init(name: "cacertfile", value: authority)]
            var database = try #require(URLComponents(string: line.databaseURL))
            database.host = "localhost"
            database.queryItems = [
                .init(name: "sslmode", value: "verify-full"), .init(name: "sslrootcert", value: authority),
            ]
            func settings() throws -> [String: String] {
                [
                    "WIREROOM_BROKER_URL": try #require(broker.string),
                    "WIREROOM_DATABASE_URL": try #require(database.string), "WIREROOM_WORKER_STARTUP_SECONDS": "4",
                ]
            }
            let encrypted = try settings()
            try await importsADocument(line, Dictionary(uniqueKeysWithValues: Self.stages.map { ($0, encrypted) }))
            // The certificates are for another name: the worker says so and does not start.
            broker.host = "127.0.0.1"
            let toBroker = try LineFixture(line: line).worker("parse", settings())
            #expect(toBroker.wait() == 69 && toBroker.text.contains("hostname"), "\(toBroker.text)")
            (broker.host, database.host) = ("localhost", "127.0.0.1")
            let toDatabase = try LineFixture(line: line).worker("parse", settings())
            #expect(toDatabase.wait() == 69 && toDatabase.text.contains("host name"), "\(toDatabase.text)")
        }
    }

    // MARK: Secrets

    @Test func noPasswordIsLoggedPrintedOrShownInTheProcessList() async throws {
        let planted = "Planted-\(UUID().uuidString)"
        let control = try #require(ProcessInfo.processInfo.environment["WIREROOM_TEST_RABBITMQCTL"])
        let user = "user\(UUID().uuidString.prefix(8))"
        func broker(_ arguments: String...) throws {
            let process = try TestProcess(control, ["-q"] + arguments)
            try #require(process.wait() == 0, "\(process.text)")
        }
        try broker("add_user", user, planted)
        try broker("set_permissions", user, ".*", ".*", ".*")
        try await TestServices.withLine(rungs: Topology.ladder) { line in
            try await withLogin("wireroom_parse", line, password: planted) { url in
                var parts = try #require(
                    URLComponents(string: LineFixture(line: line).environment["WIREROOM_BROKER_URL"] ?? ""))
                (parts.user, parts.password) = (user, planted)
                let good = [
                    "WIREROOM_DATABASE_URL": url, "WIREROOM_BROKER_URL": try #require(parts.string),
                    "WIREROOM_LOG_LEVEL": "trace", "WIREROOM_WORKER_STARTUP_SECONDS": "1",
                ]
                let fixture = LineFixture(line: line)
                let worker = try fixture.worker("parse", good.merging(["WIREROOM_ADMIN_LISTEN": "127.0.0.1:0"]) { $1 })
                defer { worker.kill() }
                #expect(try fixture.wireroom(["import", TestServices.project + "/docker/demo/documents"]).code == 0)
                try await line.wait(for: "SELECT count(*) FROM wireroom.article") { $0 > 2 }
                let shown = try String(contentsOfFile: "/proc/\(worker.identifier)/cmdline", encoding: .utf8)
                #expect(shown.contains("wireroom-parse") && !shown.contains(planted))
                #expect(worker.stop() == 0)
                #expect(worker.text.contains("Stopped") && !worker.text.contains(planted))
                for command in [["--help"], ["help", "migrate"], ["help", "source", "add"]] {
                    let text = try fixture.wireroom(command, good).text
                    #expect(text.contains("USAGE") && !text.contains(planted))
                }
                // Whatever is wrong with an address, its password is not in what is said about it.
                let broken: [[String: String]] = [
                    ["WIREROOM_DATABASE_URL": url.replacing("postgresql:", with: "postgrepsql:")],
                    ["WIREROOM_DATABASE_URL": url + "?sslmode=\(planted)"],
                    ["WIREROOM_DATABASE_URL": url + "?\(planted)=1"],
                    ["WIREROOM_DATABASE_URL": url.replacing("@", with: "x@")], ["WIREROOM_DATABASE_URL": url + "_gone"],
                    ["WIREROOM_DATABASE_URL": "host=127.0.0.1 port=1 password='\(planted)"],
                    ["WIREROOM_DATABASE_URL": "host=127.0.0.1 port=1 password=\(planted) user=x"],
                    ["WIREROOM_BROKER_URL": "amqp://user:\(planted)@127.0.0.1:1/"],
                    ["WIREROOM_BROKER_URL": "amqp://user:\(planted)@127.0.0.1:99999/"],
                    ["WIREROOM_BROKER_URL": "amqp://user:\(planted)@/?heartbeat=x"],
                    ["WIREROOM_BROKER_URL": "http://user:\(planted)@127.0.0.1/"],
                    ["WIREROOM_BROKER_URL": "amqps://user:\(planted)@127.0.0.1:1/?cacertfile=/none"],
                    ["WIREROOM_BROKER_URL": "\(planted)"],
                    ["WIREROOM_BROKER_URL": (good["WIREROOM_BROKER_URL"] ?? "").replacing("@", with: "x@")],
                ]
                for settings in broken {
                    let worker = try fixture.worker("parse", good.merging(settings) { $1 })
                    let code = worker.wait()
                    #expect([69, 78].contains(code), "\(code) with \(settings.keys): \(worker.text)")
                    #expect(!worker.text.isEmpty && !worker.text.contains(planted), "\(worker.text)")
                    let text = try fixture.wireroom(["doctor"], good.merging(settings) { $1 }).text
                    #expect(!text.isEmpty && !text.contains(planted), "\(text)")
                }
            }
        }
        try broker("delete_user", user)
    }

    // MARK: Terminals

    /// A title that renames the window, clears the screen, with the one-byte controls too, and turns what stands behind it.
    private static let attack = "\u{1B}]0;owned\u{7}\u{1B}[2J\u{9B}2J\u{9D}0;owned\u{9C}\u{202E}\u{2066}\u{8}\r"

    @Test func noTextFromOutsideCommandsATerminal() async throws {
        try await TestServices.withLine(rungs: Topology.ladder) { line in
            let fixture = LineFixture(line: line)
            let list = FileManager.default.temporaryDirectory.appending(path: "attack-\(UUID().uuidString).jsonl")
            defer { try? FileManager.default.removeItem(at: list) }  // the temporary folder is cleared sometime anyway
            try #"""
            {"homepage": "https://courier.example/", "name": "Courier", "feeds": ["https://courier.example/a.xml"]}
            """#.write(to: list, atomically: true, encoding: .utf8)
            #expect(try fixture.wireroom(["source", "import", list.path]).code == 0)
            try await line.publish(
                raw: Array("no envelope \(Self.attack)".utf8), to: line.topology.quarantineQueue(.parse))
            try await importsADocument(line, [:])
            #expect(try fixture.wireroom(["rule", "add", "--source", "1", "--action", "drop", ".box"]).code == 0)
            #expect(try fixture.wireroom(["pause", "stage", "index"]).code == 0)
            #expect(try await line.number("SELECT count(*) FROM wireroom.quarantine") == 1)
            try await plant(line)
            let titles = try await line.number("SELECT count(*) FROM wireroom.article WHERE strpos(title, chr(27)) > 0")
            let outlets = try await line.number("SELECT count(*) FROM wireroom.source WHERE strpos(name, chr(155)) > 0")
            #expect(titles > 2 && outlets > 0)
            let commands: [[String]] = [
                ["search", "treaty"], ["search", "satellite"], ["stories"], ["story", "1"], ["article", "1"],
                ["article", "2"], ["trace", "1"], ["status"],
                ["doctor"], ["funnel"], ["funnel", "--by-source"], ["tail", "--once", "--lines", "500"],
                ["top", "--once"],
                ["source", "list", "--all"], ["source", "show", "1"], ["source", "set", "1"], ["feed", "list"],
                ["host", "list", "--of", "all"], ["quarantine", "list"], ["quarantine", "groups"],
                ["quarantine", "show", "1"],
                ["rule", "list"], ["inspect", "1"], ["inspect", "2"], ["diff", "--sample", "5"], ["pause"],
                ["retention"], ["migrate", "--status"],
            ]
            for command in commands {
                for arguments in [command, command + ["--json"]] {
                    let (_, text) = try fixture.wireroom(arguments)
                    let controls = text.unicodeScalars.filter { $0 != "\n" && Self.commands($0) }
                    #expect(
                        !text.isEmpty && controls.isEmpty,
                        "\(arguments.joined(separator: " ")): \(text.debugDescription.prefix(600))")
                }
            }
            let shown = try fixture.wireroom(["article", "1"]).text
            #expect(shown.contains("]0;owned"), "the title is shown, without its controls: \(shown)")
        }
    }

    private static func commands(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control || (0x202A...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value)
    }

    /// Appends the attack to every text in the line's tables that takes it.
    private func plant(_ line: TestServices.Line) async throws {
        let attack = Self.attack.unicodeScalars.map { "chr(\($0.value))" }.joined(separator: " || ")
        try await line.database.withConnection { owner in
            try await owner.script(
                """
                DO $plant$
                DECLARE place record;
                BEGIN
                    FOR place IN
                        SELECT c.table_name, c.column_name FROM information_schema.columns AS c
                        JOIN information_schema.tables AS t USING (table_schema, table_name)
                        WHERE c.table_schema = 'wireroom' AND t.table_type = 'BASE TABLE' AND c.data_type = 'text'
                          AND c.table_name NOT IN ('schema_migration', 'search_configuration')
                          AND c.column_name NOT IN ('selector', 'action')  -- a rule that cannot be read is not listed
                    LOOP
                        BEGIN
                            EXECUTE format('UPDATE wireroom.%I SET %I = %I || \(attack)', place.table_name, place.column_name, place.column_name);
                        EXCEPTION WHEN check_violation OR foreign_key_violation OR unique_violation OR generated_always THEN
                            NULL;  -- names of states and the like
                        END;
                    END LOOP;
                END $plant$
                """)
        }
    }
}
