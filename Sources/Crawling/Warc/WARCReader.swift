internal import Compression

/// What bounds the reading of an archive.
public struct WARCLimits: Sendable {
    /// Bytes of a record's head.
    public var maximumHeaderBytes = 64 << 10
    /// Bytes of a block that are kept; the rest is passed over.
    public var maximumBlockBytes = 16 << 20

    /// Makes the default limits.
    public init() {}
}

/// Reads WARC 1.0 and 1.1 from chunks of bytes, plain or with a gzip member for each record.
///
///     var reader = try WARCReader()
///     for try await chunk in file {
///         reader.append(chunk)
///         while let record = try reader.next() { … }
///     }
///     try reader.finish()
///
/// Memory is bounded by one chunk and one block. A record whose head cannot be read is passed over up to the next one;
/// ``skippedBytes`` says how much was.
public struct WARCReader: ~Copyable {
    private let limits: WARCLimits
    private var inflater: InflateStream
    /// Told by the first two bytes.
    private var isCompressed: Bool?
    /// Bytes as they came, compressed or not, from `inputPosition` on.
    private var input: [UInt8] = []
    private var inputPosition = 0
    /// Bytes of the archive that are not yet in a record.
    private var buffer: [UInt8] = []
    private var position = 0
    private var state = State.head
    private var hasSeenRecord = false

    /// Bytes between records that are no record.
    public private(set) var skippedBytes = 0

    private enum State {
        case head
        case block(Head, kept: [UInt8], left: Int)
    }

    private struct Head {
        let version: String
        let headers: WARCHeaders
        let length: Int
    }

    /// Decompressed bytes that are made at a time.
    private static let step = 1 << 18

    /// Makes a reader at the beginning of an archive.
    public init(limits: WARCLimits = WARCLimits()) throws(WARCError) {
        self.limits = limits
        do {
            inflater = try InflateStream()
        } catch {
            throw WARCError(.corrupt, error.message)
        }
    }

    /// Gives the reader more bytes. Take all records before giving it more.
    public mutating func append(_ chunk: [UInt8]) {
        if inputPosition == input.count {
            input = chunk
        } else {
            input.removeFirst(inputPosition)
            input.append(contentsOf: chunk)
        }
        inputPosition = 0
    }

    /// The next record; `nil` when more bytes are needed.
    public mutating func next() throws(WARCError) -> WARCRecord? {
        while true {
            if let record = try advance() { return record }
            guard try refill() else { return nil }
        }
    }

    /// Says that no more bytes will come.
    ///
    /// - Throws: `truncated` when the archive ends inside a record, `corrupt` when it holds none.
    public mutating func finish() throws(WARCError) {
        if case .block = state { throw WARCError(.truncated, "the archive ends inside a block") }
        let rest = buffer[position...].drop { Self.isLineEnd($0) }
        guard rest.isEmpty else { throw WARCError(.truncated, "the archive ends inside a head") }
        if isCompressed == true, !inflater.isAtMemberEnd {
            throw WARCError(.truncated, "the archive ends inside compressed data")
        }
        guard hasSeenRecord || (isCompressed == nil && input.isEmpty) else {
            throw WARCError(.corrupt, "no record at all")
        }
    }

    /// Moves bytes of the input to the buffer; false when there are none.
    private mutating func refill() throws(WARCError) -> Bool {
        if position > 0 {
            buffer.removeFirst(position)
            position = 0
        }
        if isCompressed == nil, input.count - inputPosition >= 2 { isCompressed = Gzip.isGzip(input) }
        guard let isCompressed, inputPosition < input.count || isCompressed else { return false }
        guard isCompressed else {
            let end = min(input.count, inputPosition + Self.step)
            buffer.append(contentsOf: input[inputPosition..<end])
            inputPosition = end
            return true
        }
        do {
            let before = inputPosition
            let piece = try inflater.decompress(input, from: &inputPosition, maximumOutput: Self.step)
            buffer.append(contentsOf: piece)
            if inflater.isFinished, inputPosition < input.count {
                skippedBytes += input.count - inputPosition
                inputPosition = input.count
            }
            return !piece.isEmpty || inputPosition > before
        } catch {
            throw WARCError(.corrupt, error.message)
        }
    }

    /// Does what can be done with the buffer.
    private mutating func advance() throws(WARCError) -> WARCRecord? {
        if case .head = state {
            guard let head = try readHead() else { return nil }
            state = .block(head, kept: [], left: head.length)
        }
        guard case .block(let head, var kept, var left) = state else { return nil }
        // The state must not hold the block while it grows, or each piece would copy it.
        state = .head
        let available = min(left, buffer.count - position)
        let wanted = max(0, min(available, limits.maximumBlockBytes - kept.count))
        kept.append(contentsOf: buffer[position..<(position + wanted)])
        position += available
        left -= available
        guard left == 0 else {
            state = .block(head, kept: kept, left: left)
            return nil
        }
        hasSeenRecord = true
        let kind = head.headers["WARC-Type"].flatMap { WARCRecord.Kind(rawValue: $0.lowercased()) } ?? .other
        return WARCRecord(
            version: head.version, kind: kind, headers: head.headers, block: kept, isCapped: kept.count < head.length)
    }

    /// A record's head, `nil` when more bytes are needed.
    private mutating func readHead() throws(WARCError) -> Head? {
        while true {
            while position < buffer.count, Self.isLineEnd(buffer[position]) { position += 1 }
            guard buffer.count - position >= 5 else { return nil }
            guard buffer[position...].starts(with: Array("WARC/".utf8)) else {
                skipLine()
                continue
            }
            guard let (lines, end) = headLines() else {
                guard buffer.count - position <= limits.maximumHeaderBytes else {
                    throw WARCError(.tooLarge, "a head of more than \(limits.maximumHeaderBytes) bytes")
                }
                return nil
            }
            let headers = WARCHeaders(lines: lines.dropFirst())
            let length = headers["Content-Length"].flatMap { Int($0) }
            guard let length, length >= 0 else {
                skippedBytes += end - position
                position = end
                continue
            }
            let version = lines.first.map { String(decoding: $0.dropFirst(5), as: UTF8.self) } ?? ""
            position = end
            return Head(version: version, headers: headers, length: length)
        }
    }

    /// The lines up to the empty one, and the position behind it.
    private func headLines() -> ([ArraySlice<UInt8>], Int)? {
        var lines: [ArraySlice<UInt8>] = []
        var start = position
        let end = min(buffer.count, position + limits.maximumHeaderBytes)
        while let newline = buffer[start..<end].firstIndex(of: 0x0A) {
            var line = buffer[start..<newline]
            if line.last == 0x0D { line.removeLast() }
            start = newline + 1
            if line.isEmpty { return (lines, start) }
            lines.append(line)
        }
        return nil
    }

    /// Passes over what is no record, up to the end of the line or of the buffer.
    private mutating func skipLine() {
        let end = buffer[position...].firstIndex(of: 0x0A).map { $0 + 1 } ?? buffer.count
        skippedBytes += end - position
        position = end
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
}
