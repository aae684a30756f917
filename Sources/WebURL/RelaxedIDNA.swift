internal import Foundation

/// UTS #46 processing with the URL standard's settings: no hyphen checks, no length checks, symbols allowed.
///
/// Mapping is compatibility case folding (NFKC, lower case, ignorable characters removed), validity is judged by
/// general category, and the Bidi rule of RFC 5893 by script blocks. Used only for names that libidn2 refuses.
enum RelaxedIDNA {
    /// The domain in ASCII, or `nil` when a label is not valid.
    static func convert(_ domain: String) -> [UInt8]? {
        guard let mapped = map(domain) else { return nil }
        var output: [UInt8] = []
        var isRightToLeft = false
        var labels: [[Unicode.Scalar]] = []
        for part in mapped.split(separator: ".", omittingEmptySubsequences: false) {
            guard let label = unicodeLabel(Array(part)), isValid(label) else { return nil }
            isRightToLeft = isRightToLeft || label.contains(where: isRightToLeftScalar)
            labels.append(label)
        }
        for (index, label) in labels.enumerated() {
            if isRightToLeft, !satisfiesBidiRule(label) { return nil }
            if index > 0 { output.append(UInt8(ascii: ".")) }
            guard let encoded = asciiLabel(label) else { return nil }
            output += encoded
        }
        return output
    }

    /// Maps a domain; `nil` when it holds a character that no name may hold.
    private static func map(_ domain: String) -> [Unicode.Scalar]? {
        var scalars = String.UnicodeScalarView()
        for scalar in domain.unicodeScalars {
            switch scalar {
            case "\u{3002}", "\u{FF0E}", "\u{FF61}": scalars.append(".")
            case "\u{1E9E}": scalars.append("\u{DF}")
            case _ where isIgnored(scalar): continue
            case _ where isDisallowed(scalar): return nil
            default: scalars.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
            }
        }
        let folded = String(scalars).precomposedStringWithCompatibilityMapping
        return Array(folded.unicodeScalars.flatMap { $0.properties.lowercaseMapping.unicodeScalars })
    }

    /// Whether a character is dropped: soft hyphen, zero-width space, word joiner, variation selectors and the like.
    private static func isIgnored(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xAD, 0x34F, 0x180B...0x180D, 0x180F, 0x200B, 0x2060, 0x2064, 0xFE00...0xFE0F, 0xFEFF, 0xE0100...0xE01EF:
            true
        default: false
        }
    }

    private static func isDisallowed(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value >= 0x80 else { return false }
        if scalar == "\u{200C}" || scalar == "\u{200D}" { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: return true
        default: return (0x2FF0...0x2FFF).contains(scalar.value) || (0xFFFC...0xFFFD).contains(scalar.value)
        }
    }

    /// The label itself, or what its `xn--` form stands for; `nil` when that form is not the canonical one.
    private static func unicodeLabel(_ label: [Unicode.Scalar]) -> [Unicode.Scalar]? {
        guard label.starts(with: "xn--".unicodeScalars) else { return label }
        guard let decoded = Punycode.decode(label.dropFirst(4)), decoded.contains(where: { !$0.isASCII }) else {
            return nil
        }
        let text = String(String.UnicodeScalarView(decoded))
        return map(text) == decoded ? decoded : nil
    }

    private static func isValid(_ label: [Unicode.Scalar]) -> Bool {
        guard let first = label.first else { return true }
        switch first.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: return false
        default: break
        }
        return label.indices.allSatisfy { index in
            let scalar = label[index]
            guard scalar == "\u{200C}" || scalar == "\u{200D}" else { return scalar != "." && !isDisallowed(scalar) }
            // A joiner is in place behind a virama (RFC 5892, appendix A); other contexts are left to libidn2.
            return index > 0 && label[index - 1].properties.canonicalCombiningClass == .virama
        }
    }

    private static func asciiLabel(_ label: [Unicode.Scalar]) -> [UInt8]? {
        if label.allSatisfy(\.isASCII) { return label.map { UInt8(truncatingIfNeeded: $0.value) } }
        return Punycode.encode(label).map { Array("xn--".utf8) + $0 }
    }

    // MARK: Right-to-left names

    private static func isRightToLeftScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x590...0x8FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFE, 0x10800...0x10FFF, 0x1E800...0x1EFFF: break
        default: return false
        }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .decimalNumber, .mathSymbol, .currencySymbol, .otherSymbol: return false
        default: return true
        }
    }

    /// The substance of RFC 5893, section 2: a label keeps to one direction, and starts and ends in it.
    private static func satisfiesBidiRule(_ label: [Unicode.Scalar]) -> Bool {
        let spacing = label.filter { $0.properties.generalCategory != .nonspacingMark }
        guard let first = spacing.first, let last = spacing.last else { return true }
        if isRightToLeftScalar(first) {
            let hasLeftToRight = spacing.contains { $0.properties.isAlphabetic && !isRightToLeftScalar($0) }
            return !hasLeftToRight && (isRightToLeftScalar(last) || isNumber(last))
        }
        return !spacing.contains(where: isRightToLeftScalar) && first.properties.isAlphabetic
            && (last.properties.isAlphabetic || isNumber(last))
    }

    private static func isNumber(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .decimalNumber
    }
}
