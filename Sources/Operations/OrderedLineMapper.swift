public import Foundation

/// Maps lines of one stream to lines of another on several threads, in order and in constant memory.
///
/// The part that needs the processor runs on every thread at once; the part that has to see the records one after another
/// runs in the records' order. Lines end in `\n` or `\r\n`; empty lines are skipped.
public final class OrderedLineMapper<Intermediate: Sendable>: @unchecked Sendable {
    // Safe: every mutable property is touched only while `condition` is locked, except `buffer`, `input` and `output`,
    // which belong to the one thread that reads and the one (holding `isWriting`) that writes.
    private let condition = NSCondition()
    private let window: Int
    private let threads: Int
    private let maximumLineBytes: Int
    private let transform: @Sendable ([UInt8]) -> Intermediate
    private let finish: (Intermediate) -> [UInt8]
    private let output: FileHandle

    private var waiting: [(Int, [UInt8])] = []
    private var ready: [Int: Intermediate] = [:]
    private var nextToWrite = 0
    private var nextToRead = 0
    private var isWriting = false
    private var isAtEnd = false
    private var isBroken = false
    private var running = 0

    /// Makes a mapper.
    ///
    /// - Parameters:
    ///   - threads: how many records are worked on at once, at least 1.
    ///   - maximumLineBytes: a longer line is handed on cut off, so that it gives an error and not an empty memory.
    ///   - transform: the parallel part.
    ///   - finish: the part in order; gives the line to write, without its end.
    public init(
        threads: Int, maximumLineBytes: Int = 64 << 20, output: FileHandle = .standardOutput,
        transform: @escaping @Sendable ([UInt8]) -> Intermediate, finish: @escaping (Intermediate) -> [UInt8]
    ) {
        self.threads = max(1, threads)
        self.window = max(1, threads) * 4
        self.maximumLineBytes = maximumLineBytes
        self.output = output
        self.transform = transform
        self.finish = finish
    }

    /// Maps everything; blocks the calling thread until the input ends or nobody reads the output any more.
    ///
    /// - Returns: how many records were read.
    @discardableResult
    public func run(input: FileHandle = .standardInput) -> Int {
        signal(SIGPIPE, SIG_IGN)  // A reader that stops early, such as `head`, shows as a failed write.
        running = threads
        for _ in 0..<threads {
            let thread = Thread { self.work() }
            thread.stackSize = 8 << 20
            thread.start()
        }
        readLines(of: input)
        condition.lock()
        isAtEnd = true
        condition.broadcast()
        while running > 0 { condition.wait() }
        let count = nextToRead
        condition.unlock()
        return count
    }

    private func readLines(of input: FileHandle) {
        var line: [UInt8] = []
        // An unreadable input ends like an empty one.
        while let chunk = try? input.read(upToCount: 1 << 16), !chunk.isEmpty {
            for piece in chunk.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
                if piece.offset > 0 {
                    guard submit(line) else { return }
                    line.removeAll(keepingCapacity: false)
                }
                if line.count < maximumLineBytes { line += piece.element.prefix(maximumLineBytes - line.count) }
            }
        }
        _ = submit(line)
    }

    /// Queues a line once there is room; `false` when there is nobody to write for.
    private func submit(_ line: [UInt8]) -> Bool {
        var line = line
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard !line.isEmpty else { return true }
        condition.lock()
        defer { condition.unlock() }
        while nextToRead - nextToWrite >= window, !isBroken { condition.wait() }
        waiting.append((nextToRead, line))
        nextToRead += 1
        condition.broadcast()
        return !isBroken
    }

    private func work() {
        condition.lock()
        while !isBroken {
            if let next = waiting.first {
                waiting.removeFirst()
                condition.unlock()
                let value = transform(next.1)
                condition.lock()
                ready[next.0] = value
                writeReady()
            } else if isAtEnd {
                break
            } else {
                condition.wait()
            }
        }
        running -= 1
        condition.broadcast()
        condition.unlock()
    }

    /// Writes what is next in order, by one thread at a time. Called and left with the lock held.
    private func writeReady() {
        guard !isWriting else { return }
        isWriting = true
        while let value = ready.removeValue(forKey: nextToWrite) {
            condition.unlock()
            let line = finish(value) + [UInt8(ascii: "\n")]
            let isWritten = (try? output.write(contentsOf: Data(line))) != nil  // the reader is gone: stop reading too
            condition.lock()
            nextToWrite += 1
            if !isWritten { isBroken = true }
            condition.broadcast()
        }
        isWriting = false
    }
}
