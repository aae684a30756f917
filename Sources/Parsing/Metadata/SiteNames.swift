/// The names that a page has for its site.
struct SiteNames {
    /// The name that most sources give.
    var best: String?
    /// All names.
    var all: [String]

    init(_ facts: PageFacts, candidates: inout MetadataCandidates) {
        var votes = FieldVotes(.siteName)
        votes.add(facts.meta("og:site_name"), 3, .openGraph, "og:site_name")
        votes.add(facts.meta("application-name"), 2, .meta, "application-name")
        votes.add(facts.structured.publisherName, 1.6, .jsonLD, "publisher")
        votes.add(facts.structured.siteName, 1.4, .jsonLD, "WebSite")
        votes.add(facts.meta("apple-mobile-web-app-title"), 0.8, .meta, "apple-mobile-web-app-title")
        votes.add(facts.meta("dc.publisher", "dcterms.publisher", "publisher"), 0.8, .meta, "publisher")
        best = votes.choose(into: &candidates)
        all = votes.texts
    }
}
