internal import CZlib

/// Gzip, zlib and raw deflate.
public enum Gzip {
    /// Whether bytes begin as a gzip member does.
    public static func isGzip(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B
    }

    /// Compresses bytes into one gzip member.
    ///
    /// - Parameter level: 1 (fast) to 9 (small); values outside are clamped.
    public static func compress(_ bytes: [UInt8], level: Int = 6) throws(CompressionError) -> [UInt8] {
        let stream = try DeflateStream(level: min(max(level, 1), 9))
        return try stream.finish(bytes)
    }

    /// Decompresses gzip of any number of members, zlib or raw deflate, told apart by their first bytes.
    ///
    /// Bytes behind the last gzip member that do not begin another are ignored, as `gzip` does.
    ///
    /// - Parameters:
    ///   - maximumBytes: the most bytes to return.
    ///   - acceptsTruncation: return what there is when the input ends too early, instead of throwing `truncated`.
    public static func decompress(
        _ bytes: [UInt8], maximumBytes: Int, acceptsTruncation: Bool = false
    ) throws(CompressionError) -> [UInt8] {
        var stream = try InflateStream()
        var output: [UInt8] = []
        var position = 0
        while true {
            let room = min(max(bytes.count * 3, 1 << 14), maximumBytes - output.count + 1, 1 << 22)
            let piece = try stream.decompress(bytes, from: &position, maximumOutput: room)
            output.append(contentsOf: piece)
            guard output.count <= maximumBytes else {
                throw CompressionError(.tooLarge, "more than \(maximumBytes) bytes")
            }
            if piece.isEmpty, position >= bytes.count || stream.isFinished { break }
        }
        guard acceptsTruncation || stream.isAtMemberEnd else {
            throw CompressionError(.truncated, "the compressed data is incomplete")
        }
        return output
    }
}

/// Owns a deflating `z_stream`. zlib keeps a pointer back to it, so it must not move.
@safe private struct DeflateStream: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>

    init(level: Int) throws(CompressionError) {
        let made = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe made.initialize(to: z_stream())
        // 15 window bits, plus 16 for the gzip wrapper.
        guard unsafe wireroom_deflate_init(made, Int32(level), 31) == Z_OK else {
            unsafe made.deallocate()
            throw CompressionError(.outOfMemory, "no memory for a gzip compressor")
        }
        unsafe stream = made
    }

    deinit {
        unsafe _ = deflateEnd(stream)
        unsafe stream.deallocate()
    }

    func finish(_ bytes: [UInt8]) throws(CompressionError) -> [UInt8] {
        guard bytes.count < Int(UInt32.max) else { throw CompressionError(.tooLarge, "input of 4 GB or more") }
        let bound = unsafe Int(deflateBound(stream, UInt(bytes.count)))
        var status: Int32 = Z_OK
        let output = unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            unsafe bytes.withUnsafeBufferPointer { source in
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                unsafe stream.pointee.avail_in = UInt32(source.count)
                unsafe stream.pointee.next_out = buffer.baseAddress
                unsafe stream.pointee.avail_out = UInt32(clamping: bound)
                unsafe status = deflate(stream, Z_FINISH)
                unsafe count = bound - Int(stream.pointee.avail_out)
            }
        }
        guard status == Z_STREAM_END else { throw CompressionError(.failed, "deflate status \(status)") }
        return output
    }
}
