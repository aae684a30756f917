/// A character encoding of the WHATWG Encoding Standard.
///
/// Two values are equal when they name the same encoding; the labels `latin1`, `us-ascii` and `windows-1252` all give
/// `windows-1252`, as browsers have it.
public struct CharacterEncoding: Sendable, Hashable, CustomStringConvertible {
    /// How bytes become scalars.
    enum Scheme: Sendable, Hashable {
        case utf8
        case utf16(bigEndian: Bool)
        case utf32(bigEndian: Bool)
        /// One byte, one scalar: the name by which the C library knows the table.
        case singleByte(String)
        /// One or more bytes a scalar, converted by the C library under this name.
        case multiByte(String)
        /// Not decoded at all, for encodings that were used to smuggle markup.
        case replacement
        case userDefined
    }

    /// The standard's name in lower case, such as `utf-8`, `windows-1252` or `shift_jis`.
    public let name: String
    let scheme: Scheme

    init(name: String, scheme: Scheme) {
        self.name = name
        self.scheme = scheme
    }

    /// Finds the encoding that a label means.
    ///
    /// - Parameter label: a label as found in the wild; case, surrounding white space and quotes do not matter.
    /// - Returns: `nil` when the standard has no such label.
    public init?(label: String) {
        let trimmed = label.utf8.drop { Self.isLabelPadding($0) }
        var bytes = Array(trimmed)
        while let last = bytes.last, Self.isLabelPadding(last) { bytes.removeLast() }
        let folded = bytes.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
        guard let found = Self.byLabel[String(decoding: folded, as: UTF8.self)] else { return nil }
        self = found
    }

    /// UTF-8.
    public static let utf8 = CharacterEncoding(name: "utf-8", scheme: .utf8)
    /// windows-1252, the encoding of documents that say nothing and are not UTF-8.
    public static let windows1252 = CharacterEncoding(name: "windows-1252", scheme: .singleByte("CP1252"))

    /// The standard's name.
    public var description: String { name }

    /// Decodes bytes; a byte order mark is not looked for and not removed.
    ///
    /// - Returns: the text, and how many U+FFFD stand in it for bytes that mean nothing in this encoding. Never fails.
    public func decode(_ bytes: [UInt8]) -> (text: String, replacements: Int) {
        decode(bytes[...])
    }

    func decode(_ bytes: ArraySlice<UInt8>) -> (text: String, replacements: Int) {
        switch scheme {
        case .utf8: UTF8Decoding.decode(bytes)
        case .utf16(let bigEndian): WideDecoding.decodeUTF16(bytes, bigEndian: bigEndian)
        case .utf32(let bigEndian): WideDecoding.decodeUTF32(bytes, bigEndian: bigEndian)
        case .singleByte: SingleByteTable.table(for: self).decode(bytes)
        case .multiByte(let charset): SystemConverter.decode(bytes, charset: charset)
        case .replacement: bytes.isEmpty ? ("", 0) : ("\u{FFFD}", 1)
        case .userDefined: SingleByteTable.table(for: self).decode(bytes)
        }
    }

    /// Whether an ASCII byte always means that ASCII character, so that a declaration could be read as ASCII.
    var isASCIICompatible: Bool {
        switch scheme {
        case .utf16, .utf32: false
        default: true
        }
    }

    private static func isLabelPadding(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == 0x22 || byte == 0x27 || byte == 0x3B
    }
}
