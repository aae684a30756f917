public import Foundation
import Operations

/// Text from outside, made fit for a terminal.
public enum TerminalText {
    /// The text on one line and without control characters, which could command the terminal.
    public static func plain(_ text: String) -> String {
        ControlCharacters.replaced(in: text, keepingLineEnds: false)
    }

    /// The text without control characters except line ends.
    public static func paragraphs(_ text: String) -> String {
        ControlCharacters.replaced(in: text, keepingLineEnds: true)
    }

    /// Columns that the text takes: two for wide East Asian characters, none for combining marks.
    public static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + width($1) }
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x20..<0x300: return 1
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6,
            0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default:
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .format: return 0
            default: return 1
            }
        }
    }

    /// The text, cut to so many columns.
    public static func shortened(_ text: String, to columns: Int) -> String {
        let text = plain(text)
        guard width(text) > columns else { return text }
        var taken = 0
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            taken += width(scalar)
            if taken > columns - 1 { break }
            result.append(scalar)
        }
        return String(result) + "…"
    }

    /// A time in UTC to the minute, or a dash.
    public static func time(_ date: Date?) -> String {
        guard let date else { return "–" }
        let text = date.formatted(.iso8601)
        return text.prefix(10) + " " + text.dropFirst(11).prefix(5)
    }

    /// A time in UTC to the second, with its distance from now in words: `2026-03-01 08:00:12 UTC (4 min)`.
    public static func moment(_ date: Date, now: Date = Date()) -> String {
        let seconds = max(0, Int(now.timeIntervalSince(date)))
        let distance =
            switch seconds {
            case ..<120: "\(seconds) s"
            case ..<7200: "\(seconds / 60) min"
            case ..<172_800: "\(seconds / 3600) h"
            default: "\(seconds / 86_400) d"
            }
        let text = date.formatted(.iso8601)
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC (\(distance))"
    }

    /// A number with its noun: `1 article`, `2 articles`.
    public static func count(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
        "\(number) \(number == 1 ? singular : plural ?? singular + "s")"
    }
}
