/// Tells the encoding of a document that declares none.
///
/// UTF-8 is recognised by its form. The East Asian encodings are recognised by their form and by how often characters of
/// common use occur; encodings of one byte a character by the letters of the languages that are written in them, by
/// letters of two scripts inside a word, and by capitals inside a word.
enum EncodingDetector {
    /// Bytes that are looked at, from shortly before the first that is not ASCII.
    static let reach = 1 << 16

    /// The most likely encoding, or `nil` when the bytes say nothing.
    static func detect(_ bytes: ArraySlice<UInt8>) -> CharacterEncoding? {
        guard let first = bytes.firstIndex(where: { $0 >= 0x80 }) else {
            return bytes.contains(0x1B) ? CharacterEncoding(label: "iso-2022-jp") : .utf8
        }
        let start = max(bytes.startIndex, first - 64)
        let sample = bytes[start..<min(bytes.endIndex, start + reach)]
        let census = UTF8Decoding.census(sample)
        if census.sequences > 0, census.sequences >= census.invalid * 4 { return .utf8 }
        if let name = EastAsianDetector.detect(sample) { return CharacterEncoding(label: name) }
        return SingleByteDetector.detect(sample)
    }
}

/// Recognises Shift_JIS, EUC-JP, EUC-KR, GBK and Big5.
enum EastAsianDetector {
    /// What one encoding makes of a sample.
    private struct Reading {
        var characters = 0
        var errors = 0
        /// Characters in the block that ordinary text of the language is written with.
        var ordinary = 0
        /// The few characters that make up a good part of any text.
        var common = 0
    }

    private struct Scheme {
        let name: String
        let lead: ClosedRange<UInt8>
        let trail: [ClosedRange<UInt8>]
        /// Whether a pair is in the block of ordinary use.
        let isOrdinary: @Sendable (UInt8, UInt8) -> Bool
        let common: Set<UInt16>
        /// The smallest share of ordinary and of common characters in real text.
        let ordinaryShare: Double
        let commonShare: Double
    }

    static func detect(_ sample: ArraySlice<UInt8>) -> String? {
        var best: (name: String, score: Double)?
        for scheme in schemes {
            let reading = read(sample, scheme)
            guard reading.characters > 0, reading.errors * 33 <= reading.characters else { continue }
            let ordinary = Double(reading.ordinary) / Double(reading.characters)
            let common = Double(reading.common) / Double(reading.characters)
            // A handful of characters proves little by frequency: let the block decide.
            let isShort = reading.characters < 30
            guard ordinary >= scheme.ordinaryShare, isShort || common >= scheme.commonShare else { continue }
            let score = ordinary + min(1, common / scheme.commonShare / 3)
            if score > best?.score ?? 0 { best = (scheme.name, score) }
        }
        return best?.name
    }

    private static func read(_ sample: ArraySlice<UInt8>, _ scheme: Scheme) -> Reading {
        var reading = Reading()
        var index = sample.startIndex
        while index < sample.endIndex {
            let lead = sample[index]
            guard lead >= 0x80 else {
                index += 1
                continue
            }
            guard index + 1 < sample.endIndex else { break }
            let trail = sample[index + 1]
            let width = scheme.name == "gbk" && (0x30...0x39).contains(trail) ? 4 : 2
            guard scheme.lead.contains(lead), width == 4 || scheme.trail.contains(where: { $0.contains(trail) }) else {
                if scheme.name == "shift_jis", (0xA1...0xDF).contains(lead) {
                    reading.characters += 1
                } else {
                    reading.errors += 1
                }
                index += 1
                continue
            }
            reading.characters += 1
            if scheme.isOrdinary(lead, trail) { reading.ordinary += 1 }
            if scheme.common.contains(UInt16(lead) << 8 | UInt16(trail)) { reading.common += 1 }
            index += width
        }
        return reading
    }

    /// In Japanese `common` means kana, which are a third and more of any text; elsewhere the commonest characters.
    private static let schemes: [Scheme] = [
        Scheme(
            name: "shift_jis", lead: 0x81...0xFC, trail: [0x40...0x7E, 0x80...0xFC],
            isOrdinary: { lead, _ in (0x81...0x84).contains(lead) || (0x88...0x9F).contains(lead) },
            common: Set((0x829F...0x82F1).map { $0 } + (0x8340...0x8396).map { $0 }),
            ordinaryShare: 0.85, commonShare: 0.2),
        Scheme(
            name: "euc-jp", lead: 0x8E...0xFE, trail: [0xA1...0xFE],
            isOrdinary: { lead, _ in (0xA1...0xA5).contains(lead) || (0xB0...0xF4).contains(lead) },
            common: Set((0xA4A1...0xA4F3).map { $0 } + (0xA5A1...0xA5F6).map { $0 }),
            ordinaryShare: 0.85, commonShare: 0.2),
        Scheme(
            name: "euc-kr", lead: 0x81...0xFE, trail: [0x41...0x5A, 0x61...0x7A, 0x81...0xFE],
            isOrdinary: { lead, trail in (0xB0...0xC8).contains(lead) && trail >= 0xA1 || lead == 0xA1 },
            common: [
                0xC0CC, 0xB4D9, 0xC0C7, 0xB4C2, 0xBFA1, 0xC0BB, 0xB0A1, 0xB7CE, 0xB0ED, 0xC7D1, 0xC7CF, 0xC0BA, 0xC1F6,
                0xBBE7, 0xB8A6, 0xB1E2, 0xBCAD, 0xB5B5, 0xC0CE, 0xC0DA, 0xBDC3, 0xB4EB,
            ],
            ordinaryShare: 0.9, commonShare: 0.15),
        Scheme(
            name: "gbk", lead: 0x81...0xFE, trail: [0x40...0x7E, 0x80...0xFE],
            isOrdinary: { lead, trail in trail >= 0xA1 && ((0xB0...0xD7).contains(lead) || (0xA1...0xA3).contains(lead))
            },
            common: [
                0xB5C4, 0xD2BB, 0xCAC7, 0xC1CB, 0xD4DA, 0xB2BB, 0xC8CB, 0xD3D0, 0xD6D0, 0xB9FA, 0xB4F3, 0xC9CF, 0xCEAA,
                0xB8F6, 0xB5BD, 0xC4EA, 0xBACD, 0xD5E2, 0xCBFB, 0xA3AC, 0xA1A3, 0xD0C2, 0xC8D5, 0xD4C2, 0xBBE1, 0xD0D0,
            ],
            ordinaryShare: 0.85, commonShare: 0.05),
        Scheme(
            name: "big5", lead: 0x81...0xFE, trail: [0x40...0x7E, 0xA1...0xFE],
            isOrdinary: { lead, _ in (0xA4...0xC6).contains(lead) || lead == 0xA1 },
            common: [
                0xAABA, 0xAC4F, 0xA4A3, 0xA440, 0xA662, 0xA6B3, 0xA448, 0xA446, 0xA7DA, 0xA4A4, 0xB0EA, 0xA46A, 0xA457,
                0xACB0, 0xADD3, 0xA8EC, 0xA67E, 0xA94D, 0xB36F, 0xA54C, 0xA141, 0xA143, 0xB773, 0xA4E9, 0xA4EB, 0xB77C,
            ],
            ordinaryShare: 0.85, commonShare: 0.05),
    ]
}
