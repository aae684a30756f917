internal import Synchronization

/// The upper half of an encoding that has one byte a character.
struct SingleByteTable: Sendable {
    /// The scalars of 0x80 to 0xFF; U+FFFD where the standard has none.
    let scalars: [Unicode.Scalar]
    private let encoded: [[UInt8]]

    private init(scalars: [Unicode.Scalar]) {
        self.scalars = scalars
        encoded = scalars.map { Array(String($0).utf8) }
    }

    private static let cache = Mutex<[CharacterEncoding: SingleByteTable]>([:])

    /// The table, built once from the C library's and corrected to the WHATWG standard's.
    static func table(for encoding: CharacterEncoding) -> SingleByteTable {
        if let known = cache.withLock({ $0[encoding] }) { return known }
        let made = SingleByteTable(scalars: make(encoding))
        cache.withLock { $0[encoding] = made }
        return made
    }

    func decode(_ bytes: ArraySlice<UInt8>) -> (text: String, replacements: Int) {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + bytes.count / 2)
        var replacements = 0
        for byte in bytes {
            guard byte >= 0x80 else {
                output.append(byte)
                continue
            }
            let index = Int(byte) - 0x80
            if scalars[index] == "\u{FFFD}" { replacements += 1 }
            output.append(contentsOf: encoded[index])
        }
        return (String(decoding: output, as: UTF8.self), replacements)
    }

    private static func make(_ encoding: CharacterEncoding) -> [Unicode.Scalar] {
        guard case .singleByte(let charset) = encoding.scheme else {
            return (UInt32(0)..<128).map { Unicode.Scalar(0xF780 + $0) ?? "\u{FFFD}" }
        }
        // The standard fills the holes of the windows code pages below 0xA0 with C1 controls.
        var made = SystemConverter.upperHalf(of: charset).enumerated().map { index, scalar in
            scalar ?? (index < 0x20 ? Unicode.Scalar(UInt8(0x80 + index)) : "\u{FFFD}")
        }
        for (byte, scalar) in corrections[encoding.name] ?? [:] { made[byte - 0x80] = scalar }
        return made
    }

    /// Where the C library's table and the standard's differ.
    private static let corrections: [String: [Int: Unicode.Scalar]] = [
        "koi8-u": [0xAE: "\u{45E}", 0xBE: "\u{40E}"],
        "macintosh": [0xDB: "\u{20AC}"],
        "x-mac-cyrillic": [0xA2: "\u{490}", 0xB6: "\u{491}", 0xFF: "\u{20AC}"],
        "windows-1255": [0xCA: "\u{5BA}"],
    ]
}
