internal import Compression
internal import Foundation

/// The lines of a file, gzipped or not, one after another: one line at a time is in memory.
struct LineFile: ~Copyable {
    private static let chunkBytes = 1 << 18

    private let file: FileHandle
    private let maximumLineBytes: Int
    private var inflater: InflateStream?
    private var compressed: [UInt8] = []
    private var position = 0
    private var buffer: [UInt8] = []
    private var start = 0
    private var isFresh = true

    /// Opens a file.
    ///
    /// - Parameter maximumLineBytes: a longer line is given cut off after one byte more.
    init(path: String, maximumLineBytes: Int) throws(DocumentReaderError) {
        guard let file = FileHandle(forReadingAtPath: path) else { throw DocumentReaderError("cannot be opened") }
        self.file = file
        self.maximumLineBytes = maximumLineBytes
    }

    deinit {
        try? file.close()  // it was only read
    }

    /// The next line without its `\n`, or `nil` at the end.
    ///
    /// - Throws: ``DocumentReaderError`` when the file cannot be read or inflated further.
    mutating func next() throws(DocumentReaderError) -> [UInt8]? {
        var line: [UInt8] = []
        var isThere = false
        while true {
            let rest = buffer[start...]
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            let piece = rest[..<(end ?? rest.endIndex)]
            line += piece.prefix(max(0, maximumLineBytes + 1 - line.count))
            isThere = isThere || !piece.isEmpty || end != nil
            if let end {
                start = end + 1
                return line
            }
            guard try fill() else { return isThere ? line : nil }
        }
    }

    /// Puts the next bytes into the buffer; `false` at the end.
    private mutating func fill() throws(DocumentReaderError) -> Bool {
        (buffer, start) = ([], 0)
        while true {
            // Also when all bytes are used: zlib may still hold back what they become.
            if inflater != nil, try inflate() { return true }
            let chunk = try read()
            guard !chunk.isEmpty else {
                if let isWhole = inflater?.isAtMemberEnd, !isWhole {
                    throw DocumentReaderError("the gzip data breaks off")
                }
                return false
            }
            if isFresh, Gzip.isGzip(chunk) { try startInflating() }
            isFresh = false
            guard inflater != nil else {
                buffer = chunk
                return true
            }
            (compressed, position) = (chunk, 0)
        }
    }

    private mutating func startInflating() throws(DocumentReaderError) {
        do {
            inflater = try InflateStream()
        } catch {
            throw DocumentReaderError(error.message)
        }
    }

    /// Inflates into the buffer; `false` when nothing came of the bytes at hand.
    private mutating func inflate() throws(DocumentReaderError) -> Bool {
        do {
            buffer = try inflater?.decompress(compressed, from: &position, maximumOutput: Self.chunkBytes) ?? []
        } catch {
            throw DocumentReaderError(error.message)
        }
        // What follows the compressed data is no part of it.
        if inflater?.isFinished == true { position = compressed.count }
        return !buffer.isEmpty
    }

    private func read() throws(DocumentReaderError) -> [UInt8] {
        do {
            return [UInt8](try file.read(upToCount: Self.chunkBytes) ?? Data())
        } catch {
            throw DocumentReaderError(error.localizedDescription)
        }
    }
}
