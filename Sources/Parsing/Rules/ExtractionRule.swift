public import Foundation

/// What an operator says of the pages of one source, for a span of time: an outlet's templates change.
public struct ExtractionRule: Sendable, Equatable {
    /// What is done with the elements that the selector takes.
    public enum Action: String, Sendable, Codable, CaseIterable {
        /// Their text is not part of the article.
        case drop
        /// Their text is part of the article.
        case keep
        /// The first of them is the headline.
        case title
        /// They name the authors.
        case author
    }

    /// The rule's number.
    public var ruleID: Int64
    /// What is done.
    public var action: Action
    /// With which elements.
    public var selector: ElementSelector
    /// The rule holds for pages fetched at this time or later; `nil` from the beginning.
    public var validFrom: Date?
    /// The rule holds for pages fetched before this time; `nil` without end.
    public var validUntil: Date?

    /// Makes a rule.
    public init(
        ruleID: Int64, action: Action, selector: ElementSelector, validFrom: Date? = nil, validUntil: Date? = nil
    ) {
        self.ruleID = ruleID
        self.action = action
        self.selector = selector
        self.validFrom = validFrom
        self.validUntil = validUntil
    }

    /// Whether the rule holds for a page that was fetched at a time.
    public func holds(at time: Date) -> Bool {
        if let validFrom, time < validFrom { return false }
        if let validUntil, time >= validUntil { return false }
        return true
    }
}
