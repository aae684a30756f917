internal import CIDN2

/// "Domain to ASCII" of the URL standard (section 3.3), not strict.
///
/// libidn2 maps and checks most internationalised names. It applies IDNA 2008, which is stricter than the URL standard
/// on hyphens, lengths and symbols, so a name it refuses for one of these is converted once more by ``RelaxedIDNA``.
enum DomainToASCII {
    /// The longest domain that is converted, in bytes: far above the 253 that DNS can carry.
    private static let maximumLength = 4_096

    /// The domain in ASCII and lower case, or `nil` when it is not a valid name.
    static func convert(_ domain: [UInt8]) -> [UInt8]? {
        if domain.allSatisfy({ $0 < 0x80 }) { return domain.map(\.asciiLowercased) }
        guard domain.count <= maximumLength, !domain.contains(0), let text = String(validating: domain, as: UTF8.self)
        else {
            return nil
        }
        switch lookUp(withCapitalSharpSMapped(text)) {
        case .ascii(let name): return name
        case .refusedByStricterRule: return RelaxedIDNA.convert(text)
        case .invalid: return nil
        }
    }

    /// Maps the capital sharp s to the small one, as Unicode has done since version 15.1; libidn2 still writes `ss`.
    private static func withCapitalSharpSMapped(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\u{1E9E}" ? "\u{DF}" : $0 }))
    }

    private enum Result {
        case ascii([UInt8])
        case refusedByStricterRule
        case invalid
    }

    private static func lookUp(_ domain: String) -> Result {
        var output: UnsafeMutablePointer<CChar>?
        let flags = CInt(IDN2_NFC_INPUT.rawValue | IDN2_NONTRANSITIONAL.rawValue)
        let code = unsafe idn2_to_ascii_8z(domain, &output, flags)
        guard code == IDN2_OK.rawValue, let text = unsafe output else {
            return isStricterRule(code) ? .refusedByStricterRule : .invalid
        }
        // libidn2 allocated the text; it is ours to free, and only set on success.
        defer { unsafe idn2_free(text) }
        return .ascii(unsafe String(cString: text).utf8.map(\.asciiLowercased))
    }

    private static func isStricterRule(_ code: CInt) -> Bool {
        [
            IDN2_2HYPHEN, IDN2_HYPHEN_STARTEND, IDN2_TOO_BIG_DOMAIN, IDN2_TOO_BIG_LABEL, IDN2_DISALLOWED,
            IDN2_UNASSIGNED,
            IDN2_CONTEXTO, IDN2_CONTEXTO_NO_RULE,
        ].contains { $0.rawValue == code }
    }
}
