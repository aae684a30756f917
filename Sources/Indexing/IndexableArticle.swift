internal import Foundation

/// An article as the index stage reads it.
public struct IndexableArticle: Sendable {
    var articleID: Int64
    var revision: Int
    var title: String
    var body: String
    /// BCP 47, or `nil` where unknown.
    var language: String?
    var publishedAt: Date?
    var firstSeenAt: Date
    /// Whether it was imported as a document and not fetched: the day of the import then says nothing about it.
    var isDocument: Bool
    /// The lane of its URL.
    var lane: Int
    /// When its URL was discovered.
    var discoveredAt: Date
    /// When its capture was stored.
    var capturedAt: Date

    /// When the article appeared, for grouping; `nil` where nobody knows.
    ///
    /// Outlets' dates may be wrong, but nothing is seen long before its date. A page without a date is mostly fetched
    /// soon after it appeared.
    var time: Date? {
        guard let publishedAt else { return isDocument ? nil : firstSeenAt }
        return min(publishedAt, firstSeenAt.addingTimeInterval(86_400))
    }
}

/// An article that is ready to be written: what grouping needs of it is computed.
public struct PreparedArticle: Sendable {
    var article: IndexableArticle
    var features: ArticleFeatures
    /// The texts that are searched, in falling weight.
    var search: SearchText
}

/// The parts of an article that are searched.
struct SearchText: Sendable, Equatable {
    var title: String
    var lead: String
    var rest: String

    /// A tsvector may not be longer than a megabyte; so many Unicode scalars stay below it in every script.
    private static let maximumScalars = 150_000
    private static let leadScalars = 400

    /// Cuts a body at the paragraph's end after about 400 scalars.
    init(title: String, body: String) {
        let text = Self.prefix(body, Self.maximumScalars)
        let scalars = text.unicodeScalars
        let longEnough =
            scalars.index(scalars.startIndex, offsetBy: Self.leadScalars, limitedBy: scalars.endIndex)
            ?? scalars.endIndex
        let end = text.utf8[longEnough...].firstIndex(of: UInt8(ascii: "\n")) ?? text.endIndex
        self.title = String(Self.prefix(title, 1000))
        lead = String(text[..<end])
        rest = String(text[end...])
    }

    /// The first scalars. A string is cut by its bytes, without looking at each of them.
    private static func prefix(_ text: String, _ count: Int) -> Substring {
        text.utf8.count <= count ? text[...] : Substring(text.unicodeScalars.prefix(count))
    }
}
