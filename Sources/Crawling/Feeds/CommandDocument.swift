internal import Foundation
internal import Glibc

/// A record of the commands that read one document.
struct CommandDocument: Decodable {
    var id: CommandID?
    var path: String?
    var text: String?
    var base64: String?
    var url: String?
    var contentType: String?
    var date: String?
    var page: String?

    enum CodingKeys: String, CodingKey {
        case id, path, text, base64, url, date, page
        case contentType = "content_type"
    }

    /// The bytes that the record holds or names, `nil` when there are none to read.
    var document: [UInt8]? {
        if let text { return Array(text.utf8) }
        if let base64 { return Data(base64Encoded: base64).map { Array($0) } }
        return path.flatMap { FileManager.default.contents(atPath: $0) }.map { Array($0) }
    }
}

extension CommandJSON {
    /// Writes a value whose dates are in UTC to the second.
    static func encode(dated value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        do {
            return Array(try encoder.encode(value))
        } catch {
            return Array(#"{"error":"the answer could not be written as JSON"}"#.utf8)
        }
    }
}

/// Measures a piece of work on the running thread.
struct CommandTimer {
    private let start = ContinuousClock.now
    private let startOfThread = Self.threadMilliseconds()

    /// Wall time and CPU time of the thread since the beginning, in milliseconds.
    func elapsed() -> (wall: Double, cpu: Double) {
        let wall = (ContinuousClock.now - start).components
        let milliseconds = Double(wall.seconds) * 1_000 + Double(wall.attoseconds) / 1e15
        return (milliseconds, Self.threadMilliseconds() - startOfThread)
    }

    private static func threadMilliseconds() -> Double {
        var time = timespec()
        // The call only fills the structure that it is lent; 0 where the system cannot say.
        guard unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return 0 }
        return Double(time.tv_sec) * 1_000 + Double(time.tv_nsec) / 1e6
    }
}
