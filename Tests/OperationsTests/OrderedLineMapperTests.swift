import Foundation
import Operations
import Testing

@Suite struct OrderedLineMapperTests {
    private func map(_ input: String, threads: Int, maximumLineBytes: Int = 1 << 20) throws -> String {
        let source = Pipe()
        let sink = FileManager.default.temporaryDirectory.appending(path: "lines-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: sink) }
        try Data().write(to: sink)
        let output = try FileHandle(forWritingTo: sink)
        let writer = Thread {
            source.fileHandleForWriting.write(Data(input.utf8))
            try? source.fileHandleForWriting.close()
        }
        writer.start()
        OrderedLineMapper(threads: threads, maximumLineBytes: maximumLineBytes, output: output) { line in
            line + [UInt8](":\(line.count)".utf8)
        } finish: {
            $0
        }.run(input: source.fileHandleForReading)
        try output.close()
        return try String(contentsOf: sink, encoding: .utf8)
    }

    @Test(arguments: [1, 2, 7]) func keepsTheOrder(threads: Int) throws {
        let lines = (0..<3000).map { String(repeating: "x", count: $0 % 97 + 1) + "\($0)" }
        let expected = lines.map { "\($0):\($0.utf8.count)" }.joined(separator: "\n") + "\n"
        #expect(try map(lines.joined(separator: "\n"), threads: threads) == expected)
    }

    @Test func takesBothLineEndsAndSkipsEmptyLines() throws {
        #expect(try map("a\r\n\n\r\nbc\n", threads: 2) == "a:1\nbc:2\n")
        #expect(try map("", threads: 2).isEmpty)
    }

    @Test func cutsAnEndlessLine() throws {
        #expect(try map(String(repeating: "y", count: 5000) + "\nz", threads: 2, maximumLineBytes: 3) == "yyy:3\nz:1\n")
    }
}
