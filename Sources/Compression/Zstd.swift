internal import CZstd
internal import Synchronization

/// Zstandard frames, as the store of captured bodies keeps them.
public enum Zstd {
    /// Compresses bytes into one frame that carries its content size and a checksum.
    ///
    /// - Parameter level: 1 (fast) to 19 (small); values outside are clamped.
    public static func compress(_ bytes: [UInt8], level: Int = 3) throws(CompressionError) -> [UInt8] {
        let level = min(max(level, 1), 19)
        let idle = idleContexts.withLock { $0.popLast() }
        let context = if let idle { idle } else { try CompressionContext() }
        defer {
            // A context for a high level holds tens of megabytes: it is not worth keeping.
            if level <= highestKeptLevel {
                idleContexts.withLock { if $0.count < mostKeptContexts { $0.append(context) } }
            }
        }
        return try context.compress(bytes, level: level)
    }

    /// Contexts that were used and wait for the next call: to make one, with its tables of half a megabyte, costs about as much
    /// as to compress a small page.
    private static let idleContexts = Mutex<[CompressionContext]>([])
    private static let highestKeptLevel = 3
    private static let mostKeptContexts = 8

    /// Decompresses one or more frames.
    ///
    /// A frame that states a size beyond the limit is refused before any memory is taken; one that states none, or lies,
    /// is stopped at the limit.
    ///
    /// - Parameter maximumBytes: the most bytes to return.
    /// - Throws: ``CompressionError`` with `corrupt`, `truncated`, `tooLarge` or `outOfMemory`.
    public static func decompress(_ bytes: [UInt8], maximumBytes: Int) throws(CompressionError) -> [UInt8] {
        guard !bytes.isEmpty else { throw CompressionError(.truncated, "no bytes at all") }
        let stated = try statedSize(bytes)
        if let stated, stated > UInt64(max(0, maximumBytes)) {
            throw CompressionError(.tooLarge, "the frame states \(stated) bytes, the limit is \(maximumBytes)")
        }
        let context = try DecompressionContext()
        // One byte more than stated: a frame that ends where it says then ends with its first call.
        let first = stated.map { Int($0) + 1 } ?? min(max(bytes.count * 4, 4096), 1 << 20)
        return try context.decompress(bytes, firstCapacity: first, maximumBytes: maximumBytes)
    }

    /// The content size in the first frame's header, `nil` when it has none.
    private static func statedSize(_ bytes: [UInt8]) throws(CompressionError) -> UInt64? {
        let size = unsafe bytes.withUnsafeBytes { unsafe ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
        // The two sentinels are macros with casts, which Swift does not import: -1 unknown, -2 error.
        if size == UInt64.max - 1 { throw CompressionError(.corrupt, "not a zstd frame") }
        return size == UInt64.max ? nil : size
    }
}

/// Owns a `ZSTD_CCtx`.
///
/// - Note: `@unchecked Sendable` holds because a context is used by one call at a time: the one that took it from the idle
///   ones, or made it.
@safe private final class CompressionContext: @unchecked Sendable {
    private static let mostKeptBytes = 1 << 20

    private let handle: OpaquePointer
    private var scratch: [UInt8] = []

    init() throws(CompressionError) {
        guard let made = unsafe ZSTD_createCCtx() else {
            throw CompressionError(.outOfMemory, "no memory for a zstd compressor")
        }
        unsafe handle = made
        unsafe _ = ZSTD_CCtx_setParameter(made, ZSTD_c_checksumFlag, 1)
    }

    deinit {
        unsafe _ = ZSTD_freeCCtx(handle)
    }

    /// Makes one frame. Whatever became of the call before, libzstd begins anew.
    func compress(_ bytes: [UInt8], level: Int) throws(CompressionError) -> [UInt8] {
        unsafe _ = ZSTD_CCtx_setParameter(handle, ZSTD_c_compressionLevel, Int32(level))
        let bound = ZSTD_compressBound(bytes.count)
        if scratch.count < bound { scratch = [UInt8](repeating: 0, count: bound) }
        // What was needed for an unusually large document is given back.
        defer { if scratch.count > Self.mostKeptBytes { scratch = [] } }
        let status = unsafe bytes.withUnsafeBytes { source in
            unsafe scratch.withUnsafeMutableBytes { buffer in
                unsafe ZSTD_compress2(handle, buffer.baseAddress, bound, source.baseAddress, source.count)
            }
        }
        guard ZSTD_isError(status) == 0 else {
            throw CompressionError(.failed, unsafe String(cString: ZSTD_getErrorName(status)))
        }
        // No more memory than the frame needs: it may wait for a while.
        return Array(scratch.prefix(status))
    }
}

/// Owns a `ZSTD_DCtx`.
@safe private struct DecompressionContext: ~Copyable {
    private let handle: OpaquePointer

    init() throws(CompressionError) {
        guard let made = unsafe ZSTD_createDCtx() else {
            throw CompressionError(.outOfMemory, "no memory for a zstd decompressor")
        }
        unsafe handle = made
        // A hostile frame may ask for a window of gigabytes: 2^27 (128 MB) is what the command line tool accepts.
        unsafe _ = ZSTD_DCtx_setParameter(made, ZSTD_d_windowLogMax, 27)
    }

    deinit {
        unsafe _ = ZSTD_freeDCtx(handle)
    }

    func decompress(_ bytes: [UInt8], firstCapacity: Int, maximumBytes: Int) throws(CompressionError) -> [UInt8] {
        var output: [UInt8] = []
        var position = 0
        var capacity = firstCapacity
        var status = 1
        repeat {
            let before = (position, output.count)
            let room = min(capacity, maximumBytes - output.count + 1)
            let piece = step(bytes, &position, room, &status)
            if output.isEmpty { output = piece } else { output.append(contentsOf: piece) }
            guard ZSTD_isError(status) == 0 else {
                throw CompressionError(.corrupt, unsafe String(cString: ZSTD_getErrorName(status)))
            }
            guard output.count <= maximumBytes else {
                throw CompressionError(.tooLarge, "more than \(maximumBytes) bytes")
            }
            if status != 0, (position, output.count) == before {
                throw CompressionError(.truncated, "the last frame is incomplete")
            }
            capacity = min(max(output.count, 1 << 16), 1 << 24)
        } while status != 0 || position < bytes.count
        return output
    }

    /// One call of the streaming decoder, which returns a hint of what it still needs, 0 at the end of a frame.
    private func step(_ bytes: [UInt8], _ position: inout Int, _ room: Int, _ status: inout Int) -> [UInt8] {
        var consumed = position
        var result = 0
        let piece = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            unsafe bytes.withUnsafeBytes { source in
                var input = unsafe ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: consumed)
                var output = unsafe ZSTD_outBuffer(dst: buffer.baseAddress, size: room, pos: 0)
                unsafe result = ZSTD_decompressStream(handle, &output, &input)
                unsafe consumed = input.pos
                unsafe count = output.pos
            }
        }
        position = consumed
        status = result
        return piece
    }
}
