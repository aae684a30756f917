/// What the tokenizer needs to know of a scalar.
enum ScalarClass: UInt8 {
    case space, newline, upper, lower, caseless, ideograph, mark, digit, apostrophe, hyphen, period, punctuation

    /// Whether a word may hold it.
    var isWord: Bool {
        switch self {
        case .upper, .lower, .caseless, .mark, .digit: true
        default: false
        }
    }

    /// Whether it is a letter.
    var isLetter: Bool { self == .upper || self == .lower || self == .caseless }

    static func of(_ scalar: Unicode.Scalar) -> ScalarClass {
        let value = scalar.value
        return value < 0x80 ? ascii[Int(value)] : other(scalar)
    }

    private static let ascii: [ScalarClass] = (0..<128).map { (value: UInt8) -> ScalarClass in
        switch value {
        case 0x0A, 0x0D, 0x0B, 0x0C: .newline
        case 0...0x20, 0x7F: .space
        case 0x30...0x39: .digit
        case 0x41...0x5A: .upper
        case 0x61...0x7A: .lower
        case 0x27, 0x60: .apostrophe
        case 0x2D: .hyphen
        case 0x2E: .period
        default: .punctuation
        }
    }

    private static func other(_ scalar: Unicode.Scalar) -> ScalarClass {
        switch scalar.value {
        case 0xA0, 0x2000...0x200B, 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF, 0xAD: .space
        case 0x85, 0x2028, 0x2029: .newline
        case 0x2018, 0x2019, 0x02BC, 0x55A: .apostrophe
        case 0x2010, 0x2011: .hyphen
        case 0x300...0x36F, 0x483...0x487, 0x591...0x5BD, 0x610...0x61A, 0x64B...0x65F, 0x200C, 0x200D: .mark
        case 0x3041...0x30FF, 0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3134F:
            scalar.value == 0x30FB ? .punctuation : .ideograph
        case 0xE01...0xE4E, 0xE80...0xEDF, 0x1000...0x109F, 0x1780...0x17D3: .ideograph
        case 0x430...0x44F, 0x450...0x45F, 0xDF...0xF6, 0xF8...0xFF: .lower
        case 0x400...0x42F, 0xC0...0xD6, 0xD8...0xDE: .upper
        default: byCategory(scalar.properties.generalCategory)
        }
    }

    private static func byCategory(_ category: Unicode.GeneralCategory) -> ScalarClass {
        switch category {
        case .uppercaseLetter, .titlecaseLetter: .upper
        case .lowercaseLetter: .lower
        case .otherLetter, .modifierLetter: .caseless
        case .nonspacingMark, .spacingMark, .enclosingMark: .mark
        case .decimalNumber, .letterNumber: .digit
        case .spaceSeparator, .format: .space
        case .lineSeparator, .paragraphSeparator: .newline
        default: .punctuation
        }
    }

    /// The lower-case form of a letter where it is one scalar; other letters stay.
    static func lowercase(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let value = scalar.value
        let lowered: UInt32
        switch value {
        case 0x41...0x5A, 0xC0...0xD6, 0xD8...0xDE, 0x391...0x3A9, 0x410...0x42F: lowered = value + 32
        case 0x400...0x40F: lowered = value + 80
        case 0x531...0x556: lowered = value + 48
        case 0x130: lowered = 0x69
        case 0..<0xC0: lowered = value
        default:
            let mapping = scalar.properties.lowercaseMapping.unicodeScalars
            return mapping.count == 1 ? mapping.first ?? scalar : scalar
        }
        return Unicode.Scalar(lowered) ?? scalar
    }
}
