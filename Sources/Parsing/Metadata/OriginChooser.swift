internal import WebURL

/// Finds whom a page names as the origin of the piece that it repeats.
struct OriginChooser {
    private var votes = FieldVotes(.originalSource)

    /// The outlet or agency, or `nil` when the piece seems to be the page's own.
    ///
    /// - Parameters:
    ///   - base: The page's own address.
    ///   - canonical: The address that it names as its own.
    ///   - authors: Its authors.
    ///   - texts: The short texts at the end of the body and around it.
    static func choose(
        _ facts: PageFacts, article: JSONValue?, base: ParsedURL?, canonical: String?, authors: [String],
        siteName: String?, texts: [String], candidates: inout MetadataCandidates
    ) -> String? {
        var chooser = OriginChooser()
        let site = siteName.map(HTMLText.letters)
        for text in texts {
            let line = TextLine(text: text, followsBlank: true)
            chooser.votes.add(SourceFinder.source(in: line) ?? SourceFinder.signOff(line), 2.5, .text)
        }
        for name in ["syndication-source", "original-source", "article:original_source"] {
            chooser.addAddress(facts.meta(name), base, 2, .meta, name)
        }
        chooser.addAddress(facts.syndicated, base, 2, .declaration, "rel")
        // A page that names an address at another site as its own says where the piece comes from.
        chooser.addAddress(canonical, base, 1.5, .declaration, "canonical")
        for name in ["sourceOrganization", "isBasedOn", "isBasedOnUrl"] {
            for element in article?[name]?.elements.prefix(3) ?? [] {
                if let named = facts.structured.names(element).first, !named.hasPrefix("http") {
                    chooser.addName(named, site, 2, .jsonLD, name)
                } else {
                    chooser.addAddress(
                        element.text ?? element["url"]?.text ?? element["@id"]?.text, base, 2, .jsonLD, name)
                }
            }
        }
        for author in authors where BylineCleaner.isAgency(author) {
            chooser.addName(author, site, 1.8, .page, "author")
        }
        return chooser.votes.choose(into: &candidates)
    }

    private mutating func addName(
        _ text: String, _ site: [UInt8]?, _ weight: Double, _ source: MetadataSource, _ name: String
    ) {
        guard HTMLText.letters(text) != site else { return }
        votes.add(text, weight, source, name)
    }

    /// Adds the host of an address at another site.
    private mutating func addAddress(
        _ address: String?, _ base: ParsedURL?, _ weight: Double, _ source: MetadataSource, _ name: String
    ) {
        guard let address, let base, let other = ParsedURL(HTMLText.trimmed(address), base: base), other.isHTTP,
            let host = other.host, let domain = other.registrableHost, let own = base.registrableHost,
            domain.prefix(while: { $0 != "." }) != own.prefix(while: { $0 != "." })
        else { return }
        votes.add(address, weight, source, name, value: host.hasPrefix("www.") ? String(host.dropFirst(4)) : host)
    }
}
