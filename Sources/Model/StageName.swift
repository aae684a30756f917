/// The four stages of the line, in the order of an article's way.
public enum StageName: String, Sendable, Codable, CaseIterable {
    /// Fetches what a host lease allows and stores captures.
    case crawl
    /// Turns a capture into an article.
    case parse
    /// Annotates an article.
    case classify
    /// Makes an article searchable and groups it.
    case index

    /// The state that a URL has once this stage is done with it, or `nil` where the stage records it itself.
    public var doneState: String? {
        switch self {
        case .crawl: nil
        case .parse: "parsed"
        case .classify: "classified"
        case .index: "indexed"
        }
    }
}
