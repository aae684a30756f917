import Logging
@testable import Operations
import Synchronization
import Testing

@Suite struct LogOutputTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
        func add(_ line: [UInt8]) { all.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
    }

    private struct Trouble: Error, CustomStringConvertible {
        var description: String { "cannot reach amqp://guest:secret@host/" }
    }

    @Test(arguments: [
        ("postgresql://u:p@h/db", "postgresql://u:***@h/db"), ("amqp://u@h", "amqp://u@h"),
        ("no url, a@b", "no url, a@b"),
        ("two https://a:b@c and http://d:e@f/g", "two https://a:***@c and http://d:***@f/g"),
        ("https://h/path@x", "https://h/path@x"), ("https://a:p@ss@h/", "https://a:***@h/"),
    ]) func masksPasswords(text: String, expected: String) {
        #expect(LogOutput.masked(text) == expected)
    }

    @Test func writesOneJSONObjectALine() {
        let lines = Lines()
        let logger = Logger(label: "x") { LogOutput(label: $0, format: .json, level: .info, write: lines.add) }
        logger.info("A \"quoted\"\nmessage", error: Trouble(), metadata: ["queue.name": "q"])
        logger.debug("not shown")
        let all = lines.all.withLock { $0 }
        #expect(all.count == 1)
        #expect(all[0].hasSuffix("}\n"))
        #expect(
            all[0].contains(
                #""message":"A \"quoted\"\nmessage","error.message":"cannot reach amqp://guest:***@host/","queue.name":"q""#
            ))
    }
}
