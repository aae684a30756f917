internal import Foundation

/// When to look at a URL again.
public enum RevisitSchedule {
    /// The waiting time after the nth failed fetch in a row, from 1; `nil` when an article is given up.
    ///
    /// A feed, sitemap or home page is never given up, only looked at once a day.
    public static func afterFailure(_ attempts: Int, isSource: Bool) -> Duration? {
        let ladder: [Duration] = [.seconds(60), .seconds(600), .seconds(3600), .seconds(21_600), .seconds(86_400)]
        guard attempts > 0 else { return ladder[0] }
        if attempts <= ladder.count { return ladder[attempts - 1] }
        return isSource ? ladder[ladder.count - 1] : nil
    }

    /// When articles are fetched again after their first fetch, unless the source says otherwise: outlets correct most of
    /// their mistakes within hours.
    public static let defaultAges: [Duration] = [.seconds(3600), .seconds(21_600), .seconds(86_400), .seconds(604_800)]

    /// The time from one fetch of an article to the next, or `nil` after the last one.
    ///
    /// - Parameters:
    ///   - revisits: how many times it was fetched after the first time.
    ///   - ages: how old the first fetch is at each revisit, in rising order.
    public static func nextRevisit(after revisits: Int, ages: [Duration]) -> Duration? {
        guard ages.indices.contains(revisits) else { return nil }
        return revisits == 0 ? ages[0] : max(ages[revisits] - ages[revisits - 1], .seconds(1))
    }

    /// Reads a schedule such as `1h,6h,1d,7d`: whole numbers of `m`, `h` or `d` in rising order, or `off`.
    ///
    /// - Returns: `nil` when it is none.
    public static func ages(_ text: String) -> [Duration]? {
        let text = text.filter { !$0.isWhitespace }.lowercased()
        if text == "off" { return [] }
        var ages: [Duration] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let unit = part.last, let number = Int64(part.dropLast()), 1...10_000 ~= number else { return nil }
            let seconds: [Character: Int64] = ["m": 60, "h": 3600, "d": 86_400]
            guard let length = seconds[unit] else { return nil }
            ages.append(.seconds(number * length))
        }
        guard !ages.isEmpty, ages.count <= 16, zip(ages, ages.dropFirst()).allSatisfy(<) else { return nil }
        return ages
    }

    /// The form that ``ages(_:)`` reads.
    public static func text(of ages: [Duration]) -> String {
        guard !ages.isEmpty else { return "off" }
        return ages.map { age in
            let minutes = age.components.seconds / 60
            if minutes % 1440 == 0 { return "\(minutes / 1440)d" }
            return minutes % 60 == 0 ? "\(minutes / 60)h" : "\(minutes)m"
        }.joined(separator: ",")
    }
}
