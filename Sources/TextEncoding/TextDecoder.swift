internal import Glibc

/// Text, and how it was obtained from bytes.
public struct DecodedText: Sendable, Equatable {
    /// Where the choice of encoding came from.
    public enum Source: String, Sendable, Codable {
        /// A byte order mark.
        case bom
        /// The transport: the `charset` of a `Content-Type` header.
        case http
        /// A `<meta>` element.
        case meta
        /// An XML declaration.
        case xmlDeclaration
        /// The bytes themselves, against or without a declaration.
        case detected
        /// Nothing was declared and nothing could be told.
        case fallback
    }

    /// The text, without byte order mark.
    public let text: String
    /// The WHATWG name of the encoding, such as `utf-8`.
    public let encoding: String
    /// Where the choice of encoding came from.
    public let source: Source
    /// How many U+FFFD stand for bytes that meant nothing.
    public let replacements: Int
}

/// Turns the bytes of a document into text, whatever they are.
public enum TextDecoder {
    /// What kind of document the bytes are, which says where a declaration may stand.
    public enum Kind: Sendable {
        case html, xml, text
    }

    /// Decodes a document.
    ///
    /// The order is: byte order mark, transport, `<meta>` or XML declaration, detection. Declarations that the bytes
    /// contradict are passed over: bytes that are valid UTF-8 with enough multi-byte sequences are UTF-8, and a declared
    /// encoding in which much is meaningless loses to a detected one in which nothing is.
    ///
    /// - Parameters:
    ///   - bytes: the document after content decoding (gzip and the like).
    ///   - httpCharset: the charset parameter of the transport, or `nil`.
    public static func decode(_ bytes: [UInt8], httpCharset: String?, kind: Kind) -> DecodedText {
        if let (mark, encoding) = byteOrderMark(bytes) {
            return decode(bytes[mark...], as: encoding, source: .bom)
        }
        if kind != .text || httpCharset == nil, let wide = wideWithoutMark(bytes) {
            return decode(bytes[...], as: wide, source: .detected)
        }
        let declared = declarations(bytes, httpCharset: httpCharset, kind: kind)
        return decode(bytes, declared: declared)
    }

    /// The `charset` parameter of a `Content-Type` header, or `nil`.
    public static func charset(inContentType value: String) -> String? {
        DeclarationScanner.charset(inContentType: Array(value.utf8)[...])
    }

    private typealias Declaration = (encoding: CharacterEncoding, source: DecodedText.Source)

    private static func byteOrderMark(_ bytes: [UInt8]) -> (Int, CharacterEncoding)? {
        let marks: [([UInt8], CharacterEncoding)] = [
            ([0xEF, 0xBB, 0xBF], .utf8),
            ([0xFF, 0xFE, 0, 0], utf32(bigEndian: false)),
            ([0, 0, 0xFE, 0xFF], utf32(bigEndian: true)),
            ([0xFF, 0xFE], utf16(bigEndian: false)),
            ([0xFE, 0xFF], utf16(bigEndian: true)),
        ]
        return marks.first { bytes.starts(with: $0.0) }.map { ($0.0.count, $0.1) }
    }

    private static func utf16(bigEndian: Bool) -> CharacterEncoding {
        CharacterEncoding(name: bigEndian ? "utf-16be" : "utf-16le", scheme: .utf16(bigEndian: bigEndian))
    }

    private static func utf32(bigEndian: Bool) -> CharacterEncoding {
        CharacterEncoding(name: bigEndian ? "utf-32be" : "utf-32le", scheme: .utf32(bigEndian: bigEndian))
    }

    /// A document that begins with `<` in 16 or 32 bits (XML 1.0, appendix F).
    private static func wideWithoutMark(_ bytes: [UInt8]) -> CharacterEncoding? {
        guard bytes.count >= 4 else { return nil }
        let zeros = bytes.prefix(4).map { $0 == 0 }
        let mark = bytes.prefix(4).first { $0 != 0 }
        guard mark == 0x3C || mark == 0x0A || mark == 0x20 || mark == 0x7B else { return nil }
        switch zeros {
        case [true, false, true, false]: return utf16(bigEndian: true)
        case [false, true, false, true]: return utf16(bigEndian: false)
        case [true, true, true, false]: return utf32(bigEndian: true)
        case [false, true, true, true]: return utf32(bigEndian: false)
        default: return nil
        }
    }

    private static func declarations(_ bytes: [UInt8], httpCharset: String?, kind: Kind) -> [Declaration] {
        var found: [Declaration] = []
        func add(_ label: String?, _ source: DecodedText.Source) {
            guard let encoding = label.flatMap(CharacterEncoding.init(label:)) else { return }
            // A declaration that could be read byte by byte is not in a wide encoding, whatever it says.
            let isWideInside = source != .http && !encoding.isASCIICompatible
            let isUserDefined = source == .meta && encoding.scheme == .userDefined
            found.append((isWideInside ? .utf8 : isUserDefined ? .windows1252 : encoding, source))
        }
        add(httpCharset, .http)
        if kind == .html { add(DeclarationScanner.meta(bytes[...]), .meta) }
        if kind != .text { add(DeclarationScanner.xmlDeclaration(bytes[...]), .xmlDeclaration) }
        return found
    }

    private static func decode(_ bytes: [UInt8], declared: [Declaration]) -> DecodedText {
        let isWide = declared.first.map { !$0.encoding.isASCIICompatible } ?? false
        // The fast path: almost every document is UTF-8 and says so, or says nothing.
        if !isWide, !isStateful(bytes), let text = String(validating: bytes, as: UTF8.self) {
            return decodedUTF8(text, bytes: bytes, declared: declared)
        }
        var best: DecodedText?
        for (encoding, source) in declared {
            let candidate = decode(bytes[...], as: encoding, source: source)
            if candidate.replacements < best?.replacements ?? Int.max { best = candidate }
            if isCredible(candidate, bytes) { break }
        }
        if let best, isCredible(best, bytes) { return best }
        let detected = EncodingDetector.detect(bytes[...])
        let result = decode(bytes[...], as: detected ?? .windows1252, source: detected == nil ? .fallback : .detected)
        // Against a declaration only a clearly better reading counts.
        if let best, best.replacements <= result.replacements * 4 + 1 { return best }
        return result
    }

    /// Bytes that are valid UTF-8: chooses the name under which they are reported.
    private static func decodedUTF8(_ text: String, bytes: [UInt8], declared: [Declaration]) -> DecodedText {
        let utf8 = declared.first { $0.encoding == .utf8 }
        guard let first = declared.first, first.encoding != .utf8 else {
            let source = declared.first?.source ?? .detected
            return DecodedText(text: text, encoding: "utf-8", source: source, replacements: 0)
        }
        let sequences = UTF8Decoding.census(bytes[...]).sequences
        if sequences == 0, case .singleByte = first.encoding.scheme {
            return DecodedText(text: text, encoding: first.encoding.name, source: first.source, replacements: 0)
        }
        // Text in a one-byte encoding is never valid UTF-8 by chance; pairs of East Asian bytes can be, when few.
        if case .singleByte = first.encoding.scheme {
            return DecodedText(text: text, encoding: "utf-8", source: utf8?.source ?? .detected, replacements: 0)
        }
        if sequences >= 4 || utf8 != nil {
            return DecodedText(text: text, encoding: "utf-8", source: utf8?.source ?? .detected, replacements: 0)
        }
        return decode(bytes[...], as: first.encoding, source: first.source)
    }

    /// Whether ASCII bytes carry escapes into another character set (ISO-2022-JP).
    private static func isStateful(_ bytes: [UInt8]) -> Bool {
        guard let escape = firstEscape(in: bytes), escape + 2 < bytes.count else { return false }
        let isShift = bytes[escape + 1] == 0x24 && (bytes[escape + 2] == 0x42 || bytes[escape + 2] == 0x40)
        return isShift && !bytes.contains { $0 >= 0x80 }
    }

    /// Where the first escape stands. Hardly any text has one, so that all of it is searched, many bytes at a time.
    private static func firstEscape(in bytes: [UInt8]) -> Int? {
        unsafe bytes.withUnsafeBytes { buffer in
            // An empty array may have no address; the search stays within the array.
            guard let base = buffer.baseAddress, let found = unsafe memchr(base, 0x1B, buffer.count) else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }

    /// Whether few enough of the non-ASCII bytes were meaningless: a stray byte in a long text is the text's fault.
    private static func isCredible(_ decoded: DecodedText, _ bytes: [UInt8]) -> Bool {
        guard decoded.replacements > 0 else { return true }
        let upper = bytes.count { $0 >= 0x80 }
        return decoded.replacements * 20 <= upper
    }

    private static func decode(
        _ bytes: ArraySlice<UInt8>, as encoding: CharacterEncoding, source: DecodedText.Source
    ) -> DecodedText {
        let (text, replacements) = encoding.decode(bytes)
        return DecodedText(text: text, encoding: encoding.name, source: source, replacements: replacements)
    }
}
