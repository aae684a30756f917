internal import Glibc

/// The C library's `iconv`, which has the tables of the legacy encodings.
enum SystemConverter {
    /// Decodes a multi-byte encoding.
    ///
    /// A sequence that means nothing becomes one U+FFFD; when its second byte is ASCII only the first is dropped, so that
    /// a broken lead byte never eats markup (the rule of the WHATWG standard).
    ///
    /// - Parameter charset: the C library's name; a name that it lacks decodes as windows-1252.
    static func decode(_ bytes: ArraySlice<UInt8>, charset: String) -> (text: String, replacements: Int) {
        guard let converter = Converter(from: charset) else { return CharacterEncoding.windows1252.decode(bytes) }
        var input = Array(bytes)
        var output: [UInt8] = []
        output.reserveCapacity(input.count + input.count / 2 + 16)
        var position = 0
        var replacements = 0
        while true {
            let stop = converter.convert(&input, from: &position, into: &output)
            guard stop == .illegal || (stop == .incomplete && position < input.count) else { break }
            if charset == "GB18030", input[position] == 0x80 {
                output.append(contentsOf: [0xE2, 0x82, 0xAC])
                position += 1
                continue
            }
            output.append(contentsOf: [0xEF, 0xBF, 0xBD])
            replacements += 1
            let isPair = position + 1 < input.count && input[position] >= 0x80 && input[position + 1] >= 0x80
            position += isPair ? 2 : 1
        }
        return (String(decoding: output, as: UTF8.self), replacements)
    }

    /// The scalar of each byte from 0x80 on, `nil` where the encoding has none.
    static func upperHalf(of charset: String) -> [Unicode.Scalar?] {
        (UInt8(0x80)...0xFF).map { byte in
            // A fresh converter each time: some tables hold a letter back to compose it with the next one.
            guard let converter = Converter(from: charset) else { return nil }
            var input = [byte]
            var output: [UInt8] = []
            var position = 0
            guard converter.convert(&input, from: &position, into: &output) == .done else { return nil }
            return String(decoding: output, as: UTF8.self).unicodeScalars.first
        }
    }
}

/// One open `iconv` descriptor, closed at the end of its life.
@safe private struct Converter: ~Copyable {
    enum Stop {
        case done, illegal, incomplete, failed
    }

    private let handle: iconv_t

    init?(from charset: String) {
        guard let opened = unsafe iconv_open("UTF-8", charset) else { return nil }
        // The C library answers -1 for a charset that it does not know.
        guard Int(bitPattern: opened) != -1 else { return nil }
        unsafe handle = opened
    }

    deinit {
        unsafe _ = iconv_close(handle)
    }

    /// Converts from `position` until the end or the first sequence that cannot be converted.
    func convert(_ input: inout [UInt8], from position: inout Int, into output: inout [UInt8]) -> Stop {
        var stop = Stop.done
        repeat {
            let before = position
            let room = (input.count - position) * 3 + 64
            var produced: [UInt8] = []
            let start = position
            var consumed = 0
            produced = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                unsafe input.withUnsafeMutableBytes { source in
                    var from = unsafe source.baseAddress?.advanced(by: start).assumingMemoryBound(to: CChar.self)
                    var fromLeft = source.count - start
                    let base = unsafe buffer.baseAddress.map { UnsafeMutableRawPointer($0) }
                    var to = unsafe base?.assumingMemoryBound(to: CChar.self)
                    var toLeft = room
                    let result = unsafe iconv(handle, &from, &fromLeft, &to, &toLeft)
                    stop = Self.stop(result: result, code: errno)
                    // A null source makes the converter hand over what it has held back.
                    if stop == .done { unsafe _ = iconv(handle, nil, nil, &to, &toLeft) }
                    consumed = source.count - start - fromLeft
                    count = room - toLeft
                }
            }
            position += consumed
            output.append(contentsOf: produced)
            if stop == .failed, position == before { return .failed }
        } while stop == .failed
        return stop
    }

    private static func stop(result: Int, code: Int32) -> Stop {
        guard result == -1 else { return .done }
        return code == EILSEQ ? .illegal : code == EINVAL ? .incomplete : .failed
    }
}
