import ArgumentParser
import Foundation

/// A time on the command line: `2026-03-01` (the start of that day in UTC) or ISO 8601 with a time and an offset.
struct DateArgument: ExpressibleByArgument {
    /// The time.
    let date: Date

    init?(argument: String) {
        let day = Date.ISO8601FormatStyle().year().month().day()
        // The day by itself first: a parser that counts on from 31 February is not to be believed.
        guard let start = try? day.parse(String(argument.prefix(10))), start.formatted(day) == argument.prefix(10)
        else { return nil }
        if argument.utf8.count == 10 {
            date = start
            return
        }
        let styles = [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)]
        // Each style is tried; what none can read is no date.
        guard let moment = styles.lazy.compactMap({ try? $0.parse(argument) }).first else { return nil }
        date = moment
    }

    static let formHelp = "YYYY-MM-DD or ISO 8601"
    var defaultValueDescription: String { date.formatted(.iso8601) }
}
