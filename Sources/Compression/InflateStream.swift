internal import CZlib

/// Decompresses gzip members, zlib or raw deflate as the bytes come in.
///
/// The wrapper is told by the first bytes of the first input. Gzip members that follow one another, as in WARC files, are
/// read as one stream.
@safe public struct InflateStream: ~Copyable {
    // zlib keeps a pointer back to its stream, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var state = State.fresh

    private enum State {
        case fresh, inMember, betweenMembers, finished
    }

    /// Makes a stream that has seen nothing.
    public init() throws(CompressionError) {
        let made = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe made.initialize(to: z_stream())
        // 15 window bits, plus 32 to take gzip and zlib alike; raw deflate is set at the first bytes.
        guard unsafe wireroom_inflate_init(made, 47) == Z_OK else {
            unsafe made.deallocate()
            throw CompressionError(.outOfMemory, "no memory for a gzip decompressor")
        }
        unsafe stream = made
    }

    deinit {
        unsafe _ = inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Whether the bytes seen so far end where a member ends.
    public var isAtMemberEnd: Bool { state == .betweenMembers || state == .finished }
    /// Whether nothing more will come out, whatever follows: the rest is not compressed data.
    public var isFinished: Bool { state == .finished }

    /// Decompresses from `position` on, until the input is used up or the output is full.
    ///
    /// - Parameters:
    ///   - position: where to begin in `input`; moved behind what was used.
    ///   - maximumOutput: the most bytes to return from this call; call again with the same input to go on.
    public mutating func decompress(
        _ input: [UInt8], from position: inout Int, maximumOutput: Int
    ) throws(CompressionError) -> [UInt8] {
        var output: [UInt8] = []
        while position < input.count || state == .inMember, output.count < maximumOutput, state != .finished {
            guard begin(input, at: position) else { break }
            let before = (position, output.count)
            let (piece, status) = step(input, &position, maximumOutput - output.count)
            output.append(contentsOf: piece)
            switch status {
            case Z_STREAM_END: state = .betweenMembers
            case Z_OK, Z_BUF_ERROR: break
            case Z_MEM_ERROR: throw CompressionError(.outOfMemory, "inflate")
            default: throw CompressionError(.corrupt, "inflate status \(status)")
            }
            if (position, output.count) == before { break }
        }
        return output
    }

    /// Prepares for what stands at `position`; false when it is not the beginning of anything.
    private mutating func begin(_ input: [UInt8], at position: Int) -> Bool {
        switch state {
        case .inMember: return true
        case .finished: return false
        case .fresh:
            guard position < input.count else { return false }
            let isGzip = input[position] == 0x1F
            let next = position + 1 < input.count ? input[position + 1] : 0
            // RFC 1950: the method is 8, the window at most 32 KB, and the two bytes are a multiple of 31.
            let isZlib =
                input[position] & 0x0F == 8 && input[position] >> 4 <= 7
                && (Int(input[position]) * 256 + Int(next)) % 31 == 0
            if !isGzip, !isZlib { unsafe _ = inflateReset2(stream, -15) }
        case .betweenMembers:
            guard position < input.count, input[position] == 0x1F else {
                if position < input.count { state = .finished }
                return false
            }
            unsafe _ = inflateReset2(stream, 47)
        }
        state = .inMember
        return true
    }

    private func step(_ input: [UInt8], _ position: inout Int, _ room: Int) -> ([UInt8], Int32) {
        let start = position
        let length = min(input.count - start, 1 << 24)
        var status: Int32 = Z_OK
        var consumed = 0
        let capacity = min(room, 1 << 22)
        let piece = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            unsafe input.withUnsafeBufferPointer { source in
                unsafe stream.pointee.next_in = source.baseAddress.map {
                    unsafe UnsafeMutablePointer(mutating: $0 + start)
                }
                unsafe stream.pointee.avail_in = UInt32(length)
                unsafe stream.pointee.next_out = buffer.baseAddress
                unsafe stream.pointee.avail_out = UInt32(capacity)
                unsafe status = inflate(stream, Z_NO_FLUSH)
                unsafe consumed = length - Int(stream.pointee.avail_in)
                unsafe count = capacity - Int(stream.pointee.avail_out)
            }
        }
        position += consumed
        return (piece, status)
    }
}
