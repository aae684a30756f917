/// Words that a reader looks for, made fit for PostgreSQL's `websearch_to_tsquery`.
public struct SearchQuery: Sendable, Equatable {
    /// The words: quoted phrases, `OR` and `-word` mean what they mean in web searches.
    public let text: String

    /// The longest query that is passed on, in Unicode scalars.
    public static let maximumLength = 500

    /// Makes a query of what a reader typed: typographic quotes become plain ones, control characters and runs of
    /// space one space, an open quote is closed, and what is longer than ``maximumLength`` is cut.
    ///
    /// - Returns: `nil` when nothing is left to look for.
    public init?(_ words: String) {
        var scalars = String.UnicodeScalarView()
        var quotes = 0
        var hasWord = false
        for scalar in words.unicodeScalars.prefix(Self.maximumLength) {
            switch scalar {
            case "\"", "\u{201C}", "\u{201D}", "\u{201E}", "\u{00AB}", "\u{00BB}":
                quotes += 1
                scalars.append("\"")
            case _ where scalar.properties.isWhitespace || scalar.value < 0x20 || scalar.value == 0x7F:
                if let last = scalars.last, last != " " { scalars.append(" ") }
            default:
                hasWord = hasWord || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                scalars.append(scalar)
            }
        }
        guard hasWord else { return nil }
        if scalars.last == " " { scalars.removeLast() }
        if quotes % 2 == 1 { scalars.append("\"") }
        text = String(scalars)
    }
}
