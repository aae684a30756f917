public import Foundation

/// What the classifier needs of an article's row.
public struct LoadedArticle: Sendable {
    /// The row's revision.
    public var revision: Int
    /// The headline.
    public var title: String?
    /// The text.
    public var body: String
    /// What the parse stage says the language is.
    public var language: String?
    /// The address.
    public var url: String
    /// When it was published.
    public var publishedAt: Date?
}
