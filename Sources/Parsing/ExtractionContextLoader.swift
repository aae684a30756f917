public import Captures
public import Postgres

/// Reads what is known of documents from outside them: their sites' memory and their sources' rules.
public struct ExtractionContextLoader: Sendable {
    private let memory = SiteMemoryStore()
    private let rules = ExtractionRuleStore()

    /// Makes a loader.
    public init() {}

    /// The contexts of captures, by URL, in two queries.
    public func contexts(
        of captures: [Capture], from database: PostgresPool
    ) async throws -> [Int64: ExtractionContext] {
        guard !captures.isEmpty else { return [:] }
        let pages = captures.map { SiteMemoryStore.Page(urlID: $0.urlID, site: PageSite.name(ofURL: $0.finalURL)) }
        let memories = try await memory.load(pages, from: database)
        let rules = try await rules.rules(ofURLs: captures.map(\.urlID), from: database)
        var contexts: [Int64: ExtractionContext] = [:]
        for capture in captures {
            var context = ExtractionContext()
            context.memory = memories[capture.urlID]
            context.rules = (rules[capture.urlID] ?? []).filter { $0.holds(at: capture.fetchedAt) }
            context.wantsImprint = PageSite.name(ofURL: capture.finalURL) != nil
            contexts[capture.urlID] = context
        }
        return contexts
    }
}
