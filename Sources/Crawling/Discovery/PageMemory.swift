internal import Foundation

/// What is remembered of the links of a watched page, so that new ones can be told from its menus.
struct PageMemory: Sendable {
    /// A link as it was seen before.
    struct Link: Sendable, Equatable {
        var identity: [UInt8]
        var firstSeen: Date
        /// On how many visits it was there.
        var visits: Int
    }

    /// Links that are remembered of one page at most.
    static let maximumLinks = 2_000
    /// From how many visits on a link that was always there belongs to the menu …
    static let menuVisits = 3
    /// … if the first was this long ago.
    static let menuAge: TimeInterval = 3 * 3600
    /// Sections that are watched for one source at most.
    static let maximumSections = 12

    private let known: [[UInt8]: Link]
    /// How often the page was seen before, as far as its steadiest link tells.
    let visits: Int

    init(_ links: [Link] = []) {
        known = Dictionary(links.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
        visits = links.map(\.visits).max() ?? 0
    }

    /// Whether a link appeared on a page that was seen before.
    func isNew(_ identity: [UInt8]) -> Bool { visits > 0 && known[identity] == nil }

    /// Whether a link is part of the page's furniture: it was there on every visit, and for hours.
    func isMenu(_ identity: [UInt8], now: Date) -> Bool {
        guard let link = known[identity], visits >= Self.menuVisits else { return false }
        return link.visits >= visits && now.timeIntervalSince(link.firstSeen) >= Self.menuAge
    }
}
